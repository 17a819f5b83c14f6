"""What a trained network still gets right at other delays than its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from torch import nn

from gatescope.analysis.grouped import grouped_fraction


class Asked(Protocol):
    """What is needed of a task."""

    @property
    def baseline_accuracy(self) -> float:
        """The accuracy of the best answer that remembers nothing."""

    def trials(self, most: int, seed: int) -> Any:
        """Examples, none twice: a batch with inputs, scored, marks and lengths; their groups."""

    def correct(self, outputs: Any, batch: Any) -> Any:
        """Whether each scored answer is right."""


@dataclass(frozen=True)
class Behaviour:
    """A network's accuracy against the task's length; each array is (length,).

    Attributes
    ----------
    lengths
        As they were given, in order.
    lags
        Steps from the first salient step to the last answer, mean over the examples; where
        nothing is marked, from the first step.
    accuracy
        Share of right answers.
    low, high
        The 95 % interval of the accuracy, see `grouped_fraction`: answers to one example, or to
        neighbours in one series, do not count as independent.
    baseline
        Accuracy of the best answer that remembers nothing.
    independent
        How many examples, or groups of them, the interval counts as independent.
    """

    lengths: np.ndarray
    lags: np.ndarray
    accuracy: np.ndarray
    low: np.ndarray
    high: np.ndarray
    baseline: np.ndarray
    independent: np.ndarray

    def relative(self, values: np.ndarray) -> np.ndarray:
        """Accuracies as a share of the way from remembering nothing (0) to perfect (1)."""
        shares: np.ndarray = (values - self.baseline) / (1 - self.baseline)
        return shares


def behaviour(
    model: nn.Module, tasks: Mapping[int, Asked], *, examples: int, seed: int
) -> Behaviour:
    """Ask a network its task at several lengths; it is not trained again.

    Parameters
    ----------
    model
        Takes a batch's inputs; put it into eval mode first.
    tasks
        The task by its length, or delay, in steps.
    examples, seed
        How many different examples to draw at each length, fewer where the task's data have no
        more, and their seed.

    Raises
    ------
    ValueError
        When there is no task.
    """
    if not tasks:
        raise ValueError("give at least one task, by its length")
    rows = []
    with torch.no_grad():
        for length in sorted(tasks):
            task = tasks[length]
            trials = task.trials(examples, seed)
            batch = trials.batch
            right = task.correct(model(batch.inputs), batch)
            example = batch.scored.nonzero()[:, 1]
            found = grouped_fraction(right.numpy(), trials.groups[example].numpy())
            rows.append(
                (
                    length, _lag(batch), found.estimate, found.low, found.high,
                    task.baseline_accuracy, found.n,
                )
            )  # fmt: skip
    return Behaviour(*(np.array(column) for column in zip(*rows, strict=True)))


def _lag(batch: Any) -> float:
    """Mean steps from each example's first mark to its last answer."""
    first = [min(marks)[0] if marks else None for marks in batch.marks]
    last = [length - 1 for length in batch.lengths.tolist()]
    spans = [end - mark for end, mark in zip(last, first, strict=True) if mark is not None]
    return float(np.mean(spans or last))
