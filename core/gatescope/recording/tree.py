"""Makes the labelled tree that a caller gets from the tensors of a recording."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from gatescope.errors import RecordError
from gatescope.recording.layer_trace import Kept, LayerTrace
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
        When a name to keep is not there; the message lists those there are. When an index lies
        past the end, or keeps nothing.
    """
    nodes = _nodes(traces)
    kept = _chosen(selection.layers, list(nodes), "layer")
    names = list(dict.fromkeys(name for parts in nodes.values() for name in parts[0].widths))
    _chosen(selection.signals, names, "signal")
    shared: Shared = {}
    tree = xr.DataTree()
    _grow(tree, {path: _dataset(path, nodes[path], selection, shared) for path in kept})
    tree.attrs = {"schema": SCHEMA, "gatescope": __version__}
    if loss is not None:
        tree.attrs["loss"] = loss
    return tree


def _grow(node: xr.DataTree, datasets: dict[str, xr.Dataset]) -> None:
    """Put datasets by their paths below a node.

    `xr.DataTree.from_dict` would copy them at every level; and from the top down each is held
    against its parents once.
    """
    below: dict[str, dict[str, xr.Dataset]] = {}
    for path, dataset in datasets.items():
        name, _, rest = path.partition("/")
        below.setdefault(name, {})[rest] = dataset
    node.children = {name: xr.DataTree(part.pop("", None)) for name, part in below.items()}
    for name, part in below.items():
        if part:
            _grow(node.children[name], part)


def _nodes(traces: list[LayerTrace]) -> dict[str, list[LayerTrace]]:
    """All calls of each layer and direction, by node path; they follow one another along time."""
    nodes: dict[str, list[LayerTrace]] = {}
    for trace in traces:
        nodes.setdefault(f"{trace.path}/{trace.name}", []).append(trace)
    return nodes


def _chosen(wanted: Sequence[str] | None, there: list[str], kind: str) -> list[str]:
    if wanted is None:
        return there
    for name in wanted:
        if name not in there:
            raise RecordError(f"no {kind} is called {name!r}; there are {', '.join(there)}")
    return [name for name in there if name in wanted]


Shared = dict[tuple[object, ...], xr.Coordinates]
"""Coordinates by what is in them: making them takes as long as making the rest of a node."""


def _dataset(
    path: str, calls: list[LayerTrace], selection: Selection, shared: Shared
) -> xr.Dataset:
    first = calls[0]
    unit = max(first.widths.values())
    batch = _batch(path, calls, selection)
    data = {
        name: xr.Variable(
            ("time", "batch", "unit" if first.widths[name] == unit else "projection"),
            _array([_in_batch(call, call.signals[name], batch) for call in calls]),
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
    if any(call.without_gradients for call in calls):
        attrs["without_gradients"] = _without_gradients(calls)
    return xr.Dataset(data, coords=_labels(path, calls, batch, shared), attrs=attrs)


def _labels(
    path: str, calls: list[LayerTrace], batch: np.ndarray, shared: Shared
) -> xr.Coordinates:
    """The coordinates of a node."""
    first = calls[0]
    unit = max(first.widths.values())
    alike = first.lengths is None and first.widths["hidden_state"] == unit
    if len(calls) == 1 and first.kept == Kept() and alike:
        return _counted(first.steps, first.batch, unit)
    coords = _coordinates(path, calls, batch)
    key = tuple(
        (name, str(dims), values.shape, values.tobytes()) for name, (dims, values) in coords.items()
    )
    if key not in shared:
        shared[key] = xr.Coordinates(coords)
    return shared[key]


@lru_cache(maxsize=16)
def _counted(time: int, batch: int, unit: int) -> xr.Coordinates:
    """Those of a whole recording: counted from 0, and never changed, so traces may share them."""
    sizes = {"time": time, "batch": batch, "unit": unit}
    return xr.Coordinates({name: (name, np.arange(size)) for name, size in sizes.items()})


def _without_gradients(calls: list[LayerTrace]) -> str:
    """Why gradients are NaN, and in which calls."""
    numbers = [number for number, call in enumerate(calls) if call.without_gradients]
    where = "" if len(numbers) == len(calls) else f" in calls {', '.join(map(str, numbers))}"
    return f"the model turns gradients off here (torch.no_grad or inference_mode){where}"


def _batch(path: str, calls: list[LayerTrace], selection: Selection) -> np.ndarray:
    """The kept examples, among those of the largest call."""
    largest = max(call.batch for call in calls)
    if selection.batch is None:
        return np.arange(largest)
    return selection.batch.within(largest, f"the batch of {path}").numpy()


def _in_batch(call: LayerTrace, signal: Tensor, batch: np.ndarray) -> Tensor:
    """(time, batch, unit) with a place for every kept example; NaN where this call has it not."""
    if signal.shape[1] == len(batch):
        return signal
    places = torch.from_numpy(np.flatnonzero(batch < call.batch)).to(signal.device)
    wide = signal.new_full((len(signal), len(batch), signal.shape[2]), torch.nan)
    wide[:, places] = signal
    return wide


def _coordinates(
    path: str, calls: list[LayerTrace], batch: np.ndarray
) -> dict[str, tuple[str | tuple[str, ...], np.ndarray]]:
    """By name: the dimensions it runs along, and its values."""
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
    coords: dict[str, tuple[str | tuple[str, ...], np.ndarray]] = {
        "time": ("time", time),
        "batch": ("batch", batch),
        "unit": ("unit", _indices(first.kept.units, unit)),
    }
    if projected != unit:
        coords["projection"] = ("projection", np.arange(projected))
    if len(calls) == 1 and first.lengths is not None:
        coords["length"] = ("batch", first.lengths.cpu().numpy()[batch])
    if len(calls) > 1:
        numbers = [np.full(len(kept), number) for number, kept in enumerate(steps)]
        coords["call"] = ("time", np.concatenate(numbers))
        lengths = np.stack([_lengths(call, batch) for call in calls])
        if (lengths != [[call.steps] for call in calls]).any():
            coords["call_length"] = (("calls", "batch"), lengths)
    return coords


def _lengths(call: LayerTrace, batch: np.ndarray) -> np.ndarray:
    """How many steps each kept example has in a call; 0 where the call has it not."""
    own = np.full(call.batch, call.steps)
    if call.lengths is not None:
        own = call.lengths.cpu().numpy()
    lengths: np.ndarray = np.append(own, 0)[np.minimum(batch, call.batch)]
    return lengths


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
