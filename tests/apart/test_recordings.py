"""Hostile recordings: each refused in a sentence, and nothing but the file opened."""

import io
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import torch
import xarray as xr
from h5py import h5d, h5f, h5g, h5p, h5s, h5t
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

import gatescope
from gatescope import TraceError
from gatescope.apart import Files

NODE, SIGNAL = "gru/l0", "gru/l0/hidden_state"


@cache
def whole() -> bytes:
    """A trace of a small GRU, with gradients."""
    torch.manual_seed(0)
    trace = gatescope.record(nn.GRU(2, 3), torch.randn(4, 2, 2), lambda output: output[0].sum())
    return bytes(trace.to_netcdf(engine="h5netcdf"))


Bend = Callable[[h5py.File, Path], None]


def bent(bend: Bend, secret: Path) -> bytes:
    """The trace after that was done to it."""
    file = io.BytesIO(whole())
    with h5py.File(file, "r+") as opened:
        bend(opened, secret)
    return file.getvalue()


def external(place: str, shape: tuple[int, ...] = (4, 2, 3), secret_name: str = "") -> Bend:
    def bend(file: h5py.File, secret: Path) -> None:
        if place in file:
            del file[place]
        name = secret_name or str(secret)
        file.create_dataset(place, shape, "u1", external=[(name, 0, 24)])

    return bend


def segments(file: h5py.File, secret: Path) -> None:
    files = [(str(secret), 0, 8), (str(secret), 16, h5f.UNLIMITED)]
    file.create_dataset("more", (24,), "u1", external=files)


def virtual(place: str, *, itself: bool = False, pattern: bool = False, fill: Any = None) -> Bend:
    def bend(file: h5py.File, secret: Path) -> None:
        if place in file:
            del file[place]
        name = "." if itself else f"{secret}-%b" if pattern else str(secret)
        if pattern:
            space = h5s.create_simple((4, 24), (h5s.UNLIMITED, 24))
            made = h5p.create(h5p.DATASET_CREATE)
            space.select_hyperslab((0, 0), (h5s.UNLIMITED, 1), (1, 1), (1, 24))
            made.set_virtual(space, name.encode(), b"x", h5s.create_simple((24,)))
            h5d.create(file.id, place.encode(), h5t.IEEE_F32LE, h5s.create_simple(
                (4, 24), (h5s.UNLIMITED, 24)), made)  # fmt: skip
            return
        layout = h5py.VirtualLayout((4, 2, 3), "f4")
        layout[...] = h5py.VirtualSource(name, "x" if not itself else SIGNAL, (4, 2, 3))
        file.create_virtual_dataset(place, layout, fillvalue=fill)

    return bend


def link(place: str, target: Any) -> Bend:
    def bend(file: h5py.File, secret: Path) -> None:
        if place in file:
            del file[place]
        file[place] = target(file, secret)

    return bend


def dataset(place: str, shape: Any = None, dtype: Any = None, **options: Any) -> Bend:
    def bend(file: h5py.File, secret: Path) -> None:
        if place in file:
            del file[place]
        file.create_dataset(place, shape, dtype, **options)

    return bend


def attribute(place: str, name: str, value: Any, **options: Any) -> Bend:
    return lambda file, secret: file[place].attrs.create(name, value, **options)


def late(file: h5py.File, secret: Path) -> None:
    h5d.create(file.id, b"late", h5t.IEEE_F64LE, h5s.create_simple((5 * 10**8,)), alloc_late())


@cache
def zeros(megabytes: int) -> bytes:
    packer = zlib.compressobj(9)
    block = bytes(2**20)
    return b"".join([*(packer.compress(block) for _ in range(megabytes)), packer.flush()])


def bomb(place: str, data: Callable[[], bytes], *, twice: bool = False, size: int = 24) -> Bend:
    """A piece of few bytes, as the file says, that becomes many."""

    def bend(file: h5py.File, secret: Path) -> None:
        made = h5p.create(h5p.DATASET_CREATE)
        made.set_chunk((size,))
        made.set_deflate(9)
        if twice:
            made.set_filter(h5py.h5z.FILTER_DEFLATE, h5py.h5z.FLAG_OPTIONAL, (9,))
        space = h5s.create_simple((size,))
        found = h5d.create(file.id, place.encode(), h5t.IEEE_F32LE, space, made)
        found.write_direct_chunk((0,), data())

    return bend


