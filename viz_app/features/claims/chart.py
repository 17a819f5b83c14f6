"""Claims: lines over training steps, a lag, or what was varied, beside a thin line to compare."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import altair as alt
import numpy as np
import pandas as pd

from viz_app.kit.chart.altair_fast import Chart, hconcat, layered
from viz_app.kit.chart.gradients import LINE_COLOURS, LINE_DASHES, POWER
from viz_app.kit.chart.style import INKS, Theme, config

Scale = Literal["linear", "log", "share", "powers"]
HEIGHT = 300
FORMATS: dict[Scale, str] = {
    "linear": ",~f", "log": ",.3~r", "share": ".0%", "powers": ".2e",
}  # fmt: skip
"""How a scale writes its numbers, in D3's language: whole, three digits, per cent, powers."""


@dataclass(frozen=True)
class ClaimLine:
    """One line; each array is (x,).

    Attributes
    ----------
    name
        As a person reads it.
    style
        Which colour and dash it takes.
    run
        What tells it from other lines of that name, as a seed; empty when it stands alone.
    x, value, low, high
        The line and its band.
    """

    name: str
    style: int
    run: str
    x: np.ndarray
    value: np.ndarray
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True)
class ClaimAxis:
    """An axis: its title with units, its scale, its ends; ``ticks`` where they are few."""

    title: str
    scale: Scale
    ends: tuple[float, float]
    ticks: tuple[float, ...] = ()


@dataclass(frozen=True)
class ClaimPanel:
    """Lines on the same axes, and a level to compare them with.

    Attributes
    ----------
    title
        Empty when there is only one panel.
    lines
        In order.
    x, y
        The axes.
    level
        A thin labelled line: its height and its name; None for none.
    points
        Whether the values are few, and stand as points too.
    """

    title: str
    lines: tuple[ClaimLine, ...]
    x: ClaimAxis
    y: ClaimAxis
    level: tuple[float, str] | None = None
    points: bool = False


@dataclass(frozen=True)
class ClaimWords:
    """The words under the pointer, in the reader's language."""

    line: str
    run: str
    band: str


def claim_panel(
    panel: ClaimPanel,
    names: Sequence[tuple[str, int]],
    words: ClaimWords,
    *,
    theme: Theme,
    width: int | str = "container",
    legend: bool = False,
    axis: bool = True,
) -> alt.LayerChart:
    """Draw one panel.

    Parameters
    ----------
    panel, names, words
        What to draw; all lines of all panels with their styles; the words on it.
    theme, width
        Light or dark; in pixels.
    legend, axis
        Whether it carries the legend, and the vertical axis' title.
    """
    domain, styles = [name for name, _ in names], [style for _, style in names]
    keys = None
    if legend:
        keys = alt.Legend(title=None, orient="top", columns=len(names), symbolType="stroke")
    colours = [LINE_COLOURS[theme][style] for style in styles]
    dashes = [list(LINE_DASHES[style]) for style in styles]
    colour = alt.Color("line:N", scale=alt.Scale(domain=domain, range=colours), legend=keys)
    dash = alt.StrokeDash("line:N", scale=alt.Scale(domain=domain, range=dashes), legend=keys)
    x = alt.X("x:Q", scale=_scale(panel.x), axis=_axis(panel.x, True))
    y = alt.Y("value:Q", scale=_scale(panel.y), axis=_axis(panel.y, axis))
    tips = [
        alt.Tooltip("line:N", title=words.line),
        alt.Tooltip("run:N", title=words.run),
        alt.Tooltip("x:Q", title=panel.x.title, format=FORMATS[panel.x.scale]),
        alt.Tooltip("value:Q", title=panel.y.title, format=FORMATS[panel.y.scale]),
        alt.Tooltip("band:N", title=words.band),
    ]
    rows = Chart(_rows(panel))
    detail = alt.Detail("run:N")
    layers: list[Any] = [*_level(panel, INKS[theme].quiet)]
    if any((line.low < line.high).any() for line in panel.lines):
        ends = {"y": alt.Y("low:Q"), "y2": alt.Y2("high:Q")}
        layers.append(rows.mark_area(opacity=0.15, clip=True).encode(x=x, color=colour, **ends))
    layers.append(
        rows.mark_line(strokeWidth=2.2, clip=True).encode(
            x=x, y=y, color=colour, strokeDash=dash, detail=detail
        )
    )
    if panel.points:
        layers.append(rows.mark_point(filled=True, size=46).encode(x=x, y=y, color=colour))
    hover = rows.mark_point(size=120, opacity=0, clip=True)
    layers.append(hover.encode(x=x, y=y, tooltip=tips))
    title = {"title": panel.title} if panel.title else {}
    return layered(*layers, width=width, height=HEIGHT, **title)


