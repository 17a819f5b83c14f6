"""How a gates chart is drawn: in which colours, how large, and with what type."""

from dataclasses import dataclass
from typing import Self

from viz_app.kit.chart.breadth import breadth
from viz_app.kit.chart.style import Theme
from viz_app.kit.chart.window import PAGE, Look, Window

NARROW = 400
"""Pixels of a figure's plots."""


@dataclass(frozen=True)
class Heights:
    """How high the plots of each kind are, in pixels: of the input, a heatmap, a panel of lines."""

    strip: int
    heat: int
    line: int


@dataclass(frozen=True)
class GatesLook:
    """How the chart is drawn: so many pixels of plots, without axes and legends.

    With ``fade`` what is left of the picked step is drawn over the state; ``hover`` has it answer
    the pointer, which a still figure does not; ``window`` says how high it may be, and how large
    its type is; ``heights`` are those that fit it, see `viz_app.kit.chart.gates_fit.fit`, None
    those of a figure.
    """

    theme: Theme = "light"
    width: int = 860
    fade: bool = False
    hover: bool = True
    window: Window = PAGE
    heights: Heights | None = None

    @classmethod
    def of(cls, look: Look, *, fade: bool = False) -> Self:
        """That of a page."""
        return cls(look.theme, look.window.width, fade, window=look.window)

    @classmethod
    def still(cls, width: int, look: Look) -> Self:
        """That of a figure, its plots so wide."""
        return cls(look.theme, width, hover=False, window=look.window)

    @property
    def fitted(self) -> bool:
        """Whether it stands in a reader's window: nothing may lie beside the plots."""
        return self.window.name != PAGE.name

    @property
    def type_size(self) -> float:
        """Pixels of labels; titles are larger."""
        return self.window.type_size

    @property
    def margin(self) -> int:
        """Pixels left of every plot, so that all of them begin on one line."""
        return round(2.3 * self.type_size)

    @property
    def heading(self) -> float:
        """Where the middle of a title's line lies, above its plot."""
        return -(0.6 * (self.type_size + 2) + 5)

    def title(self, text: str) -> float:
        """About how wide a title is, which is bold and larger."""
        return 0.47 * (self.type_size + 2) * breadth(text, 1 / 0.47)

    @property
    def narrow(self) -> bool:
        """Whether a sentence has no room on one line: on a phone, and in a narrow figure."""
        return self.window.name == "phone" or (not self.hover and self.width < NARROW)

    def letters(self, text: str) -> float:
        """About how wide a text is, in pixels."""
        return 0.52 * self.type_size * breadth(text, 1 / 0.52)
