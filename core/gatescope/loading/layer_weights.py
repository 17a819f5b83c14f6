"""The weights of one recurrent layer, each as it is in the layer's forward pass."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from gatescope.errors import say
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
        raise WeightsError(say("state_dict_needed", kind=type(weights).__name__))
    stored = stored_layer(weights, layer)
    every = [tensor for parts in stored.parts.values() for tensor in parts.values()]
    size = sum(tensor.numel() * max(tensor.itemsize, 4) for tensor in every)
    if size > most_bytes:
        raise WeightsError(
            say(
                "weights_too_large",
                name=stored.name or say("the_layer"), megabytes=size / 1e6, most=most_bytes / 1e6,
            )
        )  # fmt: skip
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
            raise WeightsError(say("weight_not_float", label=label, dtype=dtype_of(tensor)))
    return made(stored.parts[name], label)


def _require_dense(tensor: Tensor, label: str) -> None:
    """Raise WeightsError for a tensor that is no block of numbers in memory."""
    if tensor.is_quantized:
        raise WeightsError(say("weight_quantized", label=label, dtype=dtype_of(tensor)))
    if tensor.layout is not torch.strided or tensor.is_nested:
        layout = "nested" if tensor.is_nested else str(tensor.layout).removeprefix("torch.")
        raise WeightsError(say("weight_layout", label=label, layout=layout))
    if tensor.ndim > MOST_DIMENSIONS:
        raise WeightsError(say("weight_dimensions", label=label, count=tensor.ndim))
    if tensor.is_meta:
        raise WeightsError(say("weight_on_meta", label=label))


def dtype_of(tensor: Tensor) -> str:
    """A tensor's precision, as ``"float32"``."""
    return str(tensor.dtype).removeprefix("torch.")
