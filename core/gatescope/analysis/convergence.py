"""Two pasts, one present: how fast the states forget that their inputs once differed."""

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from gatescope.analysis.gate_retention import require_every_step


def two_pasts(inputs: Tensor, differ: int, seed: int) -> Tensor:
    """Give each example the first steps of another one.

    Parameters
    ----------
    inputs
        (time, batch, feature), at least two examples.
    differ
        How many steps at the beginning come from the other example, 1 to time - 1.
    seed
        Of the circle in which the examples pass their beginnings on; none keeps its own.

    Returns
    -------
    Tensor
        The same shape: from step ``differ`` on equal to ``inputs``.

    Raises
    ------
    ValueError
        When nothing would differ, or nothing would agree.
    """
    steps, batch, _ = inputs.shape
    if batch < 2:
        raise ValueError(f"two pasts need at least 2 examples, got {batch}")
    if not 1 <= differ < steps:
        raise ValueError(f"differ must be 1 to {steps - 1} (of {steps} steps), got {differ}")
    circle = torch.randperm(batch, generator=torch.Generator().manual_seed(seed))
    other = torch.empty_like(circle)
    other[circle] = circle.roll(1)
    changed = inputs.clone()
    changed[:differ] = inputs[:differ, other]
    return changed


def convergence(first: xr.Dataset, second: xr.Dataset, differ: int) -> xr.DataArray:
    """The distance between two recordings' states since their inputs agree, relative to then.

    This is the echo state property measured (Jaeger 2001): a network that forgets every
    difference answers to its recent inputs alone.

    Parameters
    ----------
    first, second
        The same layer recorded on inputs that agree from step ``differ`` on, as from `two_pasts`.
    differ
        The first step at which the inputs agree.

    Returns
    -------
    xarray.DataArray
        (lag, batch), float64: Euclidean distance over all states (h and c side by side for an
        LSTM), k steps after the last step that differed, over that at lag 0. NaN for an example
        whose states did not differ at lag 0.

    Raises
    ------
    ValueError
        When the recordings do not fit, steps were left out, or there is no such step.
    """
    names = [name for name in ("hidden_state", "cell_state") if name in first and name in second]
    steps = first.sizes["time"]
    if not names or dict(first.sizes) != dict(second.sizes):
        raise ValueError(f"the recordings differ: {dict(first.sizes)} and {dict(second.sizes)}")
    if not 1 <= differ < steps:
        raise ValueError(f"differ must be 1 to {steps - 1} (of {steps} steps), got {differ}")
    require_every_step(first)
    apart = np.concatenate(
        [(first[name].astype("f8") - second[name].astype("f8")).values for name in names], axis=-1
    )[differ - 1 :]
    largest = np.abs(apart).max(axis=-1, keepdims=True)
    scaled = apart / np.where(largest > 0, largest, 1)
    distance = largest[..., 0] * np.sqrt((scaled * scaled).sum(axis=-1))
    start = distance[:1]
    relative = np.divide(distance, start, out=np.full(distance.shape, np.nan), where=start > 0)
    coords = {"lag": np.arange(len(relative)), "batch": first["batch"].values}
    return xr.DataArray(relative, coords=coords, dims=("lag", "batch"))


def steps_to_forget(relative: xr.DataArray, share: float = 0.05) -> xr.DataArray:
    """Steps until the distance is below a share for good.

    Parameters
    ----------
    relative
        (lag, batch), as from `convergence`; NaN past a sequence's end is left out.
    share
        Of the distance at lag 0.

    Returns
    -------
    xarray.DataArray
        (batch,), in steps: one more than the last lag at which it was not below; infinite where
        it is not below at the sequence's own last lag, NaN where there was no difference.
    """
    values = relative.transpose("lag", "batch").values
    there = ~np.isnan(values)
    steps = np.arange(1, len(values) + 1)[:, None]
    above = (steps * (there & ~(values < share))).max(axis=0)
    ends = (steps * there).max(axis=0)
    found = np.where(ends == 0, np.nan, np.where(above == ends, np.inf, above))
    return xr.DataArray(found, coords={"batch": relative["batch"]}, dims=("batch",))
