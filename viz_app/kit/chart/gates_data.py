"""What a gates chart shows, and in which words."""

import math
from dataclasses import dataclass, fields
from typing import Literal

import altair as alt
import numpy as np

from viz_app.kit.chart.raster import centred

VIEW, ROWS = "view", "rows"
"""The datasets that say which window is drawn, and which unit in each row."""

DECADES = 6
"""The colours of a gradient end at a millionth of its largest value."""

MOST_CELLS, MOST_BLOCKS = 13_000, 3_000
"""Cells of one heatmap that can answer the pointer each by itself; blocks where they are more."""

MOST_PLACES = 360
"""Steps that have a place of their own where the input is drawn."""


@dataclass(frozen=True)
class SignalStyle:
    """How one heatmap is labelled and coloured.

    Attributes
    ----------
    kind
        ``"gate"``: its colours span [0, 1]; ``"state"``: signed, centred on 0; ``"gradient"``:
        the size alone, on a logarithmic scale of `DECADES`.
    bound
        The upper end of the colours.
    open_ended
        There may be values beyond the ends; the legend says so.
    """

    name: str
    label: str
    kind: Literal["gate", "state", "gradient"]
    bound: float = 1.0
    open_ended: bool = False

    @property
    def low(self) -> float:
        """The lower end of the colours."""
        if self.kind == "gradient":
            return self.bound / 10**DECADES
        return 0.0 if self.kind == "gate" else -self.bound

    @property
    def ends(self) -> tuple[float, float]:
        """Both ends on the colours' own scale, which is log10 for a gradient."""
        if self.kind == "gradient":
            high = math.log10(self.bound)
            return high - DECADES, high
        return self.low, self.bound


@dataclass(frozen=True)
class GatesShape:
    """What stays when only the example or the checkpoint changes.

    Attributes
    ----------
    steps
        Number of time steps in view.
    units
        The unit drawn in each row; not all of a layer's have to be.
    signals
        The heatmaps, top to bottom; at least one.
    strip
        How the input is drawn: ``"marked_values"`` as bars, ``"symbols"`` as letters,
        ``"channels"`` as pulses, one lane a channel, ``"pixels"`` as ink with the picture beside
        it; None leaves it out.
    strip_label
        The input's title.
    strip_range
        The lowest and highest value of bars.
    strip_lanes
        Number of channels.
    strip_letters
        Letters in the longest symbol.
    kept_in
        The state that the retention gate keeps; empty where there is no such gate.
    backward
        The layer reads from the end, so what is left of a step is left before it.
    start
        The first time step in view.
    lines
        Whether the picked unit's lines are drawn below.
    """

    steps: int
    units: tuple[int, ...]
    signals: tuple[SignalStyle, ...]
    strip: Literal["marked_values", "symbols", "channels", "pixels", "series", "words"] | None = (
        None
    )
    strip_label: str = ""
    strip_range: tuple[float, float] = (0.0, 1.0)
    strip_lanes: int = 1
    strip_letters: int = 1
    kept_in: str = ""
    backward: bool = False
    start: int = 0
    lines: bool = True

    @property
    def end(self) -> int:
        """One after the last step in view."""
        return self.start + self.steps

    @property
    def blocked(self) -> bool:
        """Whether there are too many cells for each to answer the pointer by itself."""
        return self.block() != (1, 1)

    def block(self) -> tuple[int, int]:
        """Steps and rows in one block of cells; 1 and 1 where every cell can have its own."""
        time = row = 1
        if self.steps * len(self.units) <= MOST_CELLS:
            return time, row
        while -(-self.steps // time) * -(-len(self.units) // row) > MOST_BLOCKS:
            if self.steps / time >= 4 * len(self.units) / row:
                time += 1
            else:
                row += 1
        return time, row

    @property
    def movable(self) -> bool:
        """Whether the window and the units are read from the chart's data."""
        return False

    def numbers(self, width: int) -> dict[str, float]:
        """What depends on the window; `MovableShape` names it."""
        time, row = self.block()
        room = 1.25 * width / self.steps / (0.5 + 0.5 * self.strip_letters)
        return {
            "first": self.start,
            "past": self.end,
            "across": time,
            "down": row,
            "letter": min(max(room, 6.0), 18.0),
            "half": 0.4 * -(-self.steps // MOST_PLACES),
        }

    def expression(self, name: str, width: int = 1) -> str:
        """One of these numbers, or the list of ``units``, in an expression of a chart."""
        return str(list(self.units) if name == "units" else self.numbers(width)[name])

    def time_scale(self) -> alt.Scale:
        """Steps are centred on whole numbers."""
        return centred(self.steps, self.start)

    def row_scale(self) -> alt.Scale:
        """The first row is on top."""
        return centred(len(self.units), reverse=True)


@dataclass(frozen=True)
class MovableShape(GatesShape):
    """A shape whose window and units are read from the chart's data, so that it is built once.

    ``units`` are the rows' numbers, ``steps`` means nothing. `GatesShape.numbers` of the shape
    that is seen are the only row of the dataset `VIEW`, the units are those of `ROWS`; each has
    the name of a parameter.
    """

    @classmethod
    def of(cls, shape: GatesShape) -> "MovableShape":
        """A shape without its window and without the names of its units."""
        kept = {field.name: getattr(shape, field.name) for field in fields(shape)}
        rows = tuple(range(len(shape.units)))
        return cls(**kept | {"steps": 1, "start": 0, "units": rows})

    @property
    def movable(self) -> bool:
        """They are, and a drag over the input asks for another window."""
        return True

    def params(self) -> list[dict[str, str]]:
        """The parameters and where each is read."""
        numbers = [{"name": n, "expr": f"data('{VIEW}')[0].{n}"} for n in self.numbers(1)]
        return [*numbers, {"name": "units", "expr": f"pluck(data('{ROWS}'), 'unit')"}]

    def expression(self, name: str, width: int = 1) -> str:
        """The parameter's name."""
        return name

    def time_scale(self) -> alt.Scale:
        """Between two parameters."""
        ends = [alt.ExprRef(expr=f"{name} - 0.5") for name in ("first", "past")]
        return alt.Scale(domain=ends, nice=False, zero=False)


@dataclass(frozen=True)
class GatesData:
    """What the chart shows.

    Attributes
    ----------
    shape
        What it shares with other examples.
    values
        (time, row) for each signal, units in the order of ``shape.units``, steps in view.
    notes
        A sentence about the unit in each row.
    inputs
        (time,) numbers or letters for the strip; (time, channel) for channels.
    picture
        (rows, columns) of ink, beside a strip of pixels.
    marks
        Salient steps in view and their labels.
    norms
        (time,) for each gradient, over all units of the layer.
    log_kept
        (time, row), the sum of ln of the retention gate from the first step that is read;
        None without such a gate.
    """

    shape: GatesShape
    values: tuple[np.ndarray, ...]
    notes: tuple[str, ...]
    inputs: tuple[float, ...] | tuple[str, ...] | tuple[tuple[float, ...], ...] = ()
    picture: np.ndarray | None = None
    marks: tuple[tuple[int, str], ...] = ()
    norms: tuple[np.ndarray, ...] = ()
    log_kept: np.ndarray | None = None


@dataclass(frozen=True)
class GatesWords:
    """The words on the chart, in the reader's language; ``left`` has ``{step}`` in it."""

    time: str
    unit: str
    step: str
    gate_scale: str
    state_scale: str
    left: str
    gradient_scale: str = ""
    norms: str = ""
    shut: str = "0"
    open: str = "1"
    overwrites: str = "0"
    keeps: str = "1"
