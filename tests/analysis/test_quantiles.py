"""Quantiles against numpy's own, and by hand where values are infinite or missing."""

import math

import numpy as np
import pytest

from gatescope.analysis import quantiles

INF, NAN = math.inf, math.nan


def test_finite_values_are_as_numpy_has_them() -> None:
    """Along either axis, of one row and of many."""
    values = np.random.default_rng(0).normal(size=(4, 7, 5))
    for axis in (0, 1, 2, -1):
        expected = np.quantile(values, [0.1, 0.5, 0.9], axis=axis)
        np.testing.assert_array_equal(quantiles(values, [0.1, 0.5, 0.9], axis), expected)


@pytest.mark.parametrize(
    ("values", "mark", "expected"),
    [
        ([1, INF, INF, INF], 0.9, INF),
        ([1, INF, INF, INF], 0.1, INF),  # between 1 and infinity
        ([1, 2, INF], 0.5, 2),
        ([1, 2, INF], 0.25, 1.5),
        ([1, 3, INF, INF], 0.5, INF),
        ([INF, INF], 0.5, INF),
        ([1, NAN, 3], 0.5, 2),
        ([NAN, INF, INF, 4], 0.0, 4),
        ([NAN, NAN], 0.5, NAN),
    ],
)
def test_infinite_and_missing_values(values: list[float], mark: float, expected: float) -> None:
    """An infinite half-life is a value; NaN is none."""
    (found,) = quantiles(np.array(values), [mark])
    assert found == pytest.approx(expected, nan_ok=True)


def test_rows_without_a_value_leave_the_others_alone() -> None:
    """Two rows, one of them empty."""
    found = quantiles(np.array([[NAN, NAN], [1.0, 3.0]]), [0.5])
    np.testing.assert_array_equal(found, [[NAN, 2]])