def filtered(place: str, number: int, flags: int = 1) -> Bend:
    def bend(file: h5py.File, secret: Path) -> None:
        made = h5p.create(h5p.DATASET_CREATE)
        made.set_chunk((24,))
        made.set_filter(number, flags, (1, 2, 3))
        space = h5s.create_simple((24,))
        found = h5d.create(file.id, place.encode(), h5t.IEEE_F32LE, space, made)
        found.write_direct_chunk((0,), b"x" * 96)

    return bend


def typed(place: str, kind: Any, shape: tuple[int, ...] = (4,)) -> Bend:
    def bend(file: h5py.File, secret: Path) -> None:
        space = h5s.create_simple(shape) if shape else h5s.create(h5s.SCALAR)
        h5d.create(file.id, place.encode(), kind(), space)

    return bend


def opaque() -> h5t.TypeID:
    kind = h5t.create(h5t.OPAQUE, 16)
    kind.set_tag(b"code")
    return kind


def odd_float() -> h5t.TypeID:
    kind = h5t.IEEE_F64LE.copy()
    kind.set_ebias(7)
    return kind


def committed(file: h5py.File, secret: Path) -> None:
    file["kind"] = np.dtype("f4")


def of_committed(file: h5py.File, secret: Path) -> None:
    file["kind"] = np.dtype("f4")
    file.create_dataset("more", (4,), file["kind"])


def many(make: Callable[[h5py.File, int], None], count: int) -> Bend:
    def bend(file: h5py.File, secret: Path) -> None:
        for k in range(count):
            make(file, k)

    return bend


def deep(depth: int) -> Bend:
    return lambda file, secret: file.create_group("/".join("a" * depth)) and None


def links(count: int) -> Bend:
    """Many names of nothing in one group."""

    def bend(file: h5py.File, secret: Path) -> None:
        group = file.create_group("many", track_order=False)
        for k in range(count):
            group.id.links.create_soft(b"%d" % k, b"/nothing")

    return bend


def scales(make: Callable[[h5py.File], Any]) -> Bend:
    """Other dimensions for a signal."""

    def bend(file: h5py.File, secret: Path) -> None:
        signal = file[SIGNAL]
        del signal.attrs["DIMENSION_LIST"]
        lists = np.empty(3, dtype=h5py.vlen_dtype(h5py.ref_dtype))
        for k, held in enumerate(make(file)):
            lists[k] = np.array(held, dtype=h5py.ref_dtype)
        signal.attrs.create("DIMENSION_LIST", lists, dtype=h5py.vlen_dtype(h5py.ref_dtype))

    return bend


def unlinked(file: h5py.File) -> Any:
    """A dimension that stands in no group any more, and lies in another file."""
    gone = file.create_dataset("gone", (4,), "u1", external=[("/dev/zero", 0, 4)])
    keep = file["keep"] = gone
    reference = gone.ref
    del file["gone"]
    del file["keep"], keep
    return [[reference]] * 3


def lists_of_numbers(file: h5py.File, secret: Path) -> None:
    lists = np.empty(2, object)
    lists[:] = [np.arange(2), np.arange(3)]
    file.attrs.create("note", lists, dtype=h5py.vlen_dtype("i8"))


def without(name: str) -> Bend:
    def bend(file: h5py.File, secret: Path) -> None:
        del file[NODE].attrs[name]

    return bend


def of_root(name: str, value: Any) -> Bend:
    def bend(file: h5py.File, secret: Path) -> None:
        file.attrs[name] = value

    return bend


def alloc_late() -> h5p.PropDCID:
    made = h5p.create(h5p.DATASET_CREATE)
    made.set_alloc_time(h5d.ALLOC_TIME_LATE)
    return made


