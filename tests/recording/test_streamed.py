"""Recordings that go to a file as they run: the same tree, little memory, whole or not at all."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import torch
import xarray as xr
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

import gatescope
from gatescope import RecordError, TraceError
from gatescope.recording import direction, overview, signal_buffer, store_factory, stream
from gatescope.recording.overview import read_overview


class Twice(nn.Module):
    """A layer that is called several times, with other examples each time."""

    def __init__(self, layer: nn.RNNBase, calls: list[Any], *, grows: bool = False) -> None:
        super().__init__()
        self.layer, self.calls, self.grows = layer, calls, grows

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        total, state = x.new_zeros(()), None
        for steps, batch in self.calls:
            output, now = self.layer(x[:steps, :batch], state)
            total = total + output.square().sum()
            state = now if self.grows else None
        return total


CALLS = {
    "batch_grows": [(5, 1), (3, 3), (7, 2)],
    "batch_shrinks": [(5, 3), (3, 1)],
    "a_step_at_a_time": [(1, 3)] * 9,
}


@pytest.mark.parametrize("chunk", [signal_buffer.CHUNK, 20])
@pytest.mark.parametrize(
    "chosen",
    [{}, {"time": slice(2, None, 3)}, {"time": slice(6, 8), "units": [2, 0]}, {"batch": [2, 0]}],
)
@pytest.mark.parametrize("with_loss", [True, False])
@pytest.mark.parametrize("name", sorted(CALLS))
def test_several_calls_follow_one_another(
    name: str,
    with_loss: bool,
    chosen: dict[str, Any],
    chunk: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Examples that a call has not are NaN, however often blocks are written."""
    monkeypatch.setattr(signal_buffer, "CHUNK", chunk)
    model = Twice(nn.LSTM(2, 3, bidirectional=True), CALLS[name], grows=name[0] == "a")
    x, loss = torch.randn(7, 3, 2), (lambda output: output) if with_loss else None
    expected = gatescope.record(model, x, loss, **chosen)
    with gatescope.record(model, x, loss, **chosen, to=tmp_path / "a.nc") as trace:
        assert trace.identical(expected)
    assert gatescope.load_trace(tmp_path / "a.nc").identical(expected)


class Cells(nn.Module):
    """torch's cell, our own cell, and a layer without gradients, in one model."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.LSTMCell(2, 3)
        self.own = gatescope.Recurrence([gatescope.make_cell("gru", 2, 4)])
        self.still = nn.RNN(2, 5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        state = None
        for row in x:
            state = self.cell(row, state)
        with torch.no_grad():
            self.still(x)
        return state[0].sum() + self.own(x)[0].sum()


@pytest.mark.parametrize("chosen", [{}, {"units": [2, 0]}, {"time": 4, "batch": 1}])
@pytest.mark.parametrize("with_loss", [True, False])
def test_cells_and_layers_without_gradients(
    with_loss: bool, chosen: dict[str, Any], tmp_path: Path
) -> None:
    """Also what is held until the end, and NaN where there is no gradient."""
    model, x = Cells(), torch.randn(6, 3, 2)
    loss = (lambda output: output) if with_loss else None
    expected = gatescope.record(model, x, loss, **chosen)
    with gatescope.record(model, x, loss, **chosen, to=tmp_path / "a.nc") as trace:
        assert trace.identical(expected)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float64])
def test_precisions(dtype: torch.dtype, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half precision is stored as float32, also where blocks are written at once."""
    monkeypatch.setattr(signal_buffer, "CHUNK", 20)
    layer, x = nn.GRU(2, 3).to(dtype), torch.randn(9, 2, 2).to(dtype)
    expected = gatescope.record(layer, x, lambda output: output[0].sum())
    with gatescope.record(layer, x, lambda output: output[0].sum(), to=tmp_path / "a.nc") as trace:
        assert trace.identical(expected)


def test_layers_stay_in_order(tmp_path: Path) -> None:
    """Twelve of them: l10 does not come before l2."""
    layer = nn.RNN(2, 3, num_layers=12)
    expected = gatescope.record(layer, torch.randn(4, 2, 2))
    with gatescope.record(layer, torch.randn(4, 2, 2), to=tmp_path / "a.nc") as trace:
        assert [node.path for node in trace.leaves] == [node.path for node in expected.leaves]


def doubled(rows: torch.Tensor) -> torch.Tensor:
    """Other numbers."""
    return 2 * rows


def exchanged(rows: torch.Tensor) -> torch.Tensor:
    """The same numbers in other units: their sum is what it was."""
    return rows.flip(-1)


def other_order(rows: torch.Tensor) -> torch.Tensor:
    """The same numbers at other steps, or of other examples."""
    return rows.roll(1, 0)


