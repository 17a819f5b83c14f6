"""A chart as a figure for a column or a slide: its width, the size of its type, title, caption."""

import json
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import partial
from inspect import signature
from typing import Any

from viz_app.kit import drawing, figure_panels
from viz_app.kit.chart.style import INKS, Theme, config
from viz_app.kit.chart.window import PAGE, Window
from viz_app.kit.export import MILLIMETRES_AN_INCH, FigureError, Sized, spec
from viz_app.text import say

USUAL = PAGE.type_size
"""The size of type in pixels for which charts are drawn: a figure is drawn so, and scaled."""

NARROWEST, WIDEST, SMALLEST, LARGEST = 40.0, 600.0, 4.0, 40.0
TALLEST = 900.0
TRIES = 4
CLOSE, MOST = 0.02, 1.04
"""Share of the width by which what is drawn may miss it, and the most it may be; it is scaled."""

NO_LESS = 60
"""Pixels of a panel."""

LEAST_PLOT = 44.0
"""The least height of a plot in pixels."""

WIDE_PLOT, GOOD = 200, 0.75
"""Pixels that are wide enough for a plot; how good a way to stand is good enough, 1 is best."""

ON_PURPOSE = 17
"""Type that is larger than this stays so."""

NARROW = 520
"""Pixels: what is narrower is drawn as for a phone, long sentences in several lines."""

PADDING = 5.0
"""Pixels around what is drawn, as Vega-Lite has them."""

EVEN = 0.01
"""Pixels by which a figure may be narrower than its paper: more of it would make it higher."""

LETTER = 0.55
"""An average letter's width, in sizes of type."""

TOP = ("$schema", "config", "datasets", "params", "usermeta", "background", "padding", "autosize")
"""Parts of a spec that stand outside everything else."""

WIDE = 170.0
"""The width of a page of a paper."""


@dataclass(frozen=True)
class Layout:
    """How a figure is set.

    Attributes
    ----------
    millimetres
        Its width.
    points
        The size of its type, 1/72 of an inch each.
    theme
        Light or dark.
    title, caption
        Above and below it; empty leaves them out.
    height
        The most millimetres that it may be high; 0 for as high as it comes.
    """

    millimetres: float = WIDE
    points: float = 9.0
    theme: Theme = "light"
    title: str = ""
    caption: str = ""
    height: float = 0.0

    def __post_init__(self) -> None:
        limits = (
            ("millimetres", NARROWEST, WIDEST),
            ("points", SMALLEST, LARGEST),
            *([("height", NARROWEST, TALLEST)] if self.height else []),
        )
        for name, low, high in limits:
            value = getattr(self, name)
            if not low <= value <= high:
                raise FigureError(
                    say("figures.wrong_size", name=name, low=low, high=high, value=value)
                )

    def said(self) -> dict[str, Any]:
        """What is not left as it is, by name; the measures of a preset by its name."""
        name = preset_of(self)
        usual = PRESETS.get(name, Layout())
        there = {"preset": name} if name else {}
        return there | {
            part.name: value
            for part in fields(self)
            if (value := getattr(self, part.name)) != getattr(usual, part.name)
        }

    def call(self) -> str:
        """The value as Python writes it."""
        named = self.said()
        name = named.pop("preset", "")
        parts = [*([repr(name)] if name else []), *(f"{n}={v!r}" for n, v in named.items())]
        return f"{'preset' if name else 'Layout'}({', '.join(parts)})"

    @property
    def scale(self) -> float:
        """By how much what is drawn in usual type is larger in the world."""
        return self.points / 72 * 96 / USUAL

    @property
    def window(self) -> Window:
        """The room that there is, for type of the usual size."""
        width, height = (round(side) for side in self.room)
        if not self.height:
            return PAGE
        return Window("phone" if width < NARROW else "figure", width, height, USUAL)

    @property
    def room(self) -> tuple[float, float]:
        """Width and height in pixels of what is drawn in usual type; 0 for any height."""
        pixels = 96 / MILLIMETRES_AN_INCH / self.scale
        return self.millimetres * pixels, self.height * pixels


