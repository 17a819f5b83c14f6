"""Traces on disk: what is read is what was written, or a sentence says why not."""

import os
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import torch
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

import gatescope
from gatescope import TraceError, load_trace, save_trace
from gatescope.files import write_whole
from gatescope.recording import netcdf

LAYERS = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


def total(output: Any) -> torch.Tensor:
    rows = output[0]
    return (rows.data if isinstance(rows, PackedSequence) else rows).sum()


def small() -> xr.DataTree:
    return gatescope.record(nn.LSTM(2, 3), torch.randn(4, 2, 2), total)


@settings(max_examples=12)  # each writes and reads a file
@given(
    kind=st.sampled_from(sorted(LAYERS)),
    layers=st.integers(1, 2),
    bidirectional=st.booleans(),
    lengths=st.lists(st.integers(1, 6), min_size=1, max_size=4),
    packed=st.booleans(),
    units=st.integers(1, 5),
    dtype=st.sampled_from([torch.float32, torch.float64, torch.bfloat16]),
    with_loss=st.booleans(),
    signals=st.sampled_from([None, ["hidden_state"]]),
)
def test_a_round_trip_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory,
    kind: str,
    layers: int,
    bidirectional: bool,
    lengths: list[int],
    packed: bool,
    units: int,
    dtype: torch.dtype,
    with_loss: bool,
    signals: list[str] | None,
) -> None:
    """Values bit for bit, names, dimensions, coordinates, attributes and dtypes; NaN too."""
    layer = LAYERS[kind](2, units, layers, bidirectional=bidirectional).to(dtype)
    x: Any = torch.randn(max(lengths), len(lengths), 2).to(dtype)
    if packed:
        x = pack_padded_sequence(x, lengths, enforce_sorted=False)
    trace = gatescope.record(layer, x, total if with_loss else None, signals=signals)
    read = load_trace(save_trace(trace, tmp_path_factory.mktemp("traces") / "a.nc"))
    assert read.identical(trace)
    for before, after in zip(trace.subtree, read.subtree, strict=True):
        assert before.path == after.path
        assert {k: type(v) for k, v in before.attrs.items()} == {
            k: type(v) for k, v in after.attrs.items()
        }
        for name, variable in before.variables.items():
            assert after[name].dtype == variable.dtype


def test_calls_and_dotted_paths_survive(tmp_path: Path) -> None:
    """The ``call`` coordinate, and a node named after a path with dots."""
    model = nn.ModuleDict({"enc": nn.Sequential(nn.GRU(2, 3))})
    model.forward = lambda x: model["enc"][0](x)[0] + model["enc"][0](x)[0]
    trace = gatescope.record(model, torch.randn(4, 2, 2), lambda output: output.sum())
    read = load_trace(save_trace(trace, tmp_path / "a.nc"))
    assert read.identical(trace)
    assert read["enc.0/l0"].coords["call"].values.tolist() == [0] * 4 + [1] * 4


def test_a_trace_that_was_read_is_in_memory(tmp_path: Path) -> None:
    """The file may go; the trace stays."""
    trace, path = small(), tmp_path / "a.nc"
    read = load_trace(save_trace(trace, path))
    path.unlink()
    assert read.identical(trace)


def test_an_older_trace_is_replaced_and_nothing_is_left_over(tmp_path: Path) -> None:
    """Folders are made, the path comes back, and the folder holds that one file."""
    path = tmp_path / "new" / "folder" / "a.nc"
    save_trace(small(), path)
    second = small()
    assert save_trace(second, str(path)) == path
    assert load_trace(path).identical(second)
    assert os.listdir(path.parent) == ["a.nc"]


def test_a_trace_of_no_layer_or_no_signal_is_read_again(tmp_path: Path) -> None:
    for nothing in ({"layers": ()}, {"signals": ()}):
        trace = gatescope.record(nn.GRU(2, 3), torch.randn(4, 2, 2), **nothing)
        path = save_trace(trace, tmp_path / "empty.nc")
        assert load_trace(path).identical(trace)
        with gatescope.open_trace(path) as opened:
            assert opened.load().identical(trace)


def test_what_is_written_is_as_secret_as_other_new_files(tmp_path: Path) -> None:
    """Traces, streamed ones, runs and small files: as the process's umask says."""
    config = gatescope.TrainConfig(task="parity", max_steps=1, hidden_size=1)
    run = gatescope.train(config)
    old = os.umask(0o027)
    try:
        save_trace(small(), tmp_path / "a.nc")
        gatescope.record(nn.GRU(2, 3), torch.randn(4, 2, 2), to=tmp_path / "b.nc").close()
        gatescope.save_run(run, tmp_path / "run")
        write_whole(tmp_path / "c", b"x")
    finally:
        os.umask(old)
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes == {"a.nc": 0o640, "b.nc": 0o640, "c": 0o640, "run": 0o750}
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "run").iterdir()} == {0o640}


