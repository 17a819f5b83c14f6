"""What the two halves of a bidirectional layer have seen at each step."""

from dataclasses import dataclass

import torch
import xarray as xr
from torch import Tensor, nn

from gatescope.recording import record


@dataclass(frozen=True)
class Moved:
    """How far the hidden states move when every input but one step's is another example's.

    Attributes
    ----------
    forward, backward
        (time, batch): L2 distance over units between the states of both halves before and after;
        exactly 0 where a half has read nothing that was changed.
    """

    forward: xr.DataArray
    backward: xr.DataArray


def influence_of_other_steps(model: nn.Module, inputs: Tensor, kept: int = -1) -> Moved:
    """Change every step's input but one, and see which states move.

    Parameters
    ----------
    model
        A network with a bidirectional recurrent layer; of several the last is looked at.
    inputs
        (time, batch, feature), of two examples or more: each gets the inputs of its neighbour.
    kept
        The step whose input stays.

    Raises
    ------
    ValueError
        When there is one example only, no such step, or no layer that reads backward.
    """
    steps = len(inputs)
    if not -steps <= kept < steps:
        raise ValueError(
            f"kept must be a step from 0 to {steps - 1}, or -1 for the last, got {kept}"
        )
    if inputs.shape[1] < 2:
        raise ValueError(f"two examples or more are needed, got {inputs.shape[1]}")
    changed = inputs.roll(1, dims=1)
    changed[kept] = inputs[kept]
    before, after = (_halves(model, given) for given in (inputs, changed))
    forward, backward = (_distance(*pair) for pair in zip(before, after, strict=True))
    return Moved(forward, backward)


def _halves(model: nn.Module, inputs: Tensor) -> tuple[xr.DataArray, xr.DataArray]:
    with torch.no_grad():
        leaves = list(record(model, inputs).leaves)
    if leaves[-1].attrs["direction"] != "reverse":
        raise ValueError("the network's last layer does not read backward: it has no two halves")
    forward, backward = (leaf.to_dataset()["hidden_state"] for leaf in leaves[-2:])
    return forward, backward


def _distance(before: xr.DataArray, after: xr.DataArray) -> xr.DataArray:
    apart = (after.astype("float64") - before.astype("float64")).values
    norms = ((apart * apart).sum(axis=-1)) ** 0.5
    return xr.DataArray(
        norms, coords={name: before[name] for name in ("time", "batch")}, dims=("time", "batch")
    )