PRESETS: dict[str, Layout] = {
    "nature": Layout(89.0, 7.0, height=170.0),
    "nature-wide": Layout(183.0, 7.0, height=170.0),
    "neurips": Layout(139.7, 9.0, height=180.0),
    "slide": Layout(338.0, 14.0, height=190.0),
    "poster": Layout(400.0, 24.0, height=400.0),
}
"""What journals, rooms and walls ask for: a column and a page of Nature, the text of NeurIPS,
a slide of 16 : 9, and a block of an A0 poster."""


def preset(name: str, **changed: Any) -> Layout:
    """One of `PRESETS`, with other choices.

    Raises
    ------
    FigureError
        When there is none of that name; the message lists those there are.
    """
    if name not in PRESETS:
        raise FigureError(say("figures.wrong_preset", name=name, names=", ".join(PRESETS)))
    return replace(PRESETS[name], **changed)


def preset_of(layout: Layout) -> str:
    """The preset whose measures a layout has, or nothing."""
    sizes = {(one.millimetres, one.points, one.height): name for name, one in PRESETS.items()}
    return sizes.get((layout.millimetres, layout.points, layout.height), "")


Arranged = Callable[[dict[str, Any]], dict[str, Any]]
"""Puts a spec's panels somewhere else, or leaves them."""

Make = Callable[[int], dict[str, Any]]
"""From a width of panels in pixels to a finished spec."""

Draw = Callable[[int, int], Any]
"""From that width, and in how many columns panels over one another will stand, to a chart."""

