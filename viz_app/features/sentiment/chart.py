"""A sentence word by word: the answer so far, what each word changed, and the gates below.

All panels share the time axis and what the pointer does, see `viz_app.kit.chart.gates`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import altair as alt

from viz_app.features.sentiment.chart_data import (
    MOVED,
    SCORES,
    SentenceData,
    SentimentWords,
    Signals,
    moved_rows,
    score_rows,
)
from viz_app.kit.chart.altair_fast import Chart, layered
from viz_app.kit.chart.gates import filled, gates_rows, stacked
from viz_app.kit.chart.gates_data import GatesShape
from viz_app.kit.chart.gates_fit import fit
from viz_app.kit.chart.gates_look import GatesLook
from viz_app.kit.chart.heatmap import MARGIN, MARKS, frames, hair_line, heatmap
from viz_app.kit.chart.input_panel import STRIP, letter_of, words_above
from viz_app.kit.chart.style import (
    INKS,
    STATE_TABLES,
    Theme,
    by_line,
    signal_colours,
    signal_dashes,
)
from viz_app.kit.chart.unit_lines import legend_beside, traces

HEIGHTS = {"score": 120, "change": 76, "moved": 88}
"""Of a figure's panels, in pixels."""

UP, DOWN = -2, 1
"""Places in the colours of signed values: towards praise, and towards blame."""

SHARES = {"score": 0.44, "change": 0.28, "moved": 0.28}
"""Of the height that is left for them on a page."""

SIGNED = "datum.value === 0 ? '0' : replace(format(datum.value, '+.1f'), '-', '−')"
"""A change with its sign, in Vega's expression language."""


def sentence_chart(
    data: SentenceData, words: SentimentWords, look: GatesLook, picked: tuple[int, int]
) -> alt.VConcatChart:
    """Draw a sentence as a value of its own, with that unit and that step picked at first."""
    shape = data.gates.shape
    heights = HEIGHTS | {"words": _top(data, look)}
    above = sum(heights.values()) + len(heights) * (1.35 * (look.type_size + 2) + 16)
    look = fit(replace(shape, strip=None), look, extra=above)
    chart = _template(shape, data.moving(), words, look, heights)
    return filled(chart, shape, words.gates, look, picked, _rows(data, look, picked[0]))


def words_spec(
    data: SentenceData, words: SentimentWords, look: GatesLook, height: int
) -> dict[str, Any]:
    """The sentence, the answer so far and what each word changed, without heatmaps, for a page.

    ``height`` is that of the whole picture in pixels.
    """
    still, size = replace(look, hover=False), look.type_size
    names = ("score", "change", *(["moved"] if data.moving() else []))
    top = _top(data, look)
    room = height - top - (len(names) + 1) * (1.35 * (size + 2) + 16)
    shares = {name: SHARES[name] for name in names}
    whole = sum(shares.values())
    heights = {name: round(room * share / whole) for name, share in shares.items()} | {"words": top}
    panels = _answers(data.gates.shape, data.moving(), words, still, heights, tips=True)
    chart = stacked(panels, still)
    rows = _rows(data, still, data.gates.shape.units[0])
    shown = (SCORES, MOVED, STRIP, MARKS)
    spec: dict[str, Any] = chart.to_dict(validate=False)
    return spec | {"datasets": {name: rows[name] for name in shown if name in rows}}


def _top(data: SentenceData, look: GatesLook) -> int:
    """Pixels of the words: upright where all of them have room, else slanted."""
    longest = max(map(len, map(str, data.gates.inputs)))
    slanted = longest * letter_of(look) > look.width / len(data.scores)
    return round((5.6 if slanted else 2.2) * look.type_size)


def _rows(data: SentenceData, look: GatesLook, unit: int) -> dict[str, Any]:
    answers = {SCORES: score_rows(data)}
    if data.moving():
        answers[MOVED] = moved_rows(data)
    return answers | gates_rows(data.gates, look, unit)


def _template(
    shape: GatesShape, moving: Signals, words: SentimentWords, look: GatesLook,
    heights: Mapping[str, int],
) -> alt.VConcatChart:  # fmt: skip
    panels = _answers(shape, moving, words, look, heights, tips=look.hover)
    panels += [heatmap(shape, number, words.gates, look) for number in range(len(shape.signals))]
    return stacked([*panels, *traces(shape, words.gates, look)], look)