def claim_chart(
    panels: Sequence[ClaimPanel], words: ClaimWords, *, theme: Theme = "light", width: int = 320
) -> alt.HConcatChart:
    """All panels as one figure with a legend; ``width`` is that of one panel."""
    names = line_names(panels)
    drawn = [
        claim_panel(
            panel, names, words, theme=theme, width=width, legend=number == 0, axis=number == 0
        )
        for number, panel in enumerate(panels)
    ]
    return hconcat(*drawn, config=alt.Config(**config(theme)))


def line_names(panels: Sequence[ClaimPanel]) -> list[tuple[str, int]]:
    """Every line's name and style, once."""
    return list({line.name: line.style for panel in panels for line in panel.lines}.items())


def _scale(axis: ClaimAxis) -> alt.Scale:
    kind = "log" if axis.scale in ("log", "powers") else "linear"
    return alt.Scale(type=kind, domain=list(axis.ends), nice=False)


def _axis(axis: ClaimAxis, titled: bool) -> alt.Axis:
    settings: dict[str, Any] = {"title": axis.title if titled else None, "grid": False}
    if axis.scale == "powers":
        settings |= {"labelExpr": POWER, "tickCount": 5}
    else:
        settings |= {"format": FORMATS[axis.scale], "tickCount": 5}
    if axis.ticks:
        settings["values"] = list(axis.ticks)
    return alt.Axis(**settings)


def _level(panel: ClaimPanel, colour: str) -> list[alt.Chart]:
    """A thin line over the whole width, its name at its right end, clear of lines that run on it.

    Losses fall from it, so its name stands above; right answers rise, so it stands below.
    """
    if panel.level is None:
        return []
    height, name = panel.level
    low, high = panel.x.ends
    ends = Chart(alt.Data(values=[{"x": low, "value": height}, {"x": high, "value": height}]))
    text = Chart(alt.Data(values=[{"x": high, "value": height, "label": name}]))
    x, y = alt.X("x:Q"), alt.Y("value:Q")
    return [
        ends.mark_line(color=colour, strokeWidth=1, strokeDash=[3, 3]).encode(x=x, y=y),
        text.mark_text(
            color=colour,
            align="right",
            baseline="middle",
            dx=-4,
            fontSize=12,
            dy=18 if panel.y.scale == "share" else -18,
        ).encode(x=x, y=y, text=alt.Text("label:N")),
    ]


def _rows(panel: ClaimPanel) -> pd.DataFrame:
    form = {"share": ".0%", "powers": ".2e"}.get(panel.y.scale, ",.3g")

    def band(low: float, high: float) -> str:
        return f"{low:{form}} … {high:{form}}" if low < high else "–"

    return pd.concat(
        pd.DataFrame(
            {"line": line.name, "run": line.run or "–", "x": line.x, "value": line.value}
            | {"low": line.low, "high": line.high}
        ).assign(band=[band(*ends) for ends in zip(line.low, line.high, strict=True)])
        for line in panel.lines
    )
