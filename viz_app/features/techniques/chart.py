"""Two runs over the training steps: loss, gradient norm and learning rate on one axis."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from viz_app.features.techniques.chart_data import AidCurves
from viz_app.kit.chart.altair_fast import Chart, layered, vconcat
from viz_app.kit.chart.gradients import LINE_COLOURS, POWER, powers
from viz_app.kit.chart.heatmap import MARGIN
from viz_app.kit.chart.style import INKS, Theme, config

DASHES = ([1, 0], [4, 3])
"""The loss on unseen examples is drawn full, that of the training examples dashed."""

LOSS_HEIGHT, NORM_HEIGHT, RATE_HEIGHT = 250, 120, 90
BEGINNING = 0.1
"""The axis of the loss is made for what follows this share of the steps: at first it falls far."""

WIDE = 20.0
"""A loss that spans this factor is drawn on a log axis."""

WIDTHS = (4.5, 1.8)
"""The first line is wide, below the other: where both are the same, both are seen."""

LEAST_MARGIN = MARGIN + 24
"""Pixels for the numbers of an axis and its title, the same in every panel."""


@dataclass(frozen=True)
class AidWords:
    """The words on the chart, in the reader's language."""

    step: str
    loss: str
    norm: str
    rate: str
    side: str
    part: str
    value: str
    validation: str
    training: str
    best: str
    baseline: str
    clip: str


def aid_chart(
    data: AidCurves,
    words: AidWords,
    *,
    theme: Theme = "light",
    width: int = 860,
    rates: bool | None = None,
) -> alt.VConcatChart:
    """Draw both runs.

    Parameters
    ----------
    data, words
        What, in which words.
    theme, width
        Light or dark, and the width of the plots in pixels.
    rates
        Whether to draw the learning rate; None draws it where it changes.
    """
    with_rates = data.rates if rates is None else rates
    panels = [_loss(data, words, theme, width), _norm(data, words, theme, width, not with_rates)]
    if with_rates:
        panels.append(_rate(data, words, theme, width))
    chart = vconcat(*panels, config=alt.Config(**config(theme)))
    return chart.resolve_scale(color="independent", strokeDash="independent")


def _loss(data: AidCurves, words: AidWords, theme: Theme, width: int) -> alt.LayerChart:
    ink, names = INKS[theme], [side.name for side in data.sides]
    rows = _rows(data, {words.validation: "loss", words.training: "train_loss"})
    settled = rows["step"] >= BEGINNING * data.last
    scale, kind = _loss_scale(rows["value"][settled], data.baseline)
    x = _x(data, words, last=False)
    y = alt.Y("value:Q", scale=scale, axis=_axis(words.loss, log=kind == "log"))
    legend = alt.Legend(
        title=None, orient="top", symbolType="stroke", symbolSize=900, symbolOpacity=1
    )
    dash = alt.StrokeDash(
        "part:N",
        scale=alt.Scale(domain=[words.validation, words.training], range=list(DASHES)),
        legend=legend,
    )
    lines = Chart(rows)
    colour = _colour(names, theme, legend)
    baseline = Chart(alt.Data(values=[{"value": data.baseline, "text": words.baseline}]))
    best = pd.DataFrame(
        [
            {"side": side.name, "step": side.best, "value": float(np.nanmin(_finite(side.loss)))}
            for side in data.sides
            if np.isfinite(side.loss).any()
        ]
    )
    tips = [
        alt.Tooltip("side:N", title=words.side),
        alt.Tooltip("step:Q", title=words.best, format=","),
        alt.Tooltip("value:Q", title=words.value, format=".4~g"),
    ]
    layers: list[Any] = [
        *_strokes(lines, x=x, y=y, color=colour, strokeDash=dash),
        lines.mark_point(size=90, opacity=0, clip=True).encode(
            x=x, y=y, tooltip=_tips(words, parts=True)
        ),
        Chart(best)
        .mark_point(filled=True, size=110, opacity=1, stroke=ink.background, strokeWidth=1)
        .encode(x=x, y=y, color=_colour(names, theme, None), tooltip=tips),
    ]
    if scale.domain[0] <= data.baseline <= scale.domain[1]:
        layers = [*_rule(baseline, ink.quiet, y), *layers]
    return layered(*layers, title=words.loss, width=width, height=LOSS_HEIGHT)


def _norm(data: AidCurves, words: AidWords, theme: Theme, width: int, last: bool) -> alt.LayerChart:
    rows = _rows(data, {"": "norm"}, positive=True)
    ends = [*rows["value"], *([] if data.clip is None else [data.clip])] or [0.1, 1.0]
    low, high = np.floor(np.log10(min(ends))), np.ceil(np.log10(max(ends)))
    domain = (float(10**low), float(10 ** max(high, low + 1)))
    y = alt.Y(
        "value:Q",
        scale=alt.Scale(type="log", domain=list(domain), nice=False, clamp=True),
        axis=_axis(words.norm, log=True, values=powers(domain)),
    )
    layers = _lines(data, rows, words, theme, _x(data, words, last=last), y)
    if data.clip is not None:
        clip = Chart(alt.Data(values=[{"value": data.clip, "text": words.clip}]))
        layers = [*_rule(clip, INKS[theme].text, y, right=False), *layers]
    return layered(*layers, title=words.norm, width=width, height=NORM_HEIGHT)


