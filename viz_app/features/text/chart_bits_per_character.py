"""Bits per character: networks beside n-grams."""

from collections.abc import Sequence
from dataclasses import dataclass
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
