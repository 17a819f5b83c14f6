"""Quantiles of values some of which are missing or infinite."""

from collections.abc import Sequence

import numpy as np


def quantiles(values: np.ndarray, marks: Sequence[float], axis: int = -1) -> np.ndarray:
    """Quantiles along an axis, by a straight line between neighbours.

    Parameters
    ----------
    values
        Any shape; NaN is left out, infinite values count: a half-life may be infinite.
    marks
        Which, each in [0, 1].
    axis
        Of the values that are summarised.

    Returns
    -------
    numpy.ndarray
        (mark, ...) without the axis, float64: infinite between a finite and an infinite
        neighbour, NaN where there is no value.
    """
    given = np.moveaxis(np.asarray(values, dtype="float64"), axis, -1)
    found = np.full((len(marks), *given.shape[:-1]), np.nan)
    there = ~np.isnan(given).all(axis=-1)
    if there.any():
        rows = given[there]
        quantile = np.nanquantile if np.isnan(rows).any() else np.quantile
        with np.errstate(invalid="ignore"):
            between = quantile(rows, marks, axis=-1)
        if np.isnan(between).any():
            # between two infinities, or at a finite value beside one, a line gives no number
            above = quantile(rows, marks, axis=-1, method="higher")
            between = np.where(np.isnan(between), above, between)
        found[:, there] = between
    return found
