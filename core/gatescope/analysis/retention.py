"""How long the gates let a unit remember: the direct path through the old state alone."""

import math

import numpy as np
import xarray as xr

from gatescope.analysis.gate_retention import require_every_step


def retention_gate(node: xr.Dataset) -> xr.DataArray | None:
    """The gate that multiplies the old state: an LSTM's forget gate, a GRU's update gate.

    Parameters
    ----------
    node
        One layer and direction of a trace.

    Returns
    -------
    xarray.DataArray or None
        (time, batch, unit) in [0, 1]; None for a plain RNN, which has no such gate.
    """
    name = node.attrs.get("retention_gate", "")
    return node.get(name)


WRITTEN = 0.01
"""A unit counts as written whose state leaves zero by more than this: by this fraction of the
largest state, where no state of the layer reaches 1."""


def written_units(node: xr.Dataset) -> xr.DataArray:
    """Which units of a layer anything is ever written into.

    A unit whose forget gate stays open and whose input gate stays shut keeps its zero for ever.
    It seems to remember best, and holds nothing.

    Parameters
    ----------
    node
        One layer and direction of a trace, started from zero states.

    Returns
    -------
    xarray.DataArray
        (unit,), True where the state (the cell state where there is one) leaves zero at any step
        of any example by more than `WRITTEN`, or `WRITTEN` times what the furthest unit does, if
        that is less.
    """
    state = node["cell_state" if "cell_state" in node else "hidden_state"]
    furthest: xr.DataArray = abs(state).max(("time", "batch"))
    return furthest > WRITTEN * min(1.0, float(furthest.max()))


def half_life(gate: xr.DataArray) -> xr.DataArray:
    """Steps until half of a unit's state is left, at its mean rate: ln(1/2) / mean ln f.

    Parameters
    ----------
    gate
        (time, ...), as from `retention_gate`; NaN past a sequence's end is left out.

    Returns
    -------
    xarray.DataArray
        Half-life in steps, without the time dimension, never negative: 0 for a gate that is ever
        exactly shut; infinite where the state does not shrink, the mean rate being 0 or above (a
        gate that is always open, or one above 1, as a cell of one's own may have); NaN where
        there is no step, or a gate is below 0.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        logs: xr.DataArray = xr.apply_ufunc(np.log, gate.astype("float64"))
        steps = (logs.notnull() | gate.isnull()).all("time") & gate.notnull().any("time")
        rate = logs.sum("time") / gate.notnull().sum("time")
        life: xr.DataArray = (math.log(0.5) / rate).where(~(rate >= 0), math.inf)
    return life.where(steps)


def remaining(gate: xr.DataArray, step: int) -> xr.DataArray:
    """What is left at each later step of the state at ``step``: the product of the gates between.

    Parameters
    ----------
    gate
        (time, ...), as from `retention_gate`, in the order in which the layer reads.
    step
        The step s whose state is followed.

    Returns
    -------
    xarray.DataArray
        The same shape: NaN before s, 1 at s, f_{s+1} ... f_t after it, NaN past a sequence's end.

    Raises
    ------
    ValueError
        When there is no such step, or steps were left out.
    """
    require_every_step(gate)
    steps = gate.sizes["time"]
    if not 0 <= step < steps:
        raise ValueError(f"step must be 0 to {steps - 1}, got {step}")
    later = gate.astype("float64").isel(time=slice(step + 1, None))
    later = later.cumprod("time", skipna=False)
    left = xr.full_like(gate, np.nan, dtype="float64")
    left[{"time": step}] = np.where(gate.isel(time=step).isnull(), np.nan, 1.0)
    left[{"time": slice(step + 1, None)}] = later.values
    return left
