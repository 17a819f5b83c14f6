"""What a comparison shows: recordings of two or three networks, aligned in time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from viz_app.charts.gates_data import GatesData, GatesShape, SignalStyle

MEANS = "means"
"""The dataset of the values that are worked out over all units of a network."""


@dataclass(frozen=True)
class Heat:
    """A heatmap.

    Attributes
    ----------
    table, number
        Its place: which of the tables, and which signal there.
    legend
        Its colours are explained beside it; others of the same scale need no second one.
    difference
        Its values are differences.
    """

    table: int
    number: int
    legend: bool = True
    difference: bool = False


@dataclass(frozen=True)
class Lines:
    """Lines over time, one a side.

    Attributes
    ----------
    title
        What they are; ``{unit}`` in it stands for the picked unit.
    fields
        Where the values are, in `MEANS` or, of a unit, in its table.
    sides
        Which side each belongs to: decides its colour and dash.
    source
        ``"unit"``: the picked unit of the only table; ``"means"``: over all units.
    domain
        The ends of the value axis; None fits it to the values, 0 among them.
    legend
        Whether the sides' names stand beside it.
    difference
        Its values are differences.
    """

    title: str
    fields: tuple[str, ...]
    sides: tuple[int, ...]
    source: Literal["unit", "means"]
    domain: tuple[float, float] | None = None
    legend: bool = False
    difference: bool = False


@dataclass(frozen=True)
class CompareShape:
    """What stays when only the values change.

    Attributes
    ----------
    tables
        One, with every side's signals, where row by row the sides' units correspond; else one a
        side, each with units of its own. The first one has the input. No name of a signal is
        there twice.
    panels
        Top to bottom; the last one is of lines and carries the time axis.
    sides
        The sides' names.
    """

    tables: tuple[GatesShape, ...]
    panels: tuple[Heat | Lines, ...]
    sides: tuple[str, ...]

    @property
    def alike(self) -> bool:
        """Whether the sides' units correspond, and one can be picked in all of them."""
        return len(self.tables) == 1

    def style(self, panel: Heat) -> SignalStyle:
        """How a heatmap is labelled and coloured."""
        return self.tables[panel.table].signals[panel.number]


@dataclass(frozen=True)
class CompareData:
    """What the chart shows.

    Attributes
    ----------
    tables
        The values, one for each table of the shape.
    panels, sides
        As in `CompareShape`.
    means
        (time,) by field, for lines over all units.
    """

    tables: tuple[GatesData, ...]
    panels: tuple[Heat | Lines, ...]
    sides: tuple[str, ...]
    means: Mapping[str, np.ndarray] = field(default_factory=dict)

    @property
    def shape(self) -> CompareShape:
        """What of it does not depend on the values."""
        return CompareShape(tuple(t.shape for t in self.tables), self.panels, self.sides)


@dataclass(frozen=True)
class CompareWords:
    """The words on the chart that the gates chart does not have."""

    difference: str
