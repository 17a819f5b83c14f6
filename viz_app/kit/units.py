"""The units of a recorded layer: which signals they show, and in which order they stand."""

import math

import numpy as np
import xarray as xr

from gatescope import CELLS, Batch
from gatescope.analysis import at_marks, half_life, response, retention_gate

HIDDEN = ("cell_candidate",)
"""Signals that have no heatmap of their own, in the cells of `gatescope.CELLS`."""


SMALLEST = 1e-300
"""Of a bound of colours; a state that never leaves it is shown as zero."""


def layer_of(trace: xr.DataTree, node: str | None = None) -> xr.Dataset:
    """One layer and direction of a trace.

    Parameters
    ----------
    trace
        What ``gatescope.record`` returned.
    node
        Its path in the trace, as ``"lstm/l0"``; None takes the first.

    Raises
    ------
    ValueError
        When there is no such node; the message lists those there are.
    """
    nodes = {leaf.path.strip("/"): leaf for leaf in trace.leaves}
    chosen = next(iter(nodes)) if node is None else node
    if chosen not in nodes:
        raise ValueError(f"the trace has no layer {node!r}; it has {', '.join(nodes)}")
    return with_its_gradients(nodes[chosen].to_dataset())


def with_its_gradients(layer: xr.Dataset) -> xr.Dataset:
    """A layer without the gradients that it does not have: the model ran it under no_grad."""
    if "without_gradients" not in layer.attrs:
        return layer
    names = [name for name in layer.data_vars if str(name).startswith("grad_")]
    return layer.drop_vars([name for name in names if bool(layer[name].isnull().all())])


def marks_of(batch: Batch, example: int) -> tuple[tuple[int, str], ...]:
    """An example's salient steps and their labels."""
    return tuple((mark.step, mark.label) for mark in batch.marks[example])


def one_example(layer: xr.Dataset, example: int) -> xr.Dataset:
    """One example's recording, (time, unit), without what lies past its end."""
    one = layer.isel(batch=example)
    if "length" in layer.coords:
        one = one.isel(time=slice(int(layer["length"].values[example])))
    return one


def shown(layer: xr.Dataset) -> list[str]:
    """The signals that get a heatmap: gates, then states, in the order of the trace."""
    names = [
        str(name)
        for name in layer.data_vars
        if not str(name).startswith("grad_") and "unit" in layer[name].dims
    ]
    known = layer.attrs["cell"] in CELLS
    names = [name for name in names if not (known and name in HIDDEN)]
    return sorted(names, key=lambda name: not name.endswith("_gate"))


def telling_gate(layer: xr.Dataset) -> tuple[str, int]:
    """The signal that shows what a cell writes down, and whether it rises (1) or falls (-1)."""
    if "input_gate" in layer:
        return "input_gate", 1
    gate = retention_gate(layer)
    if gate is not None:
        return str(gate.name), -1
    names = shown(layer)
    return ("hidden_state" if "hidden_state" in names else names[0]), 0


def sorts(layer: xr.Dataset, batch: Batch | None) -> list[str]:
    """The ways in which this layer's units can be sorted, the default first."""
    marked = batch is not None and any(batch.marks)
    kept = retention_gate(layer) is not None
    return [
        *(["response"] if marked else []),
        *(["half_life", "open"] if kept else []),
        "index",
    ]


def order_units(
    layer: xr.Dataset, batch: Batch | None = None, sort: str | None = None
) -> list[int]:
    """All units, the most telling first, over all examples of a trace.

    Parameters
    ----------
    layer
        One layer and direction.
    batch
        The examples that were recorded, for their marks.
    sort
        ``"response"`` at the marks (of the input gate; of the retention gate, falling, where
        there is none; of the hidden state, either way, in a plain RNN), ``"half_life"``,
        ``"open"`` (mean retention gate), or ``"index"``; None takes the first that applies.
    """
    possible = sorts(layer, batch)
    sort = possible[0] if sort is None else sort
    if sort not in possible:
        raise ValueError(f"units cannot be sorted by {sort!r} here; try {', '.join(possible)}")
    if sort == "index":
        return list(range(layer.sizes["unit"]))
    gate = retention_gate(layer)
    if sort == "response":
        assert batch is not None
        name, sign = telling_gate(layer)
        found = response(layer[name], at_marks(layer, batch.marks)).values
        rank = np.abs(found) if sign == 0 else sign * found
    else:
        assert gate is not None
        mean = gate.mean(("time", "batch")).values
        rank = half_life(gate).median("batch").values if sort == "half_life" else mean
    return [int(unit) for unit in np.argsort(-np.nan_to_num(rank), kind="stable")]


def colour_bounds(layer: xr.Dataset) -> dict[str, float]:
    """Where the colours of each signal that is not a gate end.

    Of a state 95 % of all values lie inside, over all steps, units and examples of a recording,
    rounded up to two digits. Without the few largest values the many small ones keep some colour;
    the legend says that the ends are open. Of a gradient, where there is one, it is the power of
    ten that none exceeds.
    """
    gradients = {
        f"grad_{name}": _power_above(float(_sizes(layer[f"grad_{name}"]).max(initial=0)))
        for name in shown(layer)
        if f"grad_{name}" in layer and not name.endswith("_gate")
    }
    return gradients | {
        name: _two_digits(_almost_all(_sizes(layer[name])))
        for name in shown(layer)
        if not name.endswith("_gate")
    }


def rounded_up(value: float) -> float:
    """A bound that takes in the value: 1, 2 or 5 times a power of ten; 1 where there is none."""
    if not value > 1e-12:
        return 1.0
    power = 10.0 ** np.floor(np.log10(value))
    return float(next(k * power for k in (1, 2, 5, 10) if k * power >= value * (1 - 1e-9)))


def _sizes(signal: xr.DataArray) -> np.ndarray:
    """How large its values are, without those that are no numbers or not finite."""
    values = np.abs(signal.values)
    return values[np.isfinite(values)]


def _almost_all(sizes: np.ndarray) -> float:
    return float(np.quantile(sizes, 0.95)) if sizes.size else 0.0


def _power_above(value: float) -> float:
    return 10.0 ** min(math.ceil(math.log10(value)), 308) if value > 0 else 1.0


def _two_digits(value: float) -> float:
    if value < SMALLEST:
        return 1.0
    unit = 10.0 ** (np.floor(np.log10(value)) - 1)
    rounded = float(np.ceil(value / unit) * unit)
    return 1.0 if 0.5 < rounded <= 1 else rounded
