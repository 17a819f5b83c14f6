"""Where everything stands in the picture, in pixels: as large as it may be in a window."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from viz_app.features.start.chart_scene import ANSWER, DOORS
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
    rows
        Which gates are drawn, by their place in `DOORS`.
    answered
        Whether the answers are.
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
    rows: tuple[int, ...] = (0, 1, 2)
    answered: bool = True

    @property
    def whole(self) -> bool:
        """Whether all is drawn, and the vessel with it."""
        return self.answered and len(self.rows) == len(DOORS)

    @property
    def top(self) -> float:
        """Of the numbers."""
        return self.size + 12

    @property
    def below(self) -> float:
        """Where the numbers end, and what is below them begins."""
        return self.top + self.bars + self.gap

    def gate_top(self, number: int) -> float:
        """Of a gate's panel, by its place in `DOORS`."""
        return self.below + self.rows.index(number) * (self.gate + self.gap)

    @property
    def answer_top(self) -> float:
        """Of the answers."""
        return self.below + len(self.rows) * (self.gate + self.gap)

    @property
    def bottom(self) -> float:
        """Of the answers."""
        return self.answer_top + (self.answer if self.answered else -self.gap)

    @property
    def end(self) -> float:
        """Of the steps' numbers, below all that stands over them."""
        return self.bottom + 9 + self.size

    @property
    def height(self) -> float:
        """Of the picture."""
        return self.end + 2 + (self.gap + self.vessel if self.narrow and self.whole else 0)

    @property
    def right(self) -> str:
        """Where the row ends, as Vega writes it."""
        return "width - 2" if self.narrow or not self.whole else f"width - {self.beside}"

    def x(self, step: str) -> str:
        """Where a step begins."""
        return f"({self.left} + ({step}) * ({self.right} - {self.left}) / count)"

    @property
    def step(self) -> str:
        """The step under a pointer."""
        share = f"(x() - {self.left}) / ({self.right} - {self.left})"
        return f"clamp(floor({share} * count), 0, count - 1)"


def places(window: Window, drawn: Sequence[str] | None = None) -> Places:
    """As large as they may be in a window; ``drawn`` are the gates that are, and the answer."""
    if drawn is not None:
        rows = tuple(number for number, gate in enumerate(DOORS) if gate in drawn)
        return replace(places(window), rows=rows, answered=ANSWER in drawn)
    size = window.type_size
    if window.name == "phone":
        return Places(size, True, 52, 52, 26, 7, 54, 129, 0)
    if window.name == "tablet":
        return Places(size, True, 70, 110, 56, 12, 124, 310, 0)
    if window.name == "projector":
        return Places(size, False, 96, 150, 88, 16, 168, 0, 480)
    if window.name == "desktop":
        return Places(size, False, 80, 140, 80, 14, 163, 0, 400)
    if window.name == "small_projector":
        return Places(size, False, 84, 63, 33, 8, 72, 0, 370)
    return Places(size, False, 70, 92, 46, 11, 96, 0, 330)
