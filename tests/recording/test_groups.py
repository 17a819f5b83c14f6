"""A file of many layers opens in a time that grows as their number, and as xarray opens it."""

import io
import os
import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import torch
import xarray as xr
from h5py import h5i, h5r
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

import gatescope
from gatescope.recording import overview, stream
from gatescope.recording.groups import open_groups
from gatescope.recording.walked import require_plain


class Twice(nn.Module):
    """A layer that is called with fewer examples, and steps, the second time."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.GRU(2, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layer(x)[0].sum() + self.layer(x[:2, :1])[0].sum()


class Other(nn.Module):
    """A model of several modules, in one another."""

    def __init__(self) -> None:
        super().__init__()
        self.parts = nn.ModuleDict({"a": nn.Sequential(nn.RNN(2, 3)), "b": nn.GRUCell(3, 2)})

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        state = None
        for row in self.parts["a"][0](x)[0]:
            state = self.parts["b"](row, state)
        return state


def first(output: Any) -> torch.Tensor:
    rows = output[0]
    return (rows if isinstance(rows, torch.Tensor) else rows.data).sum()


X = torch.linspace(-1, 1, 16).reshape(4, 2, 2)
PACKED = pack_padded_sequence(X, [2, 4], enforce_sorted=False)
RECORDED: dict[str, tuple[Callable[[], nn.Module], Any, Any, dict[str, Any]]] = {
    "rnn": (lambda: nn.RNN(2, 3), X, None, {}),
    "lstm_with_gradients": (lambda: nn.LSTM(2, 3, 2, bidirectional=True), X, first, {}),
    "projected": (lambda: nn.LSTM(2, 5, proj_size=3), X, first, {}),
    "packed": (lambda: nn.GRU(2, 3), PACKED, first, {}),
    "half": (lambda: nn.GRU(2, 3).bfloat16(), X.bfloat16(), None, {}),
    "double": (lambda: nn.GRU(2, 3).double(), X.double(), None, {}),
    "calls": (Twice, X, lambda output: output, {}),
    "several": (Other, X, lambda output: output.sum(), {}),
    "chosen": (lambda: nn.LSTM(2, 3, 3), X, None, {
        "signals": ["cell_state"], "layers": ["lstm/l2", "lstm/l0"], "time": slice(1, 4, 2),
        "units": [2, 0], "batch": [1]}),
}  # fmt: skip


def recorded(name: str, **where: Any) -> xr.DataTree:
    model, x, loss, chosen = RECORDED[name]
    torch.manual_seed(0)
    return gatescope.record(model(), x, loss, **chosen, **where)


def saved(path: Path, encoding: dict[str, Any] | None = None, **options: Any) -> Path:
    """A trace as xarray itself writes it, its signals in that way."""
    trace = recorded("lstm_with_gradients")
    ways = {
        node.path: {str(name): dict(encoding or {}) for name in node.data_vars}
        for node in trace.leaves
    }
    trace.to_netcdf(path, engine="h5netcdf", encoding=ways, **options)
    return path


def told_more(path: Path) -> Path:
    """A trace to which somebody has added labels and attributes of each kind."""
    trace = recorded("lstm_with_gradients")
    trace.attrs |= {"texts": ["a", "bé"], "one": ["a"], "none": "", "numbers": np.arange(3)}
    trace.attrs |= {"single": np.array([2.5]), "table": np.eye(2), "whole": np.int16(3)}
    layer = trace["lstm/l0"].to_dataset()
    layer = layer.assign_coords(seconds=("time", np.arange(4) / 10), place=("unit", np.arange(3)))
    layer = layer.assign_coords(both=(("time", "batch"), np.arange(8).reshape(4, 2)), alone=7)
    layer["hidden_state"].attrs |= {"units": "days since 2000-01-01", "long": "a longer text"}
    trace["lstm/l0"].dataset = layer
    trace.to_netcdf(path, engine="h5netcdf")
    return path


def above(path: Path) -> Path:
    """A file whose dimension stands in a group around."""
    inner = xr.Dataset({"a": ("x", np.arange(3.0)), "b": (("y", "x"), np.ones((2, 3)))})
    outer = xr.Dataset({"c": ("x", np.arange(3))}, coords={"x": [1, 2, 3]})
    tree = xr.DataTree.from_dict({"/": outer, "/in": inner, "/in/deeper": xr.Dataset()})
    tree.to_netcdf(path, engine="h5netcdf")
    return path


def rewritten(path: Path) -> Path:
    """A trace that was written, opened and written again."""
    with gatescope.open_trace(saved(path.with_suffix(".old"))) as trace:
        return gatescope.save_trace(trace, path)


def old_text(path: Path) -> Path:
    """A trace whose attributes are texts of a fixed length, as other programs write them."""
    with h5py.File(saved(path), "r+") as file:
        file["lstm/l0"].attrs["cell"] = np.bytes_("lstm")
        file["lstm/l0"].attrs["more"] = np.array([b"ab", b"c"])
    return path


SAVED: dict[str, Callable[[Path], Path]] = {
    "as_it_is": saved,
    "zlib": lambda path: saved(path, {"zlib": True, "complevel": 3}),
    "shuffled": lambda path: saved(path, {"zlib": True, "shuffle": True, "fletcher32": True}),
    "pieces": lambda path: saved(path, {"chunksizes": (3, 1, 2)}),
    "scaled": lambda path: saved(path, {
        "dtype": "int16", "scale_factor": 0.01, "add_offset": 1.0, "_FillValue": -9999}),
    "filled": lambda path: saved(path, {"_FillValue": -1.0}),
    "told_more": told_more,
    "above": above,
    "rewritten": rewritten,
    "old_text": old_text,
}  # fmt: skip


def same(ours: xr.DataTree, theirs: xr.DataTree) -> None:
    """Values, dtypes, order, attributes, labels and how all is stored; and what is read, when."""
    assert [node.path for node in ours.subtree] == [node.path for node in theirs.subtree]
    for one, other in zip(ours.subtree, theirs.subtree, strict=True):
        assert list(one.variables) == list(other.variables)
        assert list(one.coords) == list(other.coords)
        assert dict(one.sizes) == dict(other.sizes)
        assert {**one.encoding} == {**other.encoding}
        same_attributes(one.attrs, other.attrs)
        for name, variable in one.variables.items():
            expected = other.variables[name]
            assert type(variable) is type(expected)
            assert repr(variable) == repr(expected)  # with "[24 values with dtype=…]": not read
            assert variable.dims == expected.dims
            assert variable.dtype == expected.dtype
            assert shown(variable.encoding) == shown(expected.encoding)
            same_attributes(variable.attrs, expected.attrs)
            np.testing.assert_array_equal(variable.values, expected.values)
    assert ours.identical(theirs)


def shown(encoding: dict[Any, Any]) -> dict[Any, str]:
    """How a dataset is stored, without the filters that it has not."""
    return {name: repr(value) for name, value in encoding.items() if value is not False}


def same_attributes(ours: dict[Any, Any], theirs: dict[Any, Any]) -> None:
    assert list(ours) == list(theirs)
    assert [type(value) for value in ours.values()] == [type(value) for value in theirs.values()]
    assert [np.asarray(value).dtype for value in ours.values()] == [
        np.asarray(value).dtype for value in theirs.values()
    ]
    for name, value in ours.items():
        np.testing.assert_array_equal(value, theirs[name])


def require_same(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As xarray opens it, by path and from its content, and not by xarray's own reader."""
    with (
        xr.open_datatree(path, engine="h5netcdf", decode_times=False) as theirs,
        monkeypatch.context() as only,
    ):
        only.setattr(xr, "open_datatree", None)
        with open_groups(str(path)) as ours:
            same(ours, theirs)
        with open_groups(io.BytesIO(path.read_bytes())) as ours:
            assert ours.load().identical(theirs)


