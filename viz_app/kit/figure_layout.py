"""A chart as a figure for a column or a slide: its width, the size of its type, title, caption."""

import json
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any

from viz_app.kit import drawing
from viz_app.kit.chart.style import INKS, Theme, config
from viz_app.kit.export import MILLIMETRES_AN_INCH, FigureError, Sized, spec
from viz_app.text import say

USUAL = 13
"""The size of type in pixels for which charts are drawn."""

NARROWEST, WIDEST, SMALLEST, LARGEST = 40.0, 600.0, 4.0, 40.0
TRIES = 7
CLOSE, MOST = 0.03, 1.1
"""Share of the width by which what is drawn may miss it, and the most it may be; it is scaled."""

NO_LESS = 80
"""Pixels of a panel."""

LETTER = 0.6
"""An average letter's width, in sizes of type."""

TOP = ("$schema", "config", "datasets", "params", "usermeta", "background", "padding", "autosize")
"""Parts of a spec that stand outside everything else."""

COLUMN, PAGE, SLIDE = 85.0, 170.0, 254.0
"""Usual widths: a column and a page of a paper, a slide of 4 : 3."""


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
    """

    millimetres: float = PAGE
    points: float = 9.0
    theme: Theme = "light"
    title: str = ""
    caption: str = ""

    def __post_init__(self) -> None:
        limits = (
            ("millimetres", NARROWEST, WIDEST),
            ("points", SMALLEST, LARGEST),
        )
        for name, low, high in limits:
            value = getattr(self, name)
            if not low <= value <= high:
                raise FigureError(
                    say("figures.wrong_size", name=name, low=low, high=high, value=value)
                )

    def given(self) -> dict[str, Any]:
        """What is not left as it is, by name."""
        return {
            part.name: value
            for part in fields(self)
            if (value := getattr(self, part.name)) != part.default
        }


Arranged = Callable[[dict[str, Any]], dict[str, Any]]
"""Puts a spec's panels somewhere else, or leaves them."""

Widths = dict[tuple[str, Layout], int]
"""How wide a figure's panels came out, by their arrangement and a layout in light colours."""


def fit(make: Callable[[int], Any], layout: Layout, known: Widths | None = None) -> Sized:
    """A figure of exactly that width, its type of that size.

    Panels that stand side by side are put below one another where they would not fit.

    Parameters
    ----------
    make
        Draws the chart, given the width of its panels in pixels.
    layout
        How it is to be set.
    known
        Keeps how wide its panels came out, for the next time: in other colours as well.

    Raises
    ------
    FigureError
        When it cannot be made so narrow.
    """
    known = {} if known is None else known
    wanted = layout.millimetres / MILLIMETRES_AN_INCH * 96
    for arranged in (_as_it_is, _below_one_another):
        in_any_colours = arranged.__name__, replace(layout, theme="light")
        found, drawn, width = _fitted(
            partial(_made, make, arranged), layout, wanted, known.get(in_any_colours)
        )
        if _is_close(drawn, wanted):
            known[in_any_colours] = width
        if drawn[0] <= MOST * wanted:
            return Sized(found, drawn, layout.millimetres)
    raise FigureError(
        say("figures.wrong_width", millimetres=layout.millimetres, points=layout.points)
    )


def _made(make: Callable[[int], Any], arranged: Arranged, width: int) -> dict[str, Any]:
    return arranged(spec(make(width)))


def _fitted(
    make: Callable[[int], dict[str, Any]], layout: Layout, wanted: float, known: int | None
) -> tuple[dict[str, Any], tuple[float, float], int]:
    """The spec whose width comes nearest, what it draws, and how wide its panels are."""
    if known is not None:
        found = _set(make(known), layout, wanted)
        drawn = measure(found)
        if _is_close(drawn, wanted):
            return found, drawn, known
    narrow, wide = NO_LESS, round(wanted)
    width, tried = round(wanted / 2), {}
    for _ in range(TRIES):
        found = _set(make(width), layout, wanted)
        tried[width] = drawn = measure(found)
        narrow, wide = (narrow, width) if drawn[0] > wanted else (width, wide)
        fixed = len(tried) > 1 and len({across for across, _ in tried.values()}) == 1
        if _is_close(drawn, wanted) or wide - narrow < 3 or fixed:
            break
        width = _next(tried, wanted, narrow, wide)
    return found, drawn, next(reversed(tried))


def _is_close(drawn: tuple[float, float], wanted: float) -> bool:
    return abs(drawn[0] / wanted - 1) < CLOSE


def _as_it_is(found: dict[str, Any]) -> dict[str, Any]:
    return found


def _below_one_another(node: Any) -> Any:
    """The same panels, in one column."""
    if not isinstance(node, dict):
        return node
    found = {"vconcat" if name == "hconcat" else name: part for name, part in node.items()}
    if "vconcat" in found:
        found["vconcat"] = [_below_one_another(part) for part in found["vconcat"]]
    return found


def _next(tried: dict[int, tuple[float, float]], wanted: float, narrow: int, wide: int) -> int:
    """The next width to try, between two: on the line through the last two tries, if it is there.

    What is drawn grows with the width, but not evenly: legends and titles have widths of their own.
    """
    *earlier, (width, (drawn, _)) = tried.items()
    slope = 1.0
    if earlier:
        other, (before, _) = earlier[-1]
        slope = (drawn - before) / (width - other)
    guess = width + (wanted - drawn) / slope if slope > 0 else (narrow + wide) / 2
    return round(min(max(guess, narrow + 1), wide - 1))


def measure(found: dict[str, Any]) -> tuple[float, float]:
    """Width and height of what a spec draws, in pixels."""
    text = drawing.svg(json.dumps(found))
    sizes = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', text)
    assert sizes is not None
    return float(sizes[1]), float(sizes[2])


def _set(found: dict[str, Any], layout: Layout, width: float) -> dict[str, Any]:
    """The spec with its type in that size, between title and caption."""
    size = layout.points / 72 * 96
    outer = {name: found[name] for name in TOP if name in found}
    inner = {name: part for name, part in found.items() if name not in outer}
    signals = {n: part for n, part in outer.get("config", {}).items() if n == "signals"}
    outer["config"] = config(layout.theme, round(size, 2)) | signals
    inner = _resized(inner, size / USUAL)
    if layout.title:
        inner = {
            "vconcat": [inner],
            "title": _title(layout, layout.title, size + 5, width) | {"offset": 14},
        }
    if layout.caption:
        note = _title(layout, layout.caption, size, width) | {"orient": "bottom"}
        inner = {"vconcat": [inner], "title": note | {"fontWeight": "normal", "offset": 10}}
    return outer | inner


def _title(layout: Layout, text: str, size: float, width: float) -> dict[str, Any]:
    letters = max(10, int(width / (LETTER * size)))
    lines = [line for part in text.splitlines() for line in textwrap.wrap(part, letters) or [""]]
    return {
        "text": lines, "anchor": "start", "fontSize": round(size, 2),
        "color": INKS[layout.theme].text,
    }  # fmt: skip


def _resized(node: Any, by: float) -> Any:
    """Type whose size is written into the chart grows with the rest."""
    if isinstance(node, list):
        return [_resized(part, by) for part in node]
    if not isinstance(node, dict):
        return node
    return {
        key: round(part * by, 2)
        if key.lower().endswith("fontsize") and isinstance(part, int | float)
        else part
        if key in ("values", "data")
        else _resized(part, by)
        for key, part in node.items()
    }
