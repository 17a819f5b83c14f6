"""How panels share a window: how many stand side by side, how many at once, how high each is."""

from collections.abc import Sequence
from dataclasses import dataclass

from viz_app.kit.chart.breadth import breadth
from viz_app.kit.chart.window import PAGE, Window

LEAST_WIDTH, LEAST_HEIGHT = 17.5, 15
"""Of a panel with its axes, in sizes of its type."""

TALLEST, WIDEST = 1.5, 2.5
"""A panel is at most so high for its width, and room that is wider for its height is wasted."""

LETTER = 0.55
"""About so wide is a letter, in sizes of its type."""

STROKE, LEGEND_LINE = 76, 1.7
"""Pixels of a legend's stroke with the room around it; the height of a line, in sizes of type."""

CHOICE = 56
"""Pixels of a row of buttons, with the gap below it."""

GAP = 16
"""Pixels between what stands on a page."""


@dataclass(frozen=True)
class Fit:
    """How panels stand.

    Attributes
    ----------
    columns
        Side by side.
    at_once
        So many are seen; where there are more, a reader chooses which.
    width, height
        Of each in pixels, axes and title included; without a window the height is the panel's own.
    """

    columns: int
    at_once: int
    width: int = 0
    height: int | None = None


def fit(count: int, window: Window, legend: Sequence[str] = (), least: int = 1) -> Fit:
    """As large as they can be, whole, in the window.

    Parameters
    ----------
    count
        How many panels there are.
    window
        What they are drawn for.
    legend
        The names that stand above them.
    least
        Columns at least, where they are that wide.
    """
    if window.name == PAGE.name or not count:
        return Fit(max(count, 1), max(count, 1))
    room = window.height - legend_height(legend, window)
    most = max(1, int((window.width + GAP) / (LEAST_WIDTH * window.type_size + GAP)))
    rows = max(1, int((room + GAP) / (LEAST_HEIGHT * window.type_size + GAP)))
    groups = -(-count // (most * rows))
    if groups > 1:  # what is seen is chosen above
        room -= CHOICE
        rows = max(1, int((room + GAP) / (LEAST_HEIGHT * window.type_size + GAP)))
        groups = -(-count // (most * rows))
    at_once = -(-count // groups)
    tried = [_tried(columns, at_once, window.width, room) for columns in range(1, most + 1)]
    whole = [each for each in tried if -(-at_once // each.columns) <= rows]
    best = max(whole, key=_size)
    if least > best.columns:
        best = _tried(min(least, most), at_once, window.width, room)
    return best


def one_or_all(count: int, window: Window) -> Fit:
    """All at once where they have room; else one at a time, as large as the window allows."""
    whole = fit(count, window, least=2)
    if whole.at_once >= count:
        return whole
    return fit(1, window.below(CHOICE))


def legend_height(names: Sequence[str], window: Window) -> int:
    """About so high is a page's legend, in as many lines as it takes."""
    if not names:
        return 0
    type_size, lines, at = window.type_size + 2, 1, 0.0
    for name in names:
        long = breadth(name) * LETTER * type_size + STROKE
        if at and at + long > window.width:
            lines, at = lines + 1, 0.0
        at += long
    return round(lines * LEGEND_LINE * type_size) + GAP


def _tried(columns: int, at_once: int, across: int, room: int) -> Fit:
    rows = -(-at_once // columns)
    width = (across - (columns - 1) * GAP) // columns
    height = min((room - (rows - 1) * GAP) // rows, int(TALLEST * width))
    return Fit(columns, at_once, width, height)


def _size(tried: Fit) -> tuple[float, int]:
    """How large each panel is; of equal ones more side by side."""
    assert tried.height is not None
    return min(tried.width, WIDEST * tried.height) * tried.height, tried.columns
