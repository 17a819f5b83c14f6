"""Bits per character: networks beside n-grams, and a network while it learns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor, isfinite
from typing import Any

import altair as alt

from viz_app.kit.chart.altair_fast import Chart, layered
from viz_app.kit.chart.lines import STYLES
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
    ink, network = INKS[theme], STYLES[1].colour(theme)
    ranked = sorted(bars, key=lambda bar: bar.bits)
    rows = [
        {
            "name": bar.name,
            "bits": bar.bits,
            "colour": ink.accent if bar.chosen else network if bar.network else ink.quiet,
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


def curve_chart(
    bits: Mapping[int, float],
    levels: Mapping[str, float],
    last: int,
    *,
    step: str,
    title: str,
    theme: Theme = "light",
    width: int | str = 760,
) -> alt.LayerChart:
    """Draw a line over the training steps, and a thin named rule at each level.

    Parameters
    ----------
    bits
        Bits per character on unseen text, by training step.
    levels
        What it is measured against, by name.
    last
        The right end of the axis.
    step, title
        The axes' titles.
    theme, width
        As of `bits_chart`.
    """  # fmt: skip
    ink = INKS[theme]
    # a run that blew up has no numbers any more
    rows = [{"step": at, "bits": value} for at, value in bits.items() if isfinite(value)]
    low = floor(min([*(row["bits"] for row in rows), *levels.values()]))
    x = alt.X(
        "step:Q",
        scale=alt.Scale(domain=[0, max(last, 1)], nice=False),
        axis=alt.Axis(title=step, grid=False, tickCount=6, tickMinStep=1, format=",d"),
    )
    high = max(5.0, *levels.values()) + 0.2
    y = alt.Y(
        "bits:Q",
        scale=alt.Scale(domain=[float(low), high], nice=False, clamp=True),
        axis=alt.Axis(title=title, tickCount=6),
    )
    line = Chart(alt.Data(values=rows))
    tips = [
        alt.Tooltip("step:Q", title=step, format=","),
        alt.Tooltip("bits:Q", title=title, format=".2f"),
    ]
    named = [{"bits": level, "name": name} for name, level in levels.items()]
    rules, lowest = Chart(alt.Data(values=named)), min(levels.values())
    names = [
        rules.transform_filter(f"datum.bits {test} {lowest!r}")
        .mark_text(color=ink.quiet, align="right", dx=-3, dy=dy, fontSize=12)
        .encode(x=alt.XValue("width"), y=y, text=alt.Text("name:N"))
        for test, dy in (("<=", 9), (">", -7))  # the curve ends above the lowest
    ]
    marks: list[Any] = [
        rules.mark_rule(color=ink.quiet, strokeDash=[3, 3]).encode(y=y),
        *names,
        line.mark_line(color=ink.accent, strokeWidth=2.5).encode(x=x, y=y),
        line.mark_point(color=ink.accent, filled=True, size=36).encode(x=x, y=y, tooltip=tips),
    ]
    return layered(*marks, width=width, height=280, config=alt.Config(**config(theme)))
