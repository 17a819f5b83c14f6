"""Panels of lines on a page: finished charts that fit its window, their legend, what each shows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import altair as alt
import numpy as np

from viz_app.kit.chart import line_charts
from viz_app.kit.chart.axes import Axis
from viz_app.kit.chart.fit import Fit, fit
from viz_app.kit.chart.lines import Line, Panel, in_legend, legend
from viz_app.kit.chart.style import Theme
from viz_app.kit.chart.window import Look
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.view import View, kept
from viz_app.kit.words import clauses, joined, number, spoken, three_digits
from viz_app.text import say

TURN = 0.15
"""A line that goes back by so much of its range turns there."""

SEEN = 0.03
"""And by so much of its axis, so that it is seen."""

MOST_TURNS = 4
"""Of a line with more it is said that it rises and falls."""

LEAST = 1e-300

Texts = tuple[str, str]
"""The keys of two texts: what a panel shows, and where one of its lines begins and ends."""


class PanelRow(NamedTuple):
    """Finished charts that stand side by side.

    Attributes
    ----------
    legend
        Name, colour and dash of each line.
    specs, alternatives
        The charts, and what each shows, for those who cannot see it.
    titles
        Of each chart, where there may be more than stand on a screen.
    place
        How they stand; None is all side by side.
    """

    legend: Sequence[tuple[str, str, Sequence[int]]]
    specs: Sequence[dict[str, Any]]
    alternatives: Sequence[str]
    titles: Sequence[str] = ()
    place: Fit | None = None


def panel_row(
    panels: Sequence[Panel], look: Look, texts: Texts, said: Callable[[float], Any] = float,
    least: int = 1,
) -> PanelRow:  # fmt: skip
    """Panels for a page, fitted to the reader's window.

    Parameters
    ----------
    panels, look
        What, and for which window.
    texts, said
        As in `alternative`.
    least
        A panel alone is as wide as one of so many.
    """
    place = fit(len(panels), look.window, in_legend(panels), least)
    return PanelRow(
        legend(panels, look.theme),
        line_charts.specs(panels, look, place=place),
        [alternative(panel, texts, said) for panel in panels],
        [panel.title or panel.y.title for panel in panels],
        place,
    )


def alternative(panel: Panel, texts: Texts, said: Callable[[float], Any] = float) -> str:
    """What each line does, for those who cannot see the panel; its title without any.

    Where it begins and ends, and where it turns in between.

    Parameters
    ----------
    panel
        What is drawn.
    texts
        The first is given ``panel``, ``x``, ``y`` (their titles) and ``lines``; the second of each
        line ``line``, ``first`` and ``last``, and the x of these, ``begin`` and ``end``.
    said
        From a value to what the second text is given of it.
    """
    told = []
    for name in dict.fromkeys(line.name for line in panel.lines):
        some = [line for line in panel.lines if line.name == name]
        some = [line for line in some if np.isfinite(line.value).any()]
        if len(some) > 1 and isinstance(said(0.0), str):
            told.append(_together(some, texts[1], said))
        else:
            told += [_alone(line, panel.y, texts[1], said) for line in some]
    if not told:
        return panel.title or panel.y.title
    titles = {"panel": panel.title, "x": panel.x.title, "y": panel.y.title}
    return say(texts[0], lines=clauses(told), **titles)


def _alone(line: Line, y: Axis, text: str, said: Callable[[float], Any]) -> str:
    """What one line does."""
    there = np.flatnonzero(np.isfinite(line.value))
    first, last = there[[0, -1]]
    values = {"first": said(line.value[first]), "last": said(line.value[last])}
    ends = {"begin": _place(line.x[first]), "end": _place(line.x[last])}
    whole = say(text, line=line.name, **values, **ends)
    return _between(whole, line.x[there], line.value[there], y, said)


def _together(lines: Sequence[Line], text: str, said: Callable[[float], Any]) -> str:
    """Where lines of one name begin and end, all of them."""
    ends: dict[str, str] = {}
    for name, place in (("first", 0), ("last", -1)):
        values = [line.value[np.isfinite(line.value)][place] for line in lines]
        low, high = said(min(values)), said(max(values))
        ends[name] = low if low == high else say("panels.range", low=low, high=high)
    name = say("panels.lines", line=lines[0].name, count=len(lines))
    begin, end = min(line.x[0] for line in lines), max(line.x[-1] for line in lines)
    return say(text, line=name, **ends, begin=_place(begin), end=_place(end))


def _place(x: float) -> float:
    """Where on the axis, without a point where that is a whole number: step 600, not 600.0."""
    return int(x) if float(x).is_integer() else float(x)


def _between(
    whole: str, x: np.ndarray, value: np.ndarray, y: Axis, said: Callable[[float], Any]
) -> str:
    """What a line does between its ends, added to what they are."""
    high, ends = value, np.array(y.ends)
    if y.log:
        high, ends = np.log10(np.maximum(value, LEAST)), np.log10(ends)
    turning = turns(high, SEEN * float(np.ptp(ends)))
    if not turning:
        return whole
    if len(turning) > MOST_TURNS:
        return say("panels.up_and_down", line=whole, count=(len(turning) + 1) // 2)
    named = []
    for place in turning:
        height = said(value[place])
        height = height if isinstance(height, str) else three_digits(height)
        named.append(say("panels.turn", value=height, x=number(float(x[place]))))
    return say("panels.between", line=whole, turns=joined(named))


def turns(value: np.ndarray, least: float = 0.0) -> list[int]:
    """Where a line turns back by `TURN` of all that it rises and falls, and by ``least``."""
    least = max(TURN * float(np.ptp(value)), least)
    turning: list[int] = []
    best, way = 0, 0  # the furthest place on the way, up or down
    for place in range(1, len(value)):
        change = value[place] - value[best]
        if way * change >= 0 and change:
            if way or abs(change) >= least:
                way, best = int(np.sign(change)), place
        elif way and abs(change) >= least > 0:
            turning.append(best)
            way, best = -way, place
    return turning


@dataclass(frozen=True)
class OfLines(View):
    """A view whose chart is panels of lines."""

    pixels: ClassVar[int] = 230
    """The width of a panel in a figure."""

    alt_texts: ClassVar[Texts]
    """As in `alternative`."""

    def panels(self, recordings: Recordings = HERE) -> Sequence[Panel]:
        """What is drawn."""
        raise NotImplementedError

    def rows(self, recordings: Recordings = HERE) -> Sequence[Sequence[Panel]]:
        """The panels as they stand in a figure."""
        return line_charts.in_rows(self.panels(recordings))

    def said(self, value: float) -> Any:
        """As in `alternative`."""
        return value

    def alternative(self, recordings: Recordings = HERE) -> str:
        """What each panel shows, for those who cannot see them."""
        drawn = self.panels(recordings)
        return spoken(*(alternative(panel, self.alt_texts, self.said) for panel in drawn))

    @kept()
    def row(self, look: Look, recordings: Recordings) -> PanelRow:
        """The finished panels for a page."""
        return panel_row(self.panels(recordings), look, self.alt_texts, self.said)

    def chart(
        self, theme: Theme = "light", *, width: int | None = None, recordings: Recordings = HERE
    ) -> alt.HConcatChart | alt.VConcatChart:
        """All panels; ``width`` is that of one in pixels."""
        return line_charts.figure(self.rows(recordings), theme, width or self.pixels)
