"""Lines over time, lag, delay or training steps, as values: panels, and how lines are told apart.

A room says what there is to see in `Panel`s; `viz_app.kit.chart.line_charts` draws them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from viz_app.kit.chart.axes import Axis
from viz_app.kit.chart.style import Theme


class Style(NamedTuple):
    """How a line is told from others: a colour a theme, a dash, and its width in pixels."""

    light: str
    dark: str
    dash: tuple[int, ...]
    width: float = 2.2

    def colour(self, theme: Theme) -> str:
        """The colour in a theme."""
        return self.light if theme == "light" else self.dark


STYLES = (
    Style("#5b6270", "#aab2c0", (6, 3)),
    Style("#1f77d0", "#63b0ff", (2, 2)),
    Style("#17864a", "#4fd08a", (10, 3, 2, 3)),
    Style("#c2185b", "#ff6fa5", (1, 0)),
)
"""For lines that have no style of their own, in the order in which they come."""

SIX_STYLES = (
    Style("#17864a", "#4fd08a", (12, 3)),
    Style("#c2185b", "#ff6fa5", (2, 2)),
    Style("#8e3bb0", "#d08cf0", (1, 0)),
    Style("#1f77d0", "#63b0ff", (6, 4)),
    Style("#a86600", "#ffb84d", (1, 0)),
    Style("#5b6270", "#aab2c0", (10, 3, 2, 3)),
)
"""For six lines, where two may have the same dash."""


class Tip(NamedTuple):
    """A row of what the pointer says: a field as Altair writes it, its name, D3's format."""

    field: str
    title: str
    form: str = ""


@dataclass(frozen=True)
class Line:
    """A line; each array is (x,). Where the value is no finite number, it is broken.

    Attributes
    ----------
    name
        As a person reads it; lines of one name look the same.
    x, value
        Where it goes.
    low, high
        Its band; where an end is no number there is none.
    told
        Further columns for tips, by name, one entry an x.
    style
        None for the place of its name among all of the chart.
    dots
        Whether the values are few, and stand as points too.
    """

    name: str
    x: np.ndarray
    value: np.ndarray
    low: np.ndarray | None = None
    high: np.ndarray | None = None
    told: Mapping[str, Sequence[Any] | np.ndarray] = field(default_factory=dict)
    style: Style | None = None
    dots: bool = False


@dataclass(frozen=True)
class Level:
    """A thin line to compare with, over the whole width, and its name at an end of it.

    Attributes
    ----------
    height, to
        At the left end, and at the right; None for the same.
    name
        Empty for none.
    left
        Whether the name stands at the left end, not at the right.
    dy
        Pixels from the line to the foot of its name, downwards.
    named_at
        From this height instead; None is the line's own.
    """

    height: float
    name: str = ""
    to: float | None = None
    left: bool = False
    dy: float = -3
    named_at: float | None = None


@dataclass(frozen=True)
class Points:
    """Symbols or letters in the lines' colours.

    Attributes
    ----------
    rows
        One a symbol: ``line``, ``x``, ``value``, for letters ``text``, and what tips tell.
    mark
        Vega-Lite's mark: its ``type``, ``point`` or ``text``, shape and size.
    tips
        What the pointer says of them; with none it passes over them.
    halo
        Whether the ground shines around them, so that lines do not cross them.
    """

    rows: pd.DataFrame
    mark: Mapping[str, Any]
    tips: Sequence[Tip] = ()
    halo: bool = False


@dataclass(frozen=True)
class Panel:
    """Lines on the same axes.

    Attributes
    ----------
    title
        Empty for none.
    lines, levels, points
        What is drawn.
    x, y
        The axes.
    tips
        What the pointer says of a line: fields ``line``, ``x``, ``value``, or such as it tells.
    height
        Of the plot in pixels.
    clip
        Whether what lies beyond the axes is cut off.
    curve
        How points are joined: ``"linear"``, ``"step-after"``.
    """

    title: str
    lines: Sequence[Line]
    x: Axis
    y: Axis
    tips: Sequence[Tip] = ()
    levels: Sequence[Level] = ()
    points: Sequence[Points] = ()
    height: int = 300
    clip: bool = False
    curve: str = "linear"


def legend(panels: Sequence[Panel], theme: Theme) -> list[tuple[str, str, tuple[int, ...]]]:
    """Name, colour and dash of every line that has another one beside it, or of all."""
    styles = styles_of(panels)
    return [(name, styles[name].colour(theme), styles[name].dash) for name in in_legend(panels)]


def styles_of(panels: Sequence[Panel]) -> dict[str, Style]:
    """Each line's name, once, in the order of the fullest panel, and how it looks."""
    fullest_first = sorted(panels, key=lambda panel: -len(panel.lines))
    lines = {line.name: line for panel in fullest_first for line in panel.lines}
    return {
        name: line.style or STYLES[place % len(STYLES)]
        for place, (name, line) in enumerate(lines.items())
    }


def in_legend(panels: Sequence[Panel]) -> list[str]:
    """Names of lines that have another one beside them; where none has, of all."""
    several = [panel for panel in panels if len({line.name for line in panel.lines}) > 1]
    return list(styles_of(several or panels))
