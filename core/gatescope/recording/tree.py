"""Makes the labelled tree that a caller gets from the tensors of a recording."""

from collections.abc import Sequence
from itertools import accumulate

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from gatescope.errors import RecordError, say
from gatescope.recording.layer_trace import LayerTrace
from gatescope.recording.nodes import Content, Labels, tree_of
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
    tree = tree_of({path: _content(path, nodes[path], selection) for path in kept})
    tree.attrs = {"schema": SCHEMA, "gatescope": __version__}
    if loss is not None:
        tree.attrs["loss"] = loss
    return tree


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
            if name.removeprefix("grad_") in there:
                raise RecordError(say("gradient_without_loss", name=name))
            raise RecordError(say(f"not_recorded_{kind}", name=name, names=", ".join(there)))
    return [name for name in there if name in wanted]


def _content(path: str, calls: list[LayerTrace], selection: Selection) -> Content:
    first = calls[0]
    unit = max(first.widths.values())
    batch = _batch(path, calls, selection)
    data: Labels = {
        name: (
            ("time", "batch", "unit" if first.widths[name] == unit else "projection"),
            _array([_in_batch(call, call.signals[name], batch) for call in calls]),
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
    return Content(data, _labels(path, calls, batch), attrs)


def _without_gradients(calls: list[LayerTrace]) -> str:
    """Why gradients are NaN, and in which calls."""
    without = [call.without_gradients for call in calls for _ in range(call.calls)]
    numbers = [number for number, is_without in enumerate(without) if is_without]
    where = "" if all(without) else f" in calls {', '.join(map(str, numbers))}"
    return f"the model turns gradients off here (torch.no_grad or inference_mode){where}"


def _batch(path: str, calls: list[LayerTrace], selection: Selection) -> np.ndarray:
    """The kept examples, among those of the largest call."""
    largest = max(call.batch for call in calls)
    if selection.batch is None:
        return np.arange(largest)
    return selection.batch.within(largest, say("batch_of", path=path)).numpy()


def _in_batch(call: LayerTrace, signal: Tensor, batch: np.ndarray) -> Tensor:
    """(time, batch, unit) with a place for every kept example; NaN where this call has it not."""
    if signal.shape[1] == len(batch):
        return signal
    places = torch.from_numpy(np.flatnonzero(batch < call.batch)).to(signal.device)
    wide = signal.new_full((len(signal), len(batch), signal.shape[2]), torch.nan)
    wide[:, places] = signal
    return wide


def _labels(path: str, calls: list[LayerTrace], batch: np.ndarray) -> Labels:
    """The coordinates of a node."""
    first = calls[0]
    unit, projected = max(first.widths.values()), first.widths["hidden_state"]
    starts = list(accumulate((call.steps for call in calls), initial=0))
    steps = [
        _indices(call.kept.time, call.steps, start)
        for start, call in zip(starts, calls, strict=False)
    ]
    time = steps[0] if len(calls) == 1 else np.concatenate(steps)
    if not len(time):
        raise RecordError(say("time_empty", path=path, steps=starts[-1]))
    labels: Labels = {
        "time": (("time",), time),
        "batch": (("batch",), batch),
        "unit": (("unit",), _indices(first.kept.units, unit)),
    }
    if projected != unit:
        labels["projection"] = (("projection",), np.arange(projected))
    several = [call.calls for call in calls]
    if sum(several) == 1 and first.lengths is not None:
        labels["length"] = (("batch",), first.lengths.cpu().numpy()[batch])
    if sum(several) > 1:
        begun = accumulate(several, initial=0)
        numbers = [
            before + (kept - start) // (call.steps // call.calls)
            for before, start, kept, call in zip(begun, starts, steps, calls, strict=False)
        ]
        labels["call"] = (("time",), np.concatenate(numbers))
        if any(call.lengths is not None or call.batch != first.batch for call in calls):
            lengths = np.stack([_lengths(call, batch) for call in calls])
            if (lengths != [[call.steps // call.calls] for call in calls]).any():
                labels["call_length"] = (("calls", "batch"), np.repeat(lengths, several, axis=0))
    return labels


def _lengths(call: LayerTrace, batch: np.ndarray) -> np.ndarray:
    """How many steps each kept example has in a call, or in each of several; 0 where it is not."""
    own = np.full(call.batch, call.steps // call.calls)
    if call.lengths is not None:
        own = call.lengths.cpu().numpy()
    lengths: np.ndarray = np.append(own, 0)[np.minimum(batch, call.batch)]
    return lengths


def _indices(kept: Tensor | None, count: int, start: int = 0) -> np.ndarray:
    """The kept indices of an axis with ``count`` entries, which count from ``start``."""
    return np.arange(start, start + count) if kept is None else kept.numpy() + start


def _array(parts: list[Tensor]) -> np.ndarray:
    """(time, batch, unit) on the CPU; half precision widens to float32."""
    whole = parts[0] if len(parts) == 1 else torch.cat(parts)
    if whole.dtype in (torch.bfloat16, torch.float16):
        whole = whole.float()
    array: np.ndarray = whole.detach().cpu().numpy()
    return array
