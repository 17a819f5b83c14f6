"""Which input mattered for which output: input steps across, output steps down, a triangle."""

from collections.abc import Mapping, Sequence

import altair as alt
import numpy as np

from viz_app.features.connectivity.chart_data import Shading, Triangle, cell_frame
from viz_app.kit.chart.altair_fast import Chart, layered
from viz_app.kit.chart.raster import CASING, Raster, box, centred, frame, image
from viz_app.kit.chart.style import GATE_TABLE, INKS, ColourTable, Theme

MOST_FRAMED = 4
"""Where more steps are marked, no rules are drawn."""
ROW, CELLS = "row", "cells"
"""Names of the selection of a row by a click, and of the data set of cells that answer it."""


def triangle_panel(
    drawn: Triangle, words: Mapping[str, str], shade: Shading, *, theme: Theme,
    marks: Sequence[tuple[int, str]] = (), picked: int = 0, width: int | str = "container",
    height: int = 440, axis: bool = True, hover: bool = False, moves: bool = False,
) -> alt.LayerChart:  # fmt: skip
    """Draw one network.

    The row ``picked`` is framed. On a page ``height`` is that of the whole panel, legend included,
    and ``axis`` says whether it names the axis of output steps. With ``hover`` cells answer the
    pointer, and a click picks a row, as the selection ``row``; they are `cell_frame`, as the data
    set ``cells``. What ``moves`` has the same layers whatever its numbers are.
    """
    ink, (rows, steps) = INKS[theme], drawn.norms.shape
    places = shade.places(drawn)
    x = alt.X(
        "x:Q",
        scale=centred(steps),
        axis=alt.Axis(
            title=words["connectivity.input"], grid=False, domain=False, tickMinStep=1, tickCount=5
        ),
    )
    y = alt.Y(
        "y:Q",
        scale=centred(rows, reverse=True),
        axis=alt.Axis(
            title=words["connectivity.output"] if axis else None, values=_ticks(drawn.outputs),
            labelExpr=f"{list(drawn.outputs)}[datum.value]", grid=False, domain=False,
        ),
    )  # fmt: skip
    zero = np.where(drawn.read() & (drawn.norms == 0), 0.0, np.nan)
    layers = [image(alt.InlineData(values=[Raster(places, 0, 1, GATE_TABLE).row()]), x, y)]
    if moves or not np.isnan(zero).all():
        grey = Raster(zero, 0, 1, ColourTable((ink.line, ink.line)))
        layers.append(image(alt.InlineData(values=[grey.row()]), x, y))
    kind = "connectivity.share" if shade.relative else "connectivity.norm"
    layers.append(shade.legend(words[kind]))
    if len(marks) <= MOST_FRAMED:
        layers += _rules(drawn, marks, ink.accent, ink.background)
    layers += frame(-0.5, steps - 0.5, picked, ink.text, ink.background)
    if hover:
        layers.append(_cells(drawn, words))
    return layered(*layers, title=drawn.title, width=width, height=height)


def _ticks(outputs: Sequence[int]) -> list[int]:
    """Rows that carry a label: about six, at round steps, or the first after one."""
    about = (outputs[-1] + 1) / 6
    power = 10 ** max(0, int(np.floor(np.log10(about))))
    every = next(size * power for size in (1, 2, 5, 10) if size * power >= about)
    rows = np.searchsorted(outputs, np.arange(0, outputs[-1] + 1, every))
    return [int(row) for row in np.unique(rows)]


def _rules(
    drawn: Triangle, marks: Sequence[tuple[int, str]], colour: str, ground: str
) -> list[alt.Chart]:
    """Thin rules at both sides of every marked input step, from its own row down, in a casing."""
    ends = {}
    for step, _ in marks:
        later = [row for row, output in enumerate(drawn.outputs) if output >= step]
        top = 0 if drawn.backward or not later else later[0]
        ends[step] = (top - 0.5, len(drawn.outputs) - 0.5)
    return [rules(ends, ground, CASING), rules(ends, colour, 1)]


def rules(ends: Mapping[int, tuple[float, float]], colour: str, width: float) -> alt.Chart:
    """Thin rules at both sides of some input steps, each from one height to another.

    Wider ones grow away from the step, so that one of few pixels is not hidden.
    """
    sides = [
        {"side": step + half, "away": 2 * half, "from": top, "to": foot}
        for step, (top, foot) in ends.items()
        for half in (-0.5, 0.5)
    ]
    drawn = Chart(alt.Data(values=sides)).mark_rule(
        color=colour, strokeWidth=width, xOffset=alt.ExprRef(f"datum.away * {(width - 1) / 2}")
    )
    return drawn.encode(x=alt.X("side:Q"), y=alt.Y("from:Q"), y2=alt.Y2("to:Q"))


def _cells(drawn: Triangle, words: Mapping[str, str]) -> alt.Chart:
    """Invisible cells, or blocks that tell of their largest."""
    _, size = cell_frame(drawn)
    pick = alt.selection_point(name=ROW, fields=["row"], on="click", clear=False, toggle=False)
    return (
        Chart(alt.NamedData(CELLS))
        .transform_calculate(
            left="datum.column - 0.5",
            right=f"min(datum.column + {size - 0.5}, {drawn.norms.shape[1] - 0.5})",
            top="datum.row - 0.5",
            bottom=f"min(datum.row + {size - 0.5}, {len(drawn.outputs) - 0.5})",
        )
        .mark_rect(opacity=0)
        .encode(
            **box(),
            tooltip=[
                alt.Tooltip("output:Q", title=words["connectivity.output"]),
                alt.Tooltip("input:Q", title=words["connectivity.input"]),
                alt.Tooltip("norm:Q", title=words["connectivity.norm"], format=".2e"),
                alt.Tooltip("share:Q", title=words["connectivity.share"], format=".3f"),
            ],
        )
        .add_params(pick)
    )
