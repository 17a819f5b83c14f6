"""Makes the labelled tree that a caller gets from the tensors of a recording."""

from collections.abc import Sequence

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from gatescope.recording.layer_trace import LayerTrace, RecordError
from gatescope.recording.selection import Selection
from gatescope.version import __version__

SCHEMA = 1


def make_tree(traces: list[LayerTrace], loss: float | None, selection: Selection) -> xr.DataTree:
    """One node for each layer and direction.

    Parameters
    ----------
    traces
        In the order in which the modules were called.
    loss
        The loss that the gradients belong to, kept as an attribute of the root.
    selection
        What the traces were made with.

    Raises
    ------
    RecordError
        When a name to keep is not there; the message lists those there are. When steps were
        chosen, and the calls they are to be counted over do not follow one another, or have none.
    """
    nodes = _nodes(traces, chosen=selection.time is not None)
    kept = _chosen(selection.layers, list(nodes), "layer")
    names = list(dict.fromkeys(name for parts in nodes.values() for name in parts[0].widths))
    _chosen(selection.signals, names, "signal")
    shared: Shared = {}
    tree = _grown({path: _dataset(path, nodes[path], shared) for path in kept})
    tree.attrs = {"schema": SCHEMA, "gatescope": __version__}
    if loss is not None:
        tree.attrs["loss"] = loss
    return tree


def _grown(datasets: dict[str, xr.Dataset]) -> xr.DataTree:
    """A tree of datasets by their paths; `xr.DataTree.from_dict` would copy it at every level."""
    node = xr.DataTree(datasets.get(""))
    below: dict[str, dict[str, xr.Dataset]] = {}
    for path, dataset in datasets.items():
        name, _, rest = path.partition("/")
        if name:
            below.setdefault(name, {})[rest] = dataset
    node.children = {name: _grown(part) for name, part in below.items()}
    return node


def _nodes(traces: list[LayerTrace], *, chosen: bool) -> dict[str, list[LayerTrace]]:
    """Group by node path: one entry a layer, or one a call where the calls do not fit together."""
    layers: dict[str, list[LayerTrace]] = {}
    for trace in traces:
        layers.setdefault(f"{trace.path}/{trace.name}", []).append(trace)
    nodes: dict[str, list[LayerTrace]] = {}
    for path, calls in layers.items():
        if len(calls) == 1 or _fit(calls):
            nodes[path] = calls
        elif chosen:
            raise RecordError(
                f"{path} is called {len(calls)} times with batches that differ, so its calls "
                "have no time axis in common: leave time out"
            )
        else:
            for number, call in enumerate(calls):
                nodes[f"{call.path}/call{number}/{call.name}"] = [call]
    return nodes


def _fit(calls: list[LayerTrace]) -> bool:
    """Whether calls can follow one another along time: the same batch, units and signals."""
    if any(call.lengths is not None for call in calls):
        return False
    return len({(call.batch, *call.widths.items()) for call in calls}) == 1


def _chosen(wanted: Sequence[str] | None, there: list[str], kind: str) -> list[str]:
    if wanted is None:
        return there
    for name in wanted:
        if name not in there:
            raise RecordError(f"no {kind} is called {name!r}; there are {', '.join(there)}")
    return [name for name in there if name in wanted]


Shared = dict[tuple[object, ...], xr.Coordinates]
"""Coordinates by what is in them: making them takes as long as making the rest of a node."""


def _dataset(path: str, calls: list[LayerTrace], shared: Shared) -> xr.Dataset:
    first = calls[0]
    unit = max(first.widths.values())
    data = {
        name: xr.Variable(
            ("time", "batch", "unit" if first.widths[name] == unit else "projection"),
            _array([call.signals[name] for call in calls]),
            fastpath=True,
        )
        for name in first.signals
    }
    attrs = {
        "cell": first.cell,
        "layer": first.layer,
        "direction": "reverse" if first.reverse else "forward",
        "hidden_size": unit,
        "retention_gate": first.retention_gate,
        "dtype": first.dtype,
    }
    coords = _coordinates(path, calls)
    key = tuple((name, dims, values.tobytes()) for name, (dims, values) in coords.items())
    if key not in shared:
        shared[key] = xr.Coordinates(coords)
    return xr.Dataset(data, coords=shared[key], attrs=attrs)


def _coordinates(path: str, calls: list[LayerTrace]) -> dict[str, tuple[str, np.ndarray]]:
    """By name: the dimension it runs along, and its values."""
    first = calls[0]
    unit, projected = max(first.widths.values()), first.widths["hidden_state"]
    starts = np.cumsum([0, *(call.steps for call in calls)])
    steps = [
        start + _indices(call.kept.time, call.steps)
        for start, call in zip(starts, calls, strict=False)
    ]
    time = np.concatenate(steps)
    if not len(time):
        raise RecordError(f"the chosen time keeps nothing: {path} has {starts[-1]} steps")
    batch = _indices(first.kept.examples, first.batch)
    coords = {
        "time": ("time", time),
        "batch": ("batch", batch),
        "unit": ("unit", _indices(first.kept.units, unit)),
    }
    if projected != unit:
        coords["projection"] = ("projection", np.arange(projected))
    if first.lengths is not None:
        coords["length"] = ("batch", first.lengths.cpu().numpy()[batch])
    if len(calls) > 1:
        numbers = [np.full(len(kept), number) for number, kept in enumerate(steps)]
        coords["call"] = ("time", np.concatenate(numbers))
    return coords


def _indices(kept: Tensor | None, count: int) -> np.ndarray:
    """The kept indices of an axis with ``count`` entries."""
    return np.arange(count) if kept is None else kept.numpy()


def _array(parts: list[Tensor]) -> np.ndarray:
    """(time, batch, unit) on the CPU; half precision widens to float32."""
    whole = parts[0] if len(parts) == 1 else torch.cat(parts)
    if whole.dtype in (torch.bfloat16, torch.float16):
        whole = whole.float()
    array: np.ndarray = whole.detach().cpu().numpy()
    return array
