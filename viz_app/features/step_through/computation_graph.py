"""The wiring of any cell, with the numbers of one unit at one step."""

from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import xarray as xr

from gatescope import CELLS, make_cell
from gatescope.analysis import Edge, wiring
from viz_app.features.step_through.chart_computation_graph import placed, wiring_chart
from viz_app.kit.chart.style import Theme
from viz_app.kit.chart.window import PAGE, Look, Window
from viz_app.kit.units import layer_of, one_example
from viz_app.kit.words import brief, clauses, commas, joined
from viz_app.text import name_of, say

BEFORE = "_before"


@dataclass(frozen=True)
class WiringView:
    """One unit of one layer at one step: what goes into what, and the recording (time, unit)."""

    cell: str
    edges: tuple[Edge, ...]
    one: xr.Dataset
    unit: int
    step: int

    def numbers(self) -> dict[str, float]:
        """The unit's value of every signal, and of the states of the step that was read before."""
        now = {
            str(name): float(values.isel(time=self.step, unit=self.unit))
            for name, values in self.one.data_vars.items()
            if not str(name).startswith("grad_")
        }
        back = -1 if self.one.attrs["direction"] == "reverse" else 1
        before = self.step - back
        there = 0 <= before < self.one.sizes["time"]
        states = [name for name in now if name.endswith("_state")]
        return now | {
            name + BEFORE: float(self.one[name].isel(time=before, unit=self.unit)) if there else 0.0
            for name in states
        }

    def chart(
        self, theme: Theme, width: int | None = None, window: Window = PAGE
    ) -> alt.LayerChart:
        """The drawing; without a ``width`` it takes that of the page."""
        names = dict.fromkeys(name for edge in self.edges for name in edge)
        shown = {name: f"{value:.3f}".replace("-", "−") for name, value in self.numbers().items()}
        nodes = placed(self.edges, {name: label(name) for name in names}, shown)
        return wiring_chart(self.edges, nodes, theme, width, window)

    def spec(self, look: Look) -> dict[str, Any]:
        """The drawing for a page."""
        found: dict[str, Any] = self.chart(look.theme, window=look.window).to_dict()
        return found

    def table(self) -> pd.DataFrame:
        """What stands on the drawing."""
        return pd.DataFrame(list(self.numbers().items()), columns=["signal", "value"])

    def alternative(self) -> str:
        """What the drawing shows, for those who cannot see it."""
        fed: dict[str, list[str]] = {}
        for source, target in self.edges:
            fed.setdefault(target, []).append(label(source))
        told = clauses(
            say("step.wired", target=label(target), sources=commas(sources))
            for target, sources in fed.items()
        )
        numbers = [f"{label(name)} {brief(value)}" for name, value in self.numbers().items()]
        return say(
            "step.wiring_alt", cell=name_of("cell", self.cell), told=told, step=self.step,
            unit=self.unit, numbers=joined(numbers),
        )  # fmt: skip


def label(name: str) -> str:
    """A signal, the input, or a state of the step before, as a person reads it."""
    if name == "input":
        return say("step.wiring_input")
    if name.endswith(BEFORE):
        return say("step.wiring_before", state=name_of("signal", name.removesuffix(BEFORE)))
    return name_of("signal", name)


def view(
    trace: xr.DataTree,
    node: str | None,
    example: int,
    unit: int,
    step: int,
    cell: str | None = None,
) -> WiringView:
    """Look at one unit at one step of a recorded layer, the first one where there is no ``node``.

    Raises
    ------
    ValueError
        When the cell is not in ``gatescope.CELLS``, or there is no such unit or step.
    """
    layer = layer_of(trace, node)
    cell = cell or str(layer.attrs["cell"])
    if cell not in CELLS:
        raise ValueError(say("step.unknown_cell", cell=cell))
    one = one_example(layer, example)
    for name, dim, value in (("unit", "unit", unit), ("step", "time", step)):
        if not 0 <= value < one.sizes[dim]:
            raise ValueError(f"{name} must be 0 to {one.sizes[dim] - 1}, got {value}")
    return WiringView(cell, wiring(make_cell(cell, 3, 4)), one, unit, step)


def at_step(one: xr.Dataset, marks: tuple[tuple[int, str], ...]) -> int:
    """The step to look at first: the first mark, or the one at which the state moves most."""
    if marks:
        return marks[0][0]
    moves = np.abs(np.diff(one["hidden_state"].values, axis=0)).sum(axis=1)
    return int(moves.argmax()) + 1 if len(moves) else 0