def _answers(
    shape: GatesShape, moving: Signals, words: SentimentWords, look: GatesLook,
    heights: Mapping[str, int], *, tips: bool,
) -> list[alt.LayerChart]:  # fmt: skip
    """The words, and below them what is answered."""
    answers = {"score": _score(shape, words, look), "change": _change(shape, look)}
    if moving:
        answers["moved"] = _moved(shape, moving, look, within=look.fitted and tips)
    common = [frames(INKS[look.theme].accent), *hair_line(look)]
    common += _tips(words) if tips else []
    panels = [_spoken(shape, look, heights["words"])]
    for name, layers in answers.items():
        size = {"width": look.width, "height": heights[name]}
        panels.append(layered(*layers, *common, title=getattr(words, name), **size))
    return panels


def _spoken(shape: GatesShape, look: GatesLook, height: int) -> alt.LayerChart:
    """The words."""
    texts = words_above(shape, look, height)
    layers = [*texts, frames(INKS[look.theme].accent), *hair_line(look)]
    title = alt.TitleParams(shape.strip_label)
    return layered(*layers, title=title, width=look.width, height=height)


def _score(shape: GatesShape, words: SentimentWords, look: GatesLook) -> list[Any]:
    """The answer so far as a line, its points in the colour of the answer."""
    ink, rows = INKS[look.theme], Chart(alt.NamedData(SCORES))
    x = alt.X("time:Q", scale=shape.time_scale(), axis=None)
    scale = alt.Scale(domain=[0, 1], nice=False)
    y = alt.Y("score:Q", scale=scale, axis=_axis(look, values=[0, 0.5, 1], format=".1f", grid=True))
    names = [{"score": 1, "name": words.praise, "above": 0},
             {"score": 0, "name": words.blame, "above": 1}]  # fmt: skip
    half = Chart(alt.Data(values=[{"score": 0.5}]))
    sides = Chart(alt.Data(values=names))
    return [
        half.mark_rule(color=ink.quiet, strokeDash=[4, 3]).encode(y=y),
        *(
            sides.transform_filter(f"datum.above == {above}")
            .mark_text(
                align="right" if look.fitted else "left",
                dx=-4 if look.fitted else 8,
                dy=dy,
                color=_colours(look.theme)[above],
                fontWeight=600,
            )
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
    y = alt.Y("top:Q", scale=alt.Scale(nice=True), axis=_axis(look, tickCount=3, labelExpr=SIGNED))
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


def _moved(shape: GatesShape, moving: Signals, look: GatesLook, *, within: bool) -> list[Any]:
    """A line for how far each gate moved; their names stand ``within`` the plot, or beside it."""
    signals, labels = zip(*moving, strict=True)
    if within:
        legend = alt.Legend(
            title=None, symbolType="stroke", orient="bottom-right", direction="horizontal"
        )
    else:
        legend = legend_beside(dict(zip(labels, labels, strict=True)), look=look)
        legend["symbolType"] = "stroke"
    colours, dashes = signal_colours(signals, look.theme), signal_dashes(signals)
    colour, dash = by_line(labels, colours, dashes, legend)
    rows = Chart(alt.NamedData(MOVED))
    x = alt.X("time:Q", scale=shape.time_scale(), axis=None)
    y = alt.Y("value:Q", scale=alt.Scale(zero=True), axis=_axis(look, tickCount=3))
    return [
        rows.mark_line().encode(x=x, y=y, color=colour, strokeDash=dash),
        rows.mark_point(filled=True, size=36, opacity=1).encode(x=x, y=y, color=colour),
    ]


def _tips(words: SentimentWords) -> list[Any]:
    """What is told of the word under the pointer."""
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


def _axis(look: GatesLook, **settings: Any) -> alt.Axis:
    """A value axis that takes the common left margin."""
    size, margin = (look.type_size, look.margin) if look.fitted else (10, MARGIN)
    return alt.Axis(
        title=None, labelFontSize=size, domain=False, ticks=False, minExtent=margin,
        maxExtent=margin, **settings,
    )  # fmt: skip
