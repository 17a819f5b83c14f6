"""Which input mattered for which output of some networks on one example: the numbers."""

from collections.abc import Mapping

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from gatescope import Batch, Run, Task
from gatescope.analysis import connectivity
from viz_app.features.connectivity.chart_row import Shown
from viz_app.kit.units import marks_of

MOST_STEPS = 16_384
"""Output steps times input steps that are worked out; of a longer sequence some rows are."""

Found = Mapping[str, xr.DataArray]
"""By cell: (output_time, input_time)."""


def output_steps(length: int) -> list[int]:
    """The output steps that have a row: all where they are few, else some, the last among them."""
    every = -(-length * length // MOST_STEPS)
    return list(range(length - 1, -1, -every))[::-1]


def last_asked(batch: Batch, example: int) -> int:
    """The last step at which this example's answer counts."""
    return int(torch.nonzero(batch.scored[:, example]).max())


def targets(task: Task, batch: Batch) -> Tensor | None:
    """The class whose logit is asked about, (time, batch); None for a task of numbers.

    At a step that does not count it is the class that is right at the next one that does, after
    the last one that of the last.
    """
    if task.kind == "regression":
        return None
    found = batch.targets.clone()
    for example in range(found.shape[1]):
        asked = torch.nonzero(batch.scored[:, example])[:, 0]
        following = torch.searchsorted(asked, torch.arange(len(found))).clamp(max=len(asked) - 1)
        found[:, example] = batch.targets[asked[following], example]
    return found


def target(run: Run, example: int, step: int) -> int | None:
    """The class whose logit is asked about at one step of a probe example."""
    classes = targets(run.task, run.probe())
    return None if classes is None else int(classes[step, example])


def at(run: Run, step: int) -> int:
    """The training step of a run's last checkpoint that is not after a step."""
    return max((there for there in run.steps if there <= step), default=run.steps[0])


def of_run(run: Run, example: int, step: int) -> xr.DataArray:
    """Connectivity of a network on one of its probe examples, in double precision.

    ``step`` is the training step of one of its checkpoints.
    """
    batch, task = run.probe(), run.task
    classes = targets(task, batch)
    found = connectivity(
        run.model(step).double(),
        batch.inputs[:, example : example + 1].double(),
        None if classes is None else classes[:, example : example + 1],
        steps=output_steps(len(batch.inputs)),
    )
    return found.isel(batch=0).assign_attrs(
        {"cell": run.config.cell, "backward": run.config.bidirectional}
    )


def sequence(task: Task, batch: Batch, example: int) -> Shown:
    """The input as letters or bars."""
    inputs = batch.inputs[:, example]
    marks = marks_of(batch, example)
    if task.input_kind in ("symbols", "words"):
        return Shown(task.spell(inputs), np.empty((0, 0)), marks)
    low, high = task.value_range
    bars = inputs.numpy() if task.input_kind == "channels" else inputs[:, :1].numpy()
    return Shown((), bars / max(abs(low), abs(high)), marks)
