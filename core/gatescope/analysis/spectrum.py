"""What products of step Jacobians keep: singular values over the lag, Lyapunov exponents."""

from collections.abc import Sequence

import numpy as np
import torch
import xarray as xr
from torch import Tensor


def log_singular_values(jacobians: Tensor, lags: Sequence[int] | None = None) -> xr.DataArray:
    """Natural logarithms of the singular values of ds_T/ds_{T-k} = J_T J_{T-1} ... J_{T-k+1}.

    The product is divided by its largest element at every step and the logarithm of that kept, so
    it neither under- nor overflows however long it is.

    Parameters
    ----------
    jacobians
        (time, batch, state, state), as from `step_jacobians`.
    lags
        Which k, each 0 to the number of steps; None takes all.

    Returns
    -------
    xarray.DataArray
        (lag, batch, direction), float64, the largest first: 0 means kept as it is, ln 1/2 halved,
        -inf where nothing is left at all. NaN for values so far below the largest that rounding
        hides them (state size times the dtype's epsilon), and for all of a product that is not
        finite.

    Raises
    ------
    ValueError
        When a lag is not there.
    """
    steps, batch, size, _ = jacobians.shape
    chosen = list(range(steps + 1) if lags is None else lags)
    for lag in chosen:
        if not 0 <= lag <= steps:
            raise ValueError(f"a lag must be 0 to {steps} (the Jacobians' steps), got {lag}")
    product = torch.eye(size, dtype=jacobians.dtype).expand(batch, -1, -1)
    scale = torch.zeros(batch, dtype=torch.float64)
    found = {0: np.zeros((batch, size))}
    for lag in range(1, max(chosen, default=0) + 1):
        product = product @ jacobians[steps - lag]
        largest = product.abs().amax(dim=(-2, -1))
        largest = torch.where(largest > 0, largest, torch.ones_like(largest))
        product = product / largest[:, None, None]
        scale = scale + largest.double().log()
        if lag in chosen:
            found[lag] = _logs(product, scale)
    return xr.DataArray(
        np.stack([found[lag] for lag in chosen]),
        coords={"lag": chosen, "batch": np.arange(batch), "direction": np.arange(size)},
        dims=("lag", "batch", "direction"),
    )


def lyapunov_exponents(jacobians: Tensor, skip: int = 0) -> xr.DataArray:
    """Rates at which small differences grow or shrink along a sequence, by repeated QR.

    Q_t R_t = J_t Q_{t-1}, exponent i is the mean over t of ln |R_t[i, i]|. Negative: forgotten;
    0: kept; positive: chaos. Of a finite sequence they are finite-time exponents and depend on
    its inputs.

    Source: Benettin et al., Meccanica 15 (1980); for recurrent networks Engelken, Wolf & Abbott,
    'Lyapunov spectra of chaotic recurrent neural networks' (2020), and Vogt et al., 'On Lyapunov
    exponents for RNNs', Frontiers in Applied Mathematics and Statistics 8 (2022).

    Parameters
    ----------
    jacobians
        (time, batch, state, state), as from `step_jacobians`.
    skip
        Steps at the beginning that turn Q but do not count.

    Returns
    -------
    xarray.DataArray
        (batch, direction), natural logarithm per step, the largest first; -inf for a direction
        that is lost for good.

    Raises
    ------
    ValueError
        When nothing is left after ``skip``.
    """
    steps, batch, size, _ = jacobians.shape
    if not 0 <= skip < steps:
        raise ValueError(f"skip must be 0 to {steps - 1}, got {skip}")
    frame = torch.eye(size, dtype=jacobians.dtype).expand(batch, -1, -1)
    total = torch.zeros(batch, size, dtype=torch.float64)
    for step in range(steps):
        frame, upper = torch.linalg.qr(jacobians[step] @ frame)
        if step >= skip:
            total += upper.diagonal(dim1=-2, dim2=-1).abs().double().log()
    rates = (total / (steps - skip)).sort(dim=-1, descending=True).values
    return xr.DataArray(
        rates.numpy(),
        coords={"batch": np.arange(batch), "direction": np.arange(size)},
        dims=("batch", "direction"),
    )


def _logs(product: Tensor, scale: Tensor) -> np.ndarray:
    """Logs of the singular values of exp(scale) * product, (batch, direction)."""
    is_finite = product.isfinite().all(-1).all(-1)
    values = torch.linalg.svdvals(product.nan_to_num(0, 0, 0)).double()
    floor = values[:, :1] * product.shape[-1] * torch.finfo(product.dtype).eps
    hidden = (values < floor) & (values[:, :1] > 0)
    logs = values.log() + scale[:, None]
    logs[hidden] = torch.nan
    logs[~is_finite] = torch.nan
    found: np.ndarray = logs.numpy()
    return found
