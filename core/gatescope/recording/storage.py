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


def load_trace(path: str | os.PathLike[str]) -> xr.DataTree:
    """Read a trace that `save_trace` wrote, whole, into memory.

    Raises
    ------
    TraceError
        When the file is missing, is no trace, or was written by a newer version.
    """
    source = Path(path)
    if not source.is_file():
        raise TraceError(f"there is no trace at {source}: no such file")
    try:
        with xr.open_datatree(source, engine="h5netcdf") as opened:
            trace = opened.load()
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise TraceError(
            f"{source} is not a trace: it cannot be read as netCDF ({error})"
        ) from error
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
    return trace


def _plain(value: object) -> object:
    """A Python number or string for a numpy scalar."""
    return value.item() if hasattr(value, "item") else value
