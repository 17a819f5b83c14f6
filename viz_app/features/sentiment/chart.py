"""A sentence word by word: the answer so far, what each word changed, and the gates below.

All panels share the time axis and what the pointer does, see `viz_app.kit.chart.gates`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np

from viz_app.kit.chart.altair_fast import Chart, layered
from viz_app.kit.chart.gates import filled, gates_rows, stacked, view_rows
from viz_app.kit.chart.gates_data import (
    VIEW,
    GatesData,
    GatesLook,
    GatesShape,
    GatesWords,
    MovableShape,
)
from viz_app.kit.chart.heatmap import LEGEND_OFFSET, MARGIN, frames, hair_line, heatmap
from viz_app.kit.chart.input_panel import STRIP
from viz_app.kit.chart.interaction import movable_signals
from viz_app.kit.chart.style import (
    INKS,
    STATE_TABLES,
    Theme,
    by_line,
    signal_colours,
    signal_dashes,
)
from viz_app.kit.chart.unit_lines import traces

HEIGHTS = {"words": 92, "score": 130, "change": 84, "moved": 96}
UP, DOWN = -2, 1
"""Places in the colours of signed values: towards praise, and towards blame."""

Signals = tuple[tuple[str, str], ...]
"""Names of signals in the data, and as a person reads them."""

LETTER = 9
"""Pixels of a letter that stands upright."""

SCORES, MOVED = "scores", "moved"
"""The datasets of the answers, a row a word, and of the gates' changes, a row a word and gate."""

START = -0.5
"""Where the answer before the first word stands."""


@dataclass(frozen=True)
class SentimentWords:
    """The words on the chart, in the reader's language."""

    gates: GatesWords
    score: str
    change: str
    moved: str
    word: str
    probability: str
    difference: str
    most: str
    praise: str
    blame: str


@dataclass(frozen=True)
class SentenceData:
    """What each word did; arrays begin with the first word.

    ``start`` is the probability of praise before it, ``scores``, (time,), the same after each word;
    ``moved``, (signal, time), the mean over units of each gate's absolute change, NaN at the first
    word; ``told`` has a line for each word about which gate moved most.
    """

    gates: GatesData
    start: float
    scores: np.ndarray
    moved: np.ndarray
    signals: tuple[str, ...]
    labels: tuple[str, ...]
    told: tuple[str, ...]

    @property
    def changes(self) -> np.ndarray:
        """(time,), what each word added to the probability of praise."""
        changes: np.ndarray = np.diff(self.scores, prepend=self.start)
        return changes

    def moving(self) -> Signals:
        """The gates whose changes are drawn, and their labels: none of a single word, before which
        nothing comes."""
        return tuple(zip(self.signals, self.labels, strict=True)) if len(self.scores) > 1 else ()


def sentence_chart(
    data: SentenceData, words: SentimentWords, look: GatesLook, picked: tuple[int, int]
) -> alt.VConcatChart:
    """Draw a sentence as a value of its own, with that unit and that step picked at first."""
    shape = data.gates.shape
    chart = _template(shape, data.moving(), words, look)
    return filled(chart, shape, words.gates, look, picked, _rows(data, look, picked[0]))


def sentence_spec(
    data: SentenceData, words: SentimentWords, look: GatesLook, picked: tuple[int, int]
) -> dict[str, Any]:
    """The same as a Vega-Lite spec that answers the pointer, ready for a page.

    Another sentence only has other rows.
    """
    shape = MovableShape.of(data.gates.shape)
    rows = {VIEW: view_rows(data.gates.shape, look, picked), **_rows(data, look, picked[0])}
    spec = _template_spec(shape, data.moving(), words, look)
    return spec | {"datasets": rows}


def _rows(data: SentenceData, look: GatesLook, unit: int) -> dict[str, Any]:
    answers = {SCORES: score_rows(data)}
    if data.moving():
        answers[MOVED] = moved_rows(data)
    return answers | gates_rows(data.gates, look, unit)


