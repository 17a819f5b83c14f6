"""What is left of a network's lead over the no-memory baseline when something in it is changed."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from torch import Tensor

from gatescope.analysis import RULES, Interval, bootstrap_interval, mean_interval
from gatescope.tasks import Batch, Task
from gatescope.tasks.forecast import Forecast

Band = Literal["better", "same", "part", "none", "worse"]
Outcome = Literal[Band, "undecided"]
BEFORE, BASELINE = RULES["intervention"], RULES["intervention_baseline"]

LEARNT = 0.25
"""The least lead, of the way from the baseline to perfect, that a network can lose."""


@dataclass(frozen=True)
class Scored:
    """A network's answers to each example.

    Attributes
    ----------
    losses, right
        (example,), the loss and the number of right answers, summed over its answers.
    answers
        (example,), how many there are.
    """

    losses: np.ndarray
    right: np.ndarray
    answers: np.ndarray

    @property
    def loss(self) -> float:
        """As `Task.loss` of all examples together."""
        return float(self.losses.sum() / self.answers.sum())

    @property
    def accuracy(self) -> float:
        """As `Task.accuracy` of all examples together."""
        return float(self.right.sum() / self.answers.sum())


@dataclass(frozen=True)
class Kept:
    """The fraction of its lead that a changed network keeps: 1 is all, 0 none, below 0 it is worse
    than the no-memory baseline.

    Attributes
    ----------
    before, after
        The answers without and with the change, to the same examples.
    loss, accuracy
        By each of them; None where there was no lead to lose.
    by_loss
        The loss decides, as in a regression; else the accuracy does.
    """

    before: Scored
    after: Scored
    loss: Interval | None
    accuracy: Interval | None
    by_loss: bool

    @property
    def outcome(self) -> Outcome | None:
        """What became of the network; None where it had no lead to lose."""
        reached = self.reached
        return _one_of(reached) if reached else None

    @property
    def decides(self) -> Interval | None:
        """What is kept by the measure that decides; None where there was no lead to lose."""
        return self.loss if self.by_loss else self.accuracy

    @property
    def reached(self) -> set[Band]:
        """The bands that its interval reaches into; none where there was no lead to lose.

        In a regression nothing hardly matters that costs right answers.
        """
        if self.decides is None:
            return set()
        found = bands(self.decides)
        if not self.by_loss or self.accuracy is None or "same" not in found:
            return found
        right = bands(self.accuracy)
        if not right & {"same", "better"}:
            found.discard("same")
        if right & {"part", "none", "worse"}:
            found.add("part")
        return found


def each_example(task: Task, outputs: Tensor, batch: Batch) -> Scored:
    """Score each example by itself.

    Parameters
    ----------
    task
        The task of these examples.
    outputs
        (time, batch, output), a network's answer to ``batch.inputs``.
    batch
        The examples.
    """
    losses, right = [], []
    answers = batch.scored.sum(0).numpy()
    for k, one in enumerate(parts_of(batch, 1)):
        said = outputs[:, k : k + 1]
        losses.append(float(task.loss(said, one)) * answers[k])
        right.append(float(task.correct(said, one).sum()))
    return Scored(np.array(losses), np.array(right), answers)


def parts_of(batch: Batch, size: int) -> Iterator[Batch]:
    """The same examples, at most ``size`` at a time."""
    for first in range(0, len(batch.marks), size):
        some = slice(first, first + size)
        yield Batch(
            batch.inputs[:, some], batch.targets[:, some], batch.scored[:, some], batch.marks[some]
        )


def kept_lead(before: Scored, after: Scored, task: Task) -> Kept:
    """How much of its lead over the no-memory baseline a network keeps with a change.

    Each fraction is the ratio of two means over the same examples, (b − a) / (b − p): b is the
    baseline's loss, p and a the example's without and with the change. Its interval is that of the
    paired t, of the linearised ratio (Cochran 1977, section 2.11); forecasts, which overlap, are
    drawn anew in blocks.

    Parameters
    ----------
    before, after
        Of the same examples, without and with the change.
    task
        Their task, which knows what the no-memory baseline scores.
    """
    block = max(task.window, task.horizon) if isinstance(task, Forecast) else None
    lost, guess = task.baseline_loss, task.baseline_accuracy
    by_loss = by_accuracy = None
    if lost > 0 and lost - before.loss >= LEARNT * lost:
        left, had = (lost * each.answers - each.losses for each in (after, before))
        by_loss = _fraction(left, had, block)
    if guess < 1 and before.accuracy - guess >= LEARNT * (1 - guess):
        left, had = (each.right - guess * each.answers for each in (after, before))
        by_accuracy = _fraction(left, had, block)
    return Kept(before, after, by_loss, by_accuracy, task.kind == "regression")


def bands(kept: Interval) -> set[Band]:
    """The bands that an interval reaches into; too few examples decide nothing."""
    (less, more), (below, above) = BEFORE.undecided_band, BASELINE.undecided_band
    reach: dict[Band, tuple[float, float]] = {
        "worse": (-np.inf, below),
        "none": (below, above),
        "part": (above, less),
        "same": (less, more),
        "better": (more, np.inf),
    }
    if kept.n < max(BEFORE.n, BASELINE.n):
        return set(reach)
    return {
        band
        for band, (low, high) in reach.items()
        if (kept.low < high and kept.high > low) or kept.low == kept.high == low
    }


def by(kept: Interval) -> Outcome:
    """What an interval says alone."""
    return _one_of(bands(kept))


def _one_of(reached: Collection[Band]) -> Outcome:
    """The only band, or that the network is no better than the baseline; else undecided."""
    if set(reached) == {"none", "worse"}:
        return "none"
    return next(iter(reached)) if len(reached) == 1 else "undecided"


def _fraction(kept: np.ndarray, had: np.ndarray, block: int | None) -> Interval:
    """The ratio of two means over the same examples; one that is no number says nothing."""
    if not np.isfinite(kept).all():
        return Interval(np.nan, -np.inf, np.inf, len(kept))
    ratio = kept.mean() / had.mean()
    values = ratio + (kept - ratio * had) / had.mean()
    return mean_interval(values) if block is None else bootstrap_interval(values, block=block)
