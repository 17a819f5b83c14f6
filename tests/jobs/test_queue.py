"""The queue of experiments: bounded, shared, stoppable, and true whatever is killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from gatescope import train
from gatescope.experiments import RetentionConfig
from gatescope.jobs import JobError, JobQueue, JobStatus, SingleRun
from gatescope.jobs.files import EXPERIMENT

PATIENCE = 90


def experiment(**changes: Any) -> RetentionConfig:
    """Two runs of a moment."""
    settings: dict[str, Any] = {"variants": ("rnn",), "delays": (2,), "seeds": (0, 1)}
    return RetentionConfig.of(**{**settings, "hidden_size": 4, "max_steps": 3, **changes})


def endless(seed: int = 0) -> RetentionConfig:
    """One run that nobody waits for."""
    return experiment(seeds=(seed,), max_steps=10_000_000, delays=(50,))


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[JobQueue]:
    """A queue of one place."""
    made = JobQueue(tmp_path)
    yield made
    made.close()


def until(queue: JobQueue, key: str, wanted: Callable[[JobStatus], bool]) -> JobStatus:
    """Wait until a job stands so."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        stand = queue.status(key)
        if wanted(stand):
            return stand
        time.sleep(0.1)
    raise AssertionError(f"after {PATIENCE} s: {queue.status(key)}")


def worker_of(queue: JobQueue, key: str) -> subprocess.Popen[bytes]:
    """The process that a queue has started for a job."""
    return queue._tender._workers[key].process


def alive(queue: JobQueue, key: str) -> bool:
    """Whether a process works on a job."""
    folder = str(queue.folder / key)
    return any(
        folder in " ".join(found.info["cmdline"] or [])
        for found in psutil.process_iter(["cmdline"])
    )


def test_an_experiment_is_run_once_and_shared(queue: JobQueue) -> None:
    """Who asks for the same joins it; its runs are those that training alone gives."""
    key = queue.submit(experiment())
    assert queue.submit(experiment()) == key
    stand = until(queue, key, lambda s: s.state == "done")
    assert (stand.done, stand.total, stand.fault) == (2, 2, "")
    configs = queue.finished(key)
    assert set(configs) == {("rnn", 2, 0), ("rnn", 2, 1)}
    for config in configs.values():
        run = queue.store.get(config)
        assert run is not None
        assert run.test_loss == train(config).test_loss
    assert [job.key for job in queue.jobs()] == [key]


def test_one_runs_the_rest_wait_in_sight_and_stopping_makes_room(queue: JobQueue) -> None:
    """A stopped process is gone at once, with its workers; the next one starts."""
    keys = [queue.submit(endless(seed)) for seed in range(3)]
    assert [queue.status(key).state for key in keys] == ["running", "waiting", "waiting"]
    assert [queue.status(key).ahead for key in keys] == [0, 0, 1]
    until(queue, keys[0], lambda _: alive(queue, keys[0]))
    queue.stop(keys[0])
    assert not alive(queue, keys[0])
    assert queue.status(keys[0]).state == "stopped"
    assert queue.status(keys[1]).state == "running"
    queue.stop(keys[2])
    assert queue.status(keys[2]).state == "stopped"
    assert queue.submit(endless(0)) == keys[0]
    assert queue.status(keys[0]).state == "waiting"


def test_a_killed_process_is_started_again(queue: JobQueue) -> None:
    """kill -9 on the job's whole group: the job goes on, and ends as if nothing had been."""
    key = queue.submit(experiment(max_steps=60, seeds=(0, 1, 2)))
    process = worker_of(queue, key)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    stand = until(queue, key, lambda s: s.state == "done")
    assert stand.done == 3


def test_a_job_stands_back(queue: JobQueue) -> None:
    """Its process is the nicest; its session is nice too, where the system counts those."""
    key = queue.submit(endless())
    process = psutil.Process(worker_of(queue, key).pid)
    session = Path(f"/proc/{process.pid}/autogroup")
    counts = session.exists() and os.access(session, os.W_OK)

    def stands_back() -> bool:
        of_all = not counts or session.read_text().strip().endswith("nice 5")
        return process.nice() == 19 and of_all

    until(queue, key, lambda _: stands_back())
    queue.stop(key)


