"""The window that a picture is drawn for: how large it may be, and how large its type."""

from dataclasses import dataclass, replace
from typing import Literal

from viz_app.kit.chart.style import Theme

WindowName = Literal[
    "phone", "tablet", "laptop", "desktop", "projector", "small_projector", "page", "figure"
]


@dataclass(frozen=True)
class Window:
    """A class of windows; what is drawn for one stands whole on its first screen.

    Attributes
    ----------
    name
        What it is called.
    width
        Pixels of a plot across the picture; a browser stretches it to the pixel.
    height
        All that a picture may be high, axes and legends with it.
    type_size
        Of the smallest type, in pixels.
    row
        The least height of a heatmap's row that has a label of its own.
    """

    name: WindowName
    width: int
    height: int
    type_size: float
    row: int = 14

    def below(self, pixels: int) -> "Window":
        """The same where something so high stands above the picture."""
        return replace(self, height=self.height - pixels)

    @property
    def narrow(self) -> bool:
        """Whether nothing fits beside the picture."""
        return self.name in ("phone", "tablet")

    @property
    def projected(self) -> bool:
        """Whether a room looks at it."""
        return self.name in ("projector", "small_projector")


WINDOWS: dict[WindowName, Window] = {
    window.name: window
    for window in (
        Window("phone", 330, 520, 12),
        Window("tablet", 700, 760, 13),
        Window("laptop", 850, 510, 13),
        Window("desktop", 1300, 800, 14),
        Window("projector", 1330, 780, 18, 20),
        Window("small_projector", 880, 480, 15, 16),
    )
}
LAPTOP = WINDOWS["laptop"]

PAGE = Window("page", 860, 10_000, 13)
"""No window: a figure in a file, which has all the room that it needs."""


@dataclass(frozen=True)
class Look:
    """How a chart is drawn.

    Attributes
    ----------
    theme
        Light or dark.
    window
        For which windows.
    """

    theme: Theme = "light"
    window: Window = PAGE

    def below(self, pixels: int) -> "Look":
        """The same where something so high stands above the picture."""
        return replace(self, window=self.window.below(pixels))
