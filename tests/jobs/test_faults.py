"""What stands in a folder of jobs may be anything: one job is set aside by name, the rest works."""

import errno
import json
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatescope import TrainConfig
from gatescope.errors import Sentence, say
from gatescope.experiments import RetentionConfig, RunStore
from gatescope.jobs import Classroom, JobError, JobQueue, MemoryOf, SingleRun, lock
from gatescope.jobs.deaths import MOST_DEATHS, count_death
from gatescope.jobs.files import (
    ASKED,
    BEGUN,
    CLOCK,
    DEATHS,
    DONE,
    EXPERIMENT,
    FAILED,
    MEASURED,
    MEASURES,
    PROGRESS,
    STOPPED,
    read_fault,
    write_fault,
)
from gatescope.jobs.kinds import to_text
from gatescope.jobs.lock import FileLock, is_held
from gatescope.jobs.processes import began
from gatescope.jobs.tender import COUNTER, HIDDEN, SHORT, TENDER
from gatescope.jobs.workers import seconds_before

FILES = (ASKED, BEGUN, CLOCK, DEATHS, FAILED, PROGRESS, STOPPED, MEASURED, MEASURES)


def asked(seed: int = 0, **changes: Any) -> SingleRun:
    """A run of a moment."""
    values: dict[str, Any] = {"task": "delayed_recall", "task_options": {"delay": 3}, "cell": "rnn"}
    return SingleRun(run=TrainConfig(**{**values, "max_steps": 3, **changes}, seed=seed))


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[JobQueue]:
    """A queue that starts nothing."""
    made = JobQueue(tmp_path, limit=0)
    yield made
    made.close()


