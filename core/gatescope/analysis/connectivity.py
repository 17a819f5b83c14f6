"""Which input step matters for which output step: gradients of outputs with respect to inputs."""

from collections.abc import Sequence

import numpy as np
import torch
import xarray as xr
from torch import Tensor, nn

MOST_STEPS = 20_000
"""Steps of all copies together that one pass over the network takes at most: about 150 MB at 64
units."""


def connectivity(
    model: nn.Module,
    inputs: Tensor,
    target: Tensor | int | None = None,
    *,
    steps: Sequence[int] | None = None,
) -> xr.DataArray:
    """The norm of the gradient of the output at step t with respect to the input at step s.

    Madsen (2019), "Visualizing memorization in RNNs", Distill: of the logit of the target. Every
    wanted output step gets a copy of its example, and one backward pass takes the gradient of the
    sum of all those outputs: copies do not meet in a network that treats examples apart, so each
    gradient is exactly that of its own output, in whatever cells, layers and directions.

    Parameters
    ----------
    model
        Maps (time, batch, feature) to (time, batch, output), or to a tuple that begins so, as
        torch's layers do; in eval mode. Examples must not influence one another. It is left as
        it is, also its gradients.
    inputs
        (time, batch, feature), in the dtype of its weights; float64 holds norms down to 1e-308.
    target
        Which output: its number, or (time, batch) of them, as a classification's targets are.
        None takes all outputs together, the Frobenius norm of d output_t / d input_s, which of a
        single output is the norm of its gradient.
    steps
        The output steps t to ask about, in order; None takes all of them.

    Returns
    -------
    xarray.DataArray
        (output_time, input_time, batch), float64: change of output for a change of input. Exactly
        0 for s > t, unless the network also reads backwards.

    Raises
    ------
    ValueError
        When the model is in training mode, lets examples influence one another, no gradient
        reaches the inputs, a step is not there, or the target does not fit.
    """
    _require(model, inputs)
    time, batch, _ = inputs.shape
    chosen = list(range(time)) if steps is None else list(steps)
    for step in chosen:
        if not 0 <= step < time:
            raise ValueError(f"an output step must be 0 to {time - 1}, got {step}")
    width = _alone(model, inputs[:, :1]).shape[-1]
    kinds = _columns(target, time, batch, width)
    # one copy of an example for each output step and, where all outputs count, for each of them
    copies = [
        (row, example, step, column)
        for row, step in enumerate(chosen)
        for example in range(batch)
        for column in (range(width) if kinds is None else (int(kinds[step, example]),))
    ]
    norms = np.zeros((len(chosen), time, batch))
    at_once = max(1, MOST_STEPS // time)
    for first in range(0, len(copies), at_once):
        part = copies[first : first + at_once]
        for (row, example, _, _), found in zip(part, _norms(model, inputs, part), strict=True):
            norms[row, :, example] = np.hypot(norms[row, :, example], found)
    coords = {"output_time": chosen, "input_time": np.arange(time), "batch": np.arange(batch)}
    return xr.DataArray(norms, coords=coords, dims=("output_time", "input_time", "batch"))


def relative_connectivity(found: xr.DataArray) -> xr.DataArray:
    """Each output step's row divided by its largest value: which input matters most, not how much.

    What was large and what has died look alike afterwards, so it hides decay over output steps.

    Parameters
    ----------
    found
        As from `connectivity`.

    Returns
    -------
    xarray.DataArray
        The same shape, in [0, 1]; a row of zeros stays zero.
    """
    largest = found.max("input_time")
    return (found / largest.where(largest > 0, 1.0)).transpose(*found.dims)


def _norms(
    model: nn.Module, inputs: Tensor, copies: Sequence[tuple[int, int, int, int]]
) -> np.ndarray:
    """(copy, time): L2 norms over features of the gradient of each copy's own output."""
    _, examples, steps, columns = (torch.tensor(part) for part in zip(*copies, strict=True))
    read = inputs.detach()[:, examples].requires_grad_()
    with torch.enable_grad():
        outputs = _outputs(model, read)
        asked = outputs[steps, torch.arange(len(copies)), columns].sum()
    gradient = None
    if asked.requires_grad:
        (gradient,) = torch.autograd.grad(asked, read, allow_unused=True)
    if gradient is None:
        raise ValueError(
            "no gradient reaches the inputs: the model detaches them, takes them for the numbers "
            "of words, or runs under no_grad"
        )
    values = gradient.double().abs().numpy()
    # scaled before squaring, so that nothing underflows on the way
    largest = values.max(axis=-1, keepdims=True)
    scaled = values / np.where((largest > 0) & np.isfinite(largest), largest, 1)
    return (largest[..., 0] * np.sqrt((scaled * scaled).sum(axis=-1))).T  # type: ignore[no-any-return]


def _outputs(model: nn.Module, inputs: Tensor) -> Tensor:
    """What the model says at every step."""
    found = model(inputs)
    outputs = found[0] if isinstance(found, tuple) else found
    if not isinstance(outputs, Tensor) or outputs.ndim != 3 or len(outputs) != len(inputs):
        what = tuple(outputs.shape) if isinstance(outputs, Tensor) else type(outputs).__name__
        raise ValueError(
            f"the model must answer (time, batch, output) with {len(inputs)} steps, got {what}"
        )
    return outputs


def _alone(model: nn.Module, example: Tensor) -> Tensor:
    """What the model says of one example, (time, 1, output), whatever stands beside it."""
    # numbers that any network can read, words' too
    others = (example.flip(0), torch.zeros_like(example), torch.ones_like(example))
    other = next(each for each in others if not torch.equal(each, example))
    with torch.no_grad():
        alone = _outputs(model, example)
        beside = _outputs(model, torch.cat([other, example], dim=1))[:, 1:]
    tolerance = 1e3 * torch.finfo(alone.dtype).eps
    if not torch.allclose(beside, alone, rtol=tolerance, atol=tolerance, equal_nan=True):
        raise ValueError(
            "connectivity needs a model that treats examples apart, and here an example's outputs "
            "depend on the others: give it (time, batch, feature), and average over no batch"
        )
    return alone


def _require(model: nn.Module, inputs: Tensor) -> None:
    if model.training:
        raise ValueError("connectivity needs a model in eval mode: call model.eval() before")
    if inputs.ndim != 3 or not len(inputs):
        raise ValueError(f"inputs must be (time, batch, feature), got {tuple(inputs.shape)}")


def _columns(target: Tensor | int | None, time: int, batch: int, width: int) -> Tensor | None:
    """The wanted output's number at each step of each example; None for all of them."""
    if target is None:
        return None
    found = torch.full((time, batch), target) if isinstance(target, int) else target
    if found.dtype == torch.bool:
        raise ValueError("target must name outputs by numbers, got True or False")
    if found.shape != (time, batch) or found.is_floating_point():
        raise ValueError(
            f"target must be whole numbers ({time}, {batch}), one a step and example, "
            f"got {found.dtype} {tuple(found.shape)}"
        )
    if not 0 <= int(found.min()) <= int(found.max()) < width:
        raise ValueError(
            f"target must name outputs 0 to {width - 1}, got {int(found.min())} to "
            f"{int(found.max())}"
        )
    return found