def _rate(data: AidCurves, words: AidWords, theme: Theme, width: int) -> alt.LayerChart:
    rows = _rows(data, {"": "rate"}, positive=True)
    low, high = float(rows["value"].min()), float(rows["value"].max())
    y = alt.Y(
        "value:Q",
        scale=alt.Scale(type="log", domain=[low / 1.5, high * 1.5], nice=False),
        axis=_axis(words.rate, log=False, values=sorted({low, high}), form=".2~g"),
    )
    layers = _lines(data, rows, words, theme, _x(data, words, last=True), y, "step-after")
    return layered(*layers, title=words.rate, width=width, height=RATE_HEIGHT)


def _lines(
    data: AidCurves,
    rows: pd.DataFrame,
    words: AidWords,
    theme: Theme,
    x: alt.X,
    y: alt.Y,
    interpolate: str = "linear",
) -> list[Any]:
    """A line a side."""
    names = [side.name for side in data.sides]
    colour = _colour(names, theme, None)
    lines = Chart(rows)
    return [
        *_strokes(lines, interpolate, x=x, y=y, color=colour),
        lines.mark_point(size=90, opacity=0).encode(x=x, y=y, tooltip=_tips(words)),
    ]


def _strokes(lines: alt.Chart, interpolate: Any = "linear", **encoding: Any) -> list[Any]:
    """Each side's lines in their width."""
    return [
        lines.transform_filter(f"datum.wide === {wide}")
        .mark_line(interpolate=interpolate, strokeWidth=wide, clip=True)
        .encode(**encoding)
        for wide in WIDTHS
    ]


def _rule(chart: alt.Chart, colour: str, y: alt.Y, *, right: bool = True) -> list[Any]:
    """A level line and its name at one end."""
    side: dict[str, Any] = {"align": "right", "dx": -2} if right else {"align": "left", "dx": 2}
    return [
        chart.mark_rule(color=colour, strokeWidth=1, strokeDash=[3, 3]).encode(y=y),
        chart.mark_text(color=colour, baseline="bottom", dy=-3, fontSize=12, **side).encode(
            x=alt.XValue("width" if right else 0), y=y, text=alt.Text("text:N")
        ),
    ]


def _x(data: AidCurves, words: AidWords, *, last: bool) -> alt.X:
    axis = alt.Axis(
        title=words.step if last else None, labels=last, ticks=last, grid=False, tickMinStep=1,
        tickCount=8, format=",d",
    )  # fmt: skip
    return alt.X("step:Q", scale=alt.Scale(domain=[0, data.last], nice=False), axis=axis)


def _axis(
    title: str, *, log: bool, values: Sequence[float] | None = None, form: str = ".3~g"
) -> alt.Axis:
    settings: dict[str, Any] = {"labelExpr": POWER} if log else {"format": form}
    if values is not None:
        settings["values"] = list(values)
    return alt.Axis(
        title=None, tickCount=4, minExtent=LEAST_MARGIN, maxExtent=LEAST_MARGIN, **settings
    )


def _colour(names: Sequence[str], theme: Theme, legend: alt.Legend | None) -> alt.Color:
    scale = alt.Scale(domain=list(names), range=list(LINE_COLOURS[theme][: len(names)]))
    return alt.Color("side:N", scale=scale, legend=legend)


def _tips(words: AidWords, parts: bool = False) -> list[alt.Tooltip]:
    return [
        alt.Tooltip("side:N", title=words.side),
        *([alt.Tooltip("part:N", title=words.part)] if parts else []),
        alt.Tooltip("step:Q", title=words.step, format=","),
        alt.Tooltip("value:Q", title=words.value, format=".4~g"),
    ]


def _loss_scale(values: pd.Series, baseline: float) -> tuple[alt.Scale, str]:
    """Linear from just below to just above all losses; logarithmic where they lie far apart."""
    if values.empty:
        return alt.Scale(domain=[0.0, 2 * baseline or 1.0], nice=False), "linear"
    low, high = float(values.min()), float(values.max())
    if low > 0 and high / low > WIDE:
        ends = [10.0 ** np.floor(np.log10(low)), 10.0 ** np.ceil(np.log10(high))]
        return alt.Scale(type="log", domain=ends, nice=False, clamp=True), "log"
    room = 0.05 * (high - low) or 0.5
    return alt.Scale(domain=[max(0.0, low - room), high + room], nice=False, zero=False), "linear"


def _finite(values: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(values), values, np.nan)


def _rows(data: AidCurves, fields: dict[str, str], positive: bool = False) -> pd.DataFrame:
    """One row a side, part and evaluation; what is not a number is left out."""
    frames = [
        pd.DataFrame(
            {"side": side.name, "part": part, "step": side.steps, "value": getattr(side, name)}
            | {"wide": wide}
        )
        for side, wide in zip(data.sides, WIDTHS, strict=False)
        for part, name in fields.items()
    ]
    rows = pd.concat(frames, ignore_index=True)
    values = rows["value"]
    return rows[np.isfinite(values) & ((values > 0) | (not positive))].reset_index(drop=True)
