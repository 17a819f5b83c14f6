"""A sentence word by word: the answer so far, what each word changed, and the gates below.

All panels share the time axis and what the pointer does, see `viz_app.kit.chart.gates`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import altair as alt

from viz_app.features.sentiment.chart_data import MOVED, SCORES, WordsData, moved_rows, score_rows
from viz_app.kit.chart.altair_fast import Chart, layered
from viz_app.kit.chart.gates import filled, gates_rows, stacked, view_rows
from viz_app.kit.chart.gates_data import VIEW, GatesLook, GatesShape, GatesWords, MovableShape
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

LETTER = 9
"""Pixels of a letter that stands upright."""


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
class _Gates:
    """The gates whose changes are drawn: none of a single word, before which nothing comes."""

    signals: tuple[str, ...]
    labels: tuple[str, ...]

    @classmethod
    def of(cls, data: WordsData) -> "_Gates":
        """Those of a sentence."""
        return cls(data.signals, data.labels) if len(data.scores) > 1 else cls((), ())


def sentiment_chart(
    data: WordsData, words: SentimentWords, look: GatesLook, picked: tuple[int, int]
) -> alt.VConcatChart:
    """Draw a sentence as a value of its own.

    Parameters
    ----------
    data, words, look
        What, in which words, and how.
    picked
        The unit and the step that are picked at first.
    """
    shape = data.gates.shape
    chart = _template(shape, _Gates.of(data), words, look)
    return filled(chart, shape, words.gates, look, picked, _rows(data, look, picked[0]))


def sentiment_spec(
    data: WordsData, words: SentimentWords, look: GatesLook, picked: tuple[int, int]
) -> dict[str, Any]:
    """The same as a Vega-Lite spec that answers the pointer, ready for a page.

    Another sentence only has other rows.
    """
    shape = MovableShape.of(data.gates.shape)
    rows = {VIEW: view_rows(data.gates.shape, look, picked), **_rows(data, look, picked[0])}
    spec = _template_spec(shape, _Gates.of(data), words, look)
    return spec | {"datasets": rows}


def _rows(data: WordsData, look: GatesLook, unit: int) -> dict[str, Any]:
    answers = {SCORES: score_rows(data)}
    if _Gates.of(data).signals:
        answers[MOVED] = moved_rows(data)
    return answers | gates_rows(data.gates, look, unit)


def _template(
    shape: GatesShape, gates: _Gates, words: SentimentWords, look: GatesLook
) -> alt.VConcatChart:
    panels = [_spoken(shape, look), _score(shape, words, look), _change(shape, words, look)]
    if gates.signals:
        panels.append(_moved(shape, gates, words, look))
    panels += [heatmap(shape, number, words.gates, look) for number in range(len(shape.signals))]
    return stacked([*panels, *traces(shape, words.gates, look)], look)


@lru_cache(maxsize=64)
def _template_spec(
    shape: MovableShape, gates: _Gates, words: SentimentWords, look: GatesLook
) -> dict[str, Any]:
    spec: dict[str, Any] = _template(shape, gates, words, look).to_dict(validate=False)
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


def _score(shape: GatesShape, words: SentimentWords, look: GatesLook) -> alt.LayerChart:
    """The answer so far as a line, its points in the colour of the answer."""
    ink, rows = INKS[look.theme], Chart(alt.NamedData(SCORES))
    x = alt.X("time:Q", scale=shape.time_scale(), axis=None)
    scale = alt.Scale(domain=[0, 1], nice=False)
    y = alt.Y("score:Q", scale=scale, axis=_axis(values=[0, 0.5, 1], format=".1f", grid=True))
    names = [{"score": 1, "name": words.praise, "above": 0},
             {"score": 0, "name": words.blame, "above": 1}]  # fmt: skip
    half = Chart(alt.Data(values=[{"score": 0.5}]))
    sides = Chart(alt.Data(values=names))
    layers: list[Any] = [
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
        *_common(shape, words, look),
    ]
    return layered(*layers, title=words.score, width=look.width, height=HEIGHTS["score"])


def _change(shape: GatesShape, words: SentimentWords, look: GatesLook) -> alt.LayerChart:
    """A bar for what each word added."""
    ink, rows = INKS[look.theme], Chart(alt.NamedData(SCORES))
    y = alt.Y("top:Q", scale=alt.Scale(nice=True), axis=_axis(tickCount=3, format="+.1f"))
    bars = (
        rows.transform_filter("isValid(datum.spoken)")
        .transform_calculate(
            low="datum.time - 0.32", high="datum.time + 0.32", top="datum.change", bottom="0"
        )
        .mark_rect()
        .encode(
            x=alt.X("low:Q", scale=shape.time_scale(), axis=None),
            x2=alt.X2("high:Q"),
            y=y,
            y2=alt.Y2("bottom:Q"),
            color=_side("datum.change >= 0", look.theme),
        )
    )
    zero = Chart(alt.Data(values=[{"top": 0}])).mark_rule(color=ink.quiet).encode(y=y)
    layers = [bars, zero, *_common(shape, words, look)]
    return layered(*layers, title=words.change, width=look.width, height=HEIGHTS["change"])


def _moved(
    shape: GatesShape, gates: _Gates, words: SentimentWords, look: GatesLook
) -> alt.LayerChart:
    """A line for how far each gate moved."""
    legend = alt.Legend(title=None, offset=LEGEND_OFFSET, symbolType="stroke")
    colours, dashes = signal_colours(gates.signals, look.theme), signal_dashes(gates.signals)
    colour, dash = by_line(gates.labels, colours, dashes, legend)
    rows = Chart(alt.NamedData(MOVED))
    x = alt.X("time:Q", scale=shape.time_scale(), axis=None)
    y = alt.Y("value:Q", scale=alt.Scale(zero=True), axis=_axis(tickCount=3))
    layers: list[Any] = [
        rows.mark_line().encode(x=x, y=y, color=colour, strokeDash=dash),
        rows.mark_point(filled=True, size=36, opacity=1).encode(x=x, y=y, color=colour),
        *_common(shape, words, look),
    ]
    return layered(*layers, title=words.moved, width=look.width, height=HEIGHTS["moved"])


def _common(shape: GatesShape, words: SentimentWords, look: GatesLook) -> list[alt.Chart]:
    """The rules at the mark, the hair line, and what is told of the word under the pointer."""
    layers = [frames(INKS[look.theme].accent), *hair_line(look)]
    if not look.hover:
        return layers
    tips = [
        alt.Tooltip("spoken:N", title=words.word),
        alt.Tooltip("score:Q", title=words.probability, format=".3f"),
        alt.Tooltip("change:Q", title=words.difference, format="+.3f"),
        alt.Tooltip("most:N", title=words.most),
    ]
    catch = (
        Chart(alt.NamedData(SCORES))
        .transform_filter("isValid(datum.spoken)")
        .mark_rect(opacity=0, aria=False)
        .encode(
            x=alt.X("left:Q"),
            x2=alt.X2("right:Q"),
            y=alt.YValue(0),
            y2=alt.Y2Value("height"),
            tooltip=tips,
        )
    )
    return [*layers, catch]


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