def _template(
    shape: GatesShape, moving: Signals, words: SentimentWords, look: GatesLook
) -> alt.VConcatChart:
    answers = {"score": _score(shape, words, look), "change": _change(shape, look)}
    if moving:
        answers["moved"] = _moved(shape, moving, look)
    common = [frames(INKS[look.theme].accent), *hair_line(look), *_tips(words, look)]
    panels = [_spoken(shape, look)]
    for name, layers in answers.items():
        size = {"width": look.width, "height": HEIGHTS[name]}
        panels.append(layered(*layers, *common, title=getattr(words, name), **size))
    panels += [heatmap(shape, number, words.gates, look) for number in range(len(shape.signals))]
    return stacked([*panels, *traces(shape, words.gates, look)], look)


@lru_cache(maxsize=64)
def _template_spec(
    shape: MovableShape, moving: Signals, words: SentimentWords, look: GatesLook
) -> dict[str, Any]:
    spec: dict[str, Any] = _template(shape, moving, words, look).to_dict(validate=False)
    spec["config"]["signals"] = movable_signals(shape, words.gates)
    spec["params"] = shape.params()
    return spec


def _spoken(shape: GatesShape, look: GatesLook) -> alt.LayerChart:
    """The words: upright where all of them have room, else slanted."""
    ink = INKS[look.theme]
    rows = (
        Chart(alt.NamedData(STRIP))
        .transform_calculate(letters="length(datum.value)")
        .transform_joinaggregate(longest="max(letters)", count="count()")
        .transform_calculate(slanted=f"datum.longest * {LETTER} > {look.width} / datum.count")
    )
    x = alt.X("time:Q", scale=shape.time_scale(), axis=None)
    kinds: dict[str, dict[str, Any]] = {
        "!datum.slanted": {"fontSize": 16, "align": "center"},
        "datum.slanted": {"fontSize": 13, "align": "left", "angle": 300},
    }
    texts = [
        rows.transform_filter(kind)
        .mark_text(color=ink.text, fontWeight=600, baseline="middle", **settings)
        .encode(x=x, y=alt.YValue(HEIGHTS["words"] - 10), text=alt.Text("value:N"))
        for kind, settings in kinds.items()
    ]
    layers = [*texts, frames(ink.accent), *hair_line(look)]
    title = alt.TitleParams(shape.strip_label)
    return layered(*layers, title=title, width=look.width, height=HEIGHTS["words"])


def _score(shape: GatesShape, words: SentimentWords, look: GatesLook) -> list[Any]:
    """The answer so far as a line, its points in the colour of the answer."""
    ink, rows = INKS[look.theme], Chart(alt.NamedData(SCORES))
    x = alt.X("time:Q", scale=shape.time_scale(), axis=None)
    scale = alt.Scale(domain=[0, 1], nice=False)
    y = alt.Y("score:Q", scale=scale, axis=_axis(values=[0, 0.5, 1], format=".1f", grid=True))
    names = [{"score": 1, "name": words.praise, "above": 0},
             {"score": 0, "name": words.blame, "above": 1}]  # fmt: skip
    half = Chart(alt.Data(values=[{"score": 0.5}]))
    sides = Chart(alt.Data(values=names))
    return [
        half.mark_rule(color=ink.quiet, strokeDash=[4, 3]).encode(y=y),
        *(
            sides.transform_filter(f"datum.above == {above}")
            .mark_text(align="left", dx=8, dy=dy, color=_colours(look.theme)[above], fontWeight=600)
            .encode(x=alt.XValue("width"), y=y, text=alt.Text("name:N"))
            for above, dy in ((0, 8), (1, -8))
        ),
        rows.mark_line(color=ink.text, strokeWidth=2).encode(x=x, y=y),
        rows.transform_filter("isValid(datum.spoken)")
        .mark_point(filled=True, size=70, opacity=1, stroke=ink.background, strokeWidth=1)
        .encode(x=x, y=y, color=_side("datum.score >= 0.5", look.theme)),
    ]