numbers = st.one_of(
    st.integers(), st.floats(), st.just(10**400), st.just(-(10**30)), st.booleans(), st.none()
)
values = st.recursive(
    st.one_of(numbers, st.text(max_size=20)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)
names = st.sampled_from(
    ["order", "owners", "turn", "pid", "since", "done", "total", "seconds", "seconds_left",
     "count", "finished", "kind", "experiment"]
)  # fmt: skip
nonsense = st.one_of(
    st.binary(max_size=60),
    values.map(lambda value: json.dumps(value).encode()),
    st.dictionaries(names, values, max_size=6).map(lambda value: json.dumps(value).encode()),
    st.just(b"[" * 100_000),
    st.just(b'{"done": 1e999, "count": -3, "turn": 99999999999999999999}'),
)


def put(path: Path, content: bytes | None) -> None:
    """Write noise, or a folder, in place of a file."""
    path.unlink(missing_ok=True)
    if content is None:
        path.mkdir()
        (path / "more").write_text("x")
    else:
        path.write_bytes(content)


@settings(settings.get_profile("fuzz"))
@given(st.dictionaries(st.sampled_from(FILES), nonsense | st.none(), min_size=1, max_size=4))
def test_noise_beside_an_experiment(noise: dict[str, bytes | None]) -> None:
    """It reads as nothing: the job is looked at, stopped, asked for again, and removed."""
    with pytest.MonkeyPatch.context() as patch:
        check_noise(patch, noise)


def check_noise(patch: pytest.MonkeyPatch, noise: dict[str, bytes | None]) -> None:
    """One folder with it, and one job beside it."""
    with tempfile.TemporaryDirectory() as folder:
        queue = JobQueue(folder, limit=0)
        key, other = queue.submit(asked(0), "ada"), queue.submit(asked(1), "ada")
        for name, content in noise.items():
            put(queue.folder / key / name, content)
        fresh = JobQueue(folder, limit=0)
        stand = fresh.status(key)
        assert 0 <= stand.done <= stand.total == 1
        assert stand.state in ("waiting", "failed", "stopped")
        assert len(stand.fault) <= 2000
        assert {job.key for job in fresh.jobs()} == {key, other}
        assert fresh.status(other).state == "waiting"
        assert count_death(queue.folder / key, 0) in range(1, MOST_DEATHS + 2)
        assert 0 <= seconds_before(queue.folder / key) < 2**53
        fresh.stop(key)
        fresh.submit(asked(0), "ben")
        assert fresh.status(key).state == "waiting"
        assert "ben" in fresh.owners(key)
        assert JobQueue(folder, limit=0).submit(asked(2), "cid")
        fresh.remove(key)
        assert not fresh.has(key)


@settings(settings.get_profile("fuzz"))
@given(nonsense | st.none() | st.integers(0, 400))
def test_noise_in_place_of_an_experiment(noise: bytes | int | None) -> None:
    """The job has failed, by name, in a sentence; a file cut short too; asking again mends it."""
    with tempfile.TemporaryDirectory() as folder:
        queue = JobQueue(folder, limit=0)
        key, other = queue.submit(asked(0)), queue.submit(asked(1))
        text = to_text(asked(0)).encode()
        put(queue.folder / key / EXPERIMENT, text[:noise] if isinstance(noise, int) else noise)
        whole = isinstance(noise, int) and noise >= len(text)
        states = {job.key: job for job in JobQueue(folder, limit=0).jobs()}
        assert states[other].state == "waiting"
        if not whole:
            assert states[key].state == "failed"
            assert f"the job {key} cannot be read: " in states[key].fault
            assert "\n" not in states[key].fault
            assert len(states[key].fault) < 600
        queue.submit(asked(0))
        assert queue.status(key).state == "waiting"
        assert queue.experiment(key, SingleRun) == asked(0)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"seeds": list(range(200)), "delays": list(range(2, 102))},
            "it needs 20,000 runs, but a job may have at most 5,000: choose fewer",
        ),
        ({"num_layers": 10**9}, "num_layers: must be 1 to 1000"),
        ({"num_layers": "1000000000"}, "num_layers: must be 1 to 1000"),
        ({"num_layers": 1e9}, "num_layers: must be 1 to 1000"),
        ({"variants": ["rnn" + "+rnn" * 10**6]}, "there is no cell"),
        ({"max_steps": float("inf")}, "max_steps"),
        ({"hidden_size": -4}, "hidden_size"),
        ({"variants": "lstm"}, "variants"),
        ({"delays": [{}]}, "delays"),
        ({"task_options": {"symbols": {}}}, "symbols"),
    ],
)
def test_an_experiment_that_cannot_be_is_named_at_once(
    queue: JobQueue, changes: dict[str, Any], words: str
) -> None:
    """Before what it asks for is built."""
    key = queue.submit(RetentionConfig.of(variants=("rnn",), delays=(2,), seeds=(0,)))
    said = json.loads((queue.folder / key / EXPERIMENT).read_text())
    said["experiment"].update(changes)
    (queue.folder / key / EXPERIMENT).write_text(json.dumps(said))
    start = time.thread_time()
    (stand,) = queue.jobs()
    assert time.thread_time() - start < 2
    assert stand.state == "failed"
    assert words in stand.fault


def test_a_job_that_cannot_be_read_does_not_stop_the_next(tmp_path: Path) -> None:
    """It is given up with a sentence; the one behind it is done."""
    before = JobQueue(tmp_path, limit=0)
    broken, other = before.submit(asked(0)), before.submit(asked(1))
    (tmp_path / broken / EXPERIMENT).write_bytes(b"\x00\xff")
    (tmp_path / other / DEATHS).write_text("many")
    (tmp_path / other / PROGRESS).mkdir()
    queue = JobQueue(tmp_path)
    try:
        end = time.monotonic() + 90
        while queue.status(other).state != "done" and time.monotonic() < end:
            time.sleep(0.1)
        assert queue.status(other).state == "done"
        assert "cannot be read" in (tmp_path / broken / FAILED).read_text()
        (aside,) = (tmp_path / other).glob(f".{PROGRESS}-damaged-*")
        assert aside.is_dir()
    finally:
        queue.close()


