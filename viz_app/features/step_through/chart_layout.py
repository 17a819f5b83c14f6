"""Where the parts of the step-through chart stand, for a window."""

from dataclasses import dataclass

from viz_app.features.step_through.chart_cells import DRAWINGS
from viz_app.features.step_through.chart_drawing import Drawing
from viz_app.features.step_through.chart_upright import UPRIGHT
from viz_app.kit.chart.gates_look import GatesLook

STAGE = 1000
"""Places from left to right on the drawing, equations included."""

WIDE = 1165 / 850
"""How much wider the picture is than on a page with something beside it."""

LETTER = 0.46
"""The width of a letter, of its size."""

WITHOUT_END = 100_000
"""Pixels in which every sentence has room on one line, as in a figure."""

NARROW = 760
"""Pixels of a still chart's plots; in fewer the cell is drawn upright."""

AROUND = 106
"""Pixels of the buttons, and of what lies between input, buttons, sentences and drawing."""


@dataclass(frozen=True)
class StepLook(GatesLook):
    """A look that can leave out the unit's lines over time, the equations, and the buttons."""

    lines: bool = True
    equations: bool = True
    buttons: bool = True


@dataclass(frozen=True)
class Layout:
    """One arrangement.

    Attributes
    ----------
    drawing
        The cell's.
    wide, tall
        By what its places and heights are stretched.
    size
        Of all type, in pixels.
    beside
        The equations stand beside the drawing, else below, in so many ``columns``.
    buttons
        Those of each row.
    button
        Their height.
    pixels
        Of the plot's width.
    """

    drawing: Drawing
    wide: float
    tall: float
    size: float
    beside: bool
    columns: int
    buttons: tuple[int, ...]
    button: float
    pixels: float

    @property
    def line(self) -> float:
        """From one line of text to the next."""
        return round(1.36 * self.size)

    @property
    def letters(self) -> int:
        """Letters of a sentence that have room on one line."""
        return int(self.pixels / (LETTER * (self.size + 2)))

    @property
    def equation_letters(self) -> int:
        """The same of an equation."""
        room = self.pixels * (0.345 if self.beside else 1 / self.columns)
        return int(room / (0.42 * self.size))

    @property
    def height(self) -> float:
        """Pixels of the drawing."""
        return (self.drawing.height - self.drawing.free) * self.tall


def layout_of(cell: str, look: GatesLook, above: float) -> Layout:
    """Drawn upright on a phone and in a narrow figure, with its equations below on a tablet, else
    beside it.

    ``above`` are the pixels that the input takes.
    """
    window = look.window
    if window.name == "phone" or (not look.hover and look.width < NARROW):
        drawing = UPRIGHT[cell]
        columns, wide = (1, window.width) if window.name == "phone" else (2, look.width)
        return Layout(
            drawing, STAGE / drawing.width, 1.0, max(12, window.type_size), False, columns, (2, 4),
            38, wide,
        )  # fmt: skip
    drawing = DRAWINGS[cell]
    if window.name == "tablet":
        return Layout(
            drawing, STAGE / drawing.width, 0.86, 13, False, 2, (6,), 36, window.width
        )  # fmt: skip
    if window.name == "page":
        return Layout(drawing, 1.0, 1.0, 14, True, 1, (6,), 26, WITHOUT_END)
    if window.name == "figure":
        room = window.height - above - AROUND
        tall = max(0.8, min(1.2, room / (drawing.height - drawing.free)))
        return Layout(drawing, 1.0, tall, window.type_size, True, 1, (6,), 26, look.width)
    size = max(14.0, window.type_size)
    room = window.height + 22 - AROUND - above - 2.6 * (size + 2)  # the headline is in the picture
    tall = max(0.8, min(1.5, room / (drawing.height - drawing.free)))
    return Layout(drawing, 1.0, tall, size, True, 1, (6,), 30, window.width * WIDE)
