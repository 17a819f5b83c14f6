"""The groups of a netCDF file, opened in a time that grows as their number.

A signal names its dimensions by references, and HDF5 searches the file for the name of what a
reference leads to; with hundreds of layers that takes a minute. Here the scales are known by where
they lie in the file, so that nothing is searched for. What no trace has, but netCDF (dimensions
that grow, or that have no scale), is left to xarray's own reader.
"""

import io
from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

import h5py
import numpy as np
import xarray as xr
from h5py import h5o, h5r
from xarray.backends import AbstractDataStore, BackendArray, CachingFileManager, DummyFileManager
from xarray.backends.locks import HDF5_LOCK
from xarray.core import indexing

from gatescope.recording.walked import REFERENCES, SCALES

ID, COORDINATES = "_Netcdf4Dimid", "_Netcdf4Coordinates"
OWN = {"CLASS", "NAME", SCALES, REFERENCES, ID, COORDINATES, "_nc3_strict", "_NCProperties"}
"""Attributes in which netCDF keeps what it needs itself."""

WITHOUT_VALUES = b"This is a netCDF dimension but not a netCDF variable."
"""Within the name of a scale that has no labels."""

COLLIDES = "_nc4_non_coord_"
"""Before the name of a signal that is called as a dimension along which it does not lie."""

Manager: TypeAlias = "CachingFileManager[Any] | DummyFileManager[Any]"


class UnusualError(ValueError):
    """Something that no trace has, and that xarray's own reader may understand."""


class Found(NamedTuple):
    """A dataset, and its attributes as h5py reads them."""

    dataset: h5py.Dataset
    told: dict[str, Any]


class Scale(NamedTuple):
    """A dimension, where it lies in the file, and by which number netCDF knows it, if by any."""

    size: int
    address: int
    number: int | None


def open_groups(file: str | io.BytesIO) -> xr.DataTree:
    """Open a netCDF file as ``xarray.open_datatree(file, decode_times=False)`` does.

    Parameters
    ----------
    file
        The path or the content, in which `require_plain` finds nothing to refuse.

    Returns
    -------
    xarray.DataTree
        Its groups; signals are read when they are used.
    """
    manager: Manager
    if isinstance(file, str):
        manager = CachingFileManager(h5py.File, file, mode="r")
    else:
        manager = DummyFileManager(h5py.File(file, "r"))
    try:
        with manager.acquire_context() as opened:
            tree = _tree(opened["/"], manager)
    except UnusualError:
        manager.close()
        return xr.open_datatree(file, engine="h5netcdf", decode_times=False)
    except Exception:
        manager.close()
        raise
    if isinstance(file, str):
        tree.encoding["source"] = file
    return tree


def _opened(
    group: h5py.Group, outer: Mapping[str, Scale], manager: Manager
) -> tuple[xr.DataTree, dict[str, h5py.Group], dict[str, Scale]]:
    """A group alone, those in it, and the dimensions that they all may lie along."""
    groups: dict[str, h5py.Group] = {}
    datasets: dict[str, Found] = {}
    for name, item in group.items():
        if isinstance(item, h5py.Group):
            groups[name] = item
        else:
            datasets[name] = Found(item, _told(item))
    scales = {name: _scale(each) for name, each in datasets.items() if _is_scale(each)}
    within = {**outer, **scales}
    store = _Store(group, datasets, within, manager)
    node = xr.DataTree(xr.open_dataset(store, engine="store", decode_times=False))
    node.set_close(manager.close)
    return node, groups, within


def _tree(group: h5py.Group, manager: Manager) -> xr.DataTree:
    """A group and all in it; what stands in a group is also said of those in it."""
    root, groups, within = _opened(group, {}, manager)
    found = [(root, groups, within)]
    while found:
        node, groups, within = found.pop()
        inner = {name: _opened(each, within, manager) for name, each in groups.items()}
        node.children = {name: child for name, (child, _, _) in inner.items()}
        found += inner.values()
    return root


def _told(owner: h5py.Group | h5py.Dataset) -> dict[str, Any]:
    return {name: owner.attrs[name] for name in owner.attrs if name != REFERENCES}


def _is_scale(found: Found) -> bool:
    kind = found.told.get("CLASS")
    if isinstance(kind, np.ndarray):
        raise UnusualError("a dataset of several kinds")
    return isinstance(kind, bytes) and kind == b"DIMENSION_SCALE"


def _scale(found: Found) -> Scale:
    dataset, number = found.dataset, found.told.get(ID)
    if dataset.ndim != 1 or dataset.maxshape == (None,) or SCALES in found.told:
        raise UnusualError("a dimension that grows, or has dimensions itself")
    if number is not None and not isinstance(number, np.integer):
        raise UnusualError("a dimension with something else for a number")
    return Scale(
        len(dataset), h5o.get_info(dataset.id).addr, None if number is None else int(number)
    )


