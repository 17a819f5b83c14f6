"""One run of a model under a recorder: what it is for, and how its layers answer.

As a rule a fused layer is one node of the autograd graph, whose backward pass is the closed form:
fast, and right once, for the loss. A model that differentiates on the way (a gradient penalty, a
force as -dE/dx, an inner step of learning) asks such a node too early. That run is given up, and
the model runs again with every layer as a loop of steps, which autograd differentiates as often as
anyone likes.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from gatescope.errors import RecordError, say


class DifferentiatedOnTheWayError(BaseException):
    """Ends a run that has to be made step by step; no ``except Exception`` of a model stops it."""


@dataclass
class Attempt:
    """One run.

    Attributes
    ----------
    anchor
        A leaf that requires grad, so that frozen layers have gradients too; None without a loss.
    stepwise
        Whether every layer runs as a loop of steps under autograd.
    task
        torch's number of the backward pass in which the loss is differentiated; its gradients
        count, and no others.
    given_up
        Whether the model differentiated on the way, so that this run's numbers are void.
    is_over
        Whether the run has ended.
    held
        Bytes that are held for the way back beside what is kept.
    """

    anchor: Tensor | None
    stepwise: bool = False
    task: int | None = None
    given_up: bool = False
    is_over: bool = False
    held: int = 0

    @property
    def is_at_loss(self) -> bool:
        """Whether the loss itself is being differentiated now, and not what a hook asks for."""
        return self.task is not None and self.task == torch._C._current_graph_task_id()

    def begin_loss(self, gradient: Tensor) -> None:
        """The loss begins to be differentiated: a hook on it."""
        self.task = torch._C._current_graph_task_id()

    def require_loss(self) -> None:
        """Give the run up unless the loss itself is being differentiated."""
        if self.is_over:
            raise RecordError(say("record_ended"))
        if not self.is_at_loss:
            self.give_up()

    def give_up(self) -> None:
        """End this run: it has to be made step by step."""
        self.given_up = True
        raise DifferentiatedOnTheWayError
