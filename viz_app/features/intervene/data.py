"""One example of a network as it is and with interventions: the chart, and its numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import altair as alt
import numpy as np
import pandas as pd
import xarray as xr

from gatescope import Batch, Task
from viz_app.features.gates import data as gates
from viz_app.features.intervene.chart import (
    CHANGED,
    DIFFERENCE,
    InterveneData,
    intervene_chart,
    intervene_spec,
)
from viz_app.features.intervene.compared import Compared
from viz_app.kit.chart.gates_data import SignalStyle
from viz_app.kit.chart.gates_look import GatesLook
from viz_app.kit.units import colour_bounds, one_example, order_units, rounded_up
from viz_app.kit.words import decimals
from viz_app.text import name_of, say

LEAST = 0.2
"""The colours of a difference reach at least so far in those of its signal: hardly any is pale."""


@dataclass(frozen=True)
class InterveneView:
    """One example of a comparison, as it is drawn.

    ``untouched`` and ``changed`` are its recordings, (time, unit); the second is None before it is
    revealed.
    """

    data: InterveneData
    untouched: xr.Dataset
    changed: xr.Dataset | None

    def picked(self, unit: int | None = None) -> tuple[int, int]:
        """The unit to pick at first, the one that changes most, and the first mark."""
        marks = self.data.gates.marks
        return most_changed(self)[0] if unit is None else unit, marks[0][0] if marks else 0

    def spec(self, look: GatesLook, picked: tuple[int, int]) -> dict[str, Any]:
        """The chart for a page."""
        return intervene_spec(self.data, gates.words(), look, picked)

    def chart(self, look: GatesLook, picked: tuple[int, int]) -> alt.VConcatChart:
        """The chart as a value of its own."""
        return intervene_chart(self.data, gates.words(), look, picked)

    def table(self) -> pd.DataFrame:
        """The numbers: one row a unit and step, every signal of both runs in a column."""
        names = [n for n in self.untouched.data_vars if "unit" in self.untouched[n].dims]
        whole = self.untouched[names].drop_vars("batch")
        if self.changed is not None:
            other = self.changed[names].drop_vars("batch")
            whole = whole.merge(other.rename({name: f"{CHANGED}{name}" for name in names}))
        return whole.to_dataframe().reset_index()


def view(
    compared: Compared,
    batch: Batch,
    task: Task,
    *,
    example: int,
    signals: Sequence[str],
    order: Sequence[int] | None = None,
    bounds: Mapping[str, float] | None = None,
    revealed: bool = True,
) -> InterveneView:
    """Look at one example.

    ``signals`` have heatmaps; ``order`` and ``bounds``, as in `viz_app.features.gates.data.view`,
    are by the untouched run, and both runs share them. The changed run and the difference are only
    shown when they are ``revealed``.
    """
    units = list(order_units(compared.untouched, batch) if order is None else order)
    limits = colour_bounds(compared.untouched) | dict(bounds or {})
    seen = gates.view(
        compared.untouched, batch, task, example=example, order=units, bounds=limits
    ).data
    one, other = (one_example(layer, example) for layer in (compared.untouched, compared.changed))
    styles: list[SignalStyle] = []
    values: list[np.ndarray] = []
    for name in signals:
        before, after = one[name].values[:, units], other[name].values[:, units]
        both = _styles(name, limits.get(name, 1.0), before, after)
        styles += both if revealed else both[:1]
        values += [before, after, after - before] if revealed else [before]
    changed = other if revealed else None
    drawn = replace(
        seen, shape=replace(seen.shape, signals=tuple(styles), kept_in=""), values=tuple(values),
        notes=tuple(_note(one, changed, signals[-1], unit) for unit in units), log_kept=None,
    )  # fmt: skip
    lines = tuple((name, name_of("signal", name)) for name in signals)
    runs = (say("intervene.untouched"), say("intervene.changed"))[: 2 if revealed else 1]
    return InterveneView(InterveneData(drawn, lines, runs), one, changed)


def most_changed(seen: InterveneView) -> tuple[int, int, str]:
    """The unit and step at which a shown signal differs most, and that signal.

    Signals are compared by the largest difference over the bound of their colours; where nothing
    differs, it is the topmost unit at step 0.
    """
    shape = seen.data.gates.shape
    best = (0.0, shape.units[0], 0, seen.data.lines[-1][0])
    bounds = {style.name: style.bound for style in shape.signals}
    for style, values in zip(shape.signals, seen.data.gates.values, strict=True):
        if not style.name.startswith(DIFFERENCE):
            continue
        name = style.name.removeprefix(DIFFERENCE)
        sizes = np.abs(values) / bounds[name]
        step, row = np.unravel_index(int(sizes.argmax()), sizes.shape)
        if sizes[step, row] > best[0]:
            best = (float(sizes[step, row]), shape.units[int(row)], int(step), name)
    return best[1:]


def _styles(name: str, bound: float, before: np.ndarray, after: np.ndarray) -> list[SignalStyle]:
    """How a signal is drawn as it is, changed, and as a difference; the first two alike."""
    kind: Literal["gate", "state"] = "gate" if name.endswith("_gate") else "state"
    bound = 1.0 if kind == "gate" else bound
    beyond = kind == "state" and max(np.abs(before).max(), np.abs(after).max()) > bound

    def title(key: str) -> str:
        return say(f"intervene.title_{key}", signal=name_of("signal", name))

    widest = rounded_up(max(float(np.abs(after - before).max()), LEAST * bound))
    return [
        SignalStyle(name, title("untouched"), kind, bound, bool(beyond)),
        SignalStyle(CHANGED + name, title("changed"), kind, bound, bool(beyond)),
        SignalStyle(DIFFERENCE + name, title("difference"), "state", widest),
    ]


def _note(one: xr.Dataset, other: xr.Dataset | None, name: str, unit: int) -> str:
    """A line about a unit: the largest change of a signal of its."""
    signal = name_of("signal", name)
    before = one[name].values[:, unit]
    if other is None:
        low, high = decimals(float(before.min())), decimals(float(before.max()))
        return say("intervene.note", unit=unit, signal=signal, low=low, high=high)
    after = other[name].values[:, unit]
    step = int(np.abs(after - before).argmax())
    return say(
        "intervene.note_changed", unit=unit, signal=signal, step=step,
        before=decimals(float(before[step])), after=decimals(float(after[step])),
    )  # fmt: skip
