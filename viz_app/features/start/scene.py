"""What the scene shows: one network of a single unit, and what it does on one row of numbers."""

from typing import Any

import numpy as np
import torch

from gatescope import Batch, Run, intervene, record
from gatescope.intervention import Clamp
from gatescope.tasks import edited
from viz_app.features.start.chart_scene import DOORS, Numbers, Scene

LSTM, RNN = "adding-lstm-one-unit", "adding-rnn-one-unit"
"""The prepared runs."""

VARIANTS = ("trained", "untrained", "leaky", "rnn")
"""The network as it is, before training, with its forget gate held, and a plain RNN."""

LEAK = 0.9
"""Where the forget gate is held."""

NEAR = 0.01
"""How near the answer is to the right one, on the row that is shown first."""


def run_of(variant: str) -> str:
    """The run of a variant."""
    return RNN if variant == "rnn" else LSTM


def telling(run: Run) -> int:
    """The example on which both numbers lift the answer, the smaller lift the largest.

    Only those are meant whose answer is right to `NEAR`.
    """
    batch, model = run.probe(), run.model(run.steps[-1])
    answers = _answers(model, batch.inputs)
    best, found = -np.inf, 0
    for example, marks in enumerate(batch.marks):
        row = answers[:, example]
        lift = min(row[mark.step] - row[max(mark.step - 1, 0)] for mark in marks)
        error = abs(row[batch.end] - float(batch.targets[batch.end, example, 0]))
        if error < NEAR and lift > best:
            best, found = lift, example
    return found


def scene(variant: str, run: Run, trained: Run, example: int, own: str) -> Scene:
    """What a variant does on an example, or on one that was changed by hand.

    Parameters
    ----------
    variant
        One of `VARIANTS`.
    run
        Its run.
    trained
        The LSTM's.
    example
        Of the runs' probe examples.
    own
        A change of it, as `gatescope.tasks.edited` takes it.

    Raises
    ------
    gatescope.tasks.EditError
        When it cannot be changed so.
    """
    batch: Batch = edited(trained.task, trained.probe(), own, example)
    model = run.model(run.steps[0] if variant == "untrained" else run.steps[-1])
    if variant == "leaky":
        done = intervene(model, batch.inputs, Clamp("forget_gate", LEAK))
        tree, answers = done.changed, done.changed_output[..., 0].double().numpy()
    else:
        tree, answers = record(model, batch.inputs), _answers(model, batch.inputs)
    (leaf,) = tree.leaves
    layer = leaf.to_dataset().isel(batch=0, unit=0)
    first, second = (mark.step for mark in batch.marks[0])
    gated = variant != "rnn"
    return Scene(
        batch.inputs[:, 0, 0].double().numpy(),
        (first, second),
        float(batch.targets[batch.end, 0, 0]),
        np.stack([layer[gate].values.astype(float) for gate in DOORS], axis=1) if gated else None,
        layer["cell_state" if gated else "hidden_state"].values.astype(float),
        answers[:, 0],
        {name: values.double().numpy() for name, values in model.state_dict().items()},
        LEAK if variant == "leaky" else None,
        reach(trained),
    )


def reach(run: Run) -> float:
    """How far from 0 a trained network's state goes on its examples."""
    (leaf,) = record(run.model(run.steps[-1]), run.probe().inputs).leaves
    return float(abs(leaf.to_dataset()["cell_state"]).max())


def _answers(model: Any, inputs: torch.Tensor) -> Numbers:
    """What a network would answer at every step, (step, example)."""
    with torch.no_grad():
        outputs: torch.Tensor = model(inputs)
    return outputs[..., 0].double().numpy()
