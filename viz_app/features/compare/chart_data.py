"""What a comparison shows: recordings of two or three networks, aligned in time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from viz_app.kit.chart.gates_data import GatesData, GatesShape, SignalStyle

MEANS = "means"
"""The dataset of the values that are worked out over all units of a network."""


@dataclass(frozen=True)
class Heat:
    """A heatmap: which of the tables, and which signal there.

    Others of the same scale need no second ``legend``; ``scale`` is its title where it shows
    differences.
    """

    table: int
    number: int
    legend: bool = True
    scale: str = ""


@dataclass(frozen=True)
class Lines:
    """Lines over time, one a side.

    Attributes
    ----------
    title
        What they are; ``{unit}`` in it stands for the picked unit.
    fields
        Where the values are, in `MEANS` or, of a unit, in the cells of its table.
    sides
        Which side each belongs to: decides its colour and dash.
    source
        ``"unit"``: the picked unit of a table; ``"means"``: over all units.
    domain
        The ends of the value axis; None fits it to the values, 0 among them.
    legend
        Whether the sides' names stand beside it.
    difference
        Its values are differences.
    table
        Which table a unit's values are in.
    """

    title: str
    fields: tuple[str, ...]
    sides: tuple[int, ...]
    source: Literal["unit", "means"]
    domain: tuple[float, float] | None = None
    legend: bool = False
    difference: bool = False
    table: int = 0


@dataclass(frozen=True)
class CompareShape:
    """What stays when only the values change.

    Attributes
    ----------
    tables
        Heatmaps of the same units, whose values are told together beside the pointer: one an
        aspect where the sides' units correspond, else one a side. The first one has the input.
        No name of a signal is there twice.
    panels
        Top to bottom; the last one is of lines and carries the time axis.
    sides
        The sides' names.
    alike
        Whether the sides' units correspond, and one can be picked in all of them.
    """

    tables: tuple[GatesShape, ...]
    panels: tuple[Heat | Lines, ...]
    sides: tuple[str, ...]
    alike: bool

    def style(self, panel: Heat) -> SignalStyle:
        """How a heatmap is labelled and coloured."""
        return self.tables[panel.table].signals[panel.number]


@dataclass(frozen=True)
class CompareData:
    """What the chart shows: a table of values for each of the shape's.

    ``means`` are (time,) by field, for lines over all units.
    """

    shape: CompareShape
    tables: tuple[GatesData, ...]
    means: Mapping[str, np.ndarray] = field(default_factory=dict)
