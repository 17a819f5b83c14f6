"""One update of a network: loss, gradient, clipping, optimizer."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import torch
from torch import Tensor, nn

from gatescope.models import SequenceModel
from gatescope.tasks import Batch, Task
from gatescope.training import fast
from gatescope.training.config import TrainConfig

OPTIMIZERS: dict[str, Callable[..., torch.optim.Optimizer]] = {
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
        Its optimizer, learning rate, max_grad_norm, recurrent dropout and penalties.

    Attributes
    ----------
    optimizer
        Torch's own.
    norm
        Norm of the last update's gradient over all parameters, before clipping; nan before it.
    """

    def __init__(self, model: SequenceModel, config: TrainConfig) -> None:
        self.model = model
        self.max_grad_norm = config.max_grad_norm
        self.optimizer = OPTIMIZERS[config.optimizer](model.parameters(), lr=config.learning_rate)
        self.norm = math.nan
        self._gradient = _one_buffer(list(model.parameters()))
        self._dropped = config.recurrent_dropout
        self._l1, self._l2 = config.l1, config.l2
        named = [(name, p) for name, p in model.named_parameters() if p.ndim > 1]
        self._recurrent = [p for name, p in named if "weight_hh" in name]
        self._matrices = [p for name, p in named if not name.startswith("embedding.")]

    def update(self, task: Task, batch: Batch) -> float:
        """Make one update, and give the loss of the batch before it."""
        with self._without_some_units():
            loss = task.loss(fast.forward(self.model, batch.inputs), batch)
            self._gradient.zero_()
            torch.autograd.backward(loss)
        self._penalise()
        self._clip()
        self.optimizer.step()
        return loss.item()

    @contextmanager
    def _without_some_units(self) -> Iterator[None]:
        """Recurrent matrices without the columns of the units that this update leaves out."""
        if not self._dropped:
            yield
            return
        masks = [_mask(weight, self._dropped) for weight in self._recurrent]
        whole = [weight.detach().clone() for weight in self._recurrent]
        with torch.no_grad():
            for weight, mask in zip(self._recurrent, masks, strict=True):
                weight.mul_(mask)
        try:
            yield
        finally:
            with torch.no_grad():
                for weight, mask, before in zip(self._recurrent, masks, whole, strict=True):
                    weight.copy_(before)
                    assert weight.grad is not None
                    weight.grad.mul_(mask)

    def _penalise(self) -> None:
        """Add the gradients of l1 * sum |w| + l2 * sum w^2."""
        for weight in self._matrices if self._l1 or self._l2 else ():
            assert weight.grad is not None
            there = weight.detach()
            weight.grad.add_(there.sign(), alpha=self._l1).add_(there, alpha=2 * self._l2)

    def _clip(self) -> None:
        """Scale the gradient down to the largest norm, as `nn.utils.clip_grad_norm_` does."""
        self.norm = self._gradient.norm().item()
        if self.max_grad_norm is not None:
            scale = self.max_grad_norm / (self.norm + 1e-6)
            if not scale >= 1:  # also where it is nan
                self._gradient.mul_(scale)


def _mask(weight: Tensor, chance: float) -> Tensor:
    """(1, unit): 0 for the units that are left out, and what keeps the mean for the others."""
    return torch.dropout(torch.ones(1, weight.shape[1], device=weight.device), chance, True)


def _one_buffer(parameters: list[nn.Parameter]) -> Tensor:
    """All gradients side by side, each parameter's ``.grad`` a view: one operation acts on all."""
    buffer = parameters[0].new_zeros(sum(parameter.numel() for parameter in parameters))
    parts = buffer.split([parameter.numel() for parameter in parameters])  # type: ignore[no-untyped-call]
    for parameter, part in zip(parameters, parts, strict=True):
        parameter.grad = part.view_as(parameter)
    return buffer
