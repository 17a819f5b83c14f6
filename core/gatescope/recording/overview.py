"""A long recording at a glance: least, mean and largest of each signal over blocks of steps.

It is computed once, when the recording is written, and stands beside the signals in the same file,
so that a look at all steps of a recording takes as long as a look at a few.
"""

import os

import h5py
import numpy as np
import xarray as xr

OVERVIEW = "overview."
"""The group in the file; no module's path ends in a dot."""

LONG = 4096
"""Steps from which a layer has an overview."""

MOST_BLOCKS, MOST_NUMBERS = 512, 2**17
"""Blocks of steps, and numbers of one signal's means."""

STATISTICS = ("low", "mean", "high")
DIMS = ("statistic", "block", "batch", "unit")


def write_overview(group: h5py.Group, beside: h5py.Group, signals: list[str]) -> None:
    """Sum up the signals of a layer, if it is long.

    Parameters
    ----------
    group
        The layer's, in which the signals (time, batch, unit) are.
    beside
        Where their overview goes: of each (statistic, block, batch, unit), NaN left aside.
    signals
        Which.
    """
    time, batch, unit = group[signals[0]].shape
    blocks = max(2, min(MOST_BLOCKS, MOST_NUMBERS // (batch * unit)))
    starts = np.arange(blocks) * time // blocks
    labels = (np.arange(len(STATISTICS)), starts, np.arange(batch), np.arange(unit))
    for dim, values in zip(DIMS, labels, strict=True):
        beside.create_dataset(dim, data=values)
        beside[dim].make_scale(dim)
    for name in signals:
        beside.create_dataset(name, data=_summed_up(group[name], starts))
        for axis, dim in enumerate(DIMS):
            beside[name].dims[axis].attach_scale(beside[dim])


def _summed_up(signal: h5py.Dataset, starts: np.ndarray) -> np.ndarray:
    """(statistic, block, batch, unit), read a chunk at a time."""
    time, ends = signal.shape[0], np.append(starts[1:], signal.shape[0])
    shape = len(starts), *signal.shape[1:]
    low, high = np.full(shape, np.nan, signal.dtype), np.full(shape, np.nan, signal.dtype)
    total, count = np.zeros(shape), np.zeros(shape, dtype=np.int64)
    steps = signal.chunks[0]
    for first in range(0, time, steps):
        values = signal[first : first + steps]
        inside = np.searchsorted(ends, first, side="right")
        while inside < len(starts) and starts[inside] < first + len(values):
            block = values[max(0, starts[inside] - first) : ends[inside] - first]
            low[inside] = np.fmin(low[inside], np.fmin.reduce(block))
            high[inside] = np.fmax(high[inside], np.fmax.reduce(block))
            there = len(block)
            numbers = _sum(block)
            if np.isnan(numbers).any():  # past the ends of some examples
                missing = np.isnan(block)
                there = (~missing).sum(axis=0)
                numbers = _sum(np.where(missing, block.dtype.type(0), block))
            total[inside] += numbers
            count[inside] += there
            inside += 1
    with np.errstate(invalid="ignore", over="ignore"):
        return np.stack([low, total / count, high]).astype(signal.dtype)


def _sum(block: np.ndarray) -> np.ndarray:
    """Over steps, (batch, unit); a product, since sums along the first axis are slow."""
    flat = block.reshape(len(block), -1)
    with np.errstate(over="ignore", invalid="ignore"):
        total: np.ndarray = np.ones(len(block), block.dtype) @ flat
        if not np.isfinite(total).all():  # large numbers, whose sum has no room in their own type
            total = np.ones(len(block)) @ flat.astype(np.float64)
    return total.reshape(block.shape[1:])


def read_overview(path: str | os.PathLike[str], node: str, example: int) -> xr.Dataset | None:
    """The overview of one example of a layer in a file; None where there is none.

    Parameters
    ----------
    path
        What ``record(..., to=path)`` wrote.
    node
        Layer and direction, as in the tree.
    example
        By its place in the batch.

    Returns
    -------
    xarray.Dataset or None
        Each signal as (statistic, block, unit), with the coordinates ``statistic`` (low, mean,
        high), ``start``, the place of each block's first step among those of the recording, and
        ``unit``.
    """
    with h5py.File(path, "r") as file:
        if f"{OVERVIEW}/{node}" not in file:
            return None
        stored, unit = file[f"{OVERVIEW}/{node}"], file[node]["unit"][:]
        found = {
            name: (("statistic", "block", "unit"), values[:, :, example])
            for name, values in stored.items()
            if name not in DIMS
        }
        starts = stored["block"][:]
    coords = {"statistic": list(STATISTICS), "start": ("block", starts), "unit": unit}
    return xr.Dataset(found, coords=coords)
