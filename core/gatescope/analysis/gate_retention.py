"""What the gates alone keep over the lag, and when a curve over the lag has fallen."""

import math
from collections.abc import Sequence

import numpy as np
import xarray as xr


def require_every_step(signal: xr.DataArray | xr.Dataset) -> None:
    """Raise ValueError where steps were left out, so that one place is not one step.

    Parameters
    ----------
    signal
        Of a trace; its steps need not begin at 0.
    """
    labels = signal["time"].values
    if labels.dtype.kind in "iu" and not (np.diff(labels.astype("int64")) == 1).all():
        told = ", ".join(map(str, labels[:3].tolist()))
        raise ValueError(
            f"lags need every step, one after the other, and the trace has {told}, ...: record it "
            "without time=, or with a slice of all steps"
        )


def over_lags(signal: xr.DataArray) -> xr.DataArray:
    """Turn time round: lag k is k steps before each sequence's own last step.

    Parameters
    ----------
    signal
        (time, batch, ...), in the order in which the layer reads; NaN past a sequence's end.

    Returns
    -------
    xarray.DataArray
        (lag, batch, ...) with the lag in steps from 0; NaN before a sequence's beginning.

    Raises
    ------
    ValueError
        When steps were left out.
    """
    require_every_step(signal)
    signal = signal.transpose("time", "batch", ...)
    values = signal.values
    rest = tuple(range(2, values.ndim))
    there = ~np.isnan(values).all(axis=rest)
    turned = np.full(values.shape, np.nan, dtype=values.dtype)
    for example in range(values.shape[1]):
        steps = np.flatnonzero(there[:, example])
        if len(steps):
            length = steps[-1] + 1
            turned[:length, example] = values[:length, example][::-1]
    dims = ("lag", *signal.dims[1:])
    coords = {name: signal.coords[name] for name in signal.dims[1:] if name in signal.coords}
    return xr.DataArray(turned, coords={"lag": np.arange(len(values)), **coords}, dims=dims)


def gate_retention(gate: xr.DataArray, lags: Sequence[int] | None = None) -> xr.DataArray:
    """The product of a retention gate over the last k steps: what is left of a unit's old state.

    The product ends at each sequence's last step T and reaches back k steps,
    f_T f_{T-1} ... f_{T-k+1}, so it stands beside the gradient, the Jacobian and the probe, which
    ask about the same end. It is dc_T/dc_{T-k} along the direct path alone (Gers, Schmidhuber &
    Cummins 2000; Jozefowicz, Zaremba & Sutskever 2015); what the old state does through the gates
    and the candidate is left out. `remaining` follows the state of one step forward instead.

    Parameters
    ----------
    gate
        (time, batch, ...) in [0, 1], as from `retention_gate`, in the order in which the layer
        reads; NaN past a sequence's end is left out.
    lags
        Which k to give, each 0 to the number of steps; None gives 0 to the last step's index.

    Returns
    -------
    xarray.DataArray
        (lag, batch, ...), float64: 1 at lag 0, NaN where a sequence has fewer than k steps. A
        product below 5e-324 is 0.

    Raises
    ------
    ValueError
        When a lag is not there, or steps were left out.
    """
    steps = gate.sizes["time"]
    lags = range(steps) if lags is None else lags
    for lag in lags:
        if not 0 <= lag <= steps:
            raise ValueError(f"a lag must be 0 to {steps} (the sequence's steps), got {lag}")
    back = over_lags(gate.astype("float64"))
    product = np.concatenate([np.ones_like(back.values[:1]), np.cumprod(back.values, axis=0)])
    product[0] = np.where(np.isnan(back.values[0]), np.nan, 1.0)
    chosen = np.asarray(list(lags), dtype=int)
    coords = {name: back.coords[name] for name in back.dims[1:] if name in back.coords}
    return xr.DataArray(product[chosen], coords={"lag": chosen, **coords}, dims=back.dims)


def lag_below(values: np.ndarray, share: float = 0.5, lags: np.ndarray | None = None) -> float:
    """The first lag at which a curve has fallen to a share, between two lags by a straight line.

    Parameters
    ----------
    values
        (lag,), relative to what it was; NaN is left out.
    share
        With 1/2 the answer is a half-life.
    lags
        In steps, growing; None means 0, 1, 2, ...

    Returns
    -------
    float
        In steps; infinite where the curve does not fall so far within its lags, NaN where it is
        empty.

    Raises
    ------
    ValueError
        When the lags are not one a value, each larger than the one before.
    """
    lags = np.arange(len(values)) if lags is None else np.asarray(lags)
    if lags.shape != np.shape(values) or not (np.diff(lags) > 0).all():
        raise ValueError(
            f"lags must be {len(values)} growing numbers, one a value, got {lags.tolist()}"
        )
    there = ~np.isnan(values)
    values, lags = np.asarray(values, dtype=float)[there], lags[there]
    if not len(values):
        return math.nan
    below = np.flatnonzero(values <= share)
    if not len(below):
        return math.inf
    first = below[0]
    if first == 0:
        return float(lags[0])
    high, low = values[first - 1], values[first]
    if not np.isfinite(high):
        return float(lags[first])
    return float(lags[first - 1] + (lags[first] - lags[first - 1]) * (high - share) / (high - low))
