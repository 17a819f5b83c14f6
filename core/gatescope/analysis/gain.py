"""What happens when the recurrent weights grow, and what clipping does about it."""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from gatescope.earlier import also_called

Model = TypeVar("Model", bound=nn.Module)


def scale_recurrent(model: Model, gain: float) -> Model:
    """A copy of a model whose hidden-to-hidden weights are multiplied by ``gain``.

    Parameters
    ----------
    model
        Any module; every parameter named ``weight_hh...`` is scaled, all its blocks alike.
    gain
        The factor; the largest singular value of each matrix grows by it (Pascanu, Mikolov &
        Bengio 2013).
    """
    scaled = copy.deepcopy(model)
    with torch.no_grad():
        for name, parameter in scaled.named_parameters():
            if name.rpartition(".")[2].startswith("weight_hh"):
                parameter.mul_(gain)
    return scaled


@dataclass(frozen=True)
class Update:
    """One step of plain gradient descent, tried on a copy.

    Attributes
    ----------
    norm
        L2 norm of the gradient over all parameters, before clipping.
    clipped_norm
        After clipping.
    before, after
        The loss on the same examples before and after the step.
    """

    norm: float
    clipped_norm: float
    before: float
    after: float


@also_called(clip="max_grad_norm")
def try_update(
    model: nn.Module,
    inputs: Any,
    loss: Callable[[Any], Tensor],
    *,
    learning_rate: float,
    max_grad_norm: float | None = None,
) -> Update:
    """Take one step of gradient descent on a copy of the model; the model stays as it is.

    Parameters
    ----------
    model, inputs, loss
        As in ``gatescope.record``.
    learning_rate
        The step is minus this times the (clipped) gradient.
    max_grad_norm
        The largest norm that is let through; None lets all through.
    """
    trial = copy.deepcopy(model).requires_grad_(True)
    parameters = list(trial.parameters())
    before = loss(trial(inputs))
    found = torch.autograd.grad(before, parameters, allow_unused=True, materialize_grads=True)
    norm = float(torch.linalg.vector_norm(torch.cat([g.double().ravel() for g in found])))
    factor = 1.0 if max_grad_norm is None or norm <= max_grad_norm else max_grad_norm / norm
    with torch.no_grad():
        for parameter, gradient in zip(parameters, found, strict=True):
            parameter.sub_(learning_rate * factor * gradient)
        after = float(loss(trial(inputs)))
    return Update(norm, norm * factor, float(before.detach()), after)