def _change(shape: GatesShape, look: GatesLook) -> list[Any]:
    """A bar for what each word added."""
    y = alt.Y("top:Q", scale=alt.Scale(nice=True), axis=_axis(tickCount=3, format="+.1f"))
    bars = (
        Chart(alt.NamedData(SCORES))
        .transform_filter("isValid(datum.spoken)")
        .transform_calculate(
            low="datum.time - 0.32", high="datum.time + 0.32", top="datum.change", bottom="0"
        )
        .mark_rect()
        .encode(
            x=alt.X("low:Q", scale=shape.time_scale(), axis=None), x2=alt.X2("high:Q"),
            y=y, y2=alt.Y2("bottom:Q"), color=_side("datum.change >= 0", look.theme),
        )
    )  # fmt: skip
    zero = Chart(alt.Data(values=[{"top": 0}])).mark_rule(color=INKS[look.theme].quiet)
    return [bars, zero.encode(y=y)]


def _moved(shape: GatesShape, moving: Signals, look: GatesLook) -> list[Any]:
    """A line for how far each gate moved."""
    legend = alt.Legend(title=None, offset=LEGEND_OFFSET, symbolType="stroke")
    signals, labels = zip(*moving, strict=True)
    colours, dashes = signal_colours(signals, look.theme), signal_dashes(signals)
    colour, dash = by_line(labels, colours, dashes, legend)
    rows = Chart(alt.NamedData(MOVED))
    x = alt.X("time:Q", scale=shape.time_scale(), axis=None)
    y = alt.Y("value:Q", scale=alt.Scale(zero=True), axis=_axis(tickCount=3))
    return [
        rows.mark_line().encode(x=x, y=y, color=colour, strokeDash=dash),
        rows.mark_point(filled=True, size=36, opacity=1).encode(x=x, y=y, color=colour),
    ]


def _tips(words: SentimentWords, look: GatesLook) -> list[Any]:
    """What is told of the word under the pointer."""
    if not look.hover:
        return []
    tips = [
        alt.Tooltip("spoken:N", title=words.word),
        alt.Tooltip("score:Q", title=words.probability, format=".3f"),
        alt.Tooltip("change:Q", title=words.difference, format="+.3f"),
        alt.Tooltip("most:N", title=words.most),
    ]
    catch = Chart(alt.NamedData(SCORES)).transform_filter("isValid(datum.spoken)")
    return [
        catch.mark_rect(opacity=0, aria=False).encode(
            x=alt.X("left:Q"), x2=alt.X2("right:Q"), y=alt.YValue(0), y2=alt.Y2Value("height"),
            tooltip=tips,
        )
    ]  # fmt: skip


def _side(condition: str, theme: Theme) -> Any:
    up, down = _colours(theme)
    return alt.condition(condition, alt.value(up), alt.value(down))


def _colours(theme: Theme) -> Sequence[str]:
    """Towards praise, towards blame."""
    colours = STATE_TABLES[theme].colours
    return colours[UP], colours[DOWN]


def _axis(**settings: Any) -> alt.Axis:
    """A value axis that takes the common left margin."""
    return alt.Axis(
        title=None, labelFontSize=10, domain=False, ticks=False, minExtent=MARGIN,
        maxExtent=MARGIN, **settings,
    )  # fmt: skip


def score_rows(data: SentenceData) -> list[dict[str, Any]]:
    """One row a word, and one before the first for the line alone."""
    spoken = zip(data.gates.inputs, data.scores, data.changes, data.told, strict=True)
    rows = [
        {
            "time": time, "panel": "score", "spoken": word, "score": round(float(score), 4),
            "change": round(float(change), 4), "most": told,
            "left": time - 0.5, "right": time + 0.5,
        }
        for time, (word, score, change, told) in enumerate(spoken)
    ]  # fmt: skip
    first = {"time": START, "score": round(data.start, 4)}
    return [dict.fromkeys(rows[0]) | first, *rows]  # a page's table has the columns of its first


def moved_rows(data: SentenceData) -> list[dict[str, Any]]:
    """One row a word and gate, from the second word on."""
    return [
        {"time": time, "line": label, "value": round(float(value), 4)}
        for label, values in zip(data.labels, data.moved, strict=True)
        for time, value in enumerate(values)
        if np.isfinite(value)
    ]
