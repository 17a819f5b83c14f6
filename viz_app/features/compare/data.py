"""Two or three networks on one example as they are drawn: heatmaps and lines of each aspect."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import altair as alt
import numpy as np

from viz_app.features.compare.chart import compare_chart, compare_spec
from viz_app.features.compare.chart_data import CompareData, CompareShape, Heat, Lines
from viz_app.features.compare.numbers import Numbers
from viz_app.features.compare.sides import (
    Aspect,
    Compared,
    Side,
    aspects,
    common_sorts,
    compare,
    first_aspects,
)
from viz_app.features.gates import data as gates
from viz_app.kit.answers import longest
from viz_app.kit.chart.gates_data import GatesData, SignalStyle
from viz_app.kit.chart.gates_look import GatesLook
from viz_app.kit.units import order_units, rounded_up
from viz_app.text import say

Signals = list[tuple[SignalStyle, np.ndarray]]
"""What one table holds: how each signal is drawn, and its values (time, row)."""


@dataclass(frozen=True)
class CompareView(Numbers):
    """One example of a comparison, as it is drawn."""

    @cached_property
    def data(self) -> CompareData:
        """Heatmaps, then lines, aspect by aspect; a table an aspect where units correspond."""
        compared, alike = self.compared, self.compared.alike
        tables: list[Signals] = [[] for _ in (self.aspects if alike else compared.sides)]
        panels: list[Heat | Lines] = []
        means: dict[str, np.ndarray] = {}
        for number in range(len(self.aspects)):
            for side, order in enumerate(self.orders):
                table = tables[number if alike else side]
                panels.append(Heat(number if alike else side, len(table), legend=side == 0))
                table.append((_style(self, number, side), self.values[number][side][:, order]))
            if alike:
                panels += _differences(self, number, tables[number])
            panels += _lines(self, number, means)
        filled = tuple(_filled(self, place, table) for place, table in enumerate(tables))
        sides = tuple(side.label for side in compared.sides)
        shape = CompareShape(tuple(each.shape for each in filled), tuple(panels), sides, alike)
        return CompareData(shape, filled, means)

    def picked(self, unit: int | None = None) -> tuple[int, int]:
        """The unit to pick at first, the one that differs most, and the first mark."""
        most = self.largest().unit or 0 if unit is None else unit
        return most, self.marks[0][0] if self.marks else 0

    def spec(self, look: GatesLook, picked: tuple[int, int]) -> dict[str, Any]:
        """The chart for a page."""
        return compare_spec(self.data, gates.words(), look, picked)

    def chart(self, look: GatesLook, picked: tuple[int, int]) -> alt.VConcatChart:
        """The chart as a value of its own."""
        return compare_chart(self.data, gates.words(), look, picked)


def view(
    compared: Compared,
    *,
    example: int | None = None,
    keys: Sequence[str] | None = None,
    sort: str | None = None,
) -> CompareView:
    """Look at one example.

    ``keys`` are of `sides.aspects`, ``sort`` of `sides.common_sorts`; None chooses, and of the
    examples the one that must be remembered longest.

    Raises
    ------
    ValueError
        When there is no such example, aspect or way to sort.
    """
    example = longest(compared.batch) if example is None else example
    count = len(compared.batch.marks)
    if not 0 <= example < count:
        raise ValueError(f"example must be 0 to {count - 1}, got {example}")
    possible = {aspect.key: aspect for aspect in aspects(compared.layers)}
    wanted = first_aspects(list(possible.values())) if keys is None else keys
    if not wanted or not set(wanted) <= set(possible):
        raise ValueError(f"keys must be of {', '.join(possible)}, got {list(wanted)}")
    ways = common_sorts(compared)
    by = ways[0] if sort is None else sort
    if by not in ways:
        raise ValueError(f"these units cannot be sorted by {by!r}; try {', '.join(ways)}")
    sorted_by = compared.trained[:1] * len(compared.sides) if compared.alike else compared.trained
    orders = tuple(tuple(order_units(layer, compared.batch, by)) for layer in sorted_by)
    return CompareView(compared, example, by, tuple(possible[key] for key in wanted), orders)


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
        As in `sides.compare`.
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


def field_of(aspect: Aspect, side: int) -> str:
    """A side's values in the chart's data."""
    return f"{aspect.key}_{side}"


def difference_of(aspect: Aspect, side: int) -> str:
    """A side's difference from the first in the chart's data."""
    return f"{aspect.key}_difference_{side}"


def _filled(seen: Numbers, place: int, signals: Signals) -> GatesData:
    """A table with its units and marks; the first one has the input too."""
    compared, side = seen.compared, 0 if seen.compared.alike else place
    base = gates.view(
        compared.layers[side], compared.batch, compared.task, example=seen.example,
        order=seen.orders[side],
    ).data  # fmt: skip
    styles, values = zip(*signals, strict=True)
    strip = base.shape.strip if place == 0 else None
    shape = replace(base.shape, signals=styles, strip=strip, kept_in="")
    return replace(base, shape=shape, values=values, log_kept=None)


def _style(seen: Numbers, number: int, side: int) -> SignalStyle:
    aspect, bound = seen.aspects[number], seen.bounds[number]
    kind: Literal["gate", "state"] = "gate" if aspect.is_gate else "state"
    beyond = kind == "state" and max(np.abs(v).max() for v in seen.values[number]) > bound
    label = say("compare.panel", signal=aspect.named(side), side=seen.compared.sides[side].label)
    return SignalStyle(field_of(aspect, side), label, kind, bound, open_ended=bool(beyond))


def _differences(seen: Numbers, number: int, table: Signals) -> list[Heat]:
    """Each other side minus the first, unit by unit, on one scale centred on 0."""
    aspect, sides = seen.aspects[number], seen.compared.sides
    first, *others = (values[:, seen.orders[0]] for values in seen.values[number])
    bound = rounded_up(max(float(np.abs(other - first).max()) for other in others))
    scale = say("compare.difference_scale")
    panels = []
    for side, other in enumerate(others, start=1):
        title = say(
            "compare.panel_difference", signal=aspect.label,
            side=sides[side].label, first=sides[0].label,
        )  # fmt: skip
        style = SignalStyle(difference_of(aspect, side), title, "state", bound)
        panels.append(Heat(number, len(table), legend=side == 1, scale=scale))
        table.append((style, other - first))
    return panels


def _lines(seen: Numbers, number: int, means: dict[str, np.ndarray]) -> list[Lines]:
    """The picked unit's lines; or the means over units, and how they differ."""
    aspect, sides = seen.aspects[number], seen.compared.sides
    places = tuple(range(len(sides)))
    names = tuple(field_of(aspect, side) for side in places)
    domain = (0.0, 1.0) if aspect.is_gate else None
    if seen.compared.alike:
        title = say("compare.panel_unit", unit="{unit}", signal=aspect.label)
        return [Lines(title, names, places, "unit", domain, legend=number == 0, table=number)]
    of_sides = seen.means[number]
    means |= dict(zip(names, of_sides, strict=True))
    gaps = {difference_of(aspect, side): of_sides[side] - of_sides[0] for side in places[1:]}
    means |= gaps
    bound = rounded_up(max(float(np.abs(line).max()) for line in gaps.values()))
    kind = "gate" if aspect.is_gate else "state"
    title = say(f"compare.panel_mean_{kind}", signal=aspect.label)
    others = " / ".join(side.label for side in sides[1:])
    gap = say("compare.panel_gap", others=others, first=sides[0].label)
    return [
        Lines(title, names, places, "means", domain, legend=number == 0),
        Lines(gap, tuple(gaps), places[1:], "means", (-bound, bound), difference=True),
    ]
