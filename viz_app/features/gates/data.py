"""What the gates of one layer do on one example: the chart, and the words about it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import xarray as xr

from gatescope import Batch, Task
from gatescope.analysis import retention_gate
from viz_app.features.gates.input_data import strip, strip_values
from viz_app.features.gates.words import notes
from viz_app.kit.chart.gates import gates_chart, gates_spec, view_rows
from viz_app.kit.chart.gates_data import VIEW, GatesData, GatesShape, GatesWords, SignalStyle
from viz_app.kit.chart.gates_fit import LINES, which_fit
from viz_app.kit.chart.gates_look import GatesLook
from viz_app.kit.chart.hover_cells import unit_rows
from viz_app.kit.choice import PANELS
from viz_app.kit.packed import arrow
from viz_app.kit.units import (
    colour_bounds,
    layer_of,
    marks_of,
    one_example,
    order_units,
    shown,
    telling_gate,
)
from viz_app.kit.visible import WHOLE, Part
from viz_app.text import name_of, say

WITHIN_ONE = ("hidden_state", "candidate", "cell_candidate")
"""Signals of tanh, whose colours have nothing outside when they end at 1."""

SMALLEST = 1e-30
"""A gate that is exactly shut counts as this in logarithms; what is left is then 0 all the same."""


@dataclass(frozen=True)
class GatesView:
    """One example seen through one layer.

    ``layer`` is its recording, all examples, and ``batch`` these, where they are known; ``data`` is
    all that the chart could show, ``part`` what of it is in view.
    """

    layer: xr.Dataset
    data: GatesData
    example: int
    batch: Batch | None
    part: Part = WHOLE

    @cached_property
    def seen(self) -> GatesData:
        """What is in view."""
        return self.part.of(self.data)

    def within(self, part: Part) -> "GatesView":
        """The same example with another part in view."""
        return replace(self, part=part)

    def one(self) -> xr.Dataset:
        """This example's recording alone, (time, unit), without what lies past its end."""
        return one_example(self.layer, self.example)

    def picked(self, unit: int | None = None, step: int | None = None) -> tuple[int, int]:
        """The unit and step to pick at first: the topmost row, and the first mark."""
        shape, marks = self.seen.shape, self.seen.marks
        first = marks[0][0] if marks else shape.start
        return shape.units[0] if unit is None else unit, first if step is None else step

    def fitting(self, look: GatesLook) -> tuple[str, ...]:
        """The pictures that fit a window: what writes, the lines, what keeps, the state."""
        shape = replace(self.part, panels=PANELS, pictures=None).of(self.data).shape
        gate = retention_gate(self.layer)
        keeps = () if gate is None else (str(gate.name),)
        wanted = (telling_gate(self.layer)[0], LINES, *keeps, shape.kept_in)
        return which_fit(shape, look, [name for name in dict.fromkeys(wanted) if name])

    def spec(self, look: GatesLook, picked: tuple[int, int]) -> dict[str, Any]:
        """The chart for a page."""
        return gates_spec(self.seen, words(), look, picked)

    def with_picks(
        self, spec: dict[str, Any], look: GatesLook, unit: int, asked: tuple[int, int], count: int
    ) -> dict[str, Any]:
        """A shared spec with what this reader picked; the shared one stays as it is.

        The lines of ``unit`` are sent where there are too many cells for all of them. ``asked`` is
        what the chart is asked to pick, which it was ``count`` times before.
        """
        (seen,) = view_rows(self.seen.shape, look, asked)
        own = {VIEW: arrow([seen | {"count": count}])}
        if self.seen.shape.blocked:
            rows = unit_rows(self.seen, unit, look)
            own |= {name: arrow(each) for name, each in rows.items()}
        return spec | {"datasets": spec["datasets"] | own}

    def chart(self, look: GatesLook, picked: tuple[int, int]) -> alt.VConcatChart:
        """The chart as a value of its own."""
        return gates_chart(self.seen, words(), look, picked)

    def table(self) -> pd.DataFrame:
        """The numbers in view: one row a unit and step, every signal of the layer in a column."""
        shape = self.seen.shape
        one = self.one().drop_vars("batch")
        names = [name for name in one.data_vars if "unit" in one[name].dims]
        shown = one[names].sel(time=slice(shape.start, shape.end - 1), unit=sorted(shape.units))
        return shown.to_dataframe().reset_index()


