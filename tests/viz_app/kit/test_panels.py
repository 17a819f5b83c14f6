"""Panels of lines on a page: what each shows for those who cannot see it."""

import altair as alt
import numpy as np

from viz_app.kit.chart.axes import Axis
from viz_app.kit.chart.lines import Line, Panel
from viz_app.kit.chart.window import Look
from viz_app.kit.panels import alternative, panel_row
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
        "flow.alt", panel="p", lines="a: 0.0e+00 at step 1, 2.0e+00 at step 2"
    )
    assert alternative(panel(line("b", np.nan)), ("flow.alt", "flow.alt_line")) == "p"
    row = panel_row([drawn], Look(), ("train.alt", "train.alt_line"), said=lambda value: value)
    assert [name for name, _, _ in row.legend] == ["a", "b"]
    assert row.alternatives == ["p: a from 0 to 2 at training step 2."]
    assert alt.Chart.from_dict(row.specs[0])
