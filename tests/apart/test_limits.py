"""A reading's limits: time, memory, files, others' turns; and a process that comes again."""

import io
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from torch import nn

import gatescope
from gatescope.apart import Apart, ApartError, Files, client
from gatescope.apart.plain import PlainError, pack, unpack
from gatescope.loading import (
    Reading,
    SequenceError,
    SeriesError,
    WeightsError,
    layer_from_weights,
    read_weights,
)

TABLE = ("a,b\n" + "1.5,2.5\n" * 19_000).encode()
LARGE = ("a,b\n" + "1.5,2.5\n" * 2_000_000).encode()


@pytest.fixture
def apart() -> Iterator[Apart]:
    """One of its own for a test."""
    found = Apart()
    yield found
    found.close()


def weights(layer: nn.Module) -> bytes:
    file = io.BytesIO()
    torch.save(layer.state_dict(), file)
    return file.getvalue()


def gone(number: int) -> bool:
    """Whether a process has ended, within a while."""
    until = time.monotonic() + 20
    while psutil.pid_exists(number) and time.monotonic() < until:
        time.sleep(0.02)
    return not psutil.pid_exists(number)


def test_the_process_can_be_there_before_the_first_file(files: Files) -> None:
    """It is the one that reads then; started again it stays."""
    files.apart.start()
    process = files.apart._process
    files.apart.start()
    assert len(files.layer_names(weights(nn.GRU(2, 3)))) == 1
    assert process is not None
    assert files.apart._process is process
    assert process.poll() is None


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16])
def test_what_is_read_apart_is_what_is_read_here(files: Files, dtype: torch.dtype) -> None:
    """Weights bit for bit, in their precision."""
    data = weights(nn.LSTM(2, 3, num_layers=2, bidirectional=True).to(dtype))
    assert files.layer_names(data) == [""]
    found = files.weights(data, "", most_bytes=2**20)
    assert found.dtype == dtype
    for name, tensor in read_weights(data).items():
        assert torch.equal(found.weights[name], tensor)
    assert layer_from_weights(found.weights).hidden_size == 3


def test_recordings_and_tables_too(files: Files, tmp_path: Path) -> None:
    trace = gatescope.record(nn.GRU(2, 3, 2), torch.randn(5, 2, 2), lambda output: output[0].sum())
    data = gatescope.save_trace(trace, tmp_path / "t.nc").read_bytes()
    assert files.recording(data, "t.nc", most_bytes=2**20).identical(trace)
    days = "day,level\n" + "".join(f"2024-01-{day:02d},{day}.5\n" for day in range(1, 29))
    columns = files.columns(days.encode(), "x.csv", Reading(), most_rows=99)
    assert (columns.numbers, columns.dates) == (("level",), ("day",))
    series = files.series(days.encode(), "x.csv", Reading(), "level", [], "day", most_rows=99)
    assert series.values[:, 0].tolist() == [day + 0.5 for day in range(1, 29)]
    assert series.times[2] == "2024-01-03"
    inputs = files.sequences(b"1,5;2\n3;4\n", "x", 2, Reading(), most_rows=9)
    assert inputs.values.tolist() == [[[1.5, 2.0]], [[3.0, 4.0]]]
    assert inputs.reading is not None
    assert inputs.reading.decimal == ","


def test_time_is_limited(monkeypatch: pytest.MonkeyPatch, files: Files) -> None:
    """Of the processor, whatever the reader does; the next reading is as if nothing were."""
    with monkeypatch.context() as patch:
        patch.setattr(files.apart, "seconds", 0.15)
        with pytest.raises(SeriesError, match=r"x cannot be read: reading it takes more than 0 s"):
            files.columns(LARGE, "x", Reading(), most_rows=10**8)
    assert files.columns(TABLE, "x", Reading(), most_rows=10**5).names == ("a", "b")


def workers(apart: Apart) -> set[int]:
    """Processes that read something now."""
    assert apart._process is not None
    with suppress(psutil.NoSuchProcess):
        return {child.pid for child in psutil.Process(apart._process.pid).children()}
    return set()


def handed(apart: Apart, **asked: Any) -> tuple[int, socket.socket]:
    """Have something read, and take no answer: the reading process, and the way to it."""
    apart.read("names", data=weights(nn.GRU(1, 2)))
    ours, theirs = socket.socketpair()
    before = workers(apart)
    with theirs:
        assert apart._hand_over(theirs)
    assert ours.recv(1)
    for part in pack(asked):
        ours.sendall(part)
    (number,) = workers(apart) - before
    return number, ours


NUMBERS = {
    "reader": "sequences", "bytes": client.BYTES,
    "options": {
        "data": TABLE, "name": "x", "features": 2, "reading": {}, "most_rows": 10**6,
        "typed": False,
    },
}  # fmt: skip


def test_who_reads_for_nobody_ends(files: Files) -> None:
    """By the time of the day where the answer is not taken, which costs no processor."""
    number, ours = handed(files.apart, **NUMBERS, seconds=9.0, patience=0.5)
    with ours:
        assert gone(number)


def test_an_orphan_ends(apart: Apart) -> None:
    """When its processor's time is over, though whoever asked and whoever forked it are gone."""
    asked = {"data": LARGE * 3, "name": "x", "reading": {}, "most_rows": 10**8}
    number, ours = handed(
        apart, reader="columns", options=asked, bytes=2**40, seconds=0.5, patience=99.0
    )
    ours.close()
    assert apart._process is not None
    os.kill(apart._process.pid, 9)
    assert psutil.pid_exists(number)
    assert gone(number)


