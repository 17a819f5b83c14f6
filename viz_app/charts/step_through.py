"""One unit at one step: the input, the cell with its numbers, the equations, the unit over time.

All numbers of an example are sent once, in the dataset ``cells``; which of them stand on the
drawing is decided in the browser.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from viz_app.charts.cell_drawing import cell_layers, height_of, numbers_of, places, rows, x_y
from viz_app.charts.cell_parts import WIDTH, Way
from viz_app.charts.gates_data import GatesData, GatesLook, GatesShape
from viz_app.charts.heatmap import MARGIN, MARKS, frames, mark_rows
from viz_app.charts.overlay import CELLS
from viz_app.charts.step_controls import (
    BUTTON_HEIGHT,
    STRIP,
    TRACES,
    Range,
    buttons,
    constants,
    now_line,
    now_of,
    selection,
    signals,
    steps_to_click,
)
from viz_app.charts.step_numbers import power_of_ten, rounded
from viz_app.charts.step_text import by_key, first_of, slots
from viz_app.charts.strip import strip_chart, strip_rows
from viz_app.charts.style import DASHES, INKS, Theme, config, signal_colours

MOST_NUMBERS = 400_000
"""More are not sent: then the rows of the picked unit alone."""

STAGE = 1000
"""Places from left to right on the drawing, equations included."""

EQUATIONS = WIDTH + 22
LINE, BETWEEN, SENTENCE = 19, 12, 22
TRACE_HEIGHT = 84
UNIT_STEP = ("unit", "time", "power")

Cases = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class StepWords:
    """The words on the chart; in sentences and equations numbers are slots, see `step_text`.

    Attributes
    ----------
    drawing
        Names of boxes and labels, formulas, buttons, the time axis, by key.
    sentences
        What happens at this step, a line each: conditions over ``now``, and what is said then.
    equations
        Each as its symbols, and with its numbers.
    """

    drawing: tuple[tuple[str, str], ...]
    sentences: tuple[Cases, ...]
    equations: tuple[tuple[str, str], ...]

    def named(self) -> dict[str, str]:
        """The names by key."""
        return dict(self.drawing)

    def slots(self) -> list[str]:
        """The names of all numbers in the words."""
        texts = [text for cases in self.sentences for _, text in cases]
        return [name for text in (*texts, *(t for _, t in self.equations)) for name in slots(text)]


@dataclass(frozen=True)
class StepData:
    """What the chart shows.

    Attributes
    ----------
    cell, way
        Which drawing.
    terms
        (time, unit) by name, exact, units by number.
    gates
        The gates chart's data of the same example: input, marks, signals.
    """

    cell: str
    way: Way
    terms: Mapping[str, np.ndarray]
    gates: GatesData = field(repr=False)

    def shape(self) -> tuple[int, int]:
        """Steps and units."""
        steps, units = self.terms["hidden_state"].shape
        return steps, units

    def names(self, words: StepWords) -> list[str]:
        """Every number that stands somewhere on the chart."""
        lines = [signal.name for signal in self.gates.shape.signals]
        wanted = [*numbers_of(self.cell, self.way), *words.slots(), *lines]
        return [name for name in dict.fromkeys(wanted) if name not in UNIT_STEP]

    def is_large(self, words: StepWords) -> bool:
        """Whether only one unit's rows are sent."""
        steps, units = self.shape()
        return steps * units * len(self.names(words)) > MOST_NUMBERS

    def frame(self, words: StepWords, unit: int) -> pd.DataFrame:
        """One row a step and unit, step by step; where they are too many, of that unit alone."""
        steps, units = self.shape()
        kept = np.array([unit]) if self.is_large(words) else np.arange(units)
        found = rounded({name: values[:, kept] for name, values in self.terms.items()}, self.cell)
        columns = {
            "time": np.repeat(np.arange(steps, dtype="int32"), len(kept)),
            "unit": np.tile(kept.astype("int32"), steps),
        }
        for name in self.names(words):
            columns[name] = found[name].ravel().astype("float32")
        table = pd.DataFrame(columns)
        if "exponent" in found:
            table["power"] = [power_of_ten(int(k)) for k in found["exponent"].ravel()]
        return table


