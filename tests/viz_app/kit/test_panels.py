"""Panels of lines on a page: what each shows for those who cannot see it."""

import altair as alt
import numpy as np
import pytest

from viz_app.kit.chart.axes import Axis
from viz_app.kit.chart.lines import Line, Panel
from viz_app.kit.chart.window import Look
from viz_app.kit.panels import alternative, panel_row, turns
from viz_app.text import say


def line(name: str, *values: float) -> Line:
    """A line over 0, 1, 2, ..."""
    return Line(name, np.arange(len(values)), np.array(values, dtype=float))


def panel(*lines: Line) -> Panel:
    """A panel of them."""
    return Panel("p", lines, Axis("step", (0, 4)), Axis("size", (0.0, 2.0)))


def test_where_lines_begin_and_end_is_said_of_what_is_drawn() -> None:
    """Of those that have a number; of a panel without any there is its title."""
    drawn = panel(line("a", np.nan, 0, 2, np.inf), line("b", np.nan))
    assert alternative(drawn, ("flow.alt", "flow.alt_line")) == say(
        "flow.alt", panel="p", lines="a: 0.0 at step 1, 2.0 at step 2"
    )
    assert alternative(panel(line("b", np.nan)), ("flow.alt", "flow.alt_line")) == "p"
    row = panel_row([drawn], Look(), ("claims.alt", "claims.alt_line"), "{:g}".format)
    assert [name for name, _, _ in row.legend] == ["a", "b"]
    assert row.alternatives == ["p: size against step. a: 0 at 1, 2 at 2."]
    assert alt.Chart.from_dict(row.specs[0])


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 0.9, 0.5, 0.2], []),
        ([1, 1, 1], []),
        ([0, 0, 1, 0, 0], [2]),
        ([1, 0.99, 0.54, 1, 0.24], [2, 3]),
        ([0.5, 0.49, 1.0, 0.95, 1.2], []),
        ([0.4, 1.0, 0.0, 1.0], [1, 2]),
    ],
)
def test_where_a_line_turns(values: list[float], expected: list[int]) -> None:
    """Only where it goes back by much of its range."""
    assert turns(np.array(values)) == expected


def test_what_a_line_does_in_between_is_said() -> None:
    """Where it turns; of a line that turns often how often it does."""
    texts = ("claims.alt", "claims.alt_line")
    told = alternative(panel(line("a", 1, 0.99, 0.54, 1, 0.24)), texts, "{:.0%}".format)
    assert "a: 100% at 0, 24% at 4 (in between 54% at 2 and 100% at 3)" in told
    told = alternative(panel(line("a", *[0, 1] * 5)), texts, "{:.0%}".format)
    assert "(in between it rises and falls 4 times)" in told
