"""One value that says where a run stands."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """Where a run stands, at an evaluation.

    Attributes
    ----------
    step, max_steps
        Updates made, and updates at most.
    train_loss
        Mean loss of the batches since the last evaluation (nan before the first update).
    loss, accuracy
        On the fixed validation examples.
    learning_rate
        The rate that the next update uses.
    gradient_norm
        Norm of the last update's gradient over all parameters, before clipping (nan at step 0).
    seconds
        Time since training began: updates and evaluations, without what a watcher took.
    longest_gradient
        The largest norm of all updates since the last evaluation, before clipping; infinite where
        one was no number, nan at step 0 and in runs of versions that did not keep it.
    """

    step: int
    max_steps: int
    train_loss: float
    loss: float
    accuracy: float
    learning_rate: float
    gradient_norm: float
    seconds: float
    longest_gradient: float = math.nan
