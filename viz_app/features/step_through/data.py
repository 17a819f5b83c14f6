"""One unit at one step, with all its numbers: the view of a recording and its network."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import xarray as xr
from torch import nn

from gatescope import Batch, SequenceModel, Task
from gatescope.analysis import as_cell, layer_inputs, one_step
from viz_app.features.gates import data as gates
from viz_app.features.step_through.chart import step_chart, step_spec
from viz_app.features.step_through.chart_cells import DRAWINGS
from viz_app.features.step_through.chart_data import StepData
from viz_app.features.step_through.chart_drawing import Way
from viz_app.features.step_through.words import words
from viz_app.kit.chart.gates_look import GatesLook
from viz_app.kit.units import layer_of
from viz_app.text import name_of, say

__all__ = ["CELLS", "WAYS", "StepView", "Way", "chart", "view"]

CELLS = tuple(DRAWINGS)
"""The cells there is a drawing of."""

WAYS: tuple[Way, ...] = ("forward", "backward")


@dataclass(frozen=True)
class StepView:
    """One example seen through one layer, every step of it taken apart.

    ``terms`` are (time, unit), see ``gatescope.analysis.one_step``.
    """

    terms: xr.Dataset
    gates: gates.GatesView

    def picked(self, unit: int | None = None, step: int | None = None) -> tuple[int, int]:
        """The unit and step to pick at first, as on the gates page."""
        return self.gates.picked(unit, step)

    def data(self, way: Way) -> StepData:
        """What the chart shows."""
        cell, reverse = self.terms.attrs["cell"], self.terms.attrs["direction"] == "reverse"
        return StepData(cell, way, words(cell, way, reverse=reverse), self._arrays, self.gates.data)

    @cached_property
    def _arrays(self) -> dict[str, np.ndarray]:
        """The terms by name, and how much a GRU lets in."""
        found = {str(name): values.values for name, values in self.terms.items()}
        if "update_gate" in found:
            found["let_in"] = 1 - found["update_gate"]
        return found

    def spec(self, way: Way, look: GatesLook, picked: tuple[int, int]) -> dict[str, Any]:
        """The chart for a page."""
        return step_spec(self.data(way), look, picked)

    def chart(self, way: Way, look: GatesLook, picked: tuple[int, int]) -> alt.VConcatChart:
        """The chart as a value of its own."""
        return step_chart(self.data(way), look, picked)

    def table(self, unit: int) -> pd.DataFrame:
        """One unit's numbers, not rounded: a row a step, a column each."""
        return self.terms.sel(unit=unit).to_dataframe().reset_index()


def view(
    model: nn.Module,
    trace: xr.DataTree,
    batch: Batch,
    task: Task | None = None,
    *,
    node: str | None = None,
    example: int = 0,
    seen: gates.GatesView | None = None,
) -> StepView:
    """Take one example apart.

    Parameters
    ----------
    model
        The network that was recorded.
    trace
        What ``gatescope.record`` returned, with a loss for the backward step.
    batch, task
        The examples that were recorded and their task.
    node
        Which layer, as ``"lstm/l0"``; None takes the first.
    example
        Which example of the batch.
    seen
        The gates view of the same example, where there is one already.

    Raises
    ------
    ValueError
        When the layer is not an RNN with tanh, an LSTM or a GRU of torch.
    """
    layer = layer_of(trace, node)
    path = next(iter(trace.leaves)).path.strip("/") if node is None else node
    refuse_other_cells(layer)
    module = dict(model.named_modules()).get(path.rpartition("/")[0], model)
    if getattr(module, "nonlinearity", "tanh") != "tanh":
        raise ValueError("the drawing of an RNN is for tanh; this one has relu")
    reverse = layer.attrs["direction"] == "reverse"
    cell = as_cell(module, layer.attrs["layer"], reverse=reverse)
    read = model.embed(batch.inputs) if isinstance(model, SequenceModel) else batch.inputs
    inputs = layer_inputs(trace, path, read, example)
    terms = one_step(layer, cell, inputs, example)
    return StepView(terms, seen or gates.view(layer, batch, task, example=example))


def refuse_other_cells(layer: xr.Dataset) -> None:
    """Say so where there is no drawing of a layer's cell."""
    if layer.attrs["cell"] not in CELLS:
        raise ValueError(say("step.not_drawn", cell=name_of("cell", layer.attrs["cell"])))


def chart(
    model: nn.Module,
    trace: xr.DataTree,
    batch: Batch,
    task: Task | None = None,
    *,
    way: Way = "forward",
    unit: int | None = None,
    step: int | None = None,
    look: GatesLook | None = None,
    **options: Any,
) -> alt.VConcatChart:
    """Draw one unit at one step, with its numbers.

    Parameters
    ----------
    model, trace, batch, task
        As in `view`.
    way
        ``"forward"`` with the values, ``"backward"`` with the gradients.
    unit, step
        Which; None chooses them.
    look
        Theme and width.
    options
        ``node`` and ``example``, as in `view`.
    """
    if way not in WAYS:
        raise ValueError(f"way must be one of {', '.join(WAYS)}, got {way!r}")
    seen = view(model, trace, batch, task, **options)
    return seen.chart(way, look or GatesLook(width=1060, hover=False), seen.picked(unit, step))
