"""What each step of a sequence changed: the answer so far, and which gate moved most."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from gatescope.analysis.gate_retention import require_every_step


def answers_so_far(
    states: xr.DataArray, readout: Callable[[Tensor], Tensor], start: Tensor | None = None
) -> np.ndarray:
    """Read the classes' probabilities out after every step, and before the first.

    The network is asked for its answer at the last step; this asks at each step what it would
    answer if the sequence ended there.

    Parameters
    ----------
    states
        (time, batch, unit), the last layer's ``hidden_state`` in a trace.
    readout
        From (batch, unit) to (batch, class): what is applied to the last state, in eval mode.
    start
        (batch, unit), the state before the first step; None is zero.

    Returns
    -------
    numpy.ndarray
        (time + 1, batch, class), each row of classes summing to 1; the first one is read from
        the start. NaN past a sequence's end.
    """
    values = torch.from_numpy(states.transpose("time", "batch", "unit").values)
    first = torch.zeros_like(values[0]) if start is None else start
    with torch.no_grad():
        found: Tensor = readout(torch.cat([first.unsqueeze(0), values])).softmax(dim=-1)
    return found.numpy()


def step_changes(node: xr.Dataset, names: Sequence[str]) -> xr.Dataset:
    """How much signals change from each step to the next.

    Parameters
    ----------
    node
        One layer and direction of a trace.
    names
        Its signals, as ``["input_gate", "forget_gate"]``.

    Returns
    -------
    xarray.Dataset
        Each (signal, time, batch): ``moved``, the mean over units of the absolute change against
        the step before; ``unit``, the one that changed most; ``change``, by how much that unit
        did. At the first step, and past a sequence's end, ``moved`` and ``change`` are NaN and
        ``unit`` is -1.

    Raises
    ------
    ValueError
        When no signal is named, or steps were left out.
    """
    require_every_step(node)
    if not names:
        raise ValueError("name at least one signal of the layer")
    found = xr.concat([node[name] for name in names], "signal", coords="minimal", compat="override")
    change = found.transpose("signal", "time", "batch", "unit").diff("time").values
    gone = np.isnan(change).any(axis=-1)
    unit = np.abs(np.nan_to_num(change)).argmax(axis=-1)
    most = np.take_along_axis(change, unit[..., None], axis=-1)[..., 0]
    dims, units = ("signal", "time", "batch"), node["unit"].values
    return xr.Dataset(
        {
            "moved": (dims, _after_first(np.abs(change).mean(axis=-1), np.nan)),
            "unit": (dims, _after_first(np.where(gone, -1, units[unit]), -1)),
            "change": (dims, _after_first(most, np.nan)),
        },
        coords={"signal": list(names), "time": node["time"].values, "batch": node["batch"].values},
    )


def _after_first(values: np.ndarray, first: float) -> np.ndarray:
    """(signal, time - 1, batch) with a step put before it."""
    signals, _, batch = values.shape
    before = np.full((signals, 1, batch), first, dtype=values.dtype)
    return np.concatenate([before, values], axis=1)