@pytest.mark.parametrize("change", [doubled, exchanged, other_order])
@pytest.mark.parametrize("way", ["in_place", "data"])
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU])
def test_outputs_that_the_model_changes(
    kind: Any, packed: bool, way: str, change: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A selection goes back through the states as the layer had them, not as they are then."""
    monkeypatch.setattr(direction, "HELD", 0)
    monkeypatch.setattr(direction, "TORCHS", 0)
    monkeypatch.setattr(store_factory, "SMALL", 0)
    monkeypatch.setattr(direction, "BLOCK", 60)
    layer, x = kind(2, 3).double(), torch.randn(40, 3, 2, dtype=torch.float64)

    class Changes(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = layer

        def forward(self, x: Any) -> torch.Tensor:
            output = self.layer(x)[0]
            rows = output.data if packed else output
            (rows if way == "in_place" else rows.detach()).copy_(change(rows))
            return rows.square().sum()

    given = pack_padded_sequence(x, [40, 9, 25], enforce_sorted=False) if packed else x
    whole = gatescope.record(Changes(), given, lambda output: output)
    part = gatescope.record(Changes(), given, lambda output: output, time=7)
    for name, values in part["layer/l0"].data_vars.items():
        every = whole["layer/l0"][name].isel(time=slice(None, None, 7))
        np.testing.assert_allclose(values, every, rtol=1e-11, atol=1e-13)


def long(tmp_path: Path, **options: Any) -> tuple[Path, xr.DataTree]:
    """A file with an overview, and the same recording in memory."""
    layer, x = nn.LSTM(2, 3, bidirectional=True), torch.randn(5_001, 2, 2)
    given = pack_padded_sequence(x, [900, 5_001], enforce_sorted=False)

    def loss(output: Any) -> torch.Tensor:
        return output[0].data.square().sum()

    gatescope.record(layer, given, loss, to=tmp_path / "long.nc", **options).close()
    return tmp_path / "long.nc", gatescope.record(layer, given, loss, **options)


def test_the_overview_of_a_long_recording(tmp_path: Path) -> None:
    """Least, mean and largest of every block of steps; it is no part of the tree."""
    path, trace = long(tmp_path)
    assert gatescope.load_trace(path).identical(trace)
    for leaf in trace.leaves:
        for example in (0, 1):
            found = read_overview(path, leaf.path.strip("/"), example)
            assert found is not None
            assert set(found.data_vars) == set(leaf.data_vars)
            starts = found["start"].values
            assert (starts[0], len(starts)) == (0, overview.MOST_BLOCKS)
            ends = [*starts[1:], 5_001]
            for name, kinds in found.data_vars.items():
                values = leaf[name].values[:, example].astype("float64")
                for block, (start, end) in enumerate(zip(starts, ends, strict=True)):
                    part = values[start:end][~np.isnan(values[start:end, 0])]
                    low, mean, high = kinds.values[:, block]
                    if not len(part):
                        assert np.isnan([low, mean, high]).all()
                        continue
                    np.testing.assert_array_equal(low, part.min(0).astype("float32"))
                    np.testing.assert_array_equal(high, part.max(0).astype("float32"))
                    np.testing.assert_allclose(mean, part.mean(0), rtol=1e-5, atol=1e-6)


def test_the_overview_of_numbers_whose_sum_is_too_large(tmp_path: Path) -> None:
    """Their mean is among them, an infinite one is infinite, and nobody is warned."""
    layer, x = nn.RNN(1, 2, nonlinearity="relu", bias=False), torch.full((5_000, 1, 1), 3e38)
    with torch.no_grad():
        layer.weight_ih_l0.fill_(1)
        layer.weight_hh_l0.zero_()
    x[-1] = torch.inf
    gatescope.record(layer, x, to=tmp_path / "a.nc").close()
    found = read_overview(tmp_path / "a.nc", "rnn/l0", 0)
    assert found is not None
    mean = found["hidden_state"].values[1]
    np.testing.assert_allclose(mean[:-1], 3e38, rtol=1e-6)
    assert (mean[-1] == np.inf).all()


def test_a_short_recording_has_no_overview(tmp_path: Path) -> None:
    """All of it can be seen."""
    gatescope.record(nn.GRU(2, 3), torch.randn(9, 1, 2), to=tmp_path / "a.nc").close()
    assert read_overview(tmp_path / "a.nc", "gru/l0", 0) is None


def test_an_open_trace_reads_what_is_used(tmp_path: Path) -> None:
    """A part is that part; what was not read before it was closed cannot be read."""
    path, trace = long(tmp_path)
    with gatescope.open_trace(path) as opened:
        lazy = opened["lstm/l0"].to_dataset()
        part = lazy["cell_state"].isel(time=slice(4_000, 4_007), batch=[1]).load()
        np.testing.assert_array_equal(part, trace["lstm/l0"]["cell_state"][4_000:4_007, [1]])
        assert not lazy["cell_state"].variable._in_memory
        assert opened.identical(trace)
    gatescope.record(nn.GRU(2, 3), torch.randn(9, 1, 2), to=path).close()  # it may be replaced


@pytest.mark.parametrize("what", ["missing", "text", "netcdf"])
def test_what_is_no_trace_is_not_opened(tmp_path: Path, what: str) -> None:
    """The same sentences as of `load_trace`."""
    path = tmp_path / "bad.nc"
    if what == "text":
        path.write_text("not a trace")
    elif what == "netcdf":
        with h5py.File(path, "w") as file:
            file["a"] = np.arange(3)
            file["a"].make_scale("a")
    with pytest.raises(TraceError, match=r"bad\.nc"):
        gatescope.open_trace(path)


def fails(output: Any) -> torch.Tensor:
    """A loss that does not come to an end."""
    raise ValueError("on the way")


@pytest.mark.parametrize("older", [True, False])
@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"loss": fails}, ValueError),
        ({"loss": lambda output: output[0]}, RecordError),
        ({"signals": "no_gate"}, RecordError),
        ({"time": slice(90, None)}, RecordError),
        ({"batch": 4}, RecordError),
        ({"layers": ()}, RecordError),
    ],
    ids=["raises", "no_scalar", "no_signal", "no_time", "no_example", "no_layer"],
)
def test_what_fails_leaves_nothing(
    options: dict[str, Any], error: type[Exception], older: bool, tmp_path: Path
) -> None:
    """No file, or the one that was there before, whole."""
    path, layer, x = tmp_path / "a.nc", nn.LSTM(2, 3), torch.randn(9, 2, 2)
    if older:
        gatescope.record(layer, x, to=path).close()
    before = path.read_bytes() if older else None
    with pytest.raises(error):
        gatescope.record(layer, x, **options, to=path)
    assert os.listdir(tmp_path) == (["a.nc"] if older else [])
    assert not older or path.read_bytes() == before


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    """A folder, a path through a file, no path, a pipe: in a sentence that names it."""
    (tmp_path / "file").write_text("")
    os.mkfifo(tmp_path / "pipe")
    for name in ("", "file/a.nc", "a\0b.nc", "pipe"):
        path = tmp_path / name
        with pytest.raises(RecordError, match=f"cannot be written to {path}") as told:
            gatescope.record(nn.GRU(2, 3), torch.randn(4, 1, 2), to=path)
        assert len(str(told.value).splitlines()) == 1
    with pytest.raises(TraceError, match="pipe is a folder, a device or a pipe"):
        gatescope.save_trace(gatescope.record(nn.GRU(2, 3), torch.ones(4, 1, 2)), tmp_path / "pipe")
    assert sorted(os.listdir(tmp_path)) == ["file", "pipe"]
    assert (tmp_path / "pipe").is_fifo()


def test_a_second_recording_to_one_file_is_refused(tmp_path: Path) -> None:
    """While the first runs; that ends as if nobody else had been there."""
    told: list[RecordError] = []

    class Meddler(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.gru = nn.GRU(2, 3)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            with pytest.raises(RecordError, match="another recording is being written") as error:
                gatescope.record(nn.RNN(2, 3), torch.randn(4, 1, 2), to=tmp_path / "a.nc")
            told.append(error.value)
            return self.gru(x)[0]

    model, x = Meddler(), torch.randn(9, 1, 2)
    with gatescope.record(model, x, to=tmp_path / "a.nc") as trace:
        expected = gatescope.record(model.gru, x)["gru/l0"]
        assert trace["gru/l0"].to_dataset().identical(expected.to_dataset())
    assert len(told) == 1
    assert len(str(told[0]).splitlines()) == 1
    assert os.listdir(tmp_path) == ["a.nc"]


def test_what_a_killed_process_left_is_written_anew(tmp_path: Path) -> None:
    """A part of a file is no file, and stands in nobody's way."""
    (tmp_path / ".a.nc.part").write_bytes(b"a part" * 9_000)
    layer, x = nn.GRU(2, 3), torch.randn(9, 1, 2)
    with gatescope.record(layer, x, to=tmp_path / "a.nc") as trace:
        assert trace.identical(gatescope.record(layer, x))
    assert os.listdir(tmp_path) == ["a.nc"]


def test_a_link_where_the_part_would_be_is_not_followed(tmp_path: Path) -> None:
    """Somebody else's file stays as it is."""
    (tmp_path / "theirs").write_text("theirs")
    (tmp_path / ".a.nc.part").symlink_to(tmp_path / "theirs")
    with pytest.raises(RecordError, match="cannot be written to"):
        gatescope.record(nn.GRU(2, 3), torch.randn(9, 1, 2), to=tmp_path / "a.nc")
    assert (tmp_path / "theirs").read_text() == "theirs"


def test_a_recording_that_is_replaced_before_it_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else's numbers are never returned as those of this recording."""

    def replaced(path: Path) -> xr.DataTree:
        other = gatescope.record(nn.GRU(2, 3), torch.randn(9, 1, 2))
        return gatescope.open_trace(gatescope.save_trace(other, path))

    monkeypatch.setattr(stream, "open_trace", replaced)
    with pytest.raises(RecordError, match="something else replaced or removed it"):
        gatescope.record(nn.GRU(2, 3), torch.randn(9, 1, 2), to=tmp_path / "a.nc")
    assert os.listdir(tmp_path) == ["a.nc"]


def test_a_model_that_goes_to_another_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A path is one of the folder in which the recording began."""

    class Mover(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.gru = nn.GRU(2, 3)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            os.chdir(tmp_path / "elsewhere")
            return self.gru(x)[0]

    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    gatescope.record(Mover(), torch.randn(4, 1, 2), to="a.nc").close()
    assert sorted(os.listdir(tmp_path)) == ["a.nc", "elsewhere"]
    assert os.listdir(tmp_path / "elsewhere") == []


def test_a_disk_that_is_too_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Said before it is full, with both sizes."""
    monkeypatch.setattr(signal_buffer, "SMALL", 0)
    usage = type("Usage", (), {"free": 1_000})
    monkeypatch.setattr("gatescope.recording.stream.shutil.disk_usage", lambda path: usage)
    with pytest.raises(RecordError, match=r"gru/l0 takes .* and 1e-06 GB are free on the disk"):
        gatescope.record(nn.GRU(2, 3), torch.randn(90, 1, 2), to=tmp_path / "a.nc")
    assert os.listdir(tmp_path) == []


LIMITED = """
import resource, sys, torch, gatescope
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
layer = torch.nn.LSTM(2, 64)
try:
    gatescope.record(layer, torch.randn(9_000, 1, 2), lambda o: o[0].sum(), to=sys.argv[1])
except gatescope.RecordError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="file sizes are limited by resource")
def test_a_file_that_cannot_grow(tmp_path: Path) -> None:
    """The disk refuses a block in the middle: a sentence, and nothing is left."""
    line = [sys.executable, "-c", LIMITED, str(tmp_path / "a.nc")]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "cannot be written to" in done.stdout
    assert len(done.stdout.splitlines()) == 1
    assert os.listdir(tmp_path) == []


PEAK = """
import json, sys, torch, gatescope
from pathlib import Path

layer = torch.nn.{kind}(2, 64)
inputs = torch.randn(50_000, 1, 2)

def loss(output):
    return output[0].square().mean()

def most(run):
    "Bytes that a run takes beyond what the process had."
    Path("/proc/self/clear_refs").write_text("5")
    status = lambda name: next(
        1024 * int(line.split()[1])
        for line in Path("/proc/self/status").read_text().splitlines()
        if line.startswith(name)
    )
    before = status("VmRSS")
    run()
    return status("VmHWM") - before

def bare():
    with torch.no_grad():
        layer(inputs)

gatescope.record(layer, inputs[:5_000], loss, to=sys.argv[1])
gatescope.record(layer, inputs[:5_000], loss, time=100)
print(json.dumps({{
    "bare": most(bare),
    "file": most(lambda: gatescope.record(layer, inputs, loss, to=sys.argv[1])),
    "part": most(lambda: gatescope.record(layer, inputs, loss, time=100)),
    "same": most(lambda: loss(layer(inputs)).backward()),
}}))
"""


@pytest.mark.long
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc tells the peak")
@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
def test_memory_follows_what_is_kept(kind: str, tmp_path: Path) -> None:
    """A part: no more than torch's pass with the same loss; a file: four signals of any length.

    Beside a file torch's pass without a loss is meant, which takes less: one with a loss has an
    output, two gradients of it, and what autograd holds.
    """
    line = [sys.executable, "-c", PEAK.format(kind=kind), str(tmp_path / "a.nc")]
    done = subprocess.run(line, capture_output=True, text=True, check=True)
    found = eval(done.stdout)
    one = 50_000 * 64 * 4
    assert found["file"] < found["bare"] + 4 * one, found
    assert found["part"] < found["same"] + 10e6, found
