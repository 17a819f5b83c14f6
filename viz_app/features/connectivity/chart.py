"""Which input mattered for which output: input steps across, output steps down, a triangle."""

from collections.abc import Sequence

import altair as alt
import numpy as np

from viz_app.features.connectivity.chart_data import Shading, Triangle, TriangleWords, cell_frame
from viz_app.kit.chart.altair_fast import Chart, layered
from viz_app.kit.chart.raster import Raster, box, frame, image
from viz_app.kit.chart.style import GATE_TABLE, INKS, ColourTable, Theme

MOST_FRAMED = 4
"""Where more steps are marked, no rules are drawn."""
ROW, CELLS = "row", "cells"
"""Names of the selection of a row by a click, and of the data set of cells that answer it."""


def triangle_panel(
    drawn: Triangle,
    words: TriangleWords,
    shade: Shading,
    *,
    theme: Theme,
    marks: Sequence[tuple[int, str]] = (),
    picked: int = 0,
    width: int | str = "container",
    height: int = 440,
    axis: bool = True,
    hover: bool = False,
) -> alt.LayerChart:
    """Draw one network.

    Parameters
    ----------
    drawn, words, shade, theme
        What to draw, in which words and colours.
    marks
        The salient input steps; thin rules where they are few.
    picked
        The row that is framed, counted from the top.
    width, height
        In pixels; on a page the height is that of the whole panel, legend included.
    axis
        Whether the panel names the axis of output steps.
    hover
        Whether cells answer the pointer, and a click picks a row, as the selection ``row``; they
        are `cell_frame`, as the data set ``cells``.
    """
    ink, (rows, steps) = INKS[theme], drawn.norms.shape
    places = shade.places(drawn)
    x = alt.X(
        "x:Q",
        scale=alt.Scale(domain=[-0.5, steps - 0.5], nice=False, zero=False),
        axis=alt.Axis(title=words.input, grid=False, domain=False, tickMinStep=1, tickCount=5),
    )
    y = alt.Y(
        "y:Q",
        scale=alt.Scale(domain=[-0.5, rows - 0.5], reverse=True, nice=False, zero=False),
        axis=alt.Axis(
            title=words.output if axis else None, values=_ticks(drawn.outputs),
            labelExpr=f"{list(drawn.outputs)}[datum.value]", grid=False, domain=False,
        ),
    )  # fmt: skip
    zero = np.where(drawn.read() & (drawn.norms == 0), 0.0, np.nan)
    layers = [image(alt.InlineData(values=[Raster(places, 0, 1, GATE_TABLE).row()]), x, y)]
    if not np.isnan(zero).all():
        grey = Raster(zero, 0, 1, ColourTable((ink.line, ink.line)))
        layers.append(image(alt.InlineData(values=[grey.row()]), x, y))
    layers += [shade.legend(words.share if shade.relative else words.norm)]
    if len(marks) <= MOST_FRAMED:
        layers.append(_rules(drawn, marks, ink.accent))
    layers.append(frame(-0.5, steps - 0.5, picked, ink.accent))
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


def _rules(drawn: Triangle, marks: Sequence[tuple[int, str]], colour: str) -> alt.Chart:
    """Thin rules at both sides of every marked input step, from its own row down."""
    top = {
        step: 0 if drawn.backward else next(
            (row for row, output in enumerate(drawn.outputs) if output >= step), 0
        )
        for step, _ in marks
    }  # fmt: skip
    sides = [
        {"side": step + half, "from": top[step] - 0.5, "to": len(drawn.outputs) - 0.5}
        for step, _ in marks
        for half in (-0.5, 0.5)
    ]
    rules = Chart(alt.Data(values=sides)).mark_rule(color=colour, strokeWidth=1)
    return rules.encode(x=alt.X("side:Q"), y=alt.Y("from:Q"), y2=alt.Y2("to:Q"))


def _cells(drawn: Triangle, words: TriangleWords) -> alt.Chart:
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
                alt.Tooltip("output:Q", title=words.output),
                alt.Tooltip("input:Q", title=words.input),
                alt.Tooltip("norm:Q", title=words.norm, format=".2e"),
                alt.Tooltip("share:Q", title=words.share, format=".3f"),
            ],
        )
        .add_params(pick)
    )