def test_a_reading_that_got_no_processor_may_be_tried_again() -> None:
    """It is not the file's fault."""
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(ApartError, match="try again in a minute") as caught:
        Apart(seconds=0.02)._asked(ours, pack({}))
    assert caught.value.busy


def test_memory_is_limited(files: Files) -> None:
    """40 MB of numbers would become 320 MB or more; the next reading is as if nothing were."""
    for rows, dtype in ((20_000_000, "i1"), (6_500_000, "f4")):  # refused by NumPy, and by torch
        file = io.BytesIO()
        np.save(file, np.ones((rows, 2), dtype))
        with pytest.raises(
            SequenceError, match=r"x.npy cannot be read: reading it takes more than 268 MB"
        ):
            files.sequences(file.getvalue(), "x.npy", 2, Reading(), most_rows=9)
    assert files.columns(TABLE, "x", Reading(), most_rows=10**5).names == ("a", "b")


def test_no_file_can_be_opened(files: Files) -> None:
    """By the kernel's word, while something is read: no file, no core, nothing written."""
    apart = files.apart
    apart.read("names", data=weights(nn.GRU(1, 2)))
    assert apart._process is not None
    options = {"data": LARGE, "name": "x", "reading": {}, "most_rows": 10**8}
    reading = threading.Thread(target=apart.read, args=("columns",), kwargs=options)
    reading.start()
    limits: set[str] = set()
    while reading.is_alive():
        for child in psutil.Process(apart._process.pid).children():
            with suppress(OSError):
                lines = Path(f"/proc/{child.pid}/limits").read_text(encoding="ascii").splitlines()
                limits |= {" ".join(line.split()[:5]) for line in lines}
    reading.join()
    assert {"Max open files 0 0", "Max file size 0 0", "Max core file size 0"} <= limits


def test_it_ends_with_whoever_started_it_and_comes_again(
    apart: Apart, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where it was killed; nobody has a turn before it is there."""
    data, turn, there = weights(nn.GRU(1, 2)), apart._turn, []

    def watched(owner: str) -> Any:
        there.append(apart._control is not None and apart._warm is apart._control)
        return turn(owner)

    monkeypatch.setattr(apart, "_turn", watched)
    assert apart.read("names", data=data) == [""]
    assert apart._process is not None
    first = apart._process
    os.kill(first.pid, 9)
    first.wait()
    apart.start()  # as a page does, and waits for nothing
    second = apart._process.pid
    assert second != first.pid
    assert apart.read("names", data=data) == [""]
    assert apart._process.pid == second
    assert there == [True, True]
    apart.close()
    assert gone(second)


def test_each_owner_has_one_turn_and_all_have_two(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "WAIT", 0.05)
    apart = files.apart
    with apart._turn("ann"):
        with pytest.raises(ApartError, match="try again in a minute") as caught, apart._turn("ann"):
            pass
        assert caught.value.busy
        with apart._turn("bob"), pytest.raises(ApartError), apart._turn("eve"):
            pass
        with pytest.raises(WeightsError, match=r"read just now: try again in a minute"):
            files.layer_names(b"x", owner="ann")
    with apart._turn("ann"):
        pass


def test_many_at_once_all_get_their_own(files: Files) -> None:
    found: dict[int, int] = {}

    def read(units: int) -> None:
        data = weights(nn.GRU(1, units))
        found[units] = len(files.weights(data, "", most_bytes=2**20).weights["bias_hh_l0"])

    threads = [threading.Thread(target=read, args=(units,)) for units in range(2, 14)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {units: 3 * units for units in range(2, 14)}


PLAIN = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(),
        st.binary(), arrays.arrays(st.sampled_from(["<f4", "<f8", "<i2", "?"]), (2, 3)),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


def whole(value: object) -> bytearray:
    return bytearray(b"".join(map(bytes, pack(value)))[8:])


@given(value=PLAIN)
def test_plain_values_come_back(value: object) -> None:
    np.testing.assert_equal(unpack(whole(value)), value)


@given(value=PLAIN, data=st.data())
def test_bent_bytes_make_plain_values_or_an_error(value: object, data: st.DataObject) -> None:
    """Whoever wrote them: never anything but what is plain."""
    found = whole(value)
    for _ in range(data.draw(st.integers(1, 4))):
        found[data.draw(st.integers(0, len(found) - 1))] = data.draw(st.integers(0, 255))
    try:
        unpack(found)
    except PlainError:
        return


def test_what_is_not_plain_is_not_passed_on() -> None:
    for value in (object(), {1, 2}, np.array([object()]), np.array(["a"]), print):
        with pytest.raises(PlainError):
            pack(value)
    with pytest.raises(PlainError):
        unpack(bytearray(b"\x80\x04cos\nsystem\n."))


@pytest.mark.parametrize("value", [{"data": b""}, {"data": np.zeros(0)}, b"", [b"a", b""]])
def test_nothing_empty_is_sent(value: object) -> None:
    """Who has read everything may answer and be gone before an empty last part is sent to them."""
    assert all(len(part) for part in pack(value))
    joined = b"".join(map(bytes, pack(value)))
    found = unpack(bytearray(joined[8:]))
    np.testing.assert_equal(found, value)
