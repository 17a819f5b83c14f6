"""A chart as a figure of exactly a width: how wide its panels are, how they stand, how high."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from inspect import signature
from typing import Any

from viz_app.kit import figure_panels
from viz_app.kit.export import Sized, spec
from viz_app.kit.figure_layout import USUAL, Layout
from viz_app.kit.figure_type import in_type, inside, measure, top

TRIES = 4
CLOSE, MOST = 0.02, 1.04
"""Share of the width by which what is drawn may miss it, and the most it may be; it is scaled."""

NO_LESS = 60
"""Pixels of a panel."""

LEAST_PLOT = 44.0
"""The least height of a plot in pixels."""

WIDE_PLOT, GOOD = 200, 0.75
"""Pixels that are wide enough for a plot; how good a way to stand is good enough, 1 is best."""

PADDING = 5.0
"""Pixels around what is drawn, as Vega-Lite has them."""

EVEN = 0.01
"""Pixels by which a figure may be narrower than its paper: more of it would make it higher."""

Arranged = Callable[[dict[str, Any]], dict[str, Any]]
"""Puts a spec's panels somewhere else, or leaves them."""

Make = Callable[[int], dict[str, Any]]
"""From a width of panels in pixels to a finished spec."""

Widths = dict[tuple[str, float, Layout], int]
"""How wide a figure's panels came out, by their arrangement, how low they are, and a layout in
light colours."""


@dataclass(frozen=True)
class Try:
    """A figure as it came out.

    Attributes
    ----------
    spec
        What is drawn.
    pixels
        Its width and height.
    panels
        How wide its panels are.
    way, low
        How they stand, and by what their heights were multiplied.
    """

    spec: dict[str, Any]
    pixels: tuple[float, float]
    panels: int
    way: str = ""
    low: float = 1.0

    def share(self, high: float) -> float:
        """Of their height now, that which its plots may have so that all is so high at most."""
        plots = figure_panels.plot_heights(inside(self.spec))
        if not high or self.pixels[1] <= high or not plots:
            return 1.0
        return max(0.0, 1 - (self.pixels[1] - high) / plots)

    def good(self, layout: Layout) -> float:
        """How good it looks: its plots are neither flat nor narrow, its type is not smaller."""
        width, high = layout.room
        smaller = min(1.0, MOST * width / self.pixels[0])
        return smaller**2 * self.share(high) * min(1.0, self.panels / WIDE_PLOT)

    def fits(self, layout: Layout) -> float:
        """By how much it has to be smaller than it is drawn; 1 where it fits."""
        width, high = layout.room
        return min(1.0, width / self.pixels[0], high / self.pixels[1] if high else 1.0)


def fit(
    make: Callable[..., Any],
    layout: Layout,
    known: Widths | None = None,
    *,
    least: int = NO_LESS,
    whole: bool = False,
) -> Sized:
    """A figure of exactly that width and no higher than it may be, its type of that size.

    Panels stand as they do on a page, or else in more columns or in fewer; where no way fits,
    all is drawn smaller, its type too.

    Parameters
    ----------
    make
        Draws the chart, given the width of its panels in pixels and, where it takes that too, in
        how many columns they will stand.
    layout
        How it is to be set.
    known
        Keeps how wide its panels came out, for the next time: in other colours as well.
    least
        The narrowest that its panels can be.
    whole
        Its panels stay where they are, and as high as they are.
    """
    known = {} if known is None else known
    takes_columns = len(signature(make).parameters) > 1

    def tried(way: str, low: float = 1.0) -> Try:
        name = way, low, replace(layout, theme="light")

        def made(panels: int) -> dict[str, Any]:
            columns = (COLUMNS.get(way, 1),) if takes_columns else ()
            drawn = spec(make(panels, *columns))
            return _lower(in_type(top(drawn) | WAYS[way](inside(drawn)), layout), low)

        found = replace(_as_wide(made, layout.room[0], known.get(name), least), way=way, low=low)
        known[name] = found.panels
        return found

    found = tried(AS_IT_IS)
    if not whole:
        if found.good(layout) < GOOD and (way := _better(found, layout)):
            found = max(found, tried(way), key=lambda one: one.good(layout))
        found = _as_high(found, layout.room[1])
        if found.pixels[0] > layout.room[0]:  # in lower plots titles take more lines
            found = _as_high(tried(found.way, found.low), layout.room[1])
        if found.way in COLUMNS:
            found = _even(found)
    return _placed(found, layout)


