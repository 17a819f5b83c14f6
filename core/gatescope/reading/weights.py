"""A recurrent layer from a file of weights: its kind and sizes follow from names and shapes."""

import io
import pickle
import re
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

import safetensors
import safetensors.torch
import torch
from torch import Tensor, nn

KEY = re.compile(r"(?P<prefix>.*?)(?P<name>(weight|bias)_(ih|hh|hr)_l\d+(_reverse)?)")
FLOATS = (torch.float64, torch.float32, torch.bfloat16, torch.float16)
MOST_BYTES = 2**28
"""Of all weights together, as they lie in memory."""

KINDS: dict[int, Callable[..., nn.RNNBase]] = {1: nn.RNN, 3: nn.GRU, 4: nn.LSTM}
"""By the number of gates in a weight's rows."""


class WeightsError(ValueError):
    """A file that holds no weights of one recurrent layer; the message says why and the mend."""


def read_weights(data: bytes) -> dict[str, Tensor]:
    """Read a safetensors file, or a state dict that ``torch.save`` wrote.

    Parameters
    ----------
    data
        The file's content. A pickle that holds anything but tensors is refused, not run.

    Returns
    -------
    dict
        Tensors by name, on the CPU.

    Raises
    ------
    WeightsError
        When it is neither, is damaged, or holds more than `MOST_BYTES`.
    """
    if not data:
        raise WeightsError("the file is empty: save the weights again")
    found = _from_zip(data) if data[:4] == b"PK\x03\x04" else _from_safetensors(data)
    size = sum(tensor.numel() * tensor.itemsize for tensor in found.values())
    if size > MOST_BYTES:
        raise WeightsError(
            f"the weights take {size / 1e6:,.0f} MB, and {MOST_BYTES / 1e6:,.0f} MB are the most: "
            "save the recurrent layer alone, as by model.lstm.state_dict()"
        )
    return found


def layer_from_weights(weights: Mapping[str, Tensor], nonlinearity: str = "tanh") -> nn.RNNBase:
    """The recurrent layer that has these weights.

    Parameters
    ----------
    weights
        The state dict of an ``nn.RNN``, ``nn.LSTM`` or ``nn.GRU``, its names as torch has them,
        all with one prefix (``lstm.``) or none.
    nonlinearity
        Of a plain RNN, ``"tanh"`` or ``"relu"``: it cannot be seen in the weights.

    Returns
    -------
    nn.RNNBase
        In eval mode, time first, in the precision of the weights (half precision as float32).

    Raises
    ------
    WeightsError
        When a name is missing or too many, a shape does not fit, or a number is not finite.
    """
    named = _named(weights)
    first, back = _required(named, "weight_ih_l0"), _required(named, "weight_hh_l0")
    projection = named.get("weight_hr_l0")
    unit = back.shape[-1] if projection is None else projection.shape[-1]
    gates = len(first) // max(unit, 1)
    if gates * unit != len(first) or gates not in KINDS or 0 in first.shape:
        raise WeightsError(
            f"weight_ih_l0 is {tuple(first.shape)} and weight_hh_l0 {tuple(back.shape)}: that is "
            "no nn.RNN, nn.GRU or nn.LSTM, whose rows are 1, 3 or 4 times its hidden units"
        )
    if projection is not None and gates != 4:
        raise WeightsError("weight_hr_l0 is a projection, which an nn.LSTM alone can have")
    layers = 1 + max(int(re.search(r"_l(\d+)", name)[1]) for name in named)  # type: ignore[index]
    options: dict[str, Any] = {
        "num_layers": layers,
        "bias": any(name.startswith("bias") for name in named),
        "bidirectional": any(name.endswith("_reverse") for name in named),
    }
    if projection is not None:
        options["proj_size"] = len(projection)
    if gates == 1:
        options["nonlinearity"] = nonlinearity
    if layers > len(named):
        raise WeightsError(f"there is a layer {layers - 1}, and no weights of those below it")
    with torch.device("meta"):
        layer = KINDS[gates](first.shape[-1], unit, **options)
    _require_alike(layer, named)
    dtype = torch.float32 if first.dtype in FLOATS[2:] else first.dtype
    layer = layer.to_empty(device="cpu").to(dtype)
    layer.load_state_dict(named)
    return layer.eval()


