"""How much of the error reaches a time step."""

from dataclasses import dataclass

import numpy as np
import torch
import xarray as xr

from gatescope.analysis.quantiles import quantiles


@dataclass(frozen=True)
class Band:
    """A quantity over the examples of a batch, at every time step; each array is (time,).

    Attributes
    ----------
    median, low, high
        Median, 10th and 90th percentile.
    zeros
        Share of examples in which it is exactly zero.
    subnormal
        Share of examples in which it is not zero, but below the smallest normal number of the
        recording's dtype, where digits are lost.
    """

    median: np.ndarray
    low: np.ndarray
    high: np.ndarray
    zeros: np.ndarray
    subnormal: np.ndarray


def gradient_norm(node: xr.Dataset, state: str) -> xr.DataArray:
    """The L2 norm over units of the gradient with respect to a state.

    Parameters
    ----------
    node
        One layer and direction of a trace that was recorded with a loss.
    state
        ``"hidden_state"`` or ``"cell_state"``.

    Returns
    -------
    xarray.DataArray
        (time, batch), float64; scaled before squaring, so that nothing underflows on the way.

    Raises
    ------
    ValueError
        When the trace holds no such gradient.
    """
    name = f"grad_{state}"
    if name not in node:
        raise ValueError(
            f"the trace holds no {name}: record it with a loss "
            f"(it has {', '.join(map(str, node.data_vars))})"
        )
    gradient = node[name].astype("float64")
    largest = np.abs(gradient.values).max(axis=-1, keepdims=True)
    scaled = gradient.values / np.where((largest > 0) & np.isfinite(largest), largest, 1)
    norms = largest[..., 0] * np.sqrt((scaled * scaled).sum(axis=-1))
    return xr.DataArray(norms, coords=node[["time", "batch"]].coords, dims=gradient.dims[:2])


def band(norms: xr.DataArray, dtype: str = "float32") -> Band:
    """Summarise over the examples.

    Parameters
    ----------
    norms
        (time, batch), as from `gradient_norm`; NaN past a sequence's end is left out.
    dtype
        What the gradient was computed in.
    """
    values = norms.transpose("time", "batch").values
    there = (~np.isnan(values)).sum(axis=1)
    low, median, high = quantiles(values, (0.1, 0.5, 0.9), axis=1)
    smallest = torch.finfo(getattr(torch, dtype)).tiny
    count = np.where(there > 0, there, np.nan)
    return Band(
        median=median,
        low=low,
        high=high,
        zeros=(values == 0).sum(axis=1) / count,
        subnormal=((values > 0) & (values < smallest)).sum(axis=1) / count,
    )
