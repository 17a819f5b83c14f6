"""Sequences that somebody brought: no task, but the inputs of one, without right answers."""

import math

import torch
from torch import Tensor

from gatescope.errors import say
from gatescope.tasks.array_text import pack, unpack
from gatescope.tasks.base import Batch, Task, require_whole, scored_at_end

MOST_NUMBERS = 400_000
"""Of all inputs together; they stand in a run's config."""


class OwnInputs(Task):
    """Sequences as they were given; nothing is asked, so nothing is right or wrong.

    The loss is only what gradients are taken of: the sum of all outputs at the last step, a mean
    over the examples.

    Parameters
    ----------
    data, shape
        float32 numbers as `encode` writes them, and (time, batch, feature).
    outputs
        Number of outputs at each step.

    One row of two features over three steps::

        step        0     1     2
        feature 0  0.5   2.0   0.0
        feature 1 -1.0   3.0   0.1
    """

    kind = "regression"
    asks = False

    def __init__(self, data: str, shape: tuple[int, int, int], outputs: int) -> None:
        for name, size in zip(("time", "batch", "feature"), shape, strict=True):
            require_whole(say("size_along", name=name), size, 1)
        time, _, features = shape
        self.inputs = unpack(data, shape)
        if not torch.isfinite(self.inputs).all():
            raise ValueError(say("inputs_not_finite"))
        self.input_size, self.output_size, self.length = features, outputs, time
        self.input_kind = "marked_values" if features == 1 else "channels"
        low, high = self.inputs.min().item(), self.inputs.max().item()
        self.value_range = (min(low, 0.0), max(high, 0.0) if high > 0 or low < 0 else 1.0)

    @property
    def baseline_loss(self) -> float:
        """There is none."""
        return math.nan

    @property
    def baseline_accuracy(self) -> float:
        """There is none."""
        return math.nan

    def sample(self, batch_size: int, seed: int) -> Batch:
        """The first examples, at most all there are; the seed changes nothing."""
        inputs = self.inputs[:, :batch_size]
        time, batch, _ = inputs.shape
        nothing = torch.zeros(time, batch, self.output_size)
        return Batch(inputs, nothing, scored_at_end(time, batch), ((),) * batch)

    def loss(self, outputs: Tensor, batch: Batch) -> Tensor:
        """The sum of all outputs at the last step, a mean over the examples."""
        return outputs[-1].sum(dim=-1).mean()

    def correct(self, outputs: Tensor, batch: Batch) -> Tensor:
        """Nothing is asked, so this is empty."""
        return torch.zeros(0, dtype=torch.bool)

    def accuracy(self, outputs: Tensor, batch: Batch) -> float:
        """There is none."""
        return math.nan


def encode(inputs: Tensor) -> dict[str, object]:
    """Sequences as options of `OwnInputs`.

    Parameters
    ----------
    inputs
        (time, batch, feature).

    Raises
    ------
    ValueError
        When there are more than `MOST_NUMBERS`, or none.
    """
    if not 0 < inputs.numel() <= MOST_NUMBERS:
        raise ValueError(say("inputs_too_many", count=inputs.numel(), most=MOST_NUMBERS))
    return pack(inputs)
