"""Panels that fit a window: which signals have pictures at first, and how high each panel is."""

from collections.abc import Sequence
from dataclasses import replace

from viz_app.kit.chart.gates_data import GatesShape
from viz_app.kit.chart.gates_look import GatesLook, Heights

LINES = "lines"
"""Among the pictures: the lines of the picked unit."""

GAP = 8
"""Pixels between panels, and around all of them."""

LEAST_ROW = 0.45
"""Of a row of a window: thinner rows are drawn only where a reader asks for more pictures."""

ENOUGH = 7.0
"""Lines of type: so high a heatmap of many units is high enough."""

LEAST_HEAT = 3.0
"""Lines of type: lower it is not drawn; with so many pictures the page is longer."""

MOST_ROW, MOST_LINE, MOST_STRIP = 2.4, 11.0, 7.0
"""Lines of type: of a row, the lines and the input at most; more says nothing more."""

STRIPS = {"marked_values": 3.4, "series": 3.4, "symbols": 1.7, "channels": 4.0, "pixels": 2.4,
          "words": 7.2}  # fmt: skip
"""Lines of type that an input takes at least."""

FIGURE = {"marked_values": 56, "symbols": 24, "channels": 66, "pixels": 40, "series": 56,
          "words": 96}  # fmt: skip
"""Its pixels in a figure."""

FIGURE_LINES = 96
SQUARE = 3.6
"""Lines of type that an image takes beside its pixels' title."""


def fit(
    shape: GatesShape, look: GatesLook, *, lines: int | None = None, extra: float = 0
) -> GatesLook:
    """The look with the heights that fit its window; as it is where it has some, or no window.

    Parameters
    ----------
    shape
        What is drawn: all of its signals have heatmaps.
    look
        How.
    lines
        Panels of lines below; None is those of the gates chart.
    extra
        Pixels of panels that stand beside these.
    """
    if not look.fitted or look.heights is not None:
        return look
    count = _line_panels(shape) if lines is None else lines
    return replace(look, heights=_heights(shape, look, count, extra))


def heat_height(shape: GatesShape, look: GatesLook) -> int:
    """Pixels for all rows of a heatmap."""
    if look.heights is not None:
        return look.heights.heat
    most = 168 if len(shape.signals) > 2 else 320
    return min(max(7 * len(shape.units), 84), most)


def strip_height(shape: GatesShape, look: GatesLook) -> int:
    """Pixels of the input."""
    return FIGURE[shape.strip or "symbols"] if look.heights is None else look.heights.strip


def line_height(look: GatesLook) -> int:
    """Pixels of a panel of lines."""
    return FIGURE_LINES if look.heights is None else look.heights.line


def title_height(look: GatesLook) -> float:
    """Pixels of a panel's title line."""
    return 1.2 * (look.type_size + 2) + 5


def row_labels(shape: GatesShape, look: GatesLook) -> list[int]:
    """The rows that have a label: all of them where there is room."""
    rows = len(shape.units)
    every = -(-rows * 1.1 * look.type_size // heat_height(shape, look))
    return list(range(0, rows, int(every)))


def which_fit(shape: GatesShape, look: GatesLook, wanted: Sequence[str]) -> tuple[str, ...]:
    """The pictures that stand in a window at first: as many of those wanted as have room.

    Parameters
    ----------
    shape
        Of all signals.
    look
        With the window.
    wanted
        Names of signals, or `LINES`, the most wanted first.

    Returns
    -------
    tuple of str
        The first one, and each further one that leaves rows their least height.
    """
    found: list[str] = []
    for name in wanted:
        more = [*found, name]
        signals = tuple(signal for signal in shape.signals if signal.name in more)
        part = replace(shape, signals=signals, lines=LINES in more)
        if found and _room(part, look, _line_panels(part), 0) < _wanted(part, look):
            continue
        found = more
    return tuple(found)


def _line_panels(shape: GatesShape) -> int:
    """One for the gates, one for the states, one for the norms of gradients."""
    kinds = {signal.kind for signal in shape.signals}
    return (len(kinds & {"gate", "state"}) if shape.lines else 0) + ("gradient" in kinds)


def _wanted(shape: GatesShape, look: GatesLook) -> float:
    """The least height of a heatmap that opens by itself."""
    return min(LEAST_ROW * look.window.row * len(shape.units), ENOUGH * look.type_size)


def _room(shape: GatesShape, look: GatesLook, lines: int, extra: float) -> float:
    """Pixels for each heatmap, where all else is as low as it can be."""
    size, title = look.type_size, title_height(look)
    axis = 2.2 * size + 15
    fixed = 2 * GAP + extra + axis
    if shape.strip is not None:
        fixed += title + _above_strip(shape, look) + _least_strip(shape, look) + GAP
    if lines:
        fixed += lines * (_least_line(look) + legend_height(look) + GAP)
        fixed += note_lines(look) * 1.2 * size + 10
    return (look.window.height - fixed) / len(shape.signals) - title - GAP


def _heights(shape: GatesShape, look: GatesLook, lines: int, extra: float) -> Heights:
    size, room = look.type_size, _room(shape, look, lines, extra)
    most = MOST_ROW * size * len(shape.units)
    heat = int(max(min(room, most), LEAST_HEAT * size))
    spare = max(room - heat, 0) * len(shape.signals)
    line = strip = 0.0
    if lines:
        line = min(spare / lines, MOST_LINE * size - _least_line(look))
        spare -= lines * line
    if shape.strip in ("marked_values", "series"):
        strip = min(spare, MOST_STRIP * size - _least_strip(shape, look))
    return Heights(
        int(_least_strip(shape, look) + strip), heat, int(_least_line(look) + line)
    )  # fmt: skip


def _least_line(look: GatesLook) -> float:
    return 3.8 * look.type_size


def _least_strip(shape: GatesShape, look: GatesLook) -> float:
    if shape.strip is None:
        return 0.0
    if shape.strip == "channels":
        return min(max(1.15 * shape.strip_lanes, 3.0), 9.0) * look.type_size
    return STRIPS[shape.strip] * look.type_size


def _above_strip(shape: GatesShape, look: GatesLook) -> float:
    """Room for the marks' labels, or beside the title for an image."""
    if shape.strip == "pixels":
        return SQUARE * look.type_size - title_height(look)
    return 1.15 * look.type_size


def legend_height(look: GatesLook) -> float:
    """Pixels of the names of lines, above them."""
    return (1.5 * look.type_size + 4) * (2 if look.narrow else 1)


def note_lines(look: GatesLook) -> int:
    """Lines of the sentence about the picked unit: on a phone each part has one."""
    return 3 if look.narrow else 1
