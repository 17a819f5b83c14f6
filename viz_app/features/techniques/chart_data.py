"""Two runs over the training steps, as plain numbers."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class AidSide:
    """One run; each array is (evaluation,), NaN or infinite where there is no number.

    Attributes
    ----------
    name
        What it is called.
    steps
        Training steps.
    loss, train_loss
        On unseen examples, and on the batches since the last evaluation.
    norm
        The longest gradient over all weights since the last evaluation, before clipping.
    rate
        The learning rate from that step on.
    best
        The training step of the lowest loss on unseen examples.
    """

    name: str
    steps: np.ndarray
    loss: np.ndarray
    train_loss: np.ndarray
    norm: np.ndarray
    rate: np.ndarray
    best: int


@dataclass(frozen=True)
class AidCurves:
    """One run or both.

    Attributes
    ----------
    sides
        Without the aid, and with it where that has begun.
    baseline
        The loss of remembering nothing.
    clip
        The norm to which a longer gradient is cut, on one side or both; None where it is not.
    """

    sides: tuple[AidSide, ...]
    baseline: float
    clip: float | None

    @property
    def last(self) -> int:
        """The right end of the axis."""
        return max(1, *(int(side.steps[-1]) for side in self.sides))

    @property
    def rates(self) -> bool:
        """Whether there is anything to see of the learning rate."""
        return len(np.unique(np.concatenate([side.rate for side in self.sides]))) > 1
