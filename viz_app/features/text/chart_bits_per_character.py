"""Bits per character: networks beside n-grams, and a network while it learns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np

from viz_app.kit.chart.altair_fast import Chart, layered
from viz_app.kit.chart.gradients import LINE_COLOURS
from viz_app.kit.chart.style import INKS, Theme, config

ROW = 30
"""Pixels for one bar."""


@dataclass(frozen=True)
class BitsBar:
    """One opponent: its name, its bits per character, whether it is a network, or the one seen."""

    name: str
    bits: float
    network: bool
    chosen: bool = False


def bits_chart(
    bars: Sequence[BitsBar], title: str, *, theme: Theme = "light", width: int | str = 760
) -> alt.LayerChart:
    """Draw a bar each, the shortest first.

    Parameters
    ----------
    bars, title, theme
        What, what the axis measures, and in which colours.
    width
        Of the plot in pixels, or ``"container"``.
    """
    ink, line = INKS[theme], LINE_COLOURS[theme]
    ranked = sorted(bars, key=lambda bar: bar.bits)
    rows = [
        {
            "name": bar.name,
            "bits": bar.bits,
            "colour": ink.accent if bar.chosen else line[1] if bar.network else ink.quiet,
        }
        for bar in ranked
    ]
    data = Chart(alt.Data(values=rows))
    y = alt.Y(
        "name:N",
        sort=[bar.name for bar in ranked],
        axis=alt.Axis(title=None, labelLimit=320, ticks=False, domain=False),
    )
    most = max(bar.bits for bar in bars)
    x = alt.X(
        "bits:Q",
        scale=alt.Scale(domain=[0, 1.08 * most], nice=False),
        axis=alt.Axis(title=title, tickCount=6),
    )
    colour = alt.Color("colour:N", scale=None)
    marks: list[Any] = [
        data.mark_bar(size=16).encode(x=x, y=y, color=colour),
        data.mark_text(align="left", dx=5, fontWeight=600).encode(
            x=x, y=y, text=alt.Text("bits:Q", format=".2f"), color=alt.value(ink.text)
        ),
    ]
    return layered(*marks, width=width, height=ROW * len(rows), config=alt.Config(**config(theme)))


@dataclass(frozen=True)
class BitsCurve:
    """A network while it learns.

    Attributes
    ----------
    steps, bits
        Training steps, and bits per character on unseen text at each.
    levels
        Names and bits of what it is measured against.
    last
        The right end of the axis.
    step, title
        The axes' titles.
    """

    steps: np.ndarray
    bits: np.ndarray
    levels: tuple[tuple[str, float], ...]
    last: int
    step: str
    title: str


def curve_chart(
    data: BitsCurve, *, theme: Theme = "light", width: int | str = 760
) -> alt.LayerChart:
    """Draw a line over the training steps, and a thin named rule at each level."""
    ink = INKS[theme]
    known = np.isfinite(data.bits)  # a run that blew up has no numbers any more
    low = np.floor(min([*data.bits[known], *(level for _, level in data.levels)]))
    x = alt.X(
        "step:Q",
        scale=alt.Scale(domain=[0, max(data.last, 1)], nice=False),
        axis=alt.Axis(title=data.step, grid=False, tickCount=6, tickMinStep=1, format=",d"),
    )
    high = max(5.0, *(level for _, level in data.levels)) + 0.2
    y = alt.Y(
        "bits:Q",
        scale=alt.Scale(domain=[float(low), high], nice=False, clamp=True),
        axis=alt.Axis(title=data.title, tickCount=6),
    )
    rows = [
        {"step": int(step), "bits": float(bits)}
        for step, bits in zip(data.steps[known], data.bits[known], strict=True)
    ]
    line = Chart(alt.Data(values=rows))
    tips = [
        alt.Tooltip("step:Q", title=data.step, format=","),
        alt.Tooltip("bits:Q", title=data.title, format=".2f"),
    ]
    levels = Chart(alt.Data(values=[{"bits": level, "name": name} for name, level in data.levels]))
    lowest = min(level for _, level in data.levels)
    names = [
        levels.transform_filter(f"datum.bits {test} {lowest!r}")
        .mark_text(color=ink.quiet, align="right", dx=-3, dy=dy, fontSize=12)
        .encode(x=alt.XValue("width"), y=y, text=alt.Text("name:N"))
        for test, dy in (("<=", 9), (">", -7))  # the curve ends above the lowest
    ]
    marks: list[Any] = [
        levels.mark_rule(color=ink.quiet, strokeDash=[3, 3]).encode(y=y),
        *names,
        line.mark_line(color=ink.accent, strokeWidth=2.5).encode(x=x, y=y),
        line.mark_point(color=ink.accent, filled=True, size=36).encode(x=x, y=y, tooltip=tips),
    ]
    return layered(*marks, width=width, height=280, config=alt.Config(**config(theme)))
