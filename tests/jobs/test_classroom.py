"""A class: every seat once, each its own seed, and together one experiment."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gatescope import train
from gatescope.experiments import RetentionConfig
from gatescope.jobs import Classroom, JobError, JobQueue, SingleRun
from gatescope.jobs.classroom import MOST_SEATS
from gatescope.jobs.files import EXPERIMENT
from gatescope.jobs.kinds import to_text

SETTINGS = RetentionConfig(variants=("rnn",), delays=(2, 3), hidden_size=4, max_steps=3)


@pytest.fixture
def classroom(tmp_path: Path) -> Iterator[Classroom]:
    """A class on a queue that trains nothing."""
    queue = JobQueue(tmp_path, limit=0)
    yield Classroom(queue)
    queue.close()


def test_each_who_joins_takes_a_seed(classroom: Classroom) -> None:
    """At the same moment too; each has a job of its own, and all are one experiment."""
    key = classroom.open(SETTINGS)
    assert classroom.status(key).total == 0
    with ThreadPoolExecutor(8) as pool:
        seats = list(pool.map(lambda _: classroom.join(key), range(12)))
    assert sorted(seats) == list(range(12)) == classroom.seats(key)
    assert classroom.experiment(key) == SETTINGS.model_copy(update={"seeds": tuple(range(12))})
    jobs = [classroom.job(key, seat) for seat in seats]
    assert sorted(jobs) == sorted(stand.key for stand in classroom.queue.jobs())
    alone = classroom.queue.experiment(classroom.job(key, 5), RetentionConfig)
    assert alone.seeds == (5,)
    stand = classroom.status(key)
    assert (stand.seats, stand.at_work, stand.done, stand.total) == (12, 12, 0, 24)
    classroom.stop(key)
    assert classroom.status(key).at_work == 0
    while len(classroom.seats(key)) < MOST_SEATS:
        classroom.join(key)
    with pytest.raises(JobError, match="is full: all 60"):
        classroom.join(key)


def test_two_classes_do_not_meet(classroom: Classroom) -> None:
    """The same settings; the seats are counted apart, the runs are trained once."""
    first, second = classroom.open(SETTINGS), classroom.open(SETTINGS)
    assert first != second
    assert [classroom.join(first), classroom.join(second)] == [0, 0]
    assert classroom.job(first, 0) == classroom.job(second, 0)


def test_a_class_from_the_first_seat_to_the_last_run(tmp_path: Path) -> None:
    """What the class has found is what each would have found alone."""
    queue = JobQueue(tmp_path, limit=2)
    classroom = Classroom(queue)
    try:
        key = classroom.open(SETTINGS)
        for _ in range(2):
            classroom.join(key)
        end = time.monotonic() + 90
        while (stand := classroom.status(key)).done < 4 and time.monotonic() < end:
            time.sleep(0.1)
        assert (stand.done, stand.total) == (4, 4)
    finally:
        queue.close()
    configs = queue.store.finished(classroom.experiment(key).configs())
    assert set(configs) == {("rnn", delay, seed) for delay in (2, 3) for seed in (0, 1)}
    for config in configs.values():
        run = queue.store.get(config)
        assert run is not None
        assert run.test_loss == train(config).test_loss


@pytest.mark.parametrize("key", ["", "nobody", "../x", "classes"])
def test_a_class_that_is_not_there_is_named(classroom: Classroom, key: str) -> None:
    """A mistyped address."""
    with pytest.raises(JobError, match="there is no class"):
        classroom.join(key)


def test_what_cannot_be_read_is_named(classroom: Classroom) -> None:
    """Spoilt, or of another kind; and a seat that nobody has."""
    key = classroom.open(SETTINGS)
    with pytest.raises(JobError, match="nobody has taken seat 3"):
        classroom.job(key, 3)
    path = classroom.folder / key / EXPERIMENT
    path.write_text("{}")
    with pytest.raises(JobError, match=f"class {key} cannot be read: its kind"):
        classroom.seats(key)
    path.write_text(to_text(SingleRun(run=SETTINGS.config("rnn", 2, 0))))
    with pytest.raises(JobError, match="it is a SingleRun"):
        classroom.join(key)
