"""Fewer pixels than cells: no extreme vanishes, and what fits stays as it is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from viz_app.kit.chart.raster import block_starts, extremes

MATRICES = arrays(
    "float32",
    st.tuples(st.integers(1, 40), st.integers(1, 90)),
    elements=st.one_of(st.floats(-9, 9, width=32), st.just(np.nan)),
)


@given(MATRICES, st.integers(2, 30), st.integers(1, 30))
def test_every_pixel_is_a_cell_of_its_block_and_the_ends_are_there(
    values: np.ndarray, most_rows: int, half: int
) -> None:
    """Each pair of pixels is the smallest and the largest value of a block, found by hand."""
    few = extremes(values, most_rows, 2 * half)
    rows, columns = values.shape
    assert few.shape[0] <= max(most_rows, 1)
    assert few.shape[1] <= 2 * half
    wide = columns > 2 * half
    if not wide and rows <= most_rows:
        np.testing.assert_array_equal(few, values)
        return
    tops = [*block_starts(rows, min(rows, most_rows) if wide else most_rows // 2), rows]
    starts = [*(block_starts(columns, half) if wide else range(columns)), columns]
    for top in range(len(tops) - 1):
        for left in range(len(starts) - 1):
            block = values[tops[top] : tops[top + 1], starts[left] : starts[left + 1]]
            known = block[~np.isnan(block)]
            pair = few[top, 2 * left : 2 * left + 2] if wide else few[2 * top : 2 * top + 2, left]
            if known.size:
                assert sorted(pair) == [known.min(), known.max()]
            else:
                assert np.isnan(pair).all()


@given(st.integers(0, 9_999), st.integers(0, 511))
def test_a_spike_of_one_step_in_one_unit_is_seen(step: int, unit: int) -> None:
    """Among five million cells, at the size of a heatmap on a page."""
    values = np.zeros((512, 10_000), dtype="float32")
    values[unit, step] = 1.0
    few = extremes(values, 168, 720)
    assert few.shape == (168, 720)
    ((row, column),) = np.argwhere(few == 1.0)
    assert row == np.searchsorted(block_starts(512, 168), unit, side="right") - 1
    assert column // 2 == np.searchsorted(block_starts(10_000, 360), step, side="right") - 1


@pytest.mark.parametrize(("line", "drawn"), [([1, 2, 3, 4], [1, 2, 3, 4]), ([4, 3, 2, 1, 0, -1],
                         [4, 2, 1, -1]), ([0, 1, 2, 3, 4, 5], [0, 2, 3, 5])])  # fmt: skip
def test_a_line_that_falls_falls(line: list[float], drawn: list[float]) -> None:
    """The two ends of a block stand in the order in which the line has them."""
    assert extremes(np.array([line], dtype=float), 5, 4).tolist() == [drawn]
