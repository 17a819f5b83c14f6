"""Retention: a number against the delay, one panel a cell, one line an initialization."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import altair as alt
import numpy as np
import pandas as pd

from viz_app.kit.chart.altair_fast import Chart, hconcat, layered, vconcat
from viz_app.kit.chart.gradients import LINE_COLOURS, LINE_DASHES, POWER
from viz_app.kit.chart.style import INKS, Theme, by_line, config

Measure = Literal["accuracy", "solved_at", "half_life", "gate_left", "gradient_left"]
HEIGHTS: dict[Measure, int] = {
    "accuracy": 270, "solved_at": 220, "half_life": 230, "gate_left": 200, "gradient_left": 200
}  # fmt: skip
SHARES = ("gate_left", "gradient_left")
"""Measures on a log axis of powers of ten."""


@dataclass(frozen=True)
class RetentionLine:
    """One initialization of a cell.

    Attributes
    ----------
    name
        As a person reads it.
    style
        Which colour and dash it takes, the same in all panels.
    delays, middle, low, high
        The line over the delays and its band; NaN leaves a delay out, infinite ends draw no band,
        an infinite upper end alone one to the end of the axis.
    points
        One row a run: ``delay``, ``value`` and ``seed``; ``reached`` is False for a run that
        never came there and is drawn as a cross at the value.
    """

    name: str
    style: int
    delays: np.ndarray
    middle: np.ndarray
    low: np.ndarray
    high: np.ndarray
    points: pd.DataFrame


@dataclass(frozen=True)
class RetentionPanel:
    """One cell and measure.

    Attributes
    ----------
    title
        The cell.
    measure
        Which number: it decides scale and axis.
    lines
        From the first initialization to the last.
    delays
        All delays of the experiment, for the axis.
    top, bottom
        The ends of the axis.
    reference
        A thin labelled line: guessing's accuracy, the cap on steps, the delay itself, or 1.
    """

    title: str
    measure: Measure
    lines: tuple[RetentionLine, ...]
    delays: tuple[int, ...]
    top: float
    bottom: float = 0.0
    reference: float | None = None


@dataclass(frozen=True)
class RetentionWords:
    """The words on the chart, in the reader's language."""

    delay: str
    line: str
    seed: str
    band: str
    accuracy: str
    solved_at: str
    half_life: str
    gate_left: str
    gradient_left: str
    reference_accuracy: str
    reference_solved_at: str
    reference_half_life: str
    reference_gradient_left: str


def retention_panel(
    panel: RetentionPanel,
    words: RetentionWords,
    *,
    theme: Theme,
    width: int | str = "container",
    axis: bool = True,
) -> alt.LayerChart:
    """Draw one panel; ``axis`` says whether it carries the vertical axis' title."""
    ink = INKS[theme]
    names = [line.name for line in panel.lines]
    styles = [line.style for line in panel.lines]
    colour, dash = by_line(
        names,
        [LINE_COLOURS[theme][k] for k in styles],
        [LINE_DASHES[k] for k in styles],
        None,
    )
    ends = [min(panel.delays) / 1.25, max(panel.delays) * 1.25]
    x = alt.X(
        "delay:Q",
        scale=alt.Scale(type="log", domain=ends, nice=False),
        axis=alt.Axis(title=words.delay, values=list(panel.delays), grid=False, format="d"),
    )
    y = alt.Y("middle:Q", **_vertical(panel, words, axis))
    value = getattr(words, panel.measure)
    form = ".0%" if panel.measure == "accuracy" else ",.4~g"
    tips = [
        alt.Tooltip("line:N", title=words.line),
        alt.Tooltip("delay:Q", title=words.delay),
        alt.Tooltip("middle:Q", title=value, format=form),
        alt.Tooltip("band:N", title=words.band),
    ]
    seen = [
        alt.Tooltip("line:N", title=words.line),
        alt.Tooltip("delay:Q", title=words.delay),
        alt.Tooltip("seed:Q", title=words.seed),
        alt.Tooltip("middle:Q", title=value, format=form),
    ]
    rows, points = Chart(_rows(panel, form)), Chart(_points(panel))
    layers: list[Any] = [
        *_reference(panel, words, ink.quiet),
        rows.mark_area(opacity=0.15).encode(
            x=x, y=alt.Y("low:Q"), y2=alt.Y2("high:Q"), color=colour
        ),
        rows.mark_line(strokeWidth=2.4).encode(x=x, y=y, color=colour, strokeDash=dash),
        points.transform_filter("datum.reached")
        .mark_point(filled=True, size=28, opacity=0.75)
        .encode(x=x, y=y, color=colour, tooltip=seen),
        points.transform_filter("!datum.reached")
        .mark_text(text="×", fontSize=15, opacity=0.8)
        .encode(x=x, y=y, color=colour, tooltip=seen),
        rows.mark_point(size=260, opacity=0).encode(x=x, y=y, tooltip=tips),
    ]
    return layered(*layers, title=panel.title, width=width, height=HEIGHTS[panel.measure])


def retention_chart(
    rows: Sequence[Sequence[RetentionPanel]],
    words: RetentionWords,
    *,
    theme: Theme = "light",
    width: int = 250,
) -> alt.VConcatChart:
    """All panels as one figure with a legend; ``width`` is that of one panel."""
    drawn = [
        hconcat(
            *(
                retention_panel(panel, words, theme=theme, width=width, axis=number == 0)
                for number, panel in enumerate(row)
            )
            # panels name their own lines only: in one scale, the first panel's few would be all
        ).resolve_scale(color="independent", strokeDash="independent")
        for row in rows
    ]
    chart = vconcat(_legend(rows, theme), *drawn, config=alt.Config(**config(theme)))
    return chart.resolve_scale(color="independent", strokeDash="independent")


