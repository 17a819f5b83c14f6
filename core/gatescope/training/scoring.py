"""How well a network does: one score a network, on examples that everybody scores it on."""

from typing import NamedTuple

import torch

from gatescope.models import SequenceModel
from gatescope.tasks import Batch, Task

HELD_OUT_EXAMPLES = 500
"""Examples that a score is measured on, where a task draws new ones without end."""

VALIDATION_SEED, TEST_SEED = 1, 2
"""Their seeds; training draws from others."""

VALUES_AT_ONCE = 2**24
"""Most values of one signal that are computed at once: steps, examples and units."""


class Score(NamedTuple):
    """Loss, as in `Task.loss`, and the share of right answers."""

    loss: float
    accuracy: float


def held_out_examples(task: Task) -> Batch:
    """The test examples of a task: all there are, or `HELD_OUT_EXAMPLES` of those without end."""
    testing = task.held_out("test")
    whole = testing.everything()
    return testing.sample(HELD_OUT_EXAMPLES, TEST_SEED) if whole is None else whole


def score_on_test(model: SequenceModel, task: Task) -> Score:
    """A network's score on the test examples of a task.

    A book is read in one go, with the states carried on; of everything else each example is read
    by itself.
    """
    return evaluate(model, task.held_out("test"), held_out_examples(task))


def evaluate(model: SequenceModel, task: Task, batch: Batch) -> Score:
    """Loss and accuracy on ``batch``, in eval mode; the model's mode is put back."""
    training = model.training
    model.eval()
    try:
        with torch.no_grad():
            values = len(batch.inputs) * model.readout.in_features  # of one example
            parts = torch.split(batch.inputs, max(1, VALUES_AT_ONCE // values), dim=1)
            outputs = torch.cat([model(part) for part in parts], dim=1)
            return Score(float(task.loss(outputs, batch)), task.accuracy(outputs, batch))
    finally:
        model.train(training)
