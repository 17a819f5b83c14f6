"""One unit at one step: the input, the cell with its numbers, the equations, the unit over time.

All numbers of an example are sent once, in the dataset ``cells``; which of them stand on the
drawing is decided in the browser.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import altair as alt

from viz_app.features.step_through.chart_cell import cell_layers, places, rows, x_y
from viz_app.features.step_through.chart_controls import (
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
from viz_app.features.step_through.chart_layout import STAGE, Layout, StepLook, layout_of
from viz_app.features.step_through.chart_text import by_key, depth, first_of, wrapped
from viz_app.kit.chart.altair_fast import Chart, layered
from viz_app.kit.chart.gates import stacked
from viz_app.kit.chart.gates_data import GatesShape
from viz_app.kit.chart.gates_look import GatesLook
from viz_app.kit.chart.heatmap import MARKS, frames, mark_rows, value_axis
from viz_app.kit.chart.hover_cells import CELLS
from viz_app.kit.chart.input_panel import strip_chart, strip_rows
from viz_app.kit.chart.interaction import selection
from viz_app.kit.chart.records import inline
from viz_app.kit.chart.style import INKS, Theme, config
from viz_app.kit.chart.unit_lines import by_signal
from viz_app.kit.chart.window import PAGE

EQUATIONS = WIDTH + 22
TRACE_HEIGHT = 84
STRIP = 44
"""Pixels of the input on a page, where it has little room."""


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
    strip, taken = input_of(outline)
    layout = layout_of(outline.cell, look, taken)
    panels: list[Any] = [stage(outline, layout)]
    if strip is not None:
        clicks = steps_to_click(shape.steps)
        panels.insert(0, legible(strip, layout.size) + now_line(ink.text) + clicks)
    if not isinstance(look, StepLook) or look.lines:
        panels += traces(outline)
    chart = stacked(panels, look, canvas=False)
    chart["config"] = alt.Config(**config(look.theme, layout.size))
    return chart


def input_of(outline: Outline) -> tuple[alt.LayerChart | None, float]:
    """The input above, and the pixels that it takes."""
    shape, look = outline.shape, outline.look
    if shape.strip is None:
        return None, 0.0
    strip = strip_chart(shape, look)
    if look.hover and look.window is not PAGE:
        strip.title = alt.Undefined
        if shape.strip in ("marked_values", "series"):
            strip.height = STRIP
    # a digit's picture stands above its pixels
    return strip, float(strip.height) + (
        2.6 * look.window.type_size if shape.strip == "pixels" else 0
    )


def _rows(data: StepData, look: GatesLook, unit: int) -> dict[str, Any]:
    """The chart's data by name."""
    strip = strip_rows(data.gates, look) if data.gates.shape.strip else {}
    return {MARKS: mark_rows(data.gates.marks), **strip, CELLS: data.frame(unit)}


def stage(outline: Outline, layout: Layout) -> alt.LayerChart:
    """Buttons, sentences, the cell, and its equations beside it or below."""
    words, look, names = outline.words, outline.look, outline.words.named()
    foot = 0.0
    keys: list[alt.Chart] = []
    if look.hover and (not isinstance(look, StepLook) or look.buttons):
        keys, foot = buttons(outline.chosen, names, look.theme, layout)
    sentences, top = _sentences(words, layout, foot + 0.5 * layout.size + 8)
    drawn = top + layout.height
    equations: list[alt.Chart] = []
    foot = drawn
    if not isinstance(look, StepLook) or look.equations:
        equations, foot = _equations(
            words, look.theme, layout, top + 6 if layout.beside else drawn + 18
        )
    height = max(drawn, foot) + 4
    layers = [
        *cell_layers(layout, outline.way, names, look.theme, top), sentences, *equations, *keys,
        _named(),
    ]  # fmt: skip
    chart = layered(*layers, width=look.width, height=height)
    # the scales of all layers are one; they are set on the first
    chart.layer[0].encoding.x.scale = alt.Scale(domain=[0, STAGE], nice=False, zero=False)
    chart.layer[0].encoding.y.scale = alt.Scale(
        domain=[0, height], nice=False, zero=False, reverse=True
    )
    return chart


def _named() -> alt.Chart:
    """No mark at all: a dataset that none names is not there for a parameter to read."""
    none = Chart(alt.NamedData(CELLS)).transform_filter("false")
    return none.mark_point(size=0, aria=False)


def _sentences(words: StepWords, layout: Layout, top: float) -> tuple[alt.Chart, float]:
    """What happens at this step, on as many lines as it takes, and where it ends."""
    size, line = layout.size + 2, round(1.3 * (layout.size + 2))
    expressions, lines, y = {}, [], top
    for number, cases in enumerate(words.sentences):
        texts = [text for _, text in cases]
        expressions[str(number)] = wrapped(first_of(cases), texts, layout.letters)
        lines.append(places(y, (0, 0)) | {"key": str(number)})
        y += line * depth(texts, layout.letters)
    return (
        rows(lines)
        .transform_calculate(said=by_key(expressions))
        .mark_text(
            align="left", baseline="middle", fontSize=size, fontWeight=600, limit=5000,
            lineBreak="\n", lineHeight=line,
        )
        .encode(**x_y(text="said:N"))
    ), y + 6  # fmt: skip


def _equations(
    words: StepWords, theme: Theme, layout: Layout, top: float
) -> tuple[list[alt.Chart], float]:
    """Symbols, and below them the numbers; the second value is where they end."""
    count, line, letters = len(words.equations), layout.line, layout.equation_letters
    deep = [depth([text], letters) for _, text in words.equations]
    between = 0.6 * layout.size
    if layout.beside:
        spare = layout.height - 12 - line * (count + sum(deep))
        between = max(4.0, min(between, spare / count))
    expressions, symbols, numbers = {}, [], []
    per_column = -(-count // layout.columns)
    y = foot = top
    for number, (symbol, text) in enumerate(words.equations):
        column = number // per_column
        if number % per_column == 0:
            y = top
        x = EQUATIONS if layout.beside else column * STAGE / layout.columns
        symbols.append({"x": x, "y": y, "word": symbol})
        numbers.append({"x": x, "y": y + line, "key": str(number)})
        expressions[str(number)] = wrapped(first_of((("", text),)), [text], letters)
        y += line * (1 + deep[number]) + between
        foot = max(foot, y)
    style: dict[str, Any] = {
        "align": "left", "baseline": "middle", "fontSize": layout.size, "limit": 2000,
        "lineBreak": "\n", "lineHeight": line,
    }  # fmt: skip
    return [
        rows(symbols)
        .mark_text(**style, color=INKS[theme].quiet)
        .encode(**x_y(text="word:N")),
        rows(numbers)
        .transform_calculate(said=by_key(expressions))
        .mark_text(**style)
        .encode(**x_y(text="said:N")),
    ], foot  # fmt: skip


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


def legible(strip: alt.LayerChart, size: float) -> alt.LayerChart:
    """Its axis in letters that are read from the last row."""
    for layer in strip.layer:
        if "y" in layer.encoding._kwds and isinstance(layer.encoding.y, alt.Y):
            axis = layer.encoding.y._get("axis")
            if isinstance(axis, alt.Axis):
                axis.labelFontSize = size
    return strip
