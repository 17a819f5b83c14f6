"""A small colour scale at the right end of a panel's title line, so that it needs no column."""

import math
from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np

from viz_app.kit.chart.altair_fast import Chart
from viz_app.kit.chart.gates_data import GatesWords, SignalStyle
from viz_app.kit.chart.gates_look import GatesLook
from viz_app.kit.chart.raster import line_inks
from viz_app.kit.chart.style import table

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
SPACE = 7
"""Pixels between the bar and what stands at its ends."""


KEEPER = "update_gate"
"""The gate that keeps where it is 1: "open" would read as "writes"."""


def scale_bar(signal: SignalStyle, words: GatesWords, look: GatesLook) -> list[alt.Chart]:
    """The colours of a signal from low to high, made of the same table as the pixels."""
    low, high = ends(signal, words)
    size = look.type_size
    right = look.letters(high) + SPACE
    left = right + bar_width(look)
    middle = look.heading
    one = Chart(alt.Data(values=[{}]))
    colours = table(signal.kind, look.theme)

    def bar(colours: Sequence[str], end: float, high: float) -> alt.Chart:
        return one.mark_rect(
            xOffset=-left, x2Offset=end, y=middle - high / 2, y2=middle + high / 2,
            fill=_blend(colours), stroke=None, aria=False,
        ).encode(x=alt.XValue("width"), x2=alt.X2Value("width"))  # fmt: skip

    bars = [bar(colours.colours, -right, 0.64 * size)]
    if signal.kind == "state":  # as in the map, a line through what is below zero
        below = colours.rgb(np.linspace(0, 0.5, len(colours.colours)))
        inks = [f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in line_inks(below)]
        bars.append(bar(inks, -right - bar_width(look) / 2, 0.1 * size))
    texts = [
        one.mark_text(align="right", baseline="middle", dx=offset, y=middle, aria=False).encode(
            x=alt.XValue("width"), text=alt.TextValue(text)
        )
        for text, offset in ((high, 0), (low, -left - SPACE))
    ]
    return [*bars, *texts]


def _blend(colours: Sequence[str]) -> Any:
    """Colours from left to right."""
    stops = [
        {"offset": place / (len(colours) - 1), "color": colour}
        for place, colour in enumerate(colours)
    ]
    return {"gradient": "linear", "x1": 0, "x2": 1, "y1": 0, "y2": 0, "stops": stops}


def bar_width(look: GatesLook) -> float:
    """Pixels of the bar itself."""
    return min(0.12 * look.width, 8 * look.type_size)


def room(signal: SignalStyle, words: GatesWords, look: GatesLook) -> float:
    """Pixels of the title's line that the scale takes."""
    return sum(map(look.letters, ends(signal, words))) + bar_width(look) + 4 * SPACE


def ends(signal: SignalStyle, words: GatesWords) -> tuple[str, str]:
    """What stands at the ends: of an open scale, at most and at least."""
    if signal.name == KEEPER:
        return words.overwrites, words.keeps
    if signal.kind == "gate":
        return words.shut, words.open
    if signal.kind == "gradient":
        low, high = (round(math.log10(end)) for end in (signal.low, signal.bound))
        return f"≤ {_power(low)}", _power(high)
    number = f"{signal.bound:.1f}" if signal.bound >= 0.1 else f"{signal.bound:.2g}"
    return (f"≤ −{number}", f"≥ {number}") if signal.open_ended else (f"−{number}", number)


def _power(exponent: int) -> str:
    return "10" + str(exponent).translate(SUPERSCRIPTS)
