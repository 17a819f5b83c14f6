"""Makes the labelled tree that a caller gets from the tensors of a recording."""

from collections.abc import Iterable

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from gatescope.recording.layer_trace import LayerTrace, RecordError
from gatescope.version import __version__

SCHEMA = 1


def make_tree(
    traces: list[LayerTrace],
    loss: float | None,
    signals: Iterable[str] | None,
    layers: Iterable[str] | None,
) -> xr.DataTree:
    """One node for each layer and direction.

    Parameters
    ----------
    traces
        In the order in which the modules were called.
    loss
        The loss that the gradients belong to, kept as an attribute of the root.
    signals, layers
        Names to keep; None keeps all.

    Raises
    ------
    RecordError
        When a name to keep is not there; the message lists those there are.
    """
    nodes = _nodes(traces)
    kept_nodes = _chosen(layers, list(nodes), "layer")
    names = list(dict.fromkeys(name for parts in nodes.values() for name in parts[0].signals))
    kept_names = set(_chosen(signals, names, "signal"))
    tree = xr.DataTree.from_dict({path: _dataset(nodes[path], kept_names) for path in kept_nodes})
    tree.attrs = {"schema": SCHEMA, "gatescope": __version__}
    if loss is not None:
        tree.attrs["loss"] = loss
    return tree


def _nodes(traces: list[LayerTrace]) -> dict[str, list[LayerTrace]]:
    """Group by node path: one entry a layer, or one a call where the calls do not fit together."""
    layers: dict[str, list[LayerTrace]] = {}
    for trace in traces:
        layers.setdefault(f"{trace.path}/{trace.name}", []).append(trace)
    nodes: dict[str, list[LayerTrace]] = {}
    for path, calls in layers.items():
        if len(calls) == 1 or _fit(calls):
            nodes[path] = calls
        else:
            for number, call in enumerate(calls):
                nodes[f"{call.path}/call{number}/{call.name}"] = [call]
    return nodes


def _fit(calls: list[LayerTrace]) -> bool:
    """Whether calls can follow one another along time: the same batch, units and signals."""
    if any(call.lengths is not None for call in calls):
        return False
    return len({tuple((n, s.shape[1:]) for n, s in call.signals.items()) for call in calls}) == 1


def _chosen(wanted: Iterable[str] | None, there: list[str], kind: str) -> list[str]:
    if wanted is None:
        return there
    wanted = [wanted] if isinstance(wanted, str) else list(wanted)
    for name in wanted:
        if name not in there:
            raise RecordError(f"no {kind} is called {name!r}; there are {', '.join(there)}")
    return [name for name in there if name in wanted]


def _dataset(calls: list[LayerTrace], names: set[str]) -> xr.Dataset:
    first = calls[0]
    hidden = first.signals["hidden_state"]
    time, batch = sum(len(call.signals["hidden_state"]) for call in calls), hidden.shape[1]
    widths = {name: signal.shape[2] for name, signal in first.signals.items()}
    unit = max(widths.values())
    projected = hidden.shape[2] if hidden.shape[2] != unit else None
    coords: dict[str, object] = {
        "time": np.arange(time),
        "batch": np.arange(batch),
        "unit": np.arange(unit),
    }
    if projected:
        coords["projection"] = np.arange(projected)
    if first.lengths is not None:
        coords["length"] = ("batch", first.lengths.cpu().numpy())
    if len(calls) > 1:
        numbers = [
            np.full(len(call.signals["hidden_state"]), number) for number, call in enumerate(calls)
        ]
        coords["call"] = ("time", np.concatenate(numbers))
    data = {
        name: (
            ("time", "batch", "projection" if width == projected else "unit"),
            _array([call.signals[name] for call in calls]),
        )
        for name, width in widths.items()
        if name in names
    }
    attrs = {
        "cell": first.cell,
        "layer": first.layer,
        "direction": "reverse" if first.reverse else "forward",
        "hidden_size": unit,
        "retention_gate": first.retention_gate,
        "dtype": str(hidden.dtype).removeprefix("torch."),
    }
    return xr.Dataset(data, coords=coords, attrs=attrs)


def _array(parts: list[Tensor]) -> np.ndarray:
    """(time, batch, unit) on the CPU; half precision widens to float32."""
    whole = parts[0] if len(parts) == 1 else torch.cat(parts)
    if whole.dtype in (torch.bfloat16, torch.float16):
        whole = whole.float()
    array: np.ndarray = whole.detach().cpu().numpy()
    return array
