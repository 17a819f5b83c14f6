"""Axes as values, and powers of ten on a log axis, written as people write them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

import altair as alt
import numpy as np

from viz_app.kit.chart.breadth import breadth, lines

POWER = "'10' + " + reduce(
    lambda text, pair: f"replace({text}, regexp('{pair[0]}', 'g'), '{pair[1]}')",
    zip("0123456789−-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻", strict=True),
    "format(log(datum.value) / LN10, '.0f')",
)
"""A power of ten as people write it, in Vega's expression language."""


@dataclass(frozen=True)
class Axis:
    """An axis.

    Attributes
    ----------
    title
        With its unit; empty for none.
    ends
        The same in panels that are to be compared.
    log
        Whether it is logarithmic; what is not positive is left out then.
    edge
        Whether what lies beyond an end stands on it instead; tips tell the value all the same.
    look
        Further settings of Vega-Lite's axis: ticks, their format, a grid.
    """

    title: str
    ends: tuple[float, float]
    log: bool = False
    edge: bool = False
    look: Mapping[str, Any] = field(default_factory=dict)

    def drawn(
        self, *, titled: bool = True, letters: int | None = None, **usual: Any
    ) -> dict[str, Any]:
        """An encoding's title, scale and axis.

        Parameters
        ----------
        titled
            Whether the axis has its title.
        letters
            So many of it fit in a line; None for any.
        usual
            Further settings of the axis, which ``look`` may overrule.
        """
        kind: dict[str, Any] = {"type": "log"} if self.log else {"zero": False}
        title: str | list[str] | None = self.title if titled and self.title else None
        if title and letters is not None:
            title = in_lines(self.title, letters)
        return {
            "title": self.title or alt.Undefined,  # of each mark too, for who cannot see it
            "scale": alt.Scale(domain=list(self.ends), nice=False, **kind),
            "axis": alt.Axis(title=title, **{**usual, **self.look}),
        }

    def within(self, values: np.ndarray) -> np.ndarray:
        """Values with those beyond an end on it."""
        return np.clip(values, *self.ends)


def in_lines(text: str, letters: int) -> str | list[str]:
    """A text in as many lines as it takes, of about equal length; one line is the text itself."""
    long = breadth(text)
    if long <= letters:
        return text
    count = math.ceil(long / max(letters, 1))
    full, even = lines(text, letters), lines(text, math.ceil(long / count) + 2)
    found = even if len(even) <= len(full) else full
    return found if len(found) > 1 else text


def share_axis(title: str = "") -> Axis:
    """From 0 to 100 %."""
    return Axis(title, (0.0, 1.0), look={"format": ".0%", "tickCount": 5})


def power_axis(title: str, ends: tuple[float, float], *, edge: bool = False) -> Axis:
    """A log axis whose ticks are powers of ten."""
    return Axis(title, ends, True, edge, {"labelExpr": POWER, "values": powers(ends)})


def powers(ends: tuple[float, float]) -> list[float]:
    """Whole powers of ten for the ticks of a log axis, seven at most: others have no such name."""
    low, high = (round(float(np.log10(end))) for end in ends)
    return [float(10.0**power) for power in range(low, high + 1, 1 + (high - low) // 7)]


def power_ends(values: Sequence[np.ndarray]) -> tuple[float, float]:
    """Whole powers of ten around all that is positive: one decade at least."""
    every = np.concatenate([np.ravel(each) for each in values])
    positive = every[np.isfinite(every) & (every > 0)]
    if not len(positive):
        return 0.1, 1.0
    low, high = np.floor(np.log10(positive.min())), np.ceil(np.log10(positive.max()))
    return float(10**low), float(10 ** max(high, low + 1))
