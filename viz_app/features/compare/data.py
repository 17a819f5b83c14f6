"""Two or three networks on the same example: the chart, and its numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from viz_app.features.compare.chart import compare_chart, compare_spec
from viz_app.features.compare.chart_data import CompareData, CompareWords
from viz_app.features.compare.numbers import Numbers
from viz_app.features.compare.panels import data_of
from viz_app.features.compare.sides import (
    Compared,
    Side,
    aspects,
    common_sorts,
    compare,
    first_aspects,
)
from viz_app.features.gates import data as gates
from viz_app.kit.answers import longest
from viz_app.kit.chart.gates_data import GatesLook
from viz_app.kit.units import order_units
from viz_app.text import say

__all__ = ["CompareView", "GatesLook", "Side", "chart", "view"]


@dataclass(frozen=True)
class CompareView(Numbers):
    """One example of a comparison, as it is drawn."""

    @cached_property
    def data(self) -> CompareData:
        """What the chart shows."""
        return data_of(self)

    def picked(self, unit: int | None = None) -> tuple[int, int]:
        """The unit to pick at first, the one that differs most, and the first mark."""
        marks = self.data.tables[0].marks
        found = self.largest().unit or 0 if unit is None else unit
        return found, marks[0][0] if marks else 0

    def spec(self, look: GatesLook, picked: tuple[int, int]) -> dict[str, Any]:
        """The chart for a page."""
        return compare_spec(self.data, words(), look, picked)

    def chart(self, look: GatesLook, picked: tuple[int, int]) -> alt.VConcatChart:
        """The chart as a value of its own."""
        return compare_chart(self.data, words(), look, picked)

    def table(self) -> pd.DataFrame:
        """The numbers: one row a side, unit and step, every aspect in a column."""
        frames = []
        for number, side in enumerate(self.compared.sides):
            columns = {a.key: v[number] for a, v in zip(self.aspects, self.values, strict=True)}
            steps, units = next(iter(columns.values())).shape
            frames.append(
                pd.DataFrame(
                    {"side": side.label, "checkpoint": side.step}
                    | {"time": np.repeat(np.arange(steps), units)}
                    | {"unit": np.tile(np.arange(units), steps)}
                    | {key: values.ravel() for key, values in columns.items()}
                )
            )
        return pd.concat(frames, ignore_index=True)


def view(
    compared: Compared,
    *,
    example: int | None = None,
    keys: Sequence[str] | None = None,
    sort: str | None = None,
) -> CompareView:
    """Look at one example.

    Parameters
    ----------
    compared
        The recordings.
    example
        Which example; None takes the one that must be remembered longest.
    keys
        The aspects to show, of `compare_sides.aspects`; None chooses them.
    sort
        By what the units are sorted, of `compare_sides.common_sorts`; None takes the first.

    Raises
    ------
    ValueError
        When there is no such example, aspect or way to sort.
    """
    chosen = longest(compared.batch) if example is None else example
    count = len(compared.batch.marks)
    if not 0 <= chosen < count:
        raise ValueError(f"example must be 0 to {count - 1}, got {chosen}")
    possible = {aspect.key: aspect for aspect in aspects(compared.layers)}
    wanted = first_aspects(list(possible.values())) if keys is None else keys
    unknown = [key for key in wanted if key not in possible]
    if unknown or not wanted:
        raise ValueError(f"keys must be of {', '.join(possible)}, got {list(wanted)}")
    ways = common_sorts(compared)
    by = ways[0] if sort is None else sort
    if by not in ways:
        raise ValueError(f"these units cannot be sorted by {by!r}; try {', '.join(ways)}")
    sorted_by = compared.trained[:1] * len(compared.sides) if compared.alike else compared.trained
    orders = tuple(tuple(order_units(layer, compared.batch, by)) for layer in sorted_by)
    return CompareView(compared, chosen, by, tuple(possible[key] for key in wanted), orders)


def chart(
    sides: Sequence[Side],
    *,
    node: str | None = None,
    unit: int | None = None,
    look: GatesLook | None = None,
    **options: Any,
) -> alt.VConcatChart:
    """Draw two or three trained runs on the same example.

    Parameters
    ----------
    sides, node
        As in `compare_sides.compare`.
    unit
        The unit whose lines are drawn where units correspond; None takes the one that differs
        most.
    look
        Theme and width.
    options
        ``example``, ``keys``, ``sort``, as in `view`.
    """
    seen = view(compare(sides, node=node), **options)
    return seen.chart(look or GatesLook(hover=False), seen.picked(unit))


def words() -> tuple[Any, CompareWords]:
    """The chart's own words, in the reader's language."""
    return gates.words(), CompareWords(say("compare.difference_scale"))