class _Store(AbstractDataStore):
    """A group for xarray, with what it needs to decode the numbers."""

    def __init__(
        self,
        group: h5py.Group,
        datasets: Mapping[str, Found],
        within: Mapping[str, Scale],
        manager: Manager,
    ) -> None:
        self.attrs, self.manager = _attributes(group, _told(group)), manager
        source = group.file.filename
        places = {scale.address: name for name, scale in within.items()}
        self.variables = {
            name: _variable(found, _dims(name, found, within, places), source, manager)
            for name, found in datasets.items()
            if not _is_without_values(found)
        }

    def get_variables(self) -> dict[str, xr.Variable]:
        """Names and variables."""
        return self.variables

    def get_attrs(self) -> dict[str, Any]:
        """The attributes of the group."""
        return self.attrs

    def get_encoding(self) -> dict[str, Any]:
        """What else xarray keeps."""
        return {"unlimited_dims": set()}

    def close(self) -> None:
        """Let go of the file."""
        self.manager.close()


def _is_without_values(found: Found) -> bool:
    name = found.told.get("NAME", b"")
    if not isinstance(name, bytes):
        raise UnusualError("a dimension whose name is no text")
    return WITHOUT_VALUES in name


def _dims(
    name: str, found: Found, within: Mapping[str, Scale], places: Mapping[int, str]
) -> tuple[str, ...]:
    """Along which dimensions a dataset lies."""
    dataset, told = found
    if COLLIDES in name:
        raise UnusualError("a signal that is called as a dimension")
    if _is_scale(found):
        if COORDINATES in told and not _is_own(name, told[COORDINATES], within):
            raise UnusualError("a dimension that lies along another one")
        return (name,)
    if not dataset.ndim and name not in within and SCALES not in told:
        return ()
    targets = [h5r.dereference(each[0], dataset.id) for each in told.get(SCALES, ())]
    lie = [h5o.get_info(target).addr for target in targets]
    dims = tuple(places[place] for place in lie if place in places)
    if tuple(within[dim].size for dim in dims) != dataset.shape:
        raise UnusualError("a signal along dimensions without a scale, or of other sizes")
    return dims


def _is_own(name: str, numbers: Any, within: Mapping[str, Scale]) -> bool:
    """Whether the dimensions that a scale names, by their numbers, are itself alone."""
    known = [scale.number for scale in within.values()]
    own = within[name].number
    return None not in known and known.count(own) == 1 and np.asarray(numbers).tolist() == [own]


def _variable(found: Found, dims: tuple[str, ...], source: str, manager: Manager) -> xr.Variable:
    """A dataset that is read when it is used, with how it is stored."""
    dataset, chunks = found.dataset, found.dataset.chunks
    packed = dataset.compression == "gzip"
    how = {
        "dtype": dataset.dtype,
        "contiguous": not chunks,
        "chunksizes": chunks,
        "zlib": packed,
        "shuffle": dataset.shuffle,
        "fletcher32": dataset.fletcher32,
        "source": source,
        "original_shape": dataset.shape,
    }
    if packed:
        how["complevel"] = dataset.compression_opts
    if chunks:
        how["preferred_chunks"] = dict(zip(dims, chunks, strict=True))
    data = indexing.LazilyIndexedArray(_Stored(dataset, manager))
    return xr.Variable(dims, data, _attributes(dataset, found.told), how)


class _Stored(BackendArray):
    """The numbers of a dataset."""

    def __init__(self, dataset: h5py.Dataset, manager: Manager) -> None:
        self.shape, self.dtype = dataset.shape, dataset.dtype
        self.name, self.manager = dataset.name, manager

    def __getitem__(self, key: indexing.ExplicitIndexer) -> Any:
        """Read a part."""
        way = indexing.IndexingSupport.OUTER_1VECTOR
        return indexing.explicit_indexing_adapter(key, self.shape, way, self._read)

    def _read(self, key: tuple[Any, ...]) -> Any:
        with HDF5_LOCK, self.manager.acquire_context(needs_lock=False) as file:
            return file[self.name][key]


def _attributes(owner: h5py.Group | h5py.Dataset, told: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes that are not netCDF's own, as it gives them: one value, or several."""
    shown: dict[str, Any] = {}
    for name, value in told.items():
        if name in OWN:
            continue
        if getattr(value, "dtype", np.dtype(float)).kind in "SO":
            value = _text(value, owner.attrs.get_id(name).dtype)
        one = not np.isscalar(value) and len(value) == 1
        shown[name] = value[0] if one else value
    return shown


def _text(value: Any, dtype: np.dtype[Any]) -> Any:
    """Several texts as a list, or one of a fixed length."""
    kind = h5py.check_string_dtype(dtype)
    if kind is None or kind.length == 1:
        raise UnusualError("no text, or one that may be single letters")
    if kind.length is None:
        return value.tolist()
    if isinstance(value, bytes):
        return value.decode(kind.encoding, "surrogateescape")
    return [each.decode(kind.encoding, "surrogateescape") for each in value.flat]