def view(
    layer: xr.Dataset,
    batch: Batch | None = None,
    task: Task | None = None,
    *,
    example: int = 0,
    order: Sequence[int] | None = None,
    bounds: Mapping[str, float] | None = None,
    part: Part = WHOLE,
) -> GatesView:
    """Look at one example.

    Parameters
    ----------
    layer
        One layer and direction of a trace; of part of its steps and units it shows the numbers
        that they have in the whole.
    batch, task
        The examples that were recorded and their task, to draw the input and the marks.
    example
        Which example of the batch, by its place in the trace.
    order
        The units from the top, by their places in the trace; None sorts them by `order_units`.
    bounds
        Where the colours of each signed signal end; None takes them from the recording.
    part
        What of it is in view.

    Raises
    ------
    ValueError
        When there is no such example, ``order`` does not name every unit once, there is no such
        part, it wants gradients and the recording was made without a loss, or the trace leaves
        steps out between others.
    """
    count = layer.sizes["batch"]
    if not 0 <= example < count:
        raise ValueError(f"example must be 0 to {count - 1}, got {example}")
    units = list(order_units(layer, batch) if order is None else order)
    if sorted(units) != list(range(layer.sizes["unit"])):
        raise ValueError(f"order must name each of {layer.sizes['unit']} units once, got {units}")
    start, ids = _first_step(layer), [int(unit) for unit in layer["unit"].values[units]]
    if not shown(layer):
        raise ValueError(say("gates.nothing_shown"))
    if twice := [unit for unit, count in Counter(ids).items() if count > 1]:
        raise ValueError(say("gates.twice", unit=twice[0]))
    names = [*shown(layer), *(_gradients(layer) if "gradients" in part.panels else [])]
    signed, limits = {name for name in names if not name.endswith("_gate")}, dict(bounds or {})
    if not signed <= set(limits):
        limits = colour_bounds(layer) | limits
    one = one_example(layer, example)
    gate = retention_gate(one)
    styles = tuple(_style(name, limits) for name in names)
    marks = marks_of(batch, example) if batch else ()
    backward = layer.attrs["direction"] == "reverse"
    kept_in = "cell_state" if "cell_state" in layer else "hidden_state"
    shape = GatesShape(
        steps=one.sizes["time"],
        start=start,
        units=tuple(ids),
        signals=styles,
        **(strip(task) if task and batch else {}),
        kept_in="" if gate is None else kept_in,
        backward=backward,
    )
    data = GatesData(
        shape=shape,
        values=tuple(_in_order(one[style.name], units) for style in styles),
        notes=tuple(notes(one, marks, units, telling_gate(layer)[0])),
        marks=marks,
        norms=tuple(
            np.linalg.norm(one[style.name].values.astype("float64"), axis=1)
            for style in styles
            if style.kind == "gradient"
        ),
        log_kept=None if gate is None else _log_kept(_in_order(gate, units), backward),
        **(strip_values(batch, task, example) if task and batch else {}),
    )
    return GatesView(layer, data, example, batch, part)


def chart(
    trace: xr.DataTree,
    batch: Batch | None = None,
    task: Task | None = None,
    *,
    node: str | None = None,
    unit: int | None = None,
    step: int | None = None,
    look: GatesLook | None = None,
    **options: Any,
) -> alt.VConcatChart:
    """Draw the gates of one layer of a trace on one example.

    Parameters
    ----------
    trace
        What ``gatescope.record`` returned.
    batch, task
        The examples that were recorded and their task; without them there is no input and no
        mark on the chart.
    node
        Which layer, as ``"lstm/l0"``; None takes the first.
    unit, step
        The unit whose traces are drawn, and the step whose remains are; None chooses them.
    look
        Theme, width, and whether the chart answers the pointer.
    options
        ``example``, ``order``, ``bounds``, ``part``, as in `view`.
    """
    seen = view(layer_of(trace, node), batch, task, **options)
    return seen.chart(look or GatesLook(hover=False), seen.picked(unit, step))


def label_of(name: str) -> str:
    """A signal, or the gradient of one, or the lines, as a person reads it."""
    if name == LINES:
        return say("gates.lines_of_unit")
    if name.startswith("grad_"):
        return say("gates.gradient_of", signal=name_of("signal", name.removeprefix("grad_")))
    return name_of("signal", name)


def words() -> GatesWords:
    """The chart's own words, in the reader's language."""
    return GatesWords(
        time=say("gates.time"),
        unit=say("gates.unit"),
        step=say("gates.step"),
        gate_scale=say("gates.gate_scale"),
        state_scale=say("gates.state_scale"),
        left=say("gates.left", step="{step}"),
        gradient_scale=say("gates.gradient_scale"),
        norms=say("gates.norms"),
        shut=say("gates.shut"),
        open=say("gates.open"),
        overwrites=say("gates.overwrites"),
        keeps=say("gates.keeps"),
    )


def _in_order(signal: xr.DataArray, units: Sequence[int]) -> np.ndarray:
    """(time, row); each row's steps lie beside one another, as heatmaps read them."""
    return np.ascontiguousarray(signal.values.T[list(units)]).T


def _first_step(layer: xr.Dataset) -> int:
    """The number of a trace's first step; the others must follow it one by one."""
    steps = layer["time"].values.astype(np.int64)  # whose differences do not wrap around
    strides = np.diff(steps)
    if (strides != 1).any():
        place = int((strides != 1).argmax())
        raise ValueError(say("gates.strided", first=steps[place], second=steps[place + 1]))
    return int(steps[0])


def _gradients(layer: xr.Dataset) -> list[str]:
    """The gradients of the states, where there are any."""
    names = [f"grad_{name}" for name in shown(layer) if not name.endswith("_gate")]
    missing = [name for name in names if name not in layer]
    if missing:
        raise ValueError(f"the recording has no {missing[0]}: record with a loss")
    return names


def _style(name: str, bounds: Mapping[str, float]) -> SignalStyle:
    label = label_of(name)
    if name.startswith("grad_"):
        return SignalStyle(name, label, "gradient", bounds[name])
    if name.endswith("_gate"):
        return SignalStyle(name, label, "gate")
    bound = bounds.get(name, 1.0)
    return SignalStyle(name, label, "state", bound, open_ended=name not in WITHIN_ONE or bound < 1)


def _log_kept(gate: np.ndarray, backward: bool) -> np.ndarray:
    logs = np.log(np.maximum(gate, gate.dtype.type(SMALLEST)), dtype="float64")
    if backward:
        return logs[::-1].cumsum(axis=0)[::-1]
    return logs.cumsum(axis=0)
