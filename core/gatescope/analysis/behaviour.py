"""What a trained network still gets right at other delays than its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from torch import nn

from gatescope.analysis.uncertainty import wilson


class Asked(Protocol):
    """What is needed of a task."""

    @property
    def baseline_accuracy(self) -> float:
        """The accuracy of the best answer that remembers nothing."""

    def sample(self, batch_size: int, seed: int) -> Any:
        """Draw examples with inputs, targets, scored and marks."""

    def accuracy(self, outputs: Any, batch: Any) -> float:
        """Share of scored answers that are right."""


@dataclass(frozen=True)
class Behaviour:
    """A network's accuracy against the task's length; each array is (length,).

    Attributes
    ----------
    lengths
        As they were given, in order.
    lags
        Steps from the first salient step to the last step, mean over the examples; the length
        minus 1 where nothing is marked.
    accuracy
        Share of right answers.
    low, high
        Wilson's 95 % interval of the accuracy over the examples.
    baseline
        Accuracy of the best answer that remembers nothing.
    """

    lengths: np.ndarray
    lags: np.ndarray
    accuracy: np.ndarray
    low: np.ndarray
    high: np.ndarray
    baseline: np.ndarray

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
        How many examples to draw at each length, and their seed.

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
            batch = task.sample(examples, seed)
            accuracy = task.accuracy(model(batch.inputs), batch)
            answers = int(batch.scored.sum())
            rows.append(
                (length, _lag(batch), accuracy, *wilson(accuracy, answers), task.baseline_accuracy)
            )
    return Behaviour(*(np.array(column) for column in zip(*rows, strict=True)))


def _lag(batch: Any) -> float:
    """Mean steps from each example's first mark to the last step."""
    last = len(batch.inputs) - 1
    spans = [last - min(marks)[0] for marks in batch.marks if marks]
    return float(np.mean(spans)) if spans else float(last)
