"""How a figure is set: its width, the size of its type, its colours, title and caption."""

from dataclasses import dataclass, fields, replace
from typing import Any

from viz_app.kit.chart.style import Theme
from viz_app.kit.chart.window import PAGE, Window
from viz_app.kit.export import MILLIMETRES_AN_INCH, FigureError
from viz_app.text import say

USUAL = PAGE.type_size
"""The size of type in pixels for which charts are drawn: a figure is drawn so, and scaled."""

NARROWEST, WIDEST, SMALLEST, LARGEST = 40.0, 600.0, 4.0, 40.0
TALLEST = 900.0

NARROW = 520
"""Pixels: what is narrower is drawn as for a phone, long sentences in several lines."""

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
    "poster": Layout(400.0, 24.0, height=565.0),
}
"""What journals, rooms and walls ask for: a column and a page of Nature, the text of NeurIPS,
a slide of 16 : 9, and a block of an A0 poster, in the proportions of its paper."""


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