def copied(name: bytes) -> Bend:
    """The layer once more, under a name that h5py itself would take for a path."""

    def bend(file: h5py.File, secret: Path) -> None:
        path, _, own = name.partition(b"/")
        above = h5g.open(file.id, path)
        made = h5py.Group(h5g.create(file.id, b"more"))
        made.attrs.update(file[NODE].attrs)
        above.move(b"/more", own)

    return bend


def beside(name: str, shape: tuple[int, ...], along: str) -> Bend:
    """Labels of that name that do not lie along it."""

    def bend(file: h5py.File, secret: Path) -> None:
        layer = file[NODE]
        layer.move(name, "foo")
        layer.attrs["coordinates"] = name
        made = layer.create_dataset(name, data=np.zeros(shape, int))
        if along:
            made.dims[0].attach_scale(layer[along])

    return bend


LONG = "x" * 2**23
VLEN = h5py.string_dtype()

HOSTILE: dict[str, Bend] = {
    **{f"external storage {place}": external(place)
       for place in ("more", SIGNAL, f"{NODE}/time", f"{NODE}/more", "a/b/c", "lstm")},
    "external storage, relative": external("more", secret_name="../secret"),
    "external storage, a device": external("more", secret_name="/dev/zero"),
    "external storage, of this process": external("more", secret_name="/proc/self/environ"),
    "external storage, a scalar": external("more", (24,)),
    "external storage, in parts": segments,
    **{f"virtual {place}": virtual(place) for place in ("more", SIGNAL, f"{NODE}/unit", "a/b")},
    "virtual, of itself": virtual("more", itself=True),
    "virtual, of a pattern": virtual("more", pattern=True),
    "virtual, with a fill value": virtual("more", fill=1.5),
    **{f"external link {place}": link(place, lambda f, s: h5py.ExternalLink(str(s), "/"))
       for place in ("more", NODE, SIGNAL, f"{NODE}/more", f"{NODE}/time")},
    "external link to itself": link("more", lambda f, s: h5py.ExternalLink("x.nc", "/")),
    "external link to a device": link("more", lambda f, s: h5py.ExternalLink("/dev/zero", "/")),
    **{f"soft link {place}": link(place, lambda f, s: h5py.SoftLink("/gru"))
       for place in ("more", NODE, SIGNAL, "gru/more")},
    "soft link to nothing": link("more", lambda f, s: h5py.SoftLink("/nowhere")),
    "soft link to itself": link("more", lambda f, s: h5py.SoftLink("/more")),
    "hard link to the root": link("more", lambda f, s: f["/"]),
    "hard link to its group": link("gru/l0/more", lambda f, s: f["gru/l0"]),
    "hard link to the group above": link("gru/l0/more", lambda f, s: f["gru"]),
    "a signal twice": link("gru/l0/more", lambda f, s: f[SIGNAL]),
    "a layer twice": link("gru/l1", lambda f, s: f[NODE]),
    "a signal as the root's": link("more", lambda f, s: f[SIGNAL]),
    **{f"claims 4 GB {place}": dataset(place, (5 * 10**8,), "f8", chunks=(10**6,))
       for place in ("more", f"{NODE}/more", "a/b/c")},
    "claims 4 GB, gzip": dataset("more", (5 * 10**8,), "f8", chunks=(10**6,), compression="gzip"),
    "claims 4 GB, in one": late,
    "claims 4 GB, a fill value": dataset("more", (5 * 10**8,), "f8", chunks=(10**6,), fillvalue=1),
    "claims all there is": dataset("more", (2**31, 2**20), "f8", chunks=(1, 2**10)),
    "claims a little, often": many(
        lambda f, k: f.create_dataset(f"n{k}", (2 * 10**6,), "f8", chunks=(10**6,)), 30),
    "pieces of 1 GB": dataset("more", (10,), "f8", maxshape=(None,), chunks=(2**27,)),
    "pieces of one number": dataset("more", (10**6,), "f4", chunks=(1,)),
    "a piece that becomes 150 MB": bomb("more", lambda: zeros(150)),
    "a piece that becomes 150 MB in a layer": bomb(f"{NODE}/more", lambda: zeros(150)),
    "a piece packed twice": bomb("more", lambda: zlib.compress(zeros(150), 9), twice=True),
    "a piece that is short": bomb("more", lambda: zlib.compress(b"x" * 40)),
    "a piece that is cut": bomb("more", lambda: zlib.compress(bytes(96))[:-6]),
    "a piece that is no gzip": bomb("more", lambda: b"x" * 50),
    "a piece of nothing": bomb("more", lambda: b"\0"),
    "a piece with more behind": bomb("more", lambda: zlib.compress(bytes(96)) * 2),
    "pieces that are missing": lambda f, s: f.create_dataset(
        "more", (100,), "f4", chunks=(10,)).__setitem__(slice(10), 1),
    **{f"filter {number}": filtered("more", number) for number in
       (4, 5, 6, 257, 305, 400, 32000, 32001, 32015, 32008, 65000)},
    "lzf": dataset("more", data=np.zeros(99), compression="lzf"),
    "scale-offset": dataset("more", data=np.zeros(99, int), scaleoffset=True),
    "texts": dataset("more", data=["a"] * 9, dtype=VLEN),
    "a text for times": dataset(f"{NODE}/more", data=["a"] * 4, dtype=VLEN),
    "lists": dataset("more", (4,), h5py.vlen_dtype("f8")),
    "references": dataset("more", (4,), h5py.ref_dtype),
    "references to parts": dataset("more", (4,), h5py.regionref_dtype),
    "records": dataset("more", (4,), [("a", "f4"), ("b", "i8")]),
    "complex": dataset("more", (4,), "c16"),
    "arrays": dataset("more", (4,), np.dtype(("f4", (1000,)))),
    "texts of one size": dataset("more", (4,), "S99"),
    "large texts of one size": dataset("more", (4,), "S60000"),
    "an enumeration": dataset("more", (4,), h5py.enum_dtype({f"n{k}": k for k in range(99)})),
    "long floats": dataset("more", (4,), np.longdouble),
    "opaque": typed("more", opaque),
    "bits": typed("more", lambda: h5t.STD_B64LE),
    "an odd float": typed("more", odd_float),
    "a type by name": committed,
    "of a type by name": of_committed,
    "nothing at all": lambda f, s: f.create_dataset("more", data=h5py.Empty("f4")) and None,
    "5,000 attributes": many(lambda f, k: f.attrs.__setitem__(f"n{k}", k), 5000),
    "150 attributes of a signal": many(lambda f, k: f[SIGNAL].attrs.__setitem__(f"n{k}", k), 150),
    "a long text": attribute("/", "note", LONG),
    "a long text of a layer": attribute(NODE, "cell", LONG),
    "many texts": attribute("/", "note", ["x"] * 99, dtype=VLEN),
    "many long texts": many(lambda f, k: f[NODE].attrs.create(f"n{k}", LONG[: 2**20]), 20),
    "many numbers": lambda f, s: (f.create_group("g", track_order=True),
                                  f["g"].attrs.create("n", np.zeros(8000)),
                                  f["g"].attrs.create("m", np.zeros(30_000, "u1")))[:0] or None,
    "an attribute of records": attribute("/", "note", np.zeros(3, [("a", "f4")])),
    "an attribute of references": lambda f, s: f.attrs.create("r", f.ref, dtype=h5py.ref_dtype),
    "an attribute of lists": lists_of_numbers,
    "an attribute of nothing": attribute("/", "note", h5py.Empty("f4")),
    "an attribute, opaque": attribute("/", "note", np.void(b"code" * 9)),
    "50 groups in one another": deep(50),
    "a thousand groups in one another": deep(1000),
    "30,000 links": links(30_000),
    "21,000 groups": many(lambda f, k: f.create_group(f"g{k}") and None, 21_000),
    "a dimension that is nothing": scales(lambda f: [[h5py.Reference()]] * 3),
    "a dimension that is no dataset": scales(lambda f: [[f.ref]] * 3),
    "a dimension that is gone": scales(unlinked),
    "dimensions in two places": scales(lambda f: [[f[f"{NODE}/time"].ref] * 2] * 3),
    "no dimensions": scales(lambda f: [[]] * 3),
    "other dimensions": scales(
        lambda f: [[f[f"{NODE}/{n}"].ref] for n in ("unit", "unit", "time")]),
    "itself as a dimension": scales(lambda f: [[f[SIGNAL].ref]] * 3),
    "no list of dimensions": lambda f, s: f[SIGNAL].attrs.__delitem__("DIMENSION_LIST"),
    "a list of dimensions that is text": attribute(SIGNAL, "DIMENSION_LIST", "time batch unit"),
    "a list of dimensions that is numbers": attribute(SIGNAL, "DIMENSION_LIST", [1, 2, 3]),
    "a list of references that is text": attribute(f"{NODE}/time", "REFERENCE_LIST", "x"),
    **{f"without {name}": without(name) for name in ("cell", "layer", "direction", "dtype",
                                                    "hidden_size", "retention_gate")},
    "a gate that is a number": attribute(NODE, "retention_gate", 5),
    "no coordinates": lambda f, s: f[NODE].__delitem__("unit"),
    "no schema": lambda f, s: f.attrs.__delitem__("schema"),
    "a schema of words": of_root("schema", "one"),
    "a schema that is far": of_root("schema", 10**9),
    "schemas": of_root("schema", [1, 1, 1]),
    "a signal of whole numbers": dataset(SIGNAL, data=np.zeros((4, 2, 3), int)),
    "a signal in two dimensions": dataset(SIGNAL, data=np.zeros((4, 2))),
    "a signal at the root": dataset("more", np.zeros(4)),
    **{f"a {name} of no dimension": dataset(f"{NODE}/{name}", data=3)
       for name in ("length", "call", "call_length")},
    "times as dates": attribute(f"{NODE}/time", "units", "days since 2000-01-01"),
    "dates beyond all": attribute(SIGNAL, "units", "days since 0001-01-01"),
    "a calendar that is none": attribute(f"{NODE}/time", "units", "years since 99999999-99-99"),
    "times as durations": attribute(f"{NODE}/time", "units", "seconds"),
    "a scale of words": attribute(SIGNAL, "scale_factor", "ten"),
    "a fill of words": attribute(SIGNAL, "_FillValue", "ten"),
    "values as bools": attribute(SIGNAL, "dtype", "bool"),
    "values as another type": attribute(SIGNAL, "dtype", "object"),
    "coordinates of a signal that are itself": attribute(SIGNAL, "coordinates", "hidden_state"),
    "values of more than all": lambda f, s: h5d.create(
        f.id, b"more", h5t.IEEE_F32LE, h5s.create_simple((2**32, 2**32)), alloc_late()) and None,
    "a group that is the one above": copied(b"gru/.."),
    "a name that is no text": copied(b"gru/\xff\xfe"),
    "a name of spaces": copied(b"gru/  "),
    **{f"a {name} of {value!r:.9}": attribute(NODE, name, value)
       for name, value in (("dtype", "float999"), ("dtype", "int32"), ("dtype", 3),
                           ("direction", 5), ("direction", [1, 2]), ("direction", "up"),
                           ("layer", "x"), ("cell", "x" * 2000), ("retention_gate", "x" * 2000))},
    **{f"a {name} along another dimension": beside(name, (2,), "batch") for name in
       ("time", "unit")},
    "a unit that is one": beside("unit", (), ""),
    "another last dimension": lambda f, s: f[NODE].move("unit", "foo"),
    "a scale of several": attribute(SIGNAL, "scale_factor", [1.0, 2.0, 3.0]),
    "an offset of several": attribute(SIGNAL, "add_offset", np.arange(4000.0)),
    "an encoding of numbers": attribute(SIGNAL, "_Encoding", "utf-8"),
    "numbers beside no layer": lambda f, s: (f.__delitem__("gru"), f.create_dataset(
        "time", data=np.arange(3)))[:0] or None,
    "a name in lines": lambda f, s: f.create_group("a\nb![x](http://x)") and None,
    "a long name": lambda f, s: f.create_dataset("n" * 30_000, data=[1.0]) and None,
    "a name of dots": lambda f, s: f.create_group(" .. ") and None,
}  # fmt: skip