def line_names(rows: Sequence[Sequence[RetentionPanel]]) -> dict[str, int]:
    """Every line's name and style, once, in the order of the styles."""
    found = {line.name: line.style for row in rows for panel in row for line in panel.lines}
    return dict(sorted(found.items(), key=lambda pair: pair[1]))


def _vertical(panel: RetentionPanel, words: RetentionWords, axis: bool) -> dict[str, Any]:
    title = getattr(words, panel.measure) if axis else None
    if panel.measure == "accuracy":
        scale = alt.Scale(domain=[0, 1], nice=False)
        return {"scale": scale, "axis": alt.Axis(title=title, format=".0%", tickCount=5)}
    if panel.measure == "half_life":
        scale = alt.Scale(type="log", domain=[panel.bottom, panel.top], nice=False, clamp=True)
        return {"scale": scale, "axis": alt.Axis(title=title, format="~g", tickCount=4, grid=False)}
    if panel.measure in SHARES:
        scale = alt.Scale(type="log", domain=[panel.bottom, panel.top], nice=False, clamp=True)
        ends = round(np.log10(panel.bottom)), round(np.log10(panel.top))
        powers = [10.0**k for k in range(*ends, 1 + (ends[1] - ends[0]) // 5)] + [panel.top]
        return {"scale": scale, "axis": alt.Axis(title=title, values=powers, labelExpr=POWER)}
    scale = alt.Scale(domain=[panel.bottom, panel.top], nice=False)
    return {"scale": scale, "axis": alt.Axis(title=title, format=",d", tickCount=4)}


def _reference(panel: RetentionPanel, words: RetentionWords, colour: str) -> list[alt.Chart]:
    """A thin line and its name: level, or along delay = value."""
    if panel.reference is None:
        return []
    label = getattr(words, f"reference_{panel.measure}")
    low, high = min(panel.delays) / 1.25, max(panel.delays) * 1.25
    along = panel.measure == "half_life"
    ends = (
        [(low, low), (high, high)] if along else [(low, panel.reference), (high, panel.reference)]
    )
    data = alt.Data(values=[{"delay": x, "middle": y} for x, y in ends])
    base = Chart(data).encode(x=alt.X("delay:Q"), y=alt.Y("middle:Q"))
    # level: above it at the left; along the diagonal: below its upper end
    at = {"delay": high, "middle": ends[1][1]} if along else {"delay": low, "middle": ends[0][1]}
    text = Chart(alt.Data(values=[at | {"label": label}]))
    return [
        base.mark_line(color=colour, strokeWidth=1, strokeDash=[3, 3]),
        text.mark_text(
            color=colour,
            align="right" if along else "left",
            baseline="top" if along else "bottom",
            dx=-4 if along else 4,
            dy=14 if along else -3,
            fontSize=11,
        ).encode(x=alt.X("delay:Q"), y=alt.Y("middle:Q"), text=alt.Text("label:N")),
    ]


def _legend(rows: Sequence[Sequence[RetentionPanel]], theme: Theme) -> alt.LayerChart:
    """Each line's dash and colour beside its name, above all panels."""
    names = line_names(rows)
    entries = [
        {"x": 190 * number, "x2": 190 * number + 44, "name": name, "style": style}
        for number, (name, style) in enumerate(names.items())
    ]
    scale = alt.Scale(domain=[0, 600], nice=False)
    parts: list[alt.Chart] = []
    for entry in entries:
        data = Chart(alt.Data(values=[entry]))
        x = alt.X("x:Q", scale=scale, axis=None)
        parts.append(
            data.mark_rule(
                color=LINE_COLOURS[theme][entry["style"]],
                strokeDash=list(LINE_DASHES[entry["style"]]),
                strokeWidth=3,
            ).encode(x=x, x2=alt.X2("x2:Q"), y=alt.YValue(8))
        )
        parts.append(
            data.mark_text(align="left", dx=8).encode(
                x=alt.X("x2:Q", scale=scale, axis=None), y=alt.YValue(8), text=alt.Text("name:N")
            )
        )
    return layered(*parts, width=600, height=16)


def _rows(panel: RetentionPanel, form: str) -> pd.DataFrame:
    frames = [
        pd.DataFrame(
            {
                "line": line.name,
                "delay": line.delays,
                "middle": line.middle,
                # where the runs cannot tell an interval there is a line without a band
                "low": np.where(np.isfinite(line.low), line.low, line.middle),
                "high": np.where(_open(line), panel.top, _upper(line)),
                "band": _bands(line, form.endswith("%")),
            }
        ).dropna()
        for line in panel.lines
    ]
    return pd.concat(frames, ignore_index=True)


def _open(line: RetentionLine) -> np.ndarray:
    """Where an interval has no upper end, as too many runs were ended before."""
    return np.isfinite(line.low) & np.isposinf(line.high)


def _upper(line: RetentionLine) -> np.ndarray:
    return np.where(np.isfinite(line.high), line.high, line.middle)


def _bands(line: RetentionLine, percent: bool) -> list[str]:
    """The intervals as text; a dash where there is none."""

    def said(value: float) -> str:
        return f"{value:.0%}" if percent else f"{value:,.4g}"

    ends = zip(line.low, line.high, _open(line), strict=True)
    return [
        f"≥ {said(low)}" if beyond else f"{said(low)} … {said(high)}" if np.isfinite(low) else "–"
        for low, high, beyond in ends
    ]


def _points(panel: RetentionPanel) -> pd.DataFrame:
    frames = [
        line.points.rename(columns={"value": "middle"}).assign(line=line.name)
        for line in panel.lines
    ]
    return pd.concat(frames, ignore_index=True).dropna(subset=["middle"])
