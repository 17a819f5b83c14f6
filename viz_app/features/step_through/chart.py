"""One unit at one step: the input, the cell with its numbers, the equations, the unit over time.

All numbers of an example are sent once, in the dataset ``cells``; which of them stand on the
drawing is decided in the browser.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import altair as alt

from viz_app.features.step_through.chart_cell import cell_layers, height_of, places, rows, x_y
from viz_app.features.step_through.chart_controls import (
    BUTTON_HEIGHT,
    Range,
    buttons,
    constants,
    now_line,
    now_of,
    signals,
    steps_to_click,
)
from viz_app.features.step_through.chart_data import StepData, StepWords
from viz_app.features.step_through.chart_drawing import WIDTH, Way
from viz_app.features.step_through.chart_text import by_key, first_of
from viz_app.kit.chart.altair_fast import Chart, layered
from viz_app.kit.chart.gates import stacked
from viz_app.kit.chart.gates_data import GatesLook, GatesShape
from viz_app.kit.chart.heatmap import MARKS, frames, mark_rows, value_axis
from viz_app.kit.chart.hover_cells import CELLS
from viz_app.kit.chart.input_panel import strip_chart, strip_rows
from viz_app.kit.chart.interaction import selection
from viz_app.kit.chart.records import inline
from viz_app.kit.chart.style import INKS, Theme
from viz_app.kit.chart.unit_lines import by_signal

STAGE = 1000
"""Places from left to right on the drawing, equations included."""

EQUATIONS = WIDTH + 22
LINE, BETWEEN, SENTENCE = 19, 12, 22
TRACE_HEIGHT = 84


@dataclass(frozen=True)
class Outline:
    """What stays when only the example changes."""

    cell: str
    way: Way
    words: StepWords
    shape: GatesShape
    look: GatesLook
    chosen: Range


def step_chart(data: StepData, look: GatesLook, picked: tuple[int, int]) -> alt.VConcatChart:
    """Draw one unit at one step; which are ``picked``."""
    outline = _outline(data, look)
    chart = _chart(outline)
    chart["params"] = [*constants(*picked), now_of(outline.chosen)]
    chart["datasets"] = _rows(data, look, picked[0])
    return chart


def step_spec(data: StepData, look: GatesLook, picked: tuple[int, int]) -> dict[str, Any]:
    """The same as a Vega-Lite spec that answers keys, buttons and clicks."""
    outline = _outline(data, look)
    spec = _template(outline)
    marks = tuple(sorted({step for step, _ in data.gates.marks}))
    return spec | {
        "datasets": _rows(data, look, picked[0]),
        "config": spec["config"] | {"signals": signals(outline.chosen, marks, *picked)},
    }


def _outline(data: StepData, look: GatesLook) -> Outline:
    steps, units = data.shape()
    sent = 1 if data.is_large else units
    chosen = Range(steps, units, sent, marked=bool(data.gates.marks))
    return Outline(data.cell, data.way, data.words, data.gates.shape, look, chosen)


@lru_cache(maxsize=32)
def _template(outline: Outline) -> dict[str, Any]:
    """The spec without rows; building it takes most of the time."""
    chart = _chart(outline)
    chart["params"] = [now_of(outline.chosen)]
    spec = inline(chart.to_dict(validate=False))
    spec["params"].append(selection())
    return spec


def _chart(outline: Outline) -> alt.VConcatChart:
    look, shape = outline.look, outline.shape
    ink = INKS[look.theme]
    panels: list[Any] = [stage(outline)]
    if shape.strip is not None:
        strip = legible(strip_chart(shape, look))
        clicks = steps_to_click(shape.steps)
        panels.insert(0, strip + now_line(ink.text) + clicks)
    return stacked([*panels, *traces(outline)], look, canvas=False)


def _rows(data: StepData, look: GatesLook, unit: int) -> dict[str, Any]:
    """The chart's data by name."""
    strip = strip_rows(data.gates, look) if data.gates.shape.strip else {}
    return {MARKS: mark_rows(data.gates.marks), **strip, CELLS: data.frame(unit)}


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
    style: dict[str, Any] = {"align": "right", "fontSize": 14, "color": INKS[theme].quiet}
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
    panels: list[alt.LayerChart] = []
    for kind in ("gate", "state"):
        labels = {s.name: s.label for s in shape.signals if s.kind == kind}
        if not labels:
            continue
        axis = alt.Axis(title=time, grid=False, domain=False, tickMinStep=1)
        x = alt.X("time:Q", scale=shape.time_scale(), axis=axis if kind == "state" else None)
        layers = [
            _lines(labels, kind, look).encode(x=x), frames(ink.accent), now_line(ink.text),
            steps_to_click(shape.steps),
        ]  # fmt: skip
        panels.append(layered(*layers, width=look.width, height=TRACE_HEIGHT))
    return panels


def _lines(labels: dict[str, str], kind: str, look: GatesLook) -> alt.Chart:
    names = list(labels)
    legend = alt.Legend(
        title=None, labelExpr=f"{labels}[datum.value]", orient="top", offset=4, symbolSize=400
    )
    scale = alt.Scale(domain=[0, 1]) if kind == "gate" else alt.Scale(zero=True)
    colour, dash = by_signal(names, look, legend)
    y = alt.Y("value:Q", scale=scale, axis=value_axis(look, tickCount=3))
    return (
        Chart(alt.NamedData(CELLS))
        .transform_filter("datum.unit == unit")
        .transform_fold(list(labels), as_=["signal", "value"])
        .mark_line()
        .encode(y=y, color=colour, strokeDash=dash)
    )


def legible(strip: alt.LayerChart) -> alt.LayerChart:
    """Its axis in letters that are read from the last row."""
    for layer in strip.layer:
        if "y" in layer.encoding._kwds and isinstance(layer.encoding.y, alt.Y):
            axis = layer.encoding.y._get("axis")
            if isinstance(axis, alt.Axis):
                axis.labelFontSize = 13
    return strip