HARMLESS = (
    "no list of dimensions", "a list of references that is text", "a signal at the root",
    "times as dates", "dates beyond all", "a calendar that is none", "times as durations",
    "a fill of words", "values as another type", "a long name",
)  # fmt: skip
"""What does no harm where it stands: it is read, and the numbers are the same."""


def other_file(make: Callable[[Path], None]) -> Callable[[Path], bytes]:
    """A file that h5py makes on disk."""

    def data(folder: Path) -> bytes:
        make(folder / "f.nc")
        return (folder / "f.nc").read_bytes()

    return data


def in_two(path: Path) -> None:
    with h5py.File(path, "w", driver="split", meta_ext=b"", raw_ext=b"-raw") as file:
        file["a"] = np.zeros(9)
        file.attrs["schema"] = 1


def in_members(path: Path) -> None:
    with h5py.File(str(path) + "%d", "w", driver="family", memb_size=2**16) as file:
        file["a"] = np.zeros(9)
    path.write_bytes(Path(str(path) + "0").read_bytes())


def with_userblock(path: Path) -> None:
    with h5py.File(path, "w", userblock_size=512) as file:
        file.attrs["schema"] = 1
    with open(path, "r+b") as opened:
        opened.write(b"#!/bin/sh\n")


def still_written(path: Path) -> None:
    with h5py.File(path, "w", libver="latest") as file:
        file.attrs["schema"] = 1
        file.create_group("gru")
        file.swmr_mode = True
        file.flush()
        data = path.read_bytes()
    path.write_bytes(data)