def _from_zip(data: bytes) -> dict[str, Tensor]:
    """A state dict by ``torch.save``; tensors alone are unpickled."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            claimed = sum(member.file_size for member in archive.infolist())
    except zipfile.BadZipFile as error:
        raise WeightsError("the file is damaged or cut off: save the weights again") from error
    if claimed > len(data):  # torch packs nothing, so nothing can become larger
        raise WeightsError(
            f"the file claims to hold {claimed / 1e6:,.0f} MB and has {len(data) / 1e6:,.1f} MB: "
            "save the weights again"
        )
    try:
        found = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise WeightsError(
            "the file holds more than tensors, and nothing of it was run: save the weights alone, "
            "as by torch.save(model.lstm.state_dict(), path)"
        ) from error
    except (RuntimeError, ValueError, KeyError, EOFError, AttributeError, TypeError) as error:
        raise WeightsError(f"the file cannot be read as weights: {_line(error)}") from error
    if not isinstance(found, Mapping) or not found:
        raise WeightsError(
            f"the file holds {type(found).__name__}, not a state dict: save model.lstm.state_dict()"
        )
    for name, value in found.items():
        if not isinstance(value, Tensor) or not isinstance(name, str):
            raise WeightsError(
                f"{name!r} is {type(value).__name__}, not a tensor: save the state dict alone, "
                "as by torch.save(model.lstm.state_dict(), path)"
            )
    return dict(found)


def _from_safetensors(data: bytes) -> dict[str, Tensor]:
    try:
        found: dict[str, Tensor] = safetensors.torch.load(data)
    except (safetensors.SafetensorError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(
            f"the file is neither safetensors nor what torch.save writes ({_line(error)}): "
            "save the weights again, as by safetensors.torch.save_file(layer.state_dict(), path)"
        ) from error
    if not found:
        raise WeightsError("the file holds no tensor: save the weights again")
    return found


def _named(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The weights by torch's own names, all of one layer, finite, and alike in precision."""
    matches = {key: KEY.fullmatch(key) for key in weights}
    prefixes = sorted({match["prefix"] for match in matches.values() if match})
    if not prefixes:
        raise WeightsError(
            f"there are no weights of a recurrent layer, such as weight_ih_l0, but "
            f"{_few(weights)}: save the state dict of an nn.RNN, nn.LSTM or nn.GRU"
        )
    if len(prefixes) > 1:
        raise WeightsError(
            f"there are weights of {len(prefixes)} recurrent layers, {_few(prefixes)}: "
            f"save one of them, as by model.{prefixes[0].rstrip('.')}.state_dict()"
        )
    others = [key for key, match in matches.items() if match is None]
    if others:
        owner = prefixes[0].rstrip(".") or "lstm"
        raise WeightsError(
            f"{_few(others)} does not belong to a recurrent layer: save the layer alone, as by "
            f"model.{owner}.state_dict()"
        )
    named = {key.removeprefix(prefixes[0]): tensor for key, tensor in weights.items()}
    dtypes = {tensor.dtype for tensor in named.values()}
    if len(dtypes) > 1 or not dtypes <= set(FLOATS):
        found = ", ".join(sorted(str(dtype).removeprefix("torch.") for dtype in dtypes))
        raise WeightsError(f"the weights are {found}: save them in one precision, as float32")
    for name, tensor in named.items():
        if not torch.isfinite(tensor).all():
            raise WeightsError(f"{name} holds a number that is not finite: save other weights")
    return named


def _required(named: Mapping[str, Tensor], name: str) -> Tensor:
    if name not in named or named[name].ndim != 2:
        raise WeightsError(f"{name} is missing: save the whole state dict of the layer")
    return named[name]


def _require_alike(layer: nn.RNNBase, named: Mapping[str, Tensor]) -> None:
    """Raise WeightsError at the first name or shape in which a layer and weights differ."""
    expected = {name: tuple(tensor.shape) for name, tensor in layer.state_dict().items()}
    kind = type(layer).__name__
    for name, shape in expected.items():
        if name not in named:
            raise WeightsError(
                f"{name} is missing, which this nn.{kind} must have: save its whole state dict"
            )
        if tuple(named[name].shape) != shape:
            raise WeightsError(
                f"{name} is {tuple(named[name].shape)}, and {shape} fits this nn.{kind}: "
                "save the weights of one layer, all together"
            )
    more = sorted(set(named) - set(expected))
    if more:
        raise WeightsError(f"{_few(more)} does not belong to this nn.{kind}: save it alone")


def _few(names: Any) -> str:
    """The first names, and how many more there are."""
    names = list(names)
    shown = ", ".join(str(name)[:60] for name in names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"


def _line(error: Exception) -> str:
    """The first sentence of another library's message, without what follows it."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:160]
