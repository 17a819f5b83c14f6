"""What is on disk, and what is removed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gatescope import train
from gatescope.experiments import RetentionConfig, run_key
from gatescope.jobs import Classroom, JobError, JobQueue, SingleRun
from gatescope.jobs.disk import disk_use, remove_run, size_of
from gatescope.jobs.files import DONE

PAIR = RetentionConfig.of(variants=("rnn",), delays=(2,), seeds=(0, 1), hidden_size=4, max_steps=3)
FIRST, SECOND = (PAIR.config("rnn", 2, seed) for seed in (0, 1))


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[JobQueue]:
    """A queue with both runs of a pair in its store, and a job each for the pair and the first."""
    made = JobQueue(tmp_path, limit=0)
    for config in (FIRST, SECOND):
        made.store.put(train(config))
    for asked in (PAIR, SingleRun(run=FIRST)):
        key = made.submit(asked)
        (tmp_path / key / DONE).touch()
    yield made
    made.close()


def test_sizes_are_those_on_disk(queue: JobQueue) -> None:
    """What a file has beyond its last block counts; what a link leads to does not."""
    key = Classroom(queue).open(PAIR)
    big = queue.folder / "big"
    big.write_bytes(b"x" * 1_000_000)
    (queue.folder / queue.key(PAIR) / "link").symlink_to(big)
    (queue.store.folder / ".live").mkdir()
    (queue.store.folder / ".live" / "some").write_bytes(b"x" * 100_000)
    use = disk_use(queue)
    assert set(use.jobs) == {queue.key(PAIR), queue.key(SingleRun(run=FIRST))}
    assert set(use.runs) == {run_key(FIRST), run_key(SECOND)}
    assert set(use.classes) == {key}
    assert max(use.jobs.values()) < 100_000 < 1_100_000 <= use.other < 1_300_000
    for sizes in (use.jobs, use.runs, use.classes):
        assert min(sizes.values()) > 0
    named = (use.jobs, use.runs, use.classes)
    assert use.total == use.other + sum(sum(sizes.values()) for sizes in named)
    assert size_of(queue.folder / "nothing") == 0


def test_a_run_is_removed_unless_a_job_works_with_it(queue: JobQueue) -> None:
    """Then its job is named; afterwards the job goes on when it is asked for again."""
    other = queue.submit(PAIR.model_copy(update={"seeds": (0, 5)}))
    with pytest.raises(JobError, match=f"the job {other} uses the run"):
        remove_run(queue, run_key(FIRST))
    remove_run(queue, run_key(SECOND))
    assert [entry.key for entry in queue.store.entries()] == [run_key(FIRST)]
    assert queue.status(queue.submit(PAIR)).state == "waiting"
    for key in (run_key(SECOND), "..", "x" * 5000):
        with pytest.raises(JobError, match="cannot be removed"):
            remove_run(queue, key)


def test_a_job_that_cannot_be_read_is_removed(queue: JobQueue) -> None:
    """Its runs stay."""
    key = queue.key(PAIR)
    (queue.folder / key / "experiment.json").write_text("?")
    queue.remove(key)
    assert not queue.has(key)
    assert len(list(queue.store.entries())) == 2
