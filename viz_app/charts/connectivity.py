"""Which input mattered for which output: input steps across, output steps down, a triangle."""

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
import numpy as np
import pandas as pd

from viz_app.charts.gradients import POWER
from viz_app.charts.overlay import box
from viz_app.charts.raster import Raster, image
from viz_app.charts.style import GATE_TABLE, INKS, ColourTable, Theme

FLOOR = 1e-8
"""Where the log scale's colours end; what is below has the colour of its end."""
MOST_CELLS = 5_600
"""Cells that answer the pointer one by one; where there are more, blocks of them do."""
MOST_FRAMED = 4
"""Where more steps are marked, no rules are drawn."""
ROW, PICKED = "row", "picked"
"""Names of the selection of an output step by a click, and of the parameter that frames one."""


@dataclass(frozen=True)
class Triangle:
    """One network on one example.

    Attributes
    ----------
    title
        What it is.
    outputs
        The output steps, one a row, the first on top.
    norms
        (output, input): gradient norms.
    backward
        The network also reads from the end, so that later inputs matter too.
    """

    title: str
    outputs: tuple[int, ...]
    norms: np.ndarray
    backward: bool = False

    def read(self) -> np.ndarray:
        """(output, input): whether the network has read that input by then."""
        inputs = np.arange(self.norms.shape[1])
        return inputs <= np.array(self.outputs)[:, None] if not self.backward else (
            np.ones(self.norms.shape, dtype=bool)
        )  # fmt: skip

    def shares(self) -> np.ndarray:
        """Each row divided by its largest value."""
        largest = self.norms.max(axis=1, keepdims=True)
        return np.divide(self.norms, largest, out=np.zeros_like(self.norms), where=largest > 0)


@dataclass(frozen=True)
class Shading:
    """How gradients become colours: by powers of ten, or relative to each row's largest.

    Attributes
    ----------
    relative
        A linear scale from 0 to 1 instead of a log scale.
    low, high
        The ends of the colours.
    """

    relative: bool
    low: float
    high: float

    def places(self, triangle: Triangle) -> np.ndarray:
        """Where on the table each cell lies, from 0 to 1; NaN where it is exactly zero."""
        if self.relative:
            return np.where(triangle.norms > 0, triangle.shares(), np.nan)
        with np.errstate(divide="ignore"):
            logs = np.where(triangle.norms > 0, np.log10(triangle.norms), np.nan)
        low, high = np.log10(self.low), np.log10(self.high)
        return np.clip((logs - low) / (high - low), 0, 1)

    def legend(self, title: str) -> alt.Chart:
        """The colours, made of the table that paints the pixels; invisible points carry them."""
        count = len(GATE_TABLE.colours)
        if self.relative:
            scale, labels = GATE_TABLE.scale(0, 1), {"values": [0, 0.5, 1]}
        else:
            stops = np.geomspace(self.low, self.high, count)
            scale = alt.Scale(
                type="log", domain=[float(stop) for stop in stops], range=list(GATE_TABLE.colours)
            )
            middle = 10.0 ** round(np.log10(self.low * self.high) / 2)
            ends = f"(datum.value <= {FLOOR * 1.001} ? '≤ ' : '') + {POWER}"
            labels = {"labelExpr": ends, "values": [self.low, middle, self.high]}
        legend = alt.Legend(
            title=title, orient="bottom", gradientLength=140, gradientOpacity=1, tickCount=3,
            **labels,
        )  # fmt: skip
        rows = alt.Data(values=[{"value": self.low}, {"value": self.high}])
        points = alt.Chart(rows).mark_point(opacity=0, size=0)
        return points.encode(color=alt.Color("value:Q", scale=scale, legend=legend))


@dataclass(frozen=True)
class TriangleWords:
    """The words on the charts, in the reader's language."""

    input: str
    output: str
    norm: str
    share: str
    network: str


def shading(triangles: Sequence[Triangle], relative: bool) -> Shading:
    """One scale for triangles that stand together: whole powers of ten around all norms."""
    if relative:
        return Shading(True, 0.0, 1.0)
    seen = np.concatenate([one.norms[one.norms > 0] for one in triangles])
    if not seen.size:
        return Shading(False, 0.1, 1.0)
    high = float(10.0 ** np.ceil(np.log10(max(seen.max(), 10 * FLOOR))))
    low = float(10.0 ** np.floor(np.log10(max(seen.min(), FLOOR))))
    return Shading(False, min(low, high / 10), high)


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
    click: bool = False,
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
    click
        Whether a click picks an output step, as the selection ``row``.
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
    frame = alt.param(name=PICKED, value=picked)
    row = (
        alt.Chart(alt.Data(values=[{"left": -0.5, "right": steps - 0.5}]))
        .transform_calculate(top=f"{PICKED} - 0.5", bottom=f"{PICKED} + 0.5")
        .mark_rect(fill=None, stroke=ink.accent, strokeWidth=1.5)
        .encode(**box())
    )
    cells = _cells(drawn, words)
    if click:
        cells = cells.add_params(
            alt.selection_point(name=ROW, fields=["row"], on="click", clear=False, toggle=False)
        )
    return alt.layer(
        *layers, row.add_params(frame), cells, title=drawn.title, width=width, height=height
    )


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
    rules = alt.Chart(alt.Data(values=sides)).mark_rule(color=colour, strokeWidth=1)
    return rules.encode(x=alt.X("side:Q"), y=alt.Y("from:Q"), y2=alt.Y2("to:Q"))


def _cells(drawn: Triangle, words: TriangleWords) -> alt.Chart:
    """Invisible cells, or blocks that tell of their largest."""
    found, size = cell_frame(drawn)
    return (
        alt.Chart(found)
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
    )


def cell_frame(drawn: Triangle) -> tuple[pd.DataFrame, int]:
    """One row a cell that has been read, or a block of several, and the blocks' side."""
    read, shares = drawn.read(), drawn.shares()
    size = 1
    while (there := _largest(drawn.norms, read, size)).shape[0] > MOST_CELLS:
        size += 1
    row, column, at_row, at_column = there.T
    return (
        pd.DataFrame(
            {
                "row": row,
                "column": column,
                "output": np.array(drawn.outputs)[at_row],
                "input": at_column,
                "norm": drawn.norms[at_row, at_column],
                "share": shares[at_row, at_column],
            }
        ),
        size,
    )


def _largest(norms: np.ndarray, read: np.ndarray, size: int) -> np.ndarray:
    """(block, 4): each block's corner, and where its largest cell lies."""
    found = []
    for row in range(0, norms.shape[0], size):
        for column in range(0, norms.shape[1], size):
            there = read[row : row + size, column : column + size]
            if there.any():
                part = np.where(there, norms[row : row + size, column : column + size], -1)
                down, across = np.unravel_index(part.argmax(), part.shape)
                found.append((row, column, row + down, column + across))
    return np.array(found)
