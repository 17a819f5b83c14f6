"""Traces on disk, as netCDF."""

import io
import os
from pathlib import Path

import h5py
import numpy as np
import xarray as xr

from gatescope.errors import GatescopeError, say, sentence_of
from gatescope.files import fresh_file
from gatescope.recording.chunks import OddFileError
from gatescope.recording.groups import open_groups
from gatescope.recording.overview import OVERVIEW
from gatescope.recording.tree import SCHEMA
from gatescope.recording.walked import require_plain, shown


class TraceError(GatescopeError, ValueError):
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

    Raises
    ------
    TraceError
        When something that is no file has that name.

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
    if target.exists() and not target.is_file():
        raise TraceError(say("trace_is_no_file", path=target))
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = fresh_file(target)
    try:
        trace.to_netcdf(fresh, engine="h5netcdf")
        os.replace(fresh, target)
    finally:
        fresh.unlink(missing_ok=True)
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
    gatescope.recording.netcdf.TraceError: there is no trace at nowhere.nc: no such file
    """
    source = Path(path)
    if not source.is_file():
        raise TraceError(say("trace_missing", path=source))
    return _loaded(source, str(source), source.stat().st_size, most_bytes)


def read_trace(data: bytes, name: str, *, most_bytes: int | None = None) -> xr.DataTree:
    """Read a trace from a file's content.

    Parameters
    ----------
    data
        The content.
    name
        What to call it in a message.
    most_bytes
        As in `load_trace`.

    Raises
    ------
    TraceError
        As `load_trace`.
    """
    return _loaded(io.BytesIO(data), name, len(data), most_bytes)


def _loaded(file: Path | io.BytesIO, name: str, size: int, most_bytes: int | None) -> xr.DataTree:
    """A whole trace, in memory."""
    with _opened(file, name, size, most_bytes) as opened:
        try:
            return _checked(opened.load(), name)
        except TraceError:
            raise
        except Exception as error:
            raise _no_trace(name, error) from error


def _opened(
    file: Path | io.BytesIO, name: str, size: int, most_bytes: int | None = None
) -> xr.DataTree:
    """A file that is walked before it is opened, so that nothing is read that no trace has."""
    try:
        with h5py.File(file, "r") as walked:
            require_plain(walked, size, most_bytes)
        return open_groups(str(file.absolute()) if isinstance(file, Path) else file)
    except OddFileError as error:
        raise TraceError(say("trace_odd", name=name, reason=error)) from error
    except Exception as error:
        raise _no_trace(name, error) from error


def _no_trace(name: str, error: Exception) -> TraceError:
    return TraceError(say("trace_unreadable", name=name, reason=sentence_of(error, 200)))


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
        raise TraceError(say("trace_missing", path=source))
    trace = _opened(source, str(source), source.stat().st_size)
    try:
        return _checked(trace, str(source))
    except TraceError:
        trace.close()
        raise


def _checked(trace: xr.DataTree, source: str) -> xr.DataTree:
    """A trace with plain attributes, if it is one; what else is in the file is left there."""
    trace.children = {name: node for name, node in trace.children.items() if name != OVERVIEW}
    for node in trace.subtree:
        node.attrs = {name: _plain(value) for name, value in node.attrs.items()}
    schema = trace.attrs.get("schema")
    if isinstance(schema, bool) or not isinstance(schema, int) or schema < 1:
        raise TraceError(say("trace_no_schema", name=source))
    if schema > SCHEMA:
        raise TraceError(say("trace_schema", name=source, schema=schema, newest=SCHEMA))
    empty = not trace.children and not trace.dataset.variables  # record(..., layers=()) gives it
    for leaf in () if empty else trace.leaves:
        fault = _fault(leaf)
        if fault:
            raise TraceError(say("trace_damaged", name=source, fault=fault))
    return trace


BESIDE = {"length": ("batch",), "call": ("time",), "call_length": ("calls", "batch")}
"""Labels that a layer may have, and along which dimensions."""

DIMS = ("time", "batch", "unit")
"""What a signal lies along; the last one may be a projection's."""

LONGEST = 1000
"""Characters of an attribute of a layer."""

LEAST = {"layer": 0, "hidden_size": 1}
"""What a layer says of itself is this at least."""

ATTRIBUTES: dict[str, type | tuple[str, ...]] = {
    "cell": str,
    "layer": int,
    "direction": ("forward", "reverse"),
    "hidden_size": int,
    "retention_gate": str,
    "dtype": ("float64", "float32", "bfloat16", "float16"),
}
"""What a layer says of itself: of which type, or which of these."""


def _fault(leaf: xr.DataTree) -> str:
    """What a layer lacks to be one; empty when it is one."""
    where = shown(leaf.path)
    fault = _fault_of_attributes(leaf, where)
    if fault:
        return fault
    for name, signal in leaf.data_vars.items():
        dims = (*DIMS[:2], signal.dims[-1] if signal.dims[-1:] == ("projection",) else DIMS[2])
        if signal.dims != dims or signal.dtype.kind != "f":
            return say("trace_no_signal", where=where, name=shown(str(name)))
    fault = _fault_of_labels(leaf, where)
    if fault:
        return fault
    if leaf.data_vars and any(dim not in leaf.coords for dim in DIMS):
        return say("trace_no_coordinates", where=where)
    return ""


def _fault_of_attributes(leaf: xr.DataTree, where: str) -> str:
    """What a layer does not say of itself, or not as it is said; empty when it does."""
    for name, kind in ATTRIBUTES.items():
        if name not in leaf.attrs:
            return say("trace_no_attribute", where=where, name=name)
        value = leaf.attrs[name]
        if isinstance(kind, tuple):
            if not isinstance(value, str) or value not in kind:
                return say("trace_attribute_none_of", where=where, name=name, names=", ".join(kind))
        elif not isinstance(value, kind) or isinstance(value, bool):
            return say("trace_attribute_kind", where=where, name=name, kind=kind.__name__)
        elif isinstance(value, int) and value < LEAST[name]:
            return say("trace_below", where=where, name=name, value=value, least=LEAST[name])
        elif isinstance(value, str) and len(value) > LONGEST:
            return say("trace_attribute_long", where=where, name=name, count=len(value))
    return ""


def _fault_of_labels(leaf: xr.DataTree, where: str) -> str:
    """What is wrong with a layer's coordinates; empty when nothing is."""
    for name, labels in leaf.coords.items():
        own = name in (*DIMS, "projection", *BESIDE) or labels.ndim > 1  # or somebody's, as seconds
        if own and labels.dtype.kind not in "iu":
            return say("trace_labels", where=where, name=shown(str(name)))
        along = (str(name),) if name in DIMS else BESIDE.get(str(name), labels.dims)
        if labels.dims != along:
            return say("trace_labels_along", where=where, name=shown(str(name)), dim=along[-1])
        if own and labels.size and labels.values.min() < 0:
            least = int(labels.values.min())
            return say("trace_below", where=where, name=shown(str(name)), value=least, least=0)
        if name == "time" and (np.diff(labels.values.astype("int64")) <= 0).any():
            return say("trace_labels_order", where=where, name=str(name))
    return ""


def _plain(value: object) -> object:
    """A Python number or string for a numpy scalar."""
    return value.item() if isinstance(value, np.ndarray | np.generic) and value.size == 1 else value