@pytest.mark.parametrize("where", ["writing", "replacing"])
def test_an_interrupted_save_leaves_the_older_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """Whole and alone, whether the disk fills while writing or the last step fails."""
    path, first = tmp_path / "a.nc", small()
    save_trace(first, path)

    def stop(*args: Any, **_: Any) -> None:
        if where == "writing":
            Path(args[1]).write_bytes(b"half")
        raise OSError("no space left")

    if where == "writing":
        monkeypatch.setattr(xr.DataTree, "to_netcdf", stop)
    else:
        monkeypatch.setattr(netcdf.os, "replace", stop)
    with pytest.raises(OSError, match="no space"):
        save_trace(small(), path)
    monkeypatch.undo()
    assert os.listdir(tmp_path) == ["a.nc"]
    assert load_trace(path).identical(first)


def write_text(path: Path) -> None:
    path.write_text("not a trace")


def write_nothing(path: Path) -> None:
    path.touch()


def write_half(path: Path) -> None:
    save_trace(small(), path)
    path.write_bytes(path.read_bytes()[:9000])


def damaged(mark: bytes) -> Any:
    """One byte of a block of HDF5's own, which it guards by a checksum."""

    def write(path: Path) -> None:
        save_trace(small(), path)
        data = bytearray(path.read_bytes())
        data[data.index(mark) + 10] ^= 255
        path.write_bytes(data)

    return write


def write_netcdf(path: Path) -> None:
    xr.Dataset({"a": ("x", np.arange(3))}).to_netcdf(path, engine="h5netcdf")


def with_schema(schema: Any) -> Any:
    def write(path: Path) -> None:
        save_trace(small(), path)
        with h5py.File(path, "a") as file:
            file.attrs["schema"] = schema

    return write


@pytest.mark.parametrize(
    ("write", "words"),
    [
        (lambda path: None, "there is no trace at .*bad.nc: no such file"),
        (Path.mkdir, "there is no trace at .*bad.nc"),
        (write_text, "bad.nc is not a trace: it cannot be read as netCDF"),
        (write_nothing, "bad.nc is not a trace"),
        (write_half, "bad.nc is not a trace"),
        (damaged(b"OHDR"), "bad.nc is not a trace"),
        (damaged(b"FRHP"), "bad.nc is not a trace"),
        (write_netcdf, "is netCDF, but not a trace: it has no format number"),
        (with_schema("one"), "is netCDF, but not a trace: it has no format number"),
        (
            with_schema(99),
            "has format 99, but this version reads formats up to 1: update gatescope",
        ),
    ],
    ids=[
        "missing",
        "folder",
        "text",
        "empty",
        "half",
        "object",
        "heap",
        "netcdf",
        "words",
        "newer",
    ],
)
def test_a_file_that_is_no_trace_is_refused(tmp_path: Path, write: Any, words: str) -> None:
    """The message names the file, and what is wrong with it."""
    path = tmp_path / "bad.nc"
    write(path)
    with pytest.raises(TraceError, match=words):
        load_trace(path)


def with_attribute(name: str, value: Any) -> Any:
    def change(layer: h5py.Group) -> None:
        layer.attrs[name] = value

    return change


def with_labels(name: str, labels: Any) -> Any:
    def change(layer: h5py.Group) -> None:
        layer[name][...] = labels

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (with_attribute("layer", -1), "l0 has a layer of -1, but it is 0 at least"),
        (with_attribute("layer", True), "l0 has a layer that is not a int"),
        (with_attribute("hidden_size", 0), "l0 has a hidden_size of 0, but it is 1 at least"),
        (with_labels("time", [0, 1, 1]), "l0 has a time whose labels do not grow"),
        (with_labels("time", [2, 1, 0]), "l0 has a time whose labels do not grow"),
        (with_labels("time", [-1, 0, 1]), "l0 has a time of -1, but it is 0 at least"),
        (with_labels("batch", [-9, 0]), "l0 has a batch of -9, but it is 0 at least"),
        (with_labels("length", [-1, 3]), "l0 has a length of -1, but it is 0 at least"),
    ],
)
def test_what_a_layer_cannot_say_of_itself_is_refused(
    tmp_path: Path, change: Any, words: str
) -> None:
    """By whatever door the file comes in."""
    path, packed = tmp_path / "bad.nc", nn.utils.rnn.pack_padded_sequence
    x = packed(torch.randn(3, 2, 4), torch.tensor([3, 2]))
    save_trace(gatescope.record(nn.GRU(4, 5), x), path)
    with h5py.File(path, "a") as file:
        change(file["gru/l0"])
    for door in (load_trace, gatescope.open_trace):
        with pytest.raises(TraceError, match=words):
            door(path)
