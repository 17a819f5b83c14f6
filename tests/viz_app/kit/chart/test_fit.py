"""How panels share a window."""

import pytest

from viz_app.kit.chart.fit import GAP, LEAST_HEIGHT, LEAST_WIDTH, Fit, fit, legend_height
from viz_app.kit.chart.window import LAPTOP, PAGE, WINDOWS, Window


@pytest.mark.parametrize("window", WINDOWS.values(), ids=list(WINDOWS))
@pytest.mark.parametrize("count", range(1, 13))
def test_whole_in_the_window(window: Window, count: int) -> None:
    """All that is seen at once, legend and all, each panel large enough to be read."""
    names = ["before training", "after 5,000 training steps", "in between"]
    found = fit(count, window, names)
    assert found.height is not None
    rows = -(-found.at_once // found.columns)
    high = rows * found.height + (rows - 1) * GAP + legend_height(names, window)
    assert high <= window.height
    assert found.columns * found.width + (found.columns - 1) * GAP <= window.width
    assert found.height >= LEAST_HEIGHT * window.type_size
    assert found.width >= min(LEAST_WIDTH * window.type_size, window.width)
    groups = -(-count // found.at_once)
    assert (groups - 1) * found.at_once < count <= groups * found.at_once


def test_as_large_as_can_be() -> None:
    """Three in a row on a laptop, below one another where it is narrow."""
    assert fit(3, LAPTOP).columns == 3
    assert fit(4, LAPTOP).columns == 2
    assert fit(1, LAPTOP) == Fit(1, 1, LAPTOP.width, LAPTOP.height)
    assert fit(1, LAPTOP, least=2).columns == 2
    phone = fit(3, WINDOWS["phone"])
    assert (phone.columns, phone.at_once) == (1, 2)
    assert fit(5, PAGE) == Fit(5, 5)


def test_a_legend_takes_a_line_more_where_it_is_narrow() -> None:
    """And none where nothing stands in it."""
    names = ["PyTorch's default initialization"] * 4
    assert legend_height((), LAPTOP) == 0
    assert legend_height(names, WINDOWS["phone"]) > legend_height(names, LAPTOP)
