"""The panels of the step-through chart: the cell with its equations, and the unit over time."""

from dataclasses import dataclass
from typing import Any

import altair as alt

from viz_app.features.step_through.chart_cell import cell_layers, height_of, places, rows, x_y
from viz_app.features.step_through.chart_controls import (
    BUTTON_HEIGHT,
    Range,
    buttons,
    now_line,
    steps_to_click,
)
from viz_app.features.step_through.chart_data import StepWords
from viz_app.features.step_through.chart_drawing import WIDTH, Way
from viz_app.features.step_through.chart_text import by_key, first_of
from viz_app.kit.chart.altair_fast import Chart, layered
from viz_app.kit.chart.gates_data import GatesLook, GatesShape
from viz_app.kit.chart.heatmap import MARGIN, frames
from viz_app.kit.chart.hover_cells import CELLS
from viz_app.kit.chart.style import INKS, Theme, signal_colours, signal_dashes

STAGE = 1000
"""Places from left to right on the drawing, equations included."""

EQUATIONS = WIDTH + 22
LINE, BETWEEN, SENTENCE = 19, 12, 22
TRACE_HEIGHT = 84


@dataclass(frozen=True)
class Outline:
    """What stays when only the example changes, and whether the chart answers (``look.hover``)."""

    cell: str
    way: Way
    words: StepWords
    shape: GatesShape
    look: GatesLook
    chosen: Range


def stage(outline: Outline) -> alt.LayerChart:
    """Buttons, sentences, the cell, and its equations beside it."""
    words, look, names = outline.words, outline.look, outline.words.named()
    first = BUTTON_HEIGHT + 24 if look.hover else 12
    top = first + SENTENCE * len(words.sentences) + 10
    equations, foot = _equations(words, look.theme, top + 12)
    height = max(top + height_of(outline.cell), foot)
    layers = [
        *cell_layers(outline.cell, outline.way, names, look.theme, top),
        _sentences(words, first),
        *equations,
    ]
    if look.hover:
        layers += buttons(outline.chosen, names, look.theme, 0)
        layers += [_hint(names["keys" if outline.chosen.marked else "keys_unmarked"], look.theme)]
    chart = layered(*layers, width=look.width, height=height)
    # the scales of all layers are one; they are set on the first
    chart.layer[0].encoding.x.scale = alt.Scale(domain=[0, STAGE], nice=False, zero=False)
    chart.layer[0].encoding.y.scale = alt.Scale(
        domain=[0, height], nice=False, zero=False, reverse=True
    )
    return chart


def _hint(keys: str, theme: Theme) -> alt.Chart:
    place = {"x": STAGE, "y": BUTTON_HEIGHT / 2, "word": keys}
    style = {"align": "right", "fontSize": 14, "color": INKS[theme].quiet}
    return rows([place]).mark_text(**style).encode(**x_y(text="word:N"))


def _sentences(words: StepWords, top: float) -> alt.Chart:
    expressions = {str(n): first_of(cases) for n, cases in enumerate(words.sentences)}
    lines = [
        places(top, (0, SENTENCE * number)) | {"key": key} for number, key in enumerate(expressions)
    ]
    return (
        rows(lines)
        .transform_calculate(said=by_key(expressions))
        .mark_text(align="left", fontSize=16, fontWeight=600, limit=5000)
        .encode(**x_y(text="said:N"))
    )


def _equations(words: StepWords, theme: Theme, top: float) -> tuple[list[alt.Chart], float]:
    """Symbols, and below them the numbers; the second value is where they end."""
    expressions, symbols, numbers = {}, [], []
    y = top
    for number, (symbol, text) in enumerate(words.equations):
        symbols.append({"x": EQUATIONS, "y": y, "word": symbol})
        numbers.append({"x": EQUATIONS, "y": y + LINE, "key": str(number)})
        expressions[str(number)] = first_of((("", text),))
        y += 2 * LINE + BETWEEN
    style: dict[str, Any] = {"align": "left", "fontSize": 14, "limit": 2000}
    return [
        rows(symbols)
        .mark_text(**style, color=INKS[theme].quiet)
        .encode(**x_y(text="word:N")),
        rows(numbers)
        .transform_calculate(said=by_key(expressions))
        .mark_text(**style)
        .encode(**x_y(text="said:N")),
    ], y  # fmt: skip


def traces(outline: Outline) -> list[alt.LayerChart]:
    """The picked unit over time: its gates, then its states."""
    shape, look = outline.shape, outline.look
    ink, time = INKS[look.theme], outline.words.named()["time"]
    panels = []
    for kind in ("gate", "state"):
        labels = {s.name: s.label for s in shape.signals if s.kind == kind}
        if not labels:
            continue
        lines = _lines(labels, kind, look)
        x = alt.X("time:Q", scale=shape.time_scale())
        x.axis = (
            alt.Axis(title=time, grid=False, domain=False, tickMinStep=1)
            if kind == "state"
            else None
        )
        layers = [
            lines.encode(x=x), frames(ink.accent), now_line(ink.text),
            steps_to_click(shape.steps),
        ]  # fmt: skip
        panels.append(layered(*layers, width=look.width, height=TRACE_HEIGHT))
    return panels


def _lines(labels: dict[str, str], kind: str, look: GatesLook) -> alt.Chart:
    names = list(labels)
    legend = alt.Legend(
        title=None, labelExpr=f"{labels}[datum.value]", orient="top", offset=4, symbolSize=400
    )
    axis = alt.Axis(
        title=None, tickCount=3, labelFontSize=13, domain=False, ticks=False,
        minExtent=MARGIN, maxExtent=MARGIN,
    )  # fmt: skip
    scale = alt.Scale(domain=[0, 1]) if kind == "gate" else alt.Scale(zero=True)
    return (
        Chart(alt.NamedData(CELLS))
        .transform_filter("datum.unit == unit")
        .transform_fold(names, as_=["signal", "value"])
        .mark_line()
        .encode(
            y=alt.Y("value:Q", scale=scale, axis=axis),
            color=alt.Color(
                "signal:N",
                scale=alt.Scale(domain=names, range=signal_colours(names, look.theme)),
                legend=legend,
            ),
            strokeDash=alt.StrokeDash(
                "signal:N",
                scale=alt.Scale(domain=names, range=signal_dashes(names)),
                legend=legend,
            ),
        )
    )


def legible(strip: alt.LayerChart) -> alt.LayerChart:
    """Its axis in letters that are read from the last row."""
    for layer in strip.layer:
        if "y" in layer.encoding._kwds and isinstance(layer.encoding.y, alt.Y):
            axis = layer.encoding.y._get("axis")
            if isinstance(axis, alt.Axis):
                axis.labelFontSize = 13
    return strip