def test_deaths_count_in_a_row(tmp_path: Path) -> None:
    """A death after progress is the first one again."""
    assert [count_death(tmp_path, finished) for finished in (0, 0, 1, 1, 2)] == [1, 2, 1, 2, 1]
    assert count_death(tmp_path, 2) == 2
    (tmp_path / DEATHS).write_text("2")  # as an older version wrote it
    assert count_death(tmp_path, 2) == 1


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EIO])
def test_a_folder_that_cannot_be_written(
    queue: JobQueue, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """Asking, stopping and opening a class say so in a sentence; looking goes on."""
    key = queue.submit(asked(0), "ada")

    def refuse(path: Path, data: bytes) -> None:
        raise OSError(code, os.strerror(code), str(path))

    monkeypatch.setattr("gatescope.jobs.files.write_whole", refuse)
    retention = RetentionConfig.of(variants=("rnn",), delays=(2,), seeds=(0,))
    for change in (
        lambda: queue.submit(asked(1), "ada"),
        lambda: queue.submit(asked(0), "ben"),
        lambda: queue.stop(key),
        lambda: Classroom(queue).open(retention),
    ):
        with pytest.raises(JobError) as said:
            change()
        reason = said.value.args[0].values["reason"]
        assert str(said.value) == say("jobs_not_written", folder=queue.folder, reason=reason)
        assert reason.startswith(os.strerror(code))
    assert queue.status(key).state == "waiting"
    assert [job.key for job in queue.jobs()] == [key]
    assert queue.owners(key) == {"ada"}
    monkeypatch.undo()
    queue.stop(key, "ada")


def test_a_process_that_cannot_be_started_sets_its_job_aside_for_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence is told though it cannot be written; later it is tried again."""
    queue = JobQueue(tmp_path)

    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    monkeypatch.setattr("gatescope.jobs.tender.start", refuse)
    try:
        key = queue.submit(asked(0))
        assert queue.status(key).state == "failed"
        assert "its process cannot be started: Resource temporarily" in queue.status(key).fault
        monkeypatch.undo()
        monkeypatch.setattr("gatescope.jobs.tender.ASIDE", 0.0)
        queue.tend()
        assert queue.status(key).state == "running"
    finally:
        queue.close()


def test_a_folder_of_an_older_version_goes_on(tmp_path: Path) -> None:
    """No owners, no numbers: the oldest first, anybody may stop them; they are numbered once."""
    RunStore(tmp_path / "runs")
    keys = []
    for seed, when in ((0, 300), (1, 100), (2, 200)):
        keys.append(JobQueue.key(asked(seed)))
        (tmp_path / keys[-1]).mkdir()
        path = tmp_path / keys[-1] / EXPERIMENT
        path.write_text(to_text(asked(seed)))
        os.utime(path, (when, when))
    (tmp_path / keys[0] / DEATHS).write_text("1")
    (tmp_path / keys[2] / STOPPED).touch()
    queue = JobQueue(tmp_path)
    try:
        queue.tend()
        assert [job.key for job in queue.jobs()] == [keys[1], keys[2], keys[0]]
        states = [queue.status(key).state for key in keys]
        assert states == ["waiting", "running", "stopped"]
        assert queue.owners(keys[0]) == frozenset()
        os.utime(tmp_path / keys[0] / EXPERIMENT, (1, 1))  # a clock says nothing any more
        assert JobQueue(tmp_path, limit=0).jobs()[0].key == keys[1]
        queue.stop(keys[0], "anybody")
    finally:
        queue.close()


def test_a_clock_that_is_set_back_changes_no_order(
    queue: JobQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order is that of the numbers; what is read is read again when it has changed."""
    first = queue.submit(asked(0))
    monkeypatch.setattr(time, "time_ns", lambda: 10**9)
    monkeypatch.setattr(time, "time", lambda: 1.0)
    second = queue.submit(asked(1))
    for key in (first, second):
        os.utime(queue.folder / key, ns=(5, 5))
    assert [job.key for job in queue.jobs()] == [first, second]
    queue.stop(first)
    queue.submit(asked(0))
    assert [job.key for job in queue.jobs()] == [second, first]


@pytest.mark.parametrize("noise", [b"", b"-4", b"1e5", b"9" * 400, b"\xff", None, b"3"])
def test_a_counter_that_is_damaged_gives_no_number_twice(
    queue: JobQueue, noise: bytes | None
) -> None:
    """It goes on after the highest number that stands in the jobs."""
    for seed in range(4):
        queue.submit(asked(seed))
    put(queue.folder / HIDDEN / COUNTER, noise)
    queue.submit(asked(4))
    queue.submit(asked(5))
    assert [job.key for job in queue.jobs()] == [queue.key(asked(seed)) for seed in range(6)]


@pytest.mark.parametrize(
    "key", ["x" * 5000, "\x00", "../runs", "0" * 11, "0" * 13, "ABCDEF012345", "é" * 12, "💥", ""]
)
def test_a_key_that_is_none_is_named_and_cut(queue: JobQueue, key: str) -> None:
    """Whatever stands in an address."""
    assert not queue.has(key)
    for look in (queue.status, queue.owners, queue.stop, queue.remove, queue.training):
        with pytest.raises(JobError, match="there is no job") as said:
            look(key)
        assert len(str(said.value)) < 400


def test_a_pipe_in_place_of_a_file_does_not_block(queue: JobQueue) -> None:
    """Nor does one in place of a lock."""
    key = queue.submit(asked(0))
    (queue.folder / key / ASKED).unlink()
    for name in (ASKED, PROGRESS, BEGUN):
        os.mkfifo(queue.folder / key / name)
    assert queue.status(key).state == "waiting"


def test_a_folder_that_is_none_is_said(tmp_path: Path) -> None:
    """A file in its place."""
    (tmp_path / "file").touch()
    with pytest.raises(JobError, match="runs cannot be kept in "):
        JobQueue(tmp_path / "file")


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_lock_is_freed_in_a_child_that_is_forked(tmp_path: Path) -> None:
    """Else a server's lock would outlive it."""
    lock = FileLock(tmp_path / "lock")
    assert lock.take()
    assert not FileLock(tmp_path / "lock").take()
    assert is_held(tmp_path / "lock")
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(writing)
        os.read(reading, 1)  # lives until the parent has looked
        os._exit(0)
    try:
        lock.let_go()
        end = time.monotonic() + 20
        while is_held(tmp_path / "lock") and time.monotonic() < end:
            time.sleep(0.01)
        assert not is_held(tmp_path / "lock")
    finally:
        os.close(writing)
        os.waitpid(pid, 0)


def test_a_short_lock_is_late_only_when_nobody_lets_go_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten who hold it for longer than that together all get it; one who keeps it is told of."""
    monkeypatch.setattr(lock, "PATIENCE", 0.4)
    path, turns, late = tmp_path / "lock", [], []

    def ask(seconds: float) -> None:
        try:
            with lock.holding(path):
                turns.append(time.monotonic())
                time.sleep(seconds)
        except JobError as error:
            late.append(str(error))

    def all_ask(count: int, seconds: float) -> None:
        threads = [threading.Thread(target=ask, args=(seconds,)) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    all_ask(10, 0.1)
    assert (len(turns), late) == (10, [])
    assert min(np.diff(turns)) >= 0.1
    other = FileLock(path)
    assert other.take()
    all_ask(5, 0.0)
    other.let_go()
    assert len(turns) == 10
    assert len(late) == 5
    assert all("end the process that holds it" in said for said in late)


def test_locks_that_are_cleared_away_are_taken_anew(tmp_path: Path) -> None:
    """Whoever held one that is gone tends no more; folders in their places are set aside."""
    first, second = JobQueue(tmp_path), JobQueue(tmp_path)
    try:
        assert first.tend()
        assert not second.tend()
        (tmp_path / HIDDEN / TENDER).unlink()
        assert second.tend()
        assert not first.tend()
        for path in (tmp_path / HIDDEN / TENDER, tmp_path / HIDDEN / SHORT, tmp_path / HIDDEN):
            if path.is_dir():
                shutil.rmtree(path)
                path.touch()
            else:
                path.unlink()
                path.mkdir()
            assert second.tend()
            assert not first.tend()
            JobQueue(tmp_path, limit=0).submit(asked(len(first.jobs())))
    finally:
        first.close()
        second.close()


def test_a_job_whose_lock_was_removed_is_not_started_twice(queue: JobQueue) -> None:
    """Its process tells that it runs, by its number and when it began."""
    key = queue.submit(asked(0))
    said = {"turn": 1, "pid": os.getpid(), "since": began(os.getpid())}
    (queue.folder / key / BEGUN).write_text(json.dumps(said))
    assert queue.status(key).state == "running"
    (queue.folder / key / BEGUN).write_text(json.dumps(said | {"since": "1"}))
    assert JobQueue(queue.folder, limit=0).status(key).state == "waiting"


def test_what_was_measured_and_is_damaged_is_measured_again(queue: JobQueue) -> None:
    """It is told in a sentence, and who asks again has it done."""
    asked_of = MemoryOf(folder="anywhere", fingerprint="0")
    key = queue.submit(asked_of)
    for noise in (b"{}", b"[1]", b"\xff", b"null", b'{"fingerprint": 1, "measures": {"a": 2}}'):
        (queue.folder / key / DONE).touch()
        (queue.folder / key / MEASURES).write_bytes(noise)
        with pytest.raises(JobError, match=f"the measurement of the job {key} is damaged"):
            queue.measured(key)
        queue.submit(asked_of)
        assert queue.status(key).state == "waiting"


def test_what_is_left_of_a_job_without_its_experiment_is_no_end(queue: JobQueue) -> None:
    """Asked for again it waits, behind what was asked for before."""
    first, second = queue.submit(asked(0)), queue.submit(asked(1))
    (queue.folder / first / DONE).touch()
    (queue.folder / first / EXPERIMENT).unlink()
    assert not queue.has(first)
    queue.submit(asked(0))
    assert queue.status(first).state == "waiting"
    assert [job.key for job in queue.jobs()] == [second, first]


def test_a_job_is_removed_from_a_full_disk(
    queue: JobQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing needs to be written for that; its process is ended."""
    key = queue.submit(asked(0), "ada")

    def refuse(path: Path, data: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    monkeypatch.setattr("gatescope.jobs.files.write_whole", refuse)
    queue.remove(key)
    assert queue.jobs() == []
    assert not list(queue.folder.glob(f"*{key}*"))


def test_what_is_no_folder_of_classes_is_told(queue: JobQueue) -> None:
    """A link to nowhere, as to a disk that is not there."""
    shutil.rmtree(queue.folder / "classes", ignore_errors=True)
    (queue.folder / "classes").symlink_to(queue.folder / "nowhere")
    with pytest.raises(JobError, match="cannot be written"):
        Classroom(queue).open(RetentionConfig.of(variants=("rnn",), delays=(2,)))


def test_why_a_job_failed_keeps_its_sentence(tmp_path: Path) -> None:
    """Its file is a line to read and what that is made from; older files are a line alone."""
    why = say("job_unreadable", job="a", reason=JobError(say("job_killed", count=3, status=-9)))
    write_fault(tmp_path, why)
    again = read_fault(tmp_path)
    assert isinstance(again, Sentence)
    assert (again, again.key) == (why, "job_unreadable")
    assert again.values["reason"].key == "job_killed"
    for text, said in {
        "it broke": "it broke",
        "it broke\nbadly": "it broke badly",
        'it broke\n["job_killed", {"count": 3}]': "it broke",
        "": "",
    }.items():
        (tmp_path / FAILED).write_text(text)
        assert read_fault(tmp_path) == said
    write_fault(tmp_path, "of no key")
    assert (tmp_path / FAILED).read_text() == "of no key"