def step_chart(
    data: StepData, words: StepWords, look: GatesLook, picked: tuple[int, int]
) -> alt.VConcatChart:
    """Draw one unit at one step.

    Parameters
    ----------
    data, words, look
        What, in which words, and how.
    picked
        The unit and the step.
    """
    outline = _outline(data, words, look)
    chart = _chart(outline)
    chart["params"] = [*constants(*picked), now_of(outline.chosen)]
    chart["datasets"] = _small(data, look) | {CELLS: data.frame(words, picked[0])}
    return chart


def step_spec(
    data: StepData, words: StepWords, look: GatesLook, picked: tuple[int, int]
) -> dict[str, Any]:
    """The same as a Vega-Lite spec that answers keys, buttons and clicks.

    ``cells`` is a data frame under ``datasets``; the signals stand in ``config``, see
    `step_controls`.
    """
    outline = _outline(data, words, look)
    found: dict[str, Any] = _inline(_template(outline), _small(data, look))
    marks = tuple(sorted({step for step, _ in data.gates.marks}))
    found["config"]["signals"] = signals(outline.chosen, marks, *picked)
    found["datasets"] = {CELLS: data.frame(words, picked[0])}
    return found


@dataclass(frozen=True)
class _Outline:
    """What stays when only the example changes."""

    cell: str
    way: Way
    words: StepWords
    shape: GatesShape
    look: GatesLook
    chosen: Range


def _outline(data: StepData, words: StepWords, look: GatesLook) -> _Outline:
    steps, units = data.shape()
    sent = 1 if data.is_large(words) else units
    chosen = Range(steps, units, sent, marked=bool(data.gates.marks))
    return _Outline(data.cell, data.way, words, data.gates.shape, look, chosen)


@lru_cache(maxsize=32)
def _template(outline: _Outline) -> dict[str, Any]:
    """The spec without rows; building it takes most of the time."""
    chart = _chart(outline)
    chart["params"] = [now_of(outline.chosen)]
    with alt.data_transformers.enable("default", max_rows=None, consolidate_datasets=False):
        spec: dict[str, Any] = chart.to_dict(validate=False)
    spec["params"].append(selection())
    return spec


def _chart(outline: _Outline) -> alt.VConcatChart:
    look, shape = outline.look, outline.shape
    ink = INKS[look.theme]
    panels: list[Any] = [_stage(outline)]
    if shape.strip is not None:
        strip = _legible(strip_chart(shape, look))
        clicks = steps_to_click(shape.steps, STRIP)
        panels.insert(0, strip + now_line(ink.text) + clicks)
    panels += _traces(outline)
    return alt.vconcat(
        *panels,
        usermeta={"embedOptions": {"renderer": "svg"}},
        config=alt.Config(**config(look.theme)),
        resolve=alt.Resolve(
            scale=alt.ScaleResolveMap(color="independent", strokeDash="independent")
        ),
    )


def _legible(strip: alt.LayerChart) -> alt.LayerChart:
    """Its axis in letters that are read from the last row."""
    for layer in strip.layer:
        if "y" in layer.encoding._kwds and isinstance(layer.encoding.y, alt.Y):
            axis = layer.encoding.y._get("axis")
            if isinstance(axis, alt.Axis):
                axis.labelFontSize = 13
    return strip


def _small(data: StepData, look: GatesLook) -> dict[str, Any]:
    """Rows that stand where they are drawn."""
    strip = strip_rows(data.gates, look) if data.gates.shape.strip else {}
    return {MARKS: mark_rows(data.gates.marks), **strip}


def _inline(node: Any, small: dict[str, Any]) -> Any:
    """A copy of a spec in which references to these datasets are the rows themselves."""
    if isinstance(node, list):
        return [_inline(part, small) for part in node]
    if not isinstance(node, dict):
        return node
    if set(node) == {"name"} and node["name"] in small:
        return {"values": small[node["name"]]}
    return {key: _inline(part, small) for key, part in node.items()}


def _stage(outline: _Outline) -> alt.LayerChart:
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
    chart = alt.layer(*layers, width=look.width, height=height)
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


def _traces(outline: _Outline) -> list[alt.LayerChart]:
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
            steps_to_click(shape.steps, f"{TRACES}_{kind}"),
        ]  # fmt: skip
        panels.append(alt.layer(*layers, width=look.width, height=TRACE_HEIGHT))
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
        alt.Chart(alt.NamedData(CELLS))
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
                scale=alt.Scale(domain=names, range=[DASHES.get(n, [1, 0]) for n in names]),
                legend=legend,
            ),
        )
    )
