"""What a comparison's chart is made of: heatmaps and lines of each aspect, side under side."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from viz_app.features.compare.chart_data import CompareData, Heat, Lines
from viz_app.features.compare.numbers import Numbers
from viz_app.features.compare.sides import Aspect
from viz_app.features.gates import data as gates
from viz_app.features.intervene.data import rounded_up
from viz_app.kit.chart.gates_data import GatesData, SignalStyle
from viz_app.text import say

Signals = list[tuple[SignalStyle, np.ndarray]]
"""What one table holds: how each signal is drawn, and its values (time, row)."""


def data_of(seen: Numbers) -> CompareData:
    """Heatmaps, then lines, aspect by aspect; a table an aspect where units correspond."""
    compared, count = seen.compared, len(seen.compared.sides)
    tables: list[Signals] = [[] for _ in (seen.aspects if compared.alike else compared.sides)]
    panels: list[Heat | Lines] = []
    fields: dict[str, np.ndarray] = {}
    for number in range(len(seen.aspects)):
        for side in range(count):
            table = number if compared.alike else side
            panels.append(Heat(table, len(tables[table]), legend=side == 0))
            found = seen.values[number][side][:, list(seen.orders[side])]
            tables[table].append((_style(seen, number, side), found))
        if compared.alike:
            panels += _differences(seen, number, tables[number])
        panels += _lines(seen, number, fields)
    return CompareData(
        tuple(_filled(seen, place, table) for place, table in enumerate(tables)),
        tuple(panels), tuple(side.label for side in compared.sides), compared.alike, fields,
    )  # fmt: skip


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


def field_of(aspect: Aspect, side: int) -> str:
    """A side's values in the chart's data."""
    return f"{aspect.key}_{side}"


def difference_of(aspect: Aspect, side: int) -> str:
    """A side's difference from the first in the chart's data."""
    return f"{aspect.key}_difference_{side}"


def _style(seen: Numbers, number: int, side: int) -> SignalStyle:
    aspect, bound = seen.aspects[number], seen.bounds[number]
    kind: Literal["gate", "state"] = "gate" if aspect.is_gate else "state"
    beyond = kind == "state" and max(np.abs(v).max() for v in seen.values[number]) > bound
    label = say("compare.panel", signal=aspect.named(side), side=seen.compared.sides[side].label)
    return SignalStyle(field_of(aspect, side), label, kind, bound, open_ended=bool(beyond))


def _differences(seen: Numbers, number: int, table: Signals) -> list[Heat]:
    """Each other side minus the first, unit by unit, on one scale centred on 0."""
    aspect, sides = seen.aspects[number], seen.compared.sides
    first, *others = (values[:, list(seen.orders[0])] for values in seen.values[number])
    bound = rounded_up(max(float(np.abs(other - first).max()) for other in others))
    panels = []
    for side, other in enumerate(others, start=1):
        title = say(
            "compare.panel_difference", signal=aspect.label,
            side=sides[side].label, first=sides[0].label,
        )  # fmt: skip
        style = SignalStyle(difference_of(aspect, side), title, "state", bound)
        panels.append(Heat(number, len(table), legend=side == 1, difference=True))
        table.append((style, other - first))
    return panels


def _lines(seen: Numbers, number: int, fields: dict[str, np.ndarray]) -> list[Lines]:
    """The picked unit's lines; or the means over units, and how they differ."""
    aspect, sides = seen.aspects[number], seen.compared.sides
    places = tuple(range(len(sides)))
    names = tuple(field_of(aspect, side) for side in places)
    domain = (0.0, 1.0) if aspect.is_gate else None
    if seen.compared.alike:
        title = say("compare.panel_unit", unit="{unit}", signal=aspect.label)
        return [Lines(title, names, places, "unit", domain, legend=number == 0, table=number)]
    means = seen.means[number]
    fields |= dict(zip(names, means, strict=True))
    gaps = tuple(difference_of(aspect, side) for side in places[1:])
    fields |= {gap: means[side] - means[0] for side, gap in enumerate(gaps, start=1)}
    kind = "gate" if aspect.is_gate else "state"
    return [
        Lines(
            say(f"compare.panel_mean_{kind}", signal=aspect.label), names, places, "means", domain,
            legend=number == 0,
        ),
        Lines(
            say("compare.panel_gap", others=" / ".join(side.label for side in sides[1:]),
                first=sides[0].label),
            gaps, places[1:], "means", _around_zero([fields[gap] for gap in gaps]),
            difference=True,
        ),
    ]  # fmt: skip


def _around_zero(lines: Sequence[np.ndarray]) -> tuple[float, float]:
    bound = rounded_up(max(float(np.abs(line).max()) for line in lines))
    return -bound, bound