@pytest.mark.filterwarnings("ignore:LSTM with projections")  # torch's
@pytest.mark.parametrize("way", ["saved", "streamed"])
@pytest.mark.parametrize("name", RECORDED)
def test_a_recording_opens_as_xarray_opens_it(
    name: str, way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.nc"
    if way == "saved":
        gatescope.save_trace(recorded(name), path)
    else:
        recorded(name, to=path).close()
    require_same(path, monkeypatch)


@pytest.mark.parametrize("name", SAVED)
def test_what_xarray_writes_opens_as_xarray_opens_it(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Packed, in pieces, as whole numbers, with labels and attributes of somebody's own."""
    require_same(SAVED[name](tmp_path / "a.nc"), monkeypatch)


@pytest.mark.filterwarnings("ignore:LSTM with projections")
def test_a_long_or_an_empty_recording_opens_as_xarray_opens_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its overview, which is no layer; and without any layer or signal."""
    monkeypatch.setattr(overview, "LONG", 4)
    monkeypatch.setattr(stream, "LONG", 4)
    monkeypatch.setattr(overview, "MOST_BLOCKS", 2)
    recorded("projected", to=tmp_path / "long.nc").close()
    with h5py.File(tmp_path / "long.nc") as file:
        assert f"{overview.OVERVIEW}/lstm/l0/cell_state" in file
    require_same(tmp_path / "long.nc", monkeypatch)
    for nothing in ({"layers": ()}, {"signals": ()}):
        trace = gatescope.record(nn.GRU(2, 3), X, **nothing)
        require_same(gatescope.save_trace(trace, tmp_path / "empty.nc"), monkeypatch)


def growing(path: Path) -> None:
    saved(path, unlimited_dims={"/lstm/l0": ["time"]})


def unlabelled(path: Path) -> None:
    with h5py.File(saved(path), "r+") as file:
        file["more"] = np.arange(5)
        file["lstm/l0/hidden_state"].dims[0].detach_scale(file["lstm/l0/time"])
        file["lstm/l0/hidden_state"].dims[1].detach_scale(file["lstm/l0/batch"])
        file["lstm/l0/hidden_state"].dims[2].detach_scale(file["lstm/l0/unit"])


def called_as_a_dimension(path: Path) -> None:
    data = xr.Dataset({"x": ("y", np.arange(3)), "a": (("x", "y"), np.ones((2, 3)))})
    xr.DataTree(data.rename_vars(x="b")).to_netcdf(path, engine="h5netcdf")
    with h5py.File(path, "r+") as file:
        file.move("b", "_nc4_non_coord_x")


def numbered_alike(path: Path) -> None:
    with h5py.File(saved(path), "r+") as file:
        for name in ("time", "batch"):
            file[f"lstm/l0/{name}"].attrs["_Netcdf4Dimid"] = np.int32(7)


def tabular(path: Path) -> None:
    with h5py.File(saved(path), "r+") as file:
        file["lstm/l0/table"] = np.ones((4, 2))
        file["lstm/l0/table"].make_scale("table")


def lettered(path: Path) -> None:
    with h5py.File(saved(path), "r+") as file:
        file.attrs["letter"] = np.bytes_("a")


def elsewhere(path: Path) -> None:
    """A signal along a dimension of another layer."""
    with h5py.File(saved(path), "r+") as file:
        signal = file["lstm/l0/hidden_state"]
        signal.dims[0].detach_scale(file["lstm/l0/time"])
        signal.dims[0].attach_scale(file["lstm/l0_reverse/time"])


def resized(path: Path) -> None:
    """A signal that is shorter than its dimension."""
    with h5py.File(saved(path, {"chunksizes": (2, 2, 3)}), "r+") as file:
        file["lstm/l0/time"].attrs["note"] = 1
        values = file["lstm/l0/hidden_state"][:2]
        del file["lstm/l0/hidden_state"]
        file["lstm/l0/hidden_state"] = values
        for axis, dim in enumerate(("time", "batch", "unit")):
            file["lstm/l0/hidden_state"].dims[axis].attach_scale(file[f"lstm/l0/{dim}"])


def called_as_a_layer(path: Path) -> None:
    """Labels above a layer that are called as it is."""
    with h5py.File(saved(path), "r+") as file:
        file.move("lstm/l0/unit", "l0")


def of_two_kinds(path: Path) -> None:
    with h5py.File(saved(path), "r+") as file:
        file["lstm/l0/hidden_state"].attrs["CLASS"] = ["a", "b"]


def numbered_in_words(path: Path) -> None:
    with h5py.File(saved(path), "r+") as file:
        file["lstm/l0/unit"].attrs["_Netcdf4Dimid"] = "seven"


UNUSUAL: dict[str, Callable[[Path], None]] = {
    "growing": growing,
    "unlabelled": unlabelled,
    "called_as_a_dimension": called_as_a_dimension,
    "numbered_alike": numbered_alike,
    "tabular": tabular,
    "lettered": lettered,
    "elsewhere": elsewhere,
    "resized": resized,
    "called_as_a_layer": called_as_a_layer,
    "of_two_kinds": of_two_kinds,
    "numbered_in_words": numbered_in_words,
}


def opened(how: Callable[[Path], xr.DataTree], path: Path) -> xr.DataTree | None:
    try:
        with h5py.File(path, "r") as file:
            require_plain(file, path.stat().st_size)
        with how(path) as tree:
            return tree.load()
    except Exception:  # noqa: BLE001  it is refused
        return None


@pytest.mark.filterwarnings("ignore:The 'phony_dims'")  # xarray's, of dimensions without a scale
@pytest.mark.parametrize("name", UNUSUAL)
def test_what_no_trace_has_is_left_to_xarray(name: str, tmp_path: Path) -> None:
    """It is opened as it always was, or refused."""
    path = tmp_path / "a.nc"
    UNUSUAL[name](path)
    require_alike(path)


def require_alike(path: Path) -> None:
    """As xarray opens it, or refused where it cannot."""
    own, handed = xr.open_datatree, []

    def xarrays(file: Any, **options: Any) -> xr.DataTree:
        handed.append(file)
        return own(file, **options)

    expected = opened(lambda path: own(path, engine="h5netcdf", decode_times=False), path)
    with pytest.MonkeyPatch.context() as noted:
        noted.setattr(xr, "open_datatree", xarrays)
        found = opened(lambda path: open_groups(str(path)), path)
    assert isinstance(found, xr.DataTree) == isinstance(expected, xr.DataTree)
    if isinstance(found, xr.DataTree) and not handed:  # else both are xarray's
        same(found, expected)


def deep(layers: int, path: Path) -> Path:
    gatescope.record(nn.GRU(2, 3, layers), X, to=path).close()
    return path


def test_no_name_is_searched_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """HDF5 knows the name of what was opened by its name; of a reference's target it does not."""
    targets: list[int] = []
    asked: list[int] = []
    dereference, name_of = h5r.dereference, h5i.get_name

    def followed(*args: Any) -> Any:
        target = dereference(*args)
        targets.append(target.id)
        return target

    def named(target: Any) -> Any:
        asked.append(target.id)
        return name_of(target)

    counts = []
    for layers in (4, 8):
        path = deep(layers, tmp_path / f"{layers}.nc")
        with monkeypatch.context() as counted:
            counted.setattr(h5r, "dereference", followed)
            counted.setattr(h5i, "get_name", named)
            targets.clear()
            asked.clear()
            gatescope.open_trace(path).close()
            assert not set(asked) & set(targets)
            counts.append((len(targets), len(asked)))
    for fewer, more in zip(*counts, strict=True):
        assert 0 < fewer < more < 2.2 * fewer


VALUES = (
    0, 2, np.int32(1), np.arange(1), np.array([2], "i4"), np.arange(3), np.nan, True, "time", "é",
    "DIMENSION_SCALE", np.bytes_("DIMENSION_SCALE"), np.bytes_("ab"), ["a", "b"], ["a"],
    np.bytes_("This is a netCDF dimension but not a netCDF variable.         4"),
)  # fmt: skip
ATTRIBUTES = (
    "_Netcdf4Dimid", "_Netcdf4Coordinates", "NAME", "CLASS", "coordinates", "_FillValue", "units",
    "scale_factor", "missing_value", "note",
)  # fmt: skip
NAMES = ("time", "unit", "batch", "more", "l0", "_nc4_non_coord_time")


def bend(file: h5py.File, draw: Callable[[st.SearchStrategy[Any]], Any]) -> None:
    """Do something to one of the datasets, where HDF5 lets one."""
    found: list[str] = []
    above = ["/"]
    file.visititems(
        lambda name, item: (found if isinstance(item, h5py.Dataset) else above).append(name)
    )
    name, group = draw(st.sampled_from(found)), draw(st.sampled_from(above))
    dataset, new = file[name], f"{group.rstrip('/')}/{draw(st.sampled_from(NAMES))}"
    way = draw(st.sampled_from(["say", "say above", "hush", "move", "detach", "attach", "scale",
                                "make", "remove"]))  # fmt: skip
    if way in ("say", "say above"):
        owner = dataset if way == "say" else file[group]
        owner.attrs[draw(st.sampled_from(ATTRIBUTES))] = draw(st.sampled_from(VALUES))
    elif way == "hush":
        del dataset.attrs[draw(st.sampled_from(sorted(dataset.attrs)))]
    elif way == "move":
        file.move(name, new)
    elif way in ("detach", "attach"):
        axis = draw(st.integers(0, dataset.ndim - 1))
        for scale in list(dataset.dims[axis].values()):
            dataset.dims[axis].detach_scale(scale)
        if way == "attach":
            dataset.dims[axis].attach_scale(file[draw(st.sampled_from(found))])
    elif way == "scale":
        dataset.make_scale("more")
    elif way == "make":
        file.create_dataset(new, data=draw(st.sampled_from([np.arange(4), np.ones((4, 2)), 3])))
        if draw(st.booleans()):
            file[new].make_scale("more")
    else:
        del file[name]


@pytest.fixture(scope="module")
def traces(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """The same recording, saved and streamed."""
    folder = tmp_path_factory.mktemp("traces")
    model = nn.GRU(2, 3, 2)
    gatescope.record(model, X, to=folder / "a.nc").close()
    gatescope.save_trace(gatescope.record(model, X), folder / "b.nc")
    return [(folder / name).read_bytes() for name in ("a.nc", "b.nc")]


@pytest.mark.filterwarnings("ignore")  # of xarray, of what was bent
@settings(settings.get_profile("fuzz"))
@given(data=st.data())
def test_a_bent_file_opens_as_xarray_opens_it(
    data: st.DataObject, traces: list[bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever its dimensions, their names and numbers are, where it is opened at all."""
    path = tmp_path_factory.mktemp("bent") / "a.nc"
    path.write_bytes(data.draw(st.sampled_from(traces)))
    with h5py.File(path, "r+") as file:
        for _ in range(data.draw(st.integers(1, 4))):
            with suppress(ValueError, KeyError, RuntimeError, TypeError, OSError):
                bend(file, data.draw)
    require_alike(path)


def test_an_open_trace_is_read_from_threads_and_let_go(
    traces: list[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From another folder too, where other files took its place among the open ones; pickled."""
    (tmp_path / "a.nc").write_bytes(traces[0])
    (tmp_path / "b.nc").write_bytes(traces[1])
    monkeypatch.chdir(tmp_path)
    whole = gatescope.load_trace("a.nc")
    trace = gatescope.open_trace("a.nc")
    monkeypatch.chdir("/")

    def read(number: int) -> bool:
        with gatescope.open_trace(tmp_path / "b.nc") as other:
            part = {"time": slice(number % 3, None), "unit": [2, 0]}
            found = trace["gru/l1"].dataset.isel(part).load()
            return found.identical(whole["gru/l1"].dataset.isel(part)) and bool(other.children)

    with xr.set_options(file_cache_maxsize=1), ThreadPoolExecutor(4) as threads:
        assert all(threads.map(read, range(24)))
    with pickle.loads(pickle.dumps(trace)) as again:
        assert again.identical(whole)
    trace.close()
    links = [os.path.realpath(entry) for entry in Path("/proc/self/fd").glob("*")]
    assert not [link for link in links if link.startswith(str(tmp_path.resolve()))]
