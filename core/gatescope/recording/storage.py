"""Traces on disk, as netCDF."""

import os
import tempfile
from pathlib import Path

import xarray as xr

from gatescope.recording.tree import SCHEMA


class TraceError(ValueError):
    """A file that is not a trace; the message says why and what to do."""


def save_trace(trace: xr.DataTree, path: str | os.PathLike[str]) -> Path:
    """Write a trace as netCDF 4; the file appears whole or not at all.

    Parameters
    ----------
    trace
        What `record` returned.
    path
        Where, by convention ending in ``.nc``; an older file is replaced.

    Returns
    -------
    pathlib.Path
        Where it is.

    Examples
    --------
    >>> import gatescope, tempfile, torch
    >>> trace = gatescope.record(torch.nn.GRU(3, 8), torch.randn(20, 5, 3))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = gatescope.save_trace(trace, f"{folder}/trace.nc")
    ...     gatescope.load_trace(path).identical(trace)
    True
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, fresh = tempfile.mkstemp(prefix=f".{target.name}-", dir=target.parent)
    os.close(handle)
    try:
        trace.to_netcdf(fresh, engine="h5netcdf")
        Path(fresh).chmod(0o644)
        os.replace(fresh, target)
    finally:
        Path(fresh).unlink(missing_ok=True)
    return target


def load_trace(path: str | os.PathLike[str], *, most_bytes: int | None = None) -> xr.DataTree:
    """Read a trace that `save_trace` wrote, whole, into memory.

    Parameters
    ----------
    path
        The file.
    most_bytes
        The most that its numbers may take; None takes whatever it holds.

    Raises
    ------
    TraceError
        When the file is missing, is no trace, is too large, or was written by a newer version.

    Examples
    --------
    See `save_trace`.

    >>> import gatescope
    >>> gatescope.load_trace("nowhere.nc")
    Traceback (most recent call last):
    ...
    gatescope.recording.storage.TraceError: there is no trace at nowhere.nc: no such file
    """
    source = Path(path)
    if not source.is_file():
        raise TraceError(f"there is no trace at {source}: no such file")
    try:
        with xr.open_datatree(source, engine="h5netcdf") as opened:
            size = sum(leaf.nbytes for leaf in opened.leaves)
            if most_bytes is not None and size > most_bytes:
                raise TraceError(
                    f"{source} claims {size / 1e6:,.0f} MB of numbers, and {most_bytes / 1e6:,.0f} "
                    "MB are the most: record less, by signals=, batch=, units= or time="
                )
            trace = opened.load()
    except TraceError:
        raise
    except (OSError, ValueError, KeyError, RuntimeError, TypeError) as error:
        raise TraceError(
            f"{source} is not a trace: it cannot be read as netCDF ({error})"
        ) from error
    return _checked(trace, str(source))


def open_trace(path: str | os.PathLike[str]) -> xr.DataTree:
    """Open a trace, and read its numbers when they are used.

    Parameters
    ----------
    path
        The file, which has to stay as it is until the trace is closed.

    Returns
    -------
    xarray.DataTree
        As `load_trace` returns it. ``.isel`` and ``.sel`` take a part, which ``.load()``,
        ``.values`` and every computation read; ``.close()`` lets go of the file, as does the end
        of a ``with`` block. What was not read before cannot be read afterwards.

    Raises
    ------
    TraceError
        As `load_trace`.

    Examples
    --------
    >>> import gatescope, tempfile, torch
    >>> layer, inputs = torch.nn.GRU(3, 8), torch.randn(9_000, 1, 3)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     gatescope.record(layer, inputs, to=f"{folder}/long.nc").close()
    ...     with gatescope.open_trace(f"{folder}/long.nc") as trace:
    ...         trace["gru/l0"]["update_gate"].isel(time=slice(5_000, 5_003)).shape
    (3, 1, 8)
    """
    source = Path(path)
    if not source.is_file():
        raise TraceError(f"there is no trace at {source}: no such file")
    try:
        trace = xr.open_datatree(source, engine="h5netcdf")
    except (OSError, ValueError, KeyError, RuntimeError, TypeError) as error:
        raise TraceError(
            f"{source} is not a trace: it cannot be read as netCDF ({error})"
        ) from error
    try:
        return _checked(trace, str(source))
    except TraceError:
        trace.close()
        raise


def _checked(trace: xr.DataTree, source: str) -> xr.DataTree:
    """A trace with plain attributes, if it is one."""
    schema = _plain(trace.attrs.get("schema"))
    if not isinstance(schema, int):
        raise TraceError(f"{source} is netCDF, but not a trace: it names no schema")
    if schema > SCHEMA:
        raise TraceError(
            f"{source} has schema {schema}, this version reads up to {SCHEMA}: update gatescope"
        )
    trace.attrs = {name: _plain(value) for name, value in trace.attrs.items()}
    for node in trace.subtree:
        node.attrs = {name: _plain(value) for name, value in node.attrs.items()}
    for leaf in trace.leaves:
        fault = _fault(leaf)
        if fault:
            raise TraceError(f"{source} is damaged: {leaf.path} {fault}; record it again")
    return trace


ATTRIBUTES = ("cell", "layer", "direction", "hidden_size", "retention_gate", "dtype")


def _fault(leaf: xr.DataTree) -> str:
    """What a layer lacks to be one; empty when it is one."""
    missing = [name for name in ATTRIBUTES if name not in leaf.attrs]
    if missing:
        return f"has no attribute {missing[0]!r}"
    for name, signal in leaf.data_vars.items():
        if signal.dims[:2] != ("time", "batch") or signal.ndim != 3 or signal.dtype.kind != "f":
            return f"has a {name!r} that is no signal over time, batch and unit"
    gate = leaf.attrs["retention_gate"]
    if leaf.data_vars and any(dim not in leaf.coords for dim in ("time", "batch", "unit")):
        return "has no coordinates"
    return "" if isinstance(gate, str) else "has a retention gate without a name"


def _plain(value: object) -> object:
    """A Python number or string for a numpy scalar."""
    return value.item() if hasattr(value, "item") else value
