"""What a drawing of a cell is made of: boxes, circles, wires, and the numbers beside them.

Places are (x, y): x from 0, the left end, to `WIDTH`, stretched with the chart; y in pixels from
the top. One geometry serves both ways: forward a wire carries a value, back the gradient with
respect to it, its arrow turned round.
"""

from dataclasses import dataclass
from typing import Literal

Place = tuple[float, float]
Way = Literal["forward", "backward"]
Align = Literal["left", "right", "center"]

WIDTH, HEIGHT = 630, 420
BOX_WIDTH, BOX_HEIGHT = 102, 42
RADIUS = 12


@dataclass(frozen=True)
class Box:
    """A non-linearity: its name, its formula, and the colour of what comes out."""

    name: str
    at: Place
    colour: str


@dataclass(frozen=True)
class Dot:
    """A circle: ``×``, ``+`` or ``1−``."""

    sign: str
    at: Place


@dataclass(frozen=True)
class Wire:
    """A line with right angles; at a circle it runs to the middle, its arrowhead to the edge.

    It leads from where the value comes to where it goes, and carries the numbers ``forward`` and
    ``backward``, "" for none. An arrowhead is turned round on the way back.
    """

    points: tuple[Place, ...]
    forward: str
    backward: str
    at: Place = (0.0, 0.0)
    align: Align = "left"
    colour: str = ""
    arrow: bool = True
    arrow_back: bool = True

    def number(self, way: Way) -> str:
        """The number that it carries on that way."""
        return self.forward if way == "forward" else self.backward


@dataclass(frozen=True)
class Label:
    """A word or symbol at the end of a wire, or beside its number; ``way`` "" is on both ways."""

    name: str
    at: Place
    align: Align = "left"
    way: Way | Literal[""] = ""


@dataclass(frozen=True)
class Drawing:
    """A whole cell; above, ``free`` pixels stay empty and are left out.

    ``width`` is where its places end, ``height`` all its pixels, ``box`` the size of a box.
    """

    boxes: tuple[Box, ...]
    dots: tuple[Dot, ...]
    wires: tuple[Wire, ...]
    labels: tuple[Label, ...]
    free: float = 0.0
    width: float = WIDTH
    height: float = HEIGHT
    box: tuple[float, float] = (BOX_WIDTH, BOX_HEIGHT)


HIDDEN_BUS, INPUT_BUS, ADDER, GATE = 370.0, 398.0, 308.0, 228.0
"""Heights of the two lines below, of the sums, and of the gates above them."""

TOP_OF_GATE, FOOT_OF_GATE = GATE - BOX_HEIGHT / 2, GATE + BOX_HEIGHT / 2


def feed(gate: str, x: float, colour: str) -> tuple[Wire, ...]:
    """The terms of a gate's pre-activation, from the lines below up to the foot of its box."""
    aside = 22.0
    return (
        Wire(
            ((x - aside, HIDDEN_BUS), (x - aside, ADDER), (x, ADDER)),
            f"{gate}_from_hidden", f"{gate}_back", (x - aside - 5, 352), "right", "hidden_state",
        ),
        Wire(
            ((x, INPUT_BUS), (x, ADDER)), f"{gate}_from_input", "", (x + 7, 335), arrow_back=False,
        ),
        Wire(
            ((x + 52, ADDER), (x, ADDER)),
            f"{gate}_bias", "", (x + 16, ADDER - 12), arrow_back=False,
        ),
        Wire(
            ((x, ADDER), (x, FOOT_OF_GATE)),
            f"{gate}_pre", f"grad_{gate}_pre", (x - 7, 269), "right", colour,
        ),
    )  # fmt: skip


def buses(last_hidden: float, last_input: float) -> tuple[Wire, ...]:
    """The two lines below: all hidden states of the step before, and the input."""
    return (
        Wire(
            ((0, HIDDEN_BUS), (last_hidden, HIDDEN_BUS)), "", "grad_hidden_state_before",
            (46, HIDDEN_BUS + 13), colour="hidden_state", arrow=False,
        ),
        Wire(((0, INPUT_BUS), (last_input, INPUT_BUS)), "", "", arrow=False, arrow_back=False),
    )  # fmt: skip


def onward(state: str, x: float, y: float) -> Wire:
    """A state on its way to the next step, off to the right."""
    later = f"grad_{state}_later"
    return Wire(((x, y), (WIDTH, y)), "", later, (WIDTH, y - 13), "right", state, arrow_back=False)


def upward(x: float, start: float, end: float, number: float) -> Wire:
    """The hidden state on its way to what reads it; the height of its number."""
    return Wire(
        ((x, start), (x, end)), "", "grad_hidden_state_above", (x + 7, number),
        colour="hidden_state", arrow_back=False,
    )  # fmt: skip
