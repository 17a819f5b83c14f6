"""The weights of one recurrent layer, each as it is in the layer's forward pass."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from gatescope.loading.made_weights import WeightsError, made
from gatescope.loading.stored import Stored, stored_layer

FLOATS = (torch.float64, torch.float32, torch.bfloat16, torch.float16)
MOST_DIMENSIONS = 8
"""Of a tensor that is told by its shape; torch itself computes with 64 at most."""

MOST_BYTES = 2**28
"""Of all weights of a layer together, as they lie in memory."""


@dataclass(frozen=True)
class LayerWeights:
    """The weights of one recurrent layer, as they are in its forward pass in eval mode.

    Attributes
    ----------
    name
        The layer's path in the model; empty where the weights are those of the layer itself.
    weights
        By torch's names for a layer (``weight_ih_l0``), those of a cell too; in the precision in
        which they are stored.
    made
        By the name of a weight that is computed from others, how: ``"weight_norm"``,
        ``"spectral_norm"``, ``"pruning"`` or ``"weight_drop"``.
    is_cell
        Whether they are stored by the names of an ``nn.RNNCell``, ``nn.LSTMCell`` or
        ``nn.GRUCell``.
    """

    name: str
    weights: Mapping[str, Tensor]
    made: Mapping[str, str]
    is_cell: bool

    @property
    def dtype(self) -> torch.dtype:
        """The precision in which they are stored."""
        return next(iter(self.weights.values())).dtype

    def label(self, name: str) -> str:
        """A weight's name as it is in the file, without what is wrapped around the layer."""
        name = name.removesuffix("_l0") if self.is_cell else name
        return f"{self.name}.{name}" if self.name else name


def weights_of_layer(
    weights: Mapping[str, Any], layer: str | None = None, *, most_bytes: int = MOST_BYTES
) -> LayerWeights:
    """The weights of one recurrent layer, each as it is in the forward pass.

    Parameters
    ----------
    weights, layer
        As in `layer_from_weights`.
    most_bytes
        The most that all of them may take, in float32 or what is stored.

    Raises
    ------
    WeightsError
        As `layer_from_weights`, but for names and shapes that are not those of one layer.
    """
    if not isinstance(weights, Mapping):
        raise WeightsError(
            f"a state dict is needed, got {type(weights).__name__}: give model.state_dict(), or "
            "what read_weights returned"
        )
    stored = stored_layer(weights, layer)
    every = [tensor for parts in stored.parts.values() for tensor in parts.values()]
    size = sum(tensor.numel() * max(tensor.itemsize, 4) for tensor in every)
    if size > most_bytes:
        raise WeightsError(
            f"the weights of {stored.name or 'the layer'} take {size / 1e6:,.0f} MB, and "
            f"{most_bytes / 1e6:,.0f} MB are the most: record the model in Python, by "
            "gatescope.record(model, inputs)"
        )
    found = {name: _made(stored, name) for name in stored.parts}
    end = "_l0" if stored.is_cell else ""
    return LayerWeights(
        stored.name,
        {name + end: tensor for name, (tensor, _) in found.items()},
        {name + end: way for name, (_, way) in found.items() if way != "plain"},
        stored.is_cell,
    )


def _made(stored: Stored, name: str) -> tuple[Tensor, str]:
    """One weight, and how it is made; its parts are numbers that can be computed with."""
    label = stored.label(name)
    for part, tensor in stored.parts[name].items():
        # parametrize's parts begin with a dot
        _require_dense(tensor, label + (part if part[:1] in ("", ".") else f"_{part}"))
        if tensor.dtype not in FLOATS and part != "mask":
            raise WeightsError(
                f"{label} is {dtype_of(tensor)}, and a recurrent layer of torch has float64, "
                "float32, bfloat16 or float16: save its own weights"
            )
    return made(stored.parts[name], label)


def _require_dense(tensor: Tensor, label: str) -> None:
    """Raise WeightsError for a tensor that is no block of numbers in memory."""
    if tensor.is_quantized:
        raise WeightsError(
            f"{label} is quantized ({dtype_of(tensor)}): save the weights from before quantizing, "
            "or tensor.dequantize()"
        )
    if tensor.layout is not torch.strided or tensor.is_nested:
        layout = "nested" if tensor.is_nested else str(tensor.layout).removeprefix("torch.")
        raise WeightsError(f"{label} is stored as {layout}: save tensor.to_dense() instead")
    if tensor.ndim > MOST_DIMENSIONS:
        raise WeightsError(
            f"{label} has {tensor.ndim:,} dimensions, and a matrix is needed: save the whole state "
            "dict of the layer"
        )
    if tensor.is_meta:
        raise WeightsError(
            f"{label} is on the meta device and has no numbers: save the weights of the model "
            "after they were loaded"
        )


def dtype_of(tensor: Tensor) -> str:
    """A tensor's precision, as ``"float32"``."""
    return str(tensor.dtype).removeprefix("torch.")
