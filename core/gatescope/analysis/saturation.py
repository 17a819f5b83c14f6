"""Which units' gates are stuck: shares of steps shut and open, and a gate's values as it learns."""

from collections.abc import Mapping

import numpy as np
import xarray as xr


def saturation(gate: xr.DataArray, *, left: float = 0.1, right: float = 0.9) -> xr.Dataset:
    """The shares of steps in which each unit's gate is left- and right-saturated.

    Left-saturated is a gate below .1, right-saturated one above .9 (Karpathy, Johnson & Fei-Fei
    2015). Of a tanh, which spans [-1, 1], take -.9 and .9.

    Parameters
    ----------
    gate
        (time, batch, unit); NaN past a sequence's end is left out.
    left, right
        A value counts when it is strictly below ``left``, or strictly above ``right``.

    Returns
    -------
    xarray.Dataset
        ``left`` and ``right``, each (unit,), float64 in [0, 1]: shares of all steps of all
        examples; NaN for a unit that has no value.

    Raises
    ------
    ValueError
        When ``left`` is above ``right``, so that a value could count twice, or one is no number.
    """
    if not left <= right:
        raise ValueError(f"left must be at most right, got left={left:g} and right={right:g}")
    signal = gate.transpose("time", "batch", "unit")
    # compared in the gate's own dtype, so that a float32 .1 is not above .1; NaN is on no side
    values = signal.values
    count = (~np.isnan(values)).sum(axis=(0, 1)).astype("float64")
    count[count == 0] = np.nan
    shares = {
        "left": (values < left).sum(axis=(0, 1)) / count,
        "right": (values > right).sum(axis=(0, 1)) / count,
    }
    return xr.Dataset(
        {side: ("unit", share) for side, share in shares.items()},
        coords={"unit": gate["unit"]},
    )


def value_histograms(
    signals: Mapping[int, xr.DataArray], *, bins: int = 20, span: tuple[float, float] = (0.0, 1.0)
) -> xr.DataArray:
    """How a signal's values are spread at each checkpoint, in the same bins.

    Parameters
    ----------
    signals
        By checkpoint, each of any shape: all its numbers count, NaN is left out.
    bins
        How many, of equal width; each holds its lower end, the last its upper end too.
    span
        Where the first begins and the last ends: a gate's [0, 1], or a tanh's [-1, 1].

    Returns
    -------
    xarray.DataArray
        (checkpoint, value), shares that sum to 1 in each row (NaN in a row without a number), with
        the middle of each bin as coordinate ``value``.

    Raises
    ------
    ValueError
        When there is no checkpoint, or a value lies outside the span.
    """
    if not signals:
        raise ValueError("value_histograms needs the signal of one checkpoint at least, got none")
    low, high = span
    rows = []
    for checkpoint, signal in signals.items():
        values = signal.values[~np.isnan(signal.values)].astype("float64")
        if values.size and not low <= values.min() <= values.max() <= high:
            raise ValueError(
                f"values must lie in [{low:g}, {high:g}], at checkpoint {checkpoint} they reach "
                f"from {values.min():g} to {values.max():g}: give their span"
            )
        counts, edges = np.histogram(values, bins=bins, range=span)
        rows.append(counts / values.size if values.size else np.full(bins, np.nan))
    coords = {"checkpoint": list(signals), "value": (edges[:-1] + edges[1:]) / 2}
    return xr.DataArray(np.stack(rows), coords=coords, dims=("checkpoint", "value"))
