"""How differently a signal behaves at the steps that matter."""

from collections.abc import Sequence

import numpy as np
import xarray as xr


def at_marks(node: xr.Dataset, marks: Sequence[Sequence[tuple[int, str]]]) -> xr.DataArray:
    """Which steps are marked.

    Parameters
    ----------
    node
        One layer and direction of a trace.
    marks
        For each example its salient steps and their labels.

    Returns
    -------
    xarray.DataArray
        (time, batch), True at a mark; one at a step that the trace left out is not there.

    Raises
    ------
    ValueError
        When there are not as many marks as examples, or a mark is at no step.
    """
    labels = node["time"].values
    is_whole = bool((labels == np.arange(len(labels))).all())
    if len(marks) != node.sizes["batch"]:
        raise ValueError(
            f"marks are for {len(marks)} examples, the trace has {node.sizes['batch']}: "
            "give the marks of the batch that was recorded"
        )
    marked = np.zeros((node.sizes["time"], node.sizes["batch"]), dtype=bool)
    for example, salient in enumerate(marks):
        for step, _ in salient:
            here = labels == step
            if step < 0 or (is_whole and not here.any()):
                raise ValueError(f"a mark must be at step 0 to {len(labels) - 1}, got {step}")
            marked[here, example] = True
    return xr.DataArray(marked, dims=("time", "batch"))


def response(signal: xr.DataArray, marked: xr.DataArray) -> xr.DataArray:
    """Mean of a signal at the marks minus its mean elsewhere.

    Parameters
    ----------
    signal
        (time, batch, unit), a gate or a state; NaN past a sequence's end is left out.
    marked
        (time, batch), as from `at_marks`.

    Returns
    -------
    xarray.DataArray
        (unit,), over all examples and steps; NaN where there is no mark.
    """
    over = ("time", "batch")
    return signal.where(marked).mean(over) - signal.where(~marked).mean(over)
