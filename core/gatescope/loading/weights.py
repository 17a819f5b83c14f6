"""A recurrent layer from its weights: its kind and sizes follow from names and shapes."""

import re
import warnings
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from gatescope.errors import say
from gatescope.loading.layer_weights import LayerWeights, dtype_of, weights_of_layer
from gatescope.loading.made_weights import WeightsError
from gatescope.loading.stored import few

HALF = (torch.bfloat16, torch.float16)

Kind = type[nn.RNN] | type[nn.GRU] | type[nn.LSTM]
KINDS: dict[int, Kind] = {1: nn.RNN, 3: nn.GRU, 4: nn.LSTM}
"""By the number of gates in a weight's rows."""


def layer_from_weights(
    weights: Mapping[str, Any], nonlinearity: str | None = None, *, layer: str | None = None
) -> nn.RNNBase:
    """The recurrent layer that has these weights.

    Parameters
    ----------
    weights
        The state dict of a model with an ``nn.RNN``, ``nn.LSTM``, ``nn.GRU`` or their cells in
        it, or of such a layer; a checkpoint around it may be left on. Weights that are pruned,
        under weight norm or spectral norm, or dropped are computed as torch does in eval mode.
    nonlinearity
        Of a plain RNN, ``"tanh"`` or ``"relu"``: it cannot be seen in the weights. None takes
        torch's default, tanh, and warns.
    layer
        The layer's path in the model, as ``"encoder.rnn"``; None takes the only one.

    Returns
    -------
    nn.RNNBase
        In eval mode, time first, in the precision of the weights (half precision as float32). A
        cell comes back as the layer that runs it along a sequence.

    Raises
    ------
    WeightsError
        When there are several layers and none is named, a name is missing or too many, a shape
        does not fit, a number is not finite, or a weight cannot be computed from what is stored.
    """
    if nonlinearity not in (None, "tanh", "relu"):
        raise WeightsError(say("nonlinearity_unknown", nonlinearity=nonlinearity))
    found = weights_of_layer(weights, layer)
    _require_numbers(found)
    kind, sizes, options = _shape(found)
    if kind is nn.RNN:
        if nonlinearity is None:
            warnings.warn(
                "tanh or relu cannot be seen in the weights of a plain RNN, and tanh is taken: "
                "say nonlinearity='tanh' or nonlinearity='relu'",
                stacklevel=2,
            )
        options["nonlinearity"] = nonlinearity or "tanh"
    elif nonlinearity == "relu":
        raise WeightsError(say("no_relu", kind=kind.__name__))
    with torch.device("meta"):
        made_layer = kind(*sizes, **options)
    _require_alike(made_layer, found)
    dtype = torch.float32 if found.dtype in HALF else found.dtype
    made_layer = made_layer.to_empty(device="cpu").to(dtype)
    made_layer.load_state_dict(found.weights)
    return made_layer.eval()


def _require_numbers(found: LayerWeights) -> None:
    """Raise WeightsError where weights differ in precision, or one is not finite."""
    dtypes = {dtype_of(tensor) for tensor in found.weights.values()}
    if len(dtypes) > 1:
        raise WeightsError(say("weights_of_several_dtypes", dtypes=", ".join(sorted(dtypes))))
    for name, tensor in found.weights.items():
        if not torch.isfinite(tensor).all():
            raise WeightsError(say("weight_not_finite", name=found.label(name)))


def _shape(found: LayerWeights) -> tuple[Kind, tuple[int, int], dict[str, Any]]:
    """The class, input and hidden size, and options that follow from the weights."""
    named = found.weights
    first, back = _required(found, "weight_ih_l0"), _required(found, "weight_hh_l0")
    projection = named.get("weight_hr_l0")
    if projection is not None and projection.ndim != 2:
        raise _lacking(found, "weight_hr_l0")
    unit = back.shape[-1] if projection is None else projection.shape[-1]
    gates = len(first) // max(unit, 1)
    if gates * unit != len(first) or gates not in KINDS or 0 in first.shape:
        whole = unit and gates * unit == len(first)
        raise WeightsError(
            say(
                "layer_of_no_kind",
                name=found.label("weight_ih_l0"), shape=tuple(first.shape),
                other=found.label("weight_hh_l0"), other_shape=tuple(back.shape),
                units=say("times", times=gates, units=unit) if whole
                else say("no_multiple", units=unit),
            )
        )  # fmt: skip
    if projection is not None and gates != 4:
        raise WeightsError(say("projection_beside", name=found.label("weight_hr_l0")))
    layers = 1 + max(int(match[1]) for name in named if (match := re.search(r"_l(\d+)", name)))
    if layers > len(named):
        raise WeightsError(say("layers_missing", layer=layers - 1))
    options: dict[str, Any] = {
        "num_layers": layers,
        "bias": any(name.startswith("bias") for name in named),
        "bidirectional": any(name.endswith("_reverse") for name in named),
    }
    if projection is not None:
        if not 0 < len(projection) < unit:
            raise WeightsError(
                say(
                    "projection_too_large",
                    name=found.label("weight_hr_l0"),
                    shape=tuple(projection.shape),
                )
            )
        options["proj_size"] = len(projection)
    return KINDS[gates], (first.shape[-1], unit), options


def _required(found: LayerWeights, name: str) -> Tensor:
    if name not in found.weights or found.weights[name].ndim != 2:
        raise _lacking(found, name)
    return found.weights[name]


def _require_alike(layer: nn.RNNBase, found: LayerWeights) -> None:
    """Raise WeightsError at the first name or shape in which a layer and weights differ."""
    expected = {name: tuple(tensor.shape) for name, tensor in layer.state_dict().items()}
    kind = f"nn.{type(layer).__name__}{'Cell' if found.is_cell else ''}"
    for name, shape in expected.items():
        if name not in found.weights:
            raise WeightsError(say("weight_missing", name=found.label(name), kind=kind))
        if tuple(found.weights[name].shape) != shape:
            raise WeightsError(
                say(
                    "weight_of_another_shape",
                    name=found.label(name),
                    shape=tuple(found.weights[name].shape),
                    expected=shape,
                    kind=kind,
                )
            )
    more = sorted(set(found.weights) - set(expected))
    if more:
        names = few(map(found.label, more))
        raise WeightsError(say("weights_unknown", names=names, kind=kind))


def _lacking(found: LayerWeights, name: str) -> WeightsError:
    there = found.weights.get(name)
    if there is None:
        return WeightsError(say("weight_lacking", name=found.label(name)))
    return WeightsError(say("weight_no_matrix", name=found.label(name), shape=tuple(there.shape)))