def _better(found: Try, layout: Layout) -> str:
    """The way for panels to stand that seems better than as they are; nothing for none."""
    width, high = layout.room
    panels = inside(found.spec)
    across, down = figure_panels.most_in_a_row(panels), figure_panels.rows(panels)
    beside = found.pixels[0] / across - found.panels
    above = (found.pixels[1] - figure_panels.plot_heights(panels)) / down

    def good(way: str) -> float:
        node = WAYS[way](panels)
        wide = width / figure_panels.most_in_a_row(node) - beside
        plots = figure_panels.plot_heights(node)
        over = plots + above * figure_panels.rows(node) - high if high else 0.0
        share = min(1.0, max(0.0, 1 - over / plots)) if plots else 1.0
        return share * min(1.0, max(0.0, wide / WIDE_PLOT))

    best = max(_ways(panels, layout), key=good, default="")
    return best if best and good(best) > found.good(layout) else ""


def _placed(found: Try, layout: Layout) -> Sized:
    """As wide as asked for: what is narrower stands in the middle."""
    across = layout.room[0] / found.fits(layout)
    beside = across - found.pixels[0]
    if beside < EVEN:
        return Sized(found.spec, found.pixels, layout.millimetres)
    around = {"left": PADDING + beside / 2, "right": PADDING + beside / 2}
    spec = found.spec | {"padding": {"top": PADDING, "bottom": PADDING} | around}
    return Sized(spec, (across, found.pixels[1]), layout.millimetres)


def _ways(panels: dict[str, Any], layout: Layout) -> list[str]:
    """How the panels of a figure may stand besides."""
    count = len(figure_panels.leaves(panels))
    if figure_panels.is_stack(panels):
        return [way for way, n in COLUMNS.items() if count > n and layout.height]
    there = figure_panels.most_in_a_row(panels)
    most = count if figure_panels.is_grid(panels) else there
    return [way for way, n in reversed(ROWS.items()) if n <= most and n != there]


def _as_it_is(found: dict[str, Any]) -> dict[str, Any]:
    return found


AS_IT_IS, MOST_IN_A_ROW = "", 6
COLUMNS = {f"{n} columns": n for n in (2, 3)}
ROWS = {f"rows of {n}": n for n in range(1, MOST_IN_A_ROW + 1)}
WAYS: dict[str, Arranged] = {
    AS_IT_IS: _as_it_is,
    **{way: partial(figure_panels.in_columns, columns=n) for way, n in COLUMNS.items()},
    **{way: partial(figure_panels.in_rows, columns=n) for way, n in ROWS.items()},
}
"""How panels can stand, by name."""


def _as_wide(make: Make, wanted: float, known: int | None, least: int) -> Try:
    """The figure whose width comes nearest."""
    narrow, wide = least, max(round(wanted), least + 2)
    width, tried = known or max(round(0.6 * wanted), least), dict[int, Try]()
    for _ in range(TRIES):
        spec = make(width)
        tried[width] = Try(spec, measure(spec), width)
        drawn = tried[width].pixels[0]
        narrow, wide = (narrow, width) if drawn > wanted else (width, wide)
        fixed = len(tried) > 1 and len({one.pixels[0] for one in tried.values()}) == 1
        if 0 <= 1 - drawn / wanted < CLOSE or wide - narrow < 3 or fixed:
            break
        width = _next({width: one.pixels[0] for width, one in tried.items()}, spec, wanted)
        width = min(max(width, narrow + (narrow in tried)), wide - (wide in tried))
    return min(tried.values(), key=lambda one: _missed(one.pixels[0] / wanted))


def _missed(share: float) -> float:
    """How bad a width is: what is too wide has to be made smaller."""
    return 5 * (share - 1) if share > 1 else 1 - share


def _as_high(found: Try, high: float) -> Try:
    """Its plots no higher than there is room for."""
    for _ in range(3):
        by = found.share(high)
        if by == 1:
            break
        spec = _lower(found.spec, by)
        if spec == found.spec:
            break
        found = replace(found, spec=spec, pixels=measure(spec), low=found.low * by)
    return found


def _even(found: Try) -> Try:
    """Columns that end at one height: the plots of a shorter one are higher."""
    outer = top(found.spec)
    even = figure_panels.even(inside(found.spec), lambda column: measure(outer | column)[1])
    spec = outer | even
    pixels = measure(spec)
    return replace(found, spec=spec, pixels=pixels) if pixels[1] <= found.pixels[1] else found


def _lower(found: dict[str, Any], by: float) -> dict[str, Any]:
    """Its plots so much lower, and the titles of their axes in lines that fit."""
    if by == 1:
        return found
    lower = figure_panels.shrunk(inside(found), by, LEAST_PLOT)
    return top(found) | figure_panels.in_lines(lower, USUAL)


def _next(tried: dict[int, float], spec: dict[str, Any], wanted: float) -> int:
    """The next width of panels to try: on the line through the last two tries, or through one.

    What is drawn grows with the width, but not evenly: legends and titles have widths of their own.
    """
    *earlier, (width, drawn) = tried.items()
    slope = float(figure_panels.most_in_a_row(inside(spec)))
    if earlier:
        other, before = earlier[-1]
        slope = (drawn - before) / (width - other) or slope
    return round(width + (0.995 * wanted - drawn) / slope)
