"""A process that waits for a job: the next job is its, and it leaves no one behind."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gatescope import train
from gatescope.experiments import RetentionConfig
from gatescope.jobs import JobQueue
from gatescope.jobs import tender as tenders
from gatescope.jobs.lock import is_held
from gatescope.jobs.spare import Spare

PATIENCE = 120
EXPERIMENT = RetentionConfig.of(
    variants=("rnn",), delays=(2,), seeds=(0,), hidden_size=4, max_steps=3
)


def wait_for(fact: Callable[[], bool]) -> None:
    """Wait until it is so."""
    end = time.monotonic() + PATIENCE
    while not fact():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.fixture
def queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[JobQueue]:
    """A queue with a process that waits."""
    monkeypatch.setattr(tenders, "SPARE_AFTER", 0.0)
    made = JobQueue(tmp_path, limit=2)
    made.keep_tending(0.05, spare=True)
    yield made
    made.close()


def spare_of(queue: JobQueue) -> Spare:
    """The process that waits."""
    wait_for(lambda: queue._tender._spare is not None)
    spare = queue._tender._spare
    assert spare is not None
    return spare


def test_the_next_job_is_its_and_another_one_waits(queue: JobQueue) -> None:
    """Its numbers are those of training alone; the job's lock is held all along."""
    first = spare_of(queue)
    key = queue.submit(EXPERIMENT)
    assert queue._tender._workers[key].process is first.process
    assert is_held(queue.folder / key / "worker.lock") or queue.status(key).state == "done"
    wait_for(lambda: queue.status(key).state == "done")
    (config,) = queue.finished(key).values()
    run = queue.store.get(config)
    assert run is not None
    assert run.test_loss == train(config).test_loss
    assert spare_of(queue).process is not first.process


def test_one_that_died_is_missed_by_nobody(queue: JobQueue) -> None:
    """Another one waits in its place; a job that comes before that has a process of its own."""
    dead = spare_of(queue)
    dead.process.kill()
    dead.process.wait()
    key = queue.submit(EXPERIMENT)
    wait_for(lambda: queue.status(key).state == "done")
    assert spare_of(queue).waits


def test_it_ends_with_its_server(queue: JobQueue) -> None:
    """Closing a queue ends it; so does the end of whoever holds the other end of its sockets."""
    spare = spare_of(queue)
    queue.close()
    assert not spare.waits
    other = Spare()
    other._own.close()
    assert other.process.wait(PATIENCE) == 0
