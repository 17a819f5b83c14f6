"""One update of a network: loss, gradient, clipping, optimiser."""

import math
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn

from gatescope.models import SequenceModel
from gatescope.tasks import Batch, Task
from gatescope.training import fast
from gatescope.training.config import TrainConfig

OPTIMISERS: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "adam": partial(torch.optim.Adam, fused=True),
    "sgd": partial(torch.optim.SGD, fused=True),
    "rmsprop": torch.optim.RMSprop,
}
"""Fused where torch can: the same rule in one operation."""


class Updater:
    """Updates a network in place.

    Parameters
    ----------
    model
        The network.
    config
        Its optimiser, learning rate and clip.

    Attributes
    ----------
    optimiser
        Torch's own.
    norm
        Norm of the last update's gradient over all parameters, before clipping; nan before it.
    """

    def __init__(self, model: SequenceModel, config: TrainConfig) -> None:
        self.model = model
        self.clip = config.clip
        self.optimiser = OPTIMISERS[config.optimiser](model.parameters(), lr=config.learning_rate)
        self.norm = math.nan
        self._gradient = _one_buffer(list(model.parameters()))

    def update(self, task: Task, batch: Batch) -> float:
        """Make one update, and give the loss of the batch before it."""
        loss = task.loss(fast.forward(self.model, batch.inputs), batch)
        self._gradient.zero_()
        torch.autograd.backward(loss)
        self._clip()
        self.optimiser.step()
        return loss.item()

    def _clip(self) -> None:
        """Scale the gradient down to the largest norm, as `nn.utils.clip_grad_norm_` does."""
        self.norm = self._gradient.norm().item()
        if self.clip is not None:
            scale = self.clip / (self.norm + 1e-6)
            if not scale >= 1:  # also where it is nan
                self._gradient.mul_(scale)


def _one_buffer(parameters: list[nn.Parameter]) -> Tensor:
    """All gradients side by side, each parameter's ``.grad`` a view: one operation acts on all."""
    buffer = parameters[0].new_zeros(sum(parameter.numel() for parameter in parameters))
    parts = buffer.split([parameter.numel() for parameter in parameters])  # type: ignore[no-untyped-call]
    for parameter, part in zip(parameters, parts, strict=True):
        parameter.grad = part.view_as(parameter)
    return buffer
