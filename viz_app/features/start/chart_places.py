"""Where everything stands in the picture, in pixels: as large as it may be in a window."""

from dataclasses import dataclass

from viz_app.kit.chart.window import Window


@dataclass(frozen=True)
class Places:
    """Where everything stands, in pixels.

    Attributes
    ----------
    size
        Of the type.
    narrow
        The vessel stands below the row, not beside it.
    left
        Where the row begins.
    bars, gate, gap, answer
        Heights: of the numbers, of a gate, between panels, of the answers.
    vessel
        Height of the vessel's panel.
    beside
        Its width.
    """

    size: float
    narrow: bool
    left: float
    bars: float
    gate: float
    gap: float
    answer: float
    vessel: float
    beside: float

    @property
    def top(self) -> float:
        """Of the numbers."""
        return self.size + 12

    def gate_top(self, number: int) -> float:
        """Of a gate's panel."""
        return self.top + self.bars + self.gap + number * (self.gate + self.gap)

    @property
    def answer_top(self) -> float:
        """Of the answers."""
        return self.gate_top(3)

    @property
    def bottom(self) -> float:
        """Of the answers."""
        return self.answer_top + self.answer

    @property
    def height(self) -> float:
        """Of the picture."""
        return self.bottom + 8 + (self.gap + self.vessel if self.narrow else 0)

    @property
    def right(self) -> str:
        """Where the row ends, as Vega writes it."""
        return "width - 2" if self.narrow else f"width - {self.beside}"

    def x(self, step: str) -> str:
        """Where a step begins."""
        return f"({self.left} + ({step}) * ({self.right} - {self.left}) / count)"

    @property
    def step(self) -> str:
        """The step under a pointer."""
        share = f"(x() - {self.left}) / ({self.right} - {self.left})"
        return f"clamp(floor({share} * count), 0, count - 1)"


def places(window: Window) -> Places:
    """As large as they may be in a window."""
    size = window.type_size
    if window.name == "phone":
        return Places(size, True, 52, 52, 26, 7, 58, 140, 0)
    if window.name == "tablet":
        return Places(size, True, 70, 110, 56, 12, 130, 320, 0)
    if window.name == "projector":
        return Places(size, False, 96, 150, 88, 16, 190, 0, 480)
    if window.name == "desktop":
        return Places(size, False, 80, 140, 80, 14, 180, 0, 400)
    if window.name == "small_projector":
        return Places(size, False, 84, 66, 36, 9, 80, 0, 370)
    return Places(size, False, 70, 92, 46, 11, 112, 0, 330)
