"""The adding problem: two marked numbers in a long row of numbers, what is their sum?"""

import torch
from torch import Tensor

from gatescope.tasks.base import (
    Batch,
    Mark,
    Task,
    at_end,
    require_batch_size,
    require_whole,
    scored_at_end,
)


class Adding(Task):
    """Add the two marked values.

    One row, T = 10, both features and the target::

        step      0    1    2    3    4    5    6    7    8    9
        value   .83  .17  .42  .96  .05  .61  .33  .23  .78  .40
        mark      .    .    1    .    .    .    .    1    .    .
        target                                                .65   (.42 + .23)

    Values are drawn from U[0, 1]; one mark lies in the first half, one in the second
    (``halves``). Always answering 1, the mean sum, has the squared error 1/6.

    Source: Hochreiter & Schmidhuber 1997 (experiment 4); this form with values in [0, 1] and a
    mark in each half: Le, Jaitly & Hinton 2015; Arjovsky, Shah & Bengio 2016.

    Parameters
    ----------
    length
        Number of time steps T, at least 2.
    """

    kind = "regression"
    input_kind = "marked_values"
    input_size = 2
    output_size = 1
    tolerance = 0.04
    """An answer counts as right when its error is below this (Hochreiter & Schmidhuber 1997)."""

    def __init__(self, length: int = 50) -> None:
        require_whole("length", length, 2)
        self.length = length

    @property
    def baseline_loss(self) -> float:
        """The variance of the sum of two U[0, 1] values, 2/12."""
        return 1 / 6

    @property
    def baseline_accuracy(self) -> float:
        """The chance that the sum of two U[0, 1] values lies within the tolerance of 1."""
        return 1 - (1 - self.tolerance) ** 2

    def sample(self, batch_size: int, seed: int) -> Batch:
        """Draw rows as the class describes."""
        require_batch_size(batch_size)
        draw = torch.Generator().manual_seed(seed)
        values = torch.rand(self.length, batch_size, generator=draw)
        half = self.length // 2
        first = torch.randint(0, half, (batch_size,), generator=draw)
        second = torch.randint(half, self.length, (batch_size,), generator=draw)
        marked = torch.zeros(self.length, batch_size)
        examples = torch.arange(batch_size)
        marked[first, examples] = 1
        marked[second, examples] = 1
        sums = (values * marked).sum(0).unsqueeze(-1)
        marks = tuple(
            tuple(Mark(int(step), f"{values[step, b]:.2f}") for step in (first[b], second[b]))
            for b in range(batch_size)
        )
        return Batch(
            inputs=torch.stack([values, marked], dim=-1),
            targets=at_end(sums, self.length),
            scored=scored_at_end(self.length, batch_size),
            marks=marks,
        )

    def correct(self, outputs: Tensor, batch: Batch) -> Tensor:
        """Whether the error is below `tolerance`."""
        error = outputs[batch.scored] - batch.targets[batch.scored]
        return error.abs().squeeze(-1) < self.tolerance