FILES: dict[str, Callable[[Path], bytes]] = {
    "in two files": other_file(in_two),
    "in many files": other_file(in_members),
    "behind a script": other_file(with_userblock),
    "still written to": other_file(still_written),
    "nothing": lambda folder: b"",
    "the signature alone": lambda folder: b"\x89HDF\r\n\x1a\n",
    "zeros": lambda folder: b"\x89HDF\r\n\x1a\n" + bytes(10**6),
    "ones": lambda folder: b"\x89HDF\r\n\x1a\n" + b"\xff" * 10**6,
    "netCDF 3": lambda folder: b"CDF\x01" + bytes(99),
    "netCDF 3 that claims": lambda folder: b"CDF\x02" + b"\x7f" * 99,
    "text": lambda folder: b"time,value\n1,2\n",
    "a zip": lambda folder: b"PK\x03\x04" + bytes(99),
    "a pickle": lambda folder: b"\x80\x04cos\nsystem\n.",
    **{f"cut at {part} of 24": lambda folder, part=part: whole()[: len(whole()) * part // 24]
       for part in range(1, 24)},
}  # fmt: skip


MOST = 2**26
Sentence = Callable[[Callable[[], object], type[Exception]], str]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", HARMLESS)
def test_what_does_no_harm_changes_no_number(case: str, files: Files, secret: Path) -> None:
    plain = files.recording(whole(), "x.nc", most_bytes=MOST)[NODE].to_dataset()
    found = files.recording(bent(HOSTILE[case], secret), "x.nc", most_bytes=MOST)[NODE].to_dataset()
    xr.testing.assert_equal(found, plain)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", sorted(HOSTILE.keys() - HARMLESS))
def test_a_hostile_recording_is_refused(
    case: str, files: Files, secret: Path, sentence: Sentence
) -> None:
    data = bent(HOSTILE[case], secret)
    message = sentence(lambda: files.recording(data, "x.nc", most_bytes=MOST), TraceError)
    assert message.startswith("x.nc ")
    assert "seconds" not in message
    # and where one reads it in one's own process
    path = secret.parent / "x.nc"
    path.write_bytes(data)
    sentence(lambda: gatescope.load_trace(path), TraceError)


COSTLY: dict[str, Bend] = {
    "large pieces of four numbers": many(lambda f, k: f.create_dataset(
        f"n{k}", data=np.zeros(4, "f4"), maxshape=(None,), chunks=(2**23,), compression="gzip"), 9),
    "60,000 pieces in all": many(lambda f, k: f.create_dataset(
        f"n{k}", data=np.zeros(20_000, "i1"), chunks=(1,)), 3),
}  # fmt: skip


@pytest.mark.parametrize("case", COSTLY)
def test_what_claims_little_and_costs_much_is_refused(
    case: str, files: Files, secret: Path, sentence: Sentence
) -> None:
    """A megabyte that would be unpacked to hundreds, or piece by piece."""
    data = bent(COSTLY[case], secret)
    message = sentence(lambda: files.recording(data, "x.nc", most_bytes=MOST), TraceError)
    assert "save it again, in larger pieces or in one" in message


def test_what_somebody_added_to_a_recording_is_read(files: Files) -> None:
    """Times in seconds, several authors, another type of numbers, packed."""
    trace = gatescope.record(nn.GRU(2, 3), torch.randn(20, 2, 2))
    layer = trace[NODE].to_dataset().assign_coords(seconds=("time", np.arange(20) / 10))
    own = xr.DataTree.from_dict({NODE: layer})
    own.attrs = trace.attrs | {"authors": ["Ann", "Bob"]}
    packed = {"dtype": "int16", "scale_factor": 1e-4, "_FillValue": -32768, "zlib": True}
    encoding = {f"/{NODE}": dict.fromkeys(layer.data_vars, packed)}
    data = bytes(own.to_netcdf(engine="h5netcdf", encoding=encoding))
    found = files.recording(data, "x.nc", most_bytes=MOST)
    for name, signal in layer.data_vars.items():
        np.testing.assert_allclose(found[NODE][name], signal, atol=1e-4)
    assert found[NODE]["seconds"].values.tolist() == (np.arange(20) / 10).tolist()
    assert list(found.attrs["authors"]) == ["Ann", "Bob"]


@pytest.mark.parametrize("case", FILES)
def test_what_is_no_recording_is_refused(
    case: str, files: Files, tmp_path: Path, sentence: Sentence
) -> None:
    data = FILES[case](tmp_path)
    sentence(lambda: files.recording(data, "x.nc", most_bytes=MOST), TraceError)


EXTREMES = (0, 1, 0xFF, 2**31, 2**32 - 1, 2**40, 2**63, 2**64 - 1)


@settings(settings.get_profile("fuzz"))
@given(data=st.data())
def test_a_bent_recording_is_read_or_refused(data: st.DataObject, files: Files) -> None:
    """Bytes, fields, sections and ends of a trace are others; HDF5 meets it in its own process."""
    found = bytearray(whole())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(found) - 17))
        way = data.draw(st.sampled_from(["byte", "field", "swap", "cut", "same"]))
        if way == "byte":
            found[place] = data.draw(st.integers(0, 255))
        elif way == "field":
            found[place : place + 8] = data.draw(st.sampled_from(EXTREMES)).to_bytes(8, "little")
        elif way == "swap":
            other = data.draw(st.integers(0, len(found) - 17))
            found[place : place + 16] = found[other : other + 16]
        elif way == "cut" and place > 100:
            del found[place:]
        else:
            mark = data.draw(st.sampled_from([b"OHDR", b"FRHP", b"FHDB", b"BTHD", b"GCOL"]))
            at = found.find(mark)
            if 0 <= at < len(found) - 41:
                found[at + data.draw(st.integers(4, 40))] ^= data.draw(st.integers(1, 255))
    refused = ""
    try:
        trace = files.recording(bytes(found), "x.nc", most_bytes=MOST)
    except TraceError as error:
        refused = str(error)
    assert "\n" not in refused
    assert len(refused) < 600
    assert refused or all(leaf.attrs["cell"] for leaf in trace.leaves)
