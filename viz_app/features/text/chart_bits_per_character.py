"""Bits per character: networks beside n-grams."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from viz_app.kit.chart.altair_fast import Chart, layered
from viz_app.kit.chart.lines import STYLES
from viz_app.kit.chart.style import INKS, config
from viz_app.kit.chart.window import Look

AXIS = 60
"""Pixels of the axis below."""


@dataclass(frozen=True)
class BitsBar:
    """One opponent: its name, its bits per character, whether it is a network, or the one seen."""

    name: str
    bits: float
    network: bool
    chosen: bool = False


def bits_chart(bars: Sequence[BitsBar], title: str, look: Look) -> alt.LayerChart:
    """Draw a bar each for a page, the shortest first.

    Parameters
    ----------
    bars, title, look
        What, what the axis measures, in which colours and for which window.
    """
    size, theme = look.window.type_size, look.theme
    beyond = 1.08 if look.window.width > 500 else 1.25  # there a number stands
    row = min(2.3 * size, (look.window.height - AXIS) / len(bars))
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
        axis=alt.Axis(title=None, labelLimit=0.4 * look.window.width, ticks=False, domain=False),
    )
    most = max(bar.bits for bar in bars)
    x = alt.X(
        "bits:Q",
        scale=alt.Scale(domain=[0, beyond * most], nice=False),
        axis=alt.Axis(title=title, tickCount=6),
    )
    colour = alt.Color("colour:N", scale=None)
    marks: list[Any] = [
        data.mark_bar(size=0.55 * row).encode(x=x, y=y, color=colour),
        data.mark_text(align="left", dx=5, fontWeight=600, fontSize=size).encode(
            x=x, y=y, text=alt.Text("bits:Q", format=".2f"), color=alt.value(ink.text)
        ),
    ]
    return layered(
        *marks, width="container", height=row * len(rows) + AXIS,
        config=alt.Config(**config(theme, size)),
    )  # fmt: skip