Widths = dict[tuple[str, Layout], int]
"""How wide a figure's panels came out, by their arrangement and a layout in light colours."""


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
    """

    spec: dict[str, Any]
    pixels: tuple[float, float]
    panels: int

    def share(self, high: float) -> float:
        """Of their height now, that which its plots may have so that all is so high at most."""
        plots = figure_panels.plot_heights(_bare(self.spec))
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

    def tried(way: str) -> Try:
        in_any_colours = way, replace(layout, theme="light")

        def made(panels: int) -> dict[str, Any]:
            columns = (COLUMNS.get(way, 1),) if takes_columns else ()
            return _set(spec(make(panels, *columns)), WAYS[way], layout)

        found = _as_wide(made, layout.room[0], known.get(in_any_colours), least)
        known[in_any_colours] = found.panels
        return found

    found = tried(AS_IT_IS)
    if not whole:
        if found.good(layout) < GOOD and (way := _better(found, layout)):
            found = max(found, tried(way), key=lambda one: one.good(layout))
        found = _as_high(found, layout.room[1])
    return _placed(found, layout)


def _better(found: Try, layout: Layout) -> str:
    """The way for panels to stand that seems better than as they are; nothing for none."""
    width, high = layout.room
    bare = _bare(found.spec)
    across, down = figure_panels.most_in_a_row(bare), figure_panels.rows(bare)
    beside = found.pixels[0] / across - found.panels
    above = (found.pixels[1] - figure_panels.plot_heights(bare)) / down

    def good(way: str) -> float:
        node = WAYS[way](bare)
        panels = width / figure_panels.most_in_a_row(node) - beside
        plots = figure_panels.plot_heights(node)
        over = plots + above * figure_panels.rows(node) - high if high else 0.0
        share = min(1.0, max(0.0, 1 - over / plots)) if plots else 1.0
        return share * min(1.0, max(0.0, panels / WIDE_PLOT))

    best = max(_ways(bare, layout), key=good, default="")
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


def _ways(bare: dict[str, Any], layout: Layout) -> list[str]:
    """How the panels of a figure may stand besides."""
    count = len(figure_panels.leaves(bare))
    if figure_panels.is_stack(bare):
        return [way for way, n in COLUMNS.items() if count > n and layout.height]
    most = min(count, figure_panels.most_in_a_row(bare), MOST_IN_A_ROW)
    return [f"rows of {n}" for n in range(most - 1, 0, -1)]


def _as_it_is(found: dict[str, Any]) -> dict[str, Any]:
    return found


AS_IT_IS, MOST_IN_A_ROW = "", 6
COLUMNS = {f"{n} columns": n for n in (2, 3)}
WAYS: dict[str, Arranged] = {
    AS_IT_IS: _as_it_is,
    **{way: partial(figure_panels.in_columns, columns=n) for way, n in COLUMNS.items()},
    **{f"rows of {n}": partial(figure_panels.in_rows, columns=n) for n in range(1, MOST_IN_A_ROW)},
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
        spec = _top(found.spec) | figure_panels.shrunk(_bare(found.spec), by, LEAST_PLOT)
        if spec == found.spec:
            break
        found = Try(spec, measure(spec), found.panels)
    return found


def _next(tried: dict[int, float], spec: dict[str, Any], wanted: float) -> int:
    """The next width of panels to try: on the line through the last two tries, or through one.

    What is drawn grows with the width, but not evenly: legends and titles have widths of their own.
    """
    *earlier, (width, drawn) = tried.items()
    slope = float(figure_panels.most_in_a_row(_bare(spec)))
    if earlier:
        other, before = earlier[-1]
        slope = (drawn - before) / (width - other) or slope
    return round(width + (0.995 * wanted - drawn) / slope)


def measure(found: dict[str, Any]) -> tuple[float, float]:
    """Width and height of what a spec draws, in pixels."""
    text = drawing.svg(json.dumps(found))
    sizes = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', text)
    assert sizes is not None
    return float(sizes[1]), float(sizes[2])


def _top(found: dict[str, Any]) -> dict[str, Any]:
    return {name: found[name] for name in TOP if name in found}


def _bare(found: dict[str, Any]) -> dict[str, Any]:
    return {name: part for name, part in found.items() if name not in TOP}


def _set(found: dict[str, Any], arranged: Arranged, layout: Layout) -> dict[str, Any]:
    """The spec with its panels so, with letters and type of one size, title and caption."""
    outer, inner = _top(found), arranged(_bare(found))
    signals = outer.get("config", {}).get("signals")
    outer["config"] = config(layout.theme, USUAL)
    outer["config"]["title"] |= {"fontSize": USUAL}
    if signals is not None:
        outer["config"]["signals"] = signals
    ink = INKS[layout.theme].text
    inner = figure_panels.with_axes(figure_panels.lettered(_one_size(inner), USUAL, ink))
    width = layout.room[0]
    if layout.title:
        inner = {
            "vconcat": [inner],
            "title": _title(layout, layout.title, 1.25 * USUAL, width) | {"offset": 14},
        }
    if layout.caption:
        note = _title(layout, layout.caption, USUAL, width) | {"orient": "bottom"}
        inner = {"vconcat": [inner], "title": note | {"fontWeight": "normal", "offset": 10}}
    return outer | inner


def _title(layout: Layout, text: str, size: float, width: float) -> dict[str, Any]:
    letters = max(10, int(width / (LETTER * size)))
    lines = [line for part in text.splitlines() for line in textwrap.wrap(part, letters) or [""]]
    return {
        "text": lines, "anchor": "start", "fontSize": round(size, 2),
        "color": INKS[layout.theme].text,
    }  # fmt: skip


def _one_size(node: Any) -> Any:
    """All type of one size and one family, but for what is drawn in another on purpose."""
    if isinstance(node, list):
        return [_one_size(part) for part in node]
    if not isinstance(node, dict):
        return node
    return {
        key: USUAL
        if key.lower().endswith("fontsize") and isinstance(part, int | float) and part <= ON_PURPOSE
        else part
        if key in ("values", "data")
        else _one_size(part)
        for key, part in node.items()
    }