def test_what_dies_again_and_again_is_given_up(queue: JobQueue) -> None:
    """With a sentence, and it can be asked for anew."""
    key = queue.submit(endless())
    for _ in range(3):
        process = worker_of(queue, key)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        queue.tend()
    stand = queue.status(key)
    assert stand.state == "failed"
    assert "died 3 times" in stand.fault
    queue.submit(endless())
    assert queue.status(key).state == "running"


def test_a_new_queue_goes_on_with_what_is_left(tmp_path: Path) -> None:
    """The server was killed: what was not done is waiting, and done by the next one."""
    first = JobQueue(tmp_path)
    key = first.submit(experiment(max_steps=60))
    first.close()
    assert not alive(first, key)
    second = JobQueue(tmp_path)
    try:
        assert until(second, key, lambda s: s.state == "done").done == 2
    finally:
        second.close()


def test_a_job_ends_when_its_server_is_gone(tmp_path: Path) -> None:
    """A server that is killed leaves no process behind."""
    script = (
        "from gatescope.jobs import JobQueue; import sys, time;"
        "from gatescope.experiments import RetentionConfig as R;"
        "q = JobQueue(sys.argv[1]); print(q.submit(R(variants=('rnn',), delays=(50,), seeds=(0,),"
        "max_steps=10_000_000)), flush=True); time.sleep(600)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        key = server.stdout.readline().strip()
        queue = JobQueue(tmp_path, limit=0)
        end = time.monotonic() + PATIENCE
        while not (tmp_path / key / "progress.json").exists() and time.monotonic() < end:
            time.sleep(0.1)
        assert alive(queue, key)
        server.kill()
    while alive(queue, key) and time.monotonic() < end:
        time.sleep(0.1)
    assert not alive(queue, key)


def test_a_failure_is_told_in_one_line(queue: JobQueue) -> None:
    """A job whose file was spoilt says so, and does not stop the others."""
    key = queue.submit(endless())
    queue.stop(key)
    (queue.folder / key / EXPERIMENT).write_text(
        '{"kind": "retention", "experiment": {"variants": ["elman"]}}'
    )
    with pytest.raises(JobError, match=f"{key} cannot be read.*elman"):
        queue.status(key)
    (stand,) = queue.jobs()
    assert (stand.state, stand.key) == ("failed", key)


@pytest.mark.parametrize("text", ["{}", '{"kind": "x"}', '{"kind": "training"}', "no json"])
def test_a_file_of_another_kind_is_named(queue: JobQueue, text: str) -> None:
    """An older or newer version's job."""
    key = queue.submit(endless())
    queue.stop(key)
    (queue.folder / key / EXPERIMENT).write_text(text)
    with pytest.raises(JobError, match=f"{key} cannot be read: its kind is"):
        queue.status(key)


def test_a_single_run_tells_how_far_it_is(queue: JobQueue) -> None:
    """While it trains, and after it was stopped; when it is done, it is kept and told no more."""
    config = endless().config("rnn", 50, 0)
    key = queue.submit(SingleRun(run=config))
    assert queue.experiment(key, SingleRun).run == config
    with pytest.raises(JobError, match="is a SingleRun, not a RetentionConfig"):
        queue.experiment(key, RetentionConfig)
    end = time.monotonic() + PATIENCE
    while not any(run.steps[0] for run in queue.training(key)) and time.monotonic() < end:
        time.sleep(0.1)
    queue.stop(key)
    (run,) = queue.training(key)
    assert run.config == config
    assert run.steps[0] == run.history[-1].step > 0
    short = SingleRun(run=config.model_copy(update={"max_steps": 3}))
    done = queue.submit(short)
    until(queue, done, lambda s: s.state == "done")
    assert queue.training(done) == []
    assert set(queue.finished(done)) == {"run"}


@pytest.mark.parametrize("key", ["", "nothing", "../..", "runs"])
def test_a_job_that_is_not_there_is_named(queue: JobQueue, key: str) -> None:
    """An address that is old or mistyped."""
    with pytest.raises(JobError, match="there is no job"):
        queue.status(key)


def test_removing_a_job_keeps_its_runs(queue: JobQueue) -> None:
    """They may belong to others too."""
    key = queue.submit(experiment())
    until(queue, key, lambda s: s.state == "done")
    queue.remove(key)
    assert queue.jobs() == []
    assert len(list(queue.store.entries())) == 2
