"""A recording on its way to a file: its numbers are written while the model runs.

The file is netCDF 4, as `save_trace` writes it: each signal in chunks along time, which grows as
the calls of a module follow one another. It has a name of its own until it is whole.
"""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import torch
import xarray as xr
from torch import Tensor

from gatescope.errors import RecordError, say
from gatescope.recording.disk import Disk
from gatescope.recording.draft import Draft
from gatescope.recording.netcdf import open_trace
from gatescope.recording.overview import LONG, OVERVIEW, write_overview

CHUNK = 2**16
"""Numbers of a chunk, of which HDF5 keeps two or more in its cache."""

HALF = (torch.bfloat16, torch.float16)
WITHOUT_VALUES = "This is a netCDF dimension but not a netCDF variable."


class TraceFile:
    """A file that a recording is written to.

    Parameters
    ----------
    path
        Where it appears once it is whole.

    Attributes
    ----------
    steps
        The kept steps of all calls so far, by layer and direction.
    projected
        The paths of those signals whose last dimension is not the unit.

    Raises
    ------
    RecordError
        When nothing can be written there.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path).absolute()  # the model may go to another folder
        self.disk: Disk | None = None
        self.file: h5py.File | None = None
        self.steps: dict[str, int] = {}
        self.projected: set[str] = set()
        with self.told():
            if "\0" in str(self.path):
                raise OSError(say("name_with_null"))
            if self.path.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            if self.path.exists() and not self.path.is_file():
                raise OSError(say("device_or_pipe"))
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.draft = Draft(self.path)

    def begin(self) -> None:
        """Begin with an empty file, whatever is in it."""
        self.close()
        self.steps, self.projected = {}, set()
        with self.told():
            self.disk = Disk(str(self.draft.fresh))
            self.file = h5py.File(self.disk, "w", track_order=True)

    @contextmanager
    def told(self) -> Iterator[None]:
        """What the disk refuses, in one sentence."""
        try:
            yield
            if self.disk is not None and self.disk.refused is not None:
                raise self.disk.refused
        except OSError as error:
            why = error.strerror or str(error)
            raise RecordError(say("recording_not_written", path=self.path, reason=why)) from error

    def group(self, node: str) -> h5py.Group:
        """The group of a layer and direction; signals stay in the order in which they are made."""
        assert self.file is not None
        group: h5py.Group = self.file
        for name in node.split("/"):
            if name not in group:
                group.create_group(name, track_order=True)
            group = group[name]
        return group

    def save(self, tree: xr.DataTree) -> None:
        """Write labels and attributes, and give the file its name.

        Parameters
        ----------
        tree
            The tree of the recording, without the signals that were written.
        """
        if not tree.children:
            raise RecordError(say("recording_without_layer", path=self.path))
        with self.told():
            assert self.file is not None
            self.file.attrs.update(tree.attrs)
            _put_in_order(self.file, tree)
            for leaf in tree.leaves:
                node, layer = leaf.path.strip("/"), leaf.to_dataset(inherit=False)
                group = self.group(node)
                signals = list(group)
                for name in signals:
                    _fill_up(group[name], layer.sizes["time"], layer.sizes["batch"])
                shown = [name for name in signals if group[name].name not in self.projected]
                if shown and layer.sizes["time"] >= LONG:
                    write_overview(group, self.group(f"{OVERVIEW}/{node}"), shown)
                _label(group, layer, self.projected)
            self.file.close()
        with self.told():
            self.close()
            self.draft.finish()

    def opened(self) -> xr.DataTree:
        """The recording as it was saved, as `open_trace` opens it."""
        trace = open_trace(self.path) if self.draft.is_at(self.path) else None
        if trace is not None and self.draft.is_at(self.path):
            return trace
        if trace is not None:
            trace.close()
        raise RecordError(say("recording_replaced", path=self.path))

    def close(self) -> None:
        """Let go of the file as it is."""
        if self.file is not None and self.disk is not None:
            self.file.close()
            self.disk.close()
            self.file = self.disk = None

    def discard(self) -> None:
        """Remove what is not whole."""
        self.close()
        self.draft.discard()


@dataclass
class Place:
    """Where one call of a layer and direction lies in a file.

    Attributes
    ----------
    file
        The file.
    node
        The layer and direction.
    widths
        The last dimension of each signal that is kept, in their order.
    first, steps
        The kept steps of all earlier calls, and of this one.
    columns
        The places of this call's examples among those of all calls; they ascend.
    chunk
        Steps of a chunk, if there are so many.
    projected
        The signals whose last dimension is not the unit.
    """

    file: TraceFile
    node: str
    widths: dict[str, int]
    first: int
    steps: int
    columns: np.ndarray
    chunk: int
    projected: frozenset[str]
    signals: dict[str, "FileRoom"] = field(default_factory=dict)

    def require_room(self, need: int, node: str) -> None:
        """Raise RecordError where the disk has less than this free."""
        free = shutil.disk_usage(self.file.path.parent).free
        if need > free:
            raise RecordError(
                say(
                    "recording_disk",
                    node=node, need=need / 1e9, free=free / 1e9, path=self.file.path,
                )
            )  # fmt: skip

    def room(self, name: str, dtype: torch.dtype) -> "FileRoom":
        """Where a signal of this call is written."""
        if name not in self.signals:
            self.signals[name] = FileRoom(self, name, dtype)
        return self.signals[name]

    def write(self, name: str, block: Tensor) -> None:
        """Write a signal of the whole call, laid out as the trace has it."""
        self.room(name, block.dtype)[0 : len(block)] = block

    def dataset(self, name: str, dtype: torch.dtype) -> h5py.Dataset:
        """A signal of all calls, with room for this one."""
        group = self.file.group(self.node)
        batch = int(self.columns[-1]) + 1
        if name not in group:
            kind = torch.float32 if dtype in HALF else dtype
            chunk = min(self.chunk, self.file.steps[self.node]), batch
            for each, width in self.widths.items():
                group.create_dataset(
                    each,
                    (0, 0, width),
                    str(kind).removeprefix("torch."),
                    maxshape=(None, None, width),
                    chunks=(*chunk, width),
                    fillvalue=np.nan,
                )
            self.file.projected |= {group[each].name for each in self.projected}
        dataset: h5py.Dataset = group[name]
        time, wide, width = dataset.shape
        shape = max(time, self.first + self.steps), max(wide, batch), width
        if shape != dataset.shape:
            dataset.resize(shape)
        return dataset


@dataclass
class FileRoom:
    """A signal of one call in a file, written to as a tensor (time, batch, unit) would be.

    The file has no room for it before there is something to write.
    """

    place: Place
    name: str
    dtype: torch.dtype
    dataset: h5py.Dataset | None = None

    def __setitem__(self, key: slice | tuple[slice, int], block: Tensor) -> None:
        """Write steps of all examples of the call, or of one."""
        if not block.numel():
            return
        times, column = key if isinstance(key, tuple) else (key, None)
        values = (block.float() if block.dtype in HALF else block).detach().cpu().numpy()
        first, columns = self.place.first, self.place.columns
        where: Any = columns
        if column is not None:
            where = int(columns[column])
        elif len(columns) == columns[-1] + 1:
            where = slice(0, len(columns))
        with self.place.file.told():
            if self.dataset is None:
                self.dataset = self.place.dataset(self.name, self.dtype)
            self.dataset[first + times.start : first + times.stop, where] = values


def _put_in_order(group: h5py.Group, node: xr.DataTree) -> None:
    """Give groups the order of a tree: they come in the order in which they were named last."""
    for name, child in node.children.items():
        if name in group:
            group.move(name, f"{name}.")
            group.move(f"{name}.", name)
            _put_in_order(group[name], child)


def _fill_up(signal: h5py.Dataset, time: int, batch: int) -> None:
    """Write the chunks that no call had: NaN, which reading would give too."""
    if signal.shape[:2] != (time, batch):
        signal.resize((time, batch, signal.shape[2]))
    if signal.id.get_num_chunks() == np.prod(-(-np.array(signal.shape) // signal.chunks)):
        return
    there: set[tuple[int, ...]] = set()
    signal.id.chunk_iter(lambda chunk: there.add(chunk.chunk_offset))
    for part in signal.iter_chunks():
        if tuple(side.start for side in part) not in there:
            signal[part] = np.nan


def _label(group: h5py.Group, layer: xr.Dataset, projected: set[str]) -> None:
    """Write the labels of a layer and its attributes, as netCDF has them."""
    for name, coordinate in layer.coords.items():
        group.create_dataset(str(name), data=coordinate.values)
    beside = [str(name) for name in layer.coords if name not in layer.dims]
    group.attrs.update(layer.attrs | ({"coordinates": " ".join(beside)} if beside else {}))
    for dim, size in layer.sizes.items():
        if dim in layer.coords:
            group[dim].make_scale(str(dim))
        else:
            group.create_dataset(str(dim), (size,), ">f4")
            group[dim].make_scale(f"{WITHOUT_VALUES}{size:10d}")
    for name in set(group) - set(layer.dims):
        dims = layer[name].dims if name in layer.coords else ("time", "batch", "unit")
        if group[name].name in projected:
            dims = ("time", "batch", "projection")
        for axis, dim in enumerate(dims):
            group[name].dims[axis].attach_scale(group[dim])
