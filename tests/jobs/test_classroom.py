"""A class: every seat once, its seeds shared in turn, and together one experiment."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gatescope import train
from gatescope.experiments import RetentionConfig
from gatescope.jobs import Classroom, JobError, JobQueue, Limits, SingleRun
from gatescope.jobs.classroom import MOST_SEATS, MOST_UNUSED, OPENED
from gatescope.jobs.files import EXPERIMENT
from gatescope.jobs.kinds import to_text

SETTINGS = RetentionConfig.of(
    variants=("rnn",), delays=(2, 3), hidden_size=4, max_steps=3, seeds=(7, 8, 9)
)


@pytest.fixture
def classroom(tmp_path: Path) -> Iterator[Classroom]:
    """A class on a queue that trains nothing."""
    queue = JobQueue(tmp_path, limit=0)
    yield Classroom(queue)
    queue.close()


def test_each_who_joins_takes_the_next_seed(classroom: Classroom) -> None:
    """At the same moment too; who has the same seed has the same job, all are one experiment."""
    key = classroom.open(SETTINGS)
    assert classroom.status(key).total == 0
    with ThreadPoolExecutor(8) as pool:
        seats = list(pool.map(lambda _: classroom.join(key), range(12)))
    assert sorted(seats) == list(range(12)) == classroom.seats(key)
    assert classroom.experiment(key) == SETTINGS
    assert [classroom.seed(key, seat) for seat in range(12)] == [7, 8, 9] * 4
    jobs = {classroom.job(key, seat) for seat in seats}
    assert sorted(jobs) == sorted(stand.key for stand in classroom.queue.jobs())
    assert len(jobs) == 3
    alone = classroom.queue.experiment(classroom.job(key, 5), RetentionConfig)
    assert alone.seeds == (9,)
    stand = classroom.status(key)
    assert (stand.seats, stand.at_work, stand.done, stand.total) == (12, 12, 0, 6)
    classroom.stop(key)
    assert classroom.status(key).at_work == 0
    while len(classroom.seats(key)) < MOST_SEATS:
        classroom.join(key)
    with pytest.raises(JobError, match=f"is full: all {MOST_SEATS}"):
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
    assert set(configs) == {("rnn", delay, seed) for delay in (2, 3) for seed in (7, 8)}
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
    with pytest.raises(JobError, match="not a class but a SingleRun"):
        classroom.join(key)


def test_one_browser_is_one_student(classroom: Classroom) -> None:
    """Who joins again has the same seat, in another process too; nobody in particular a new one."""
    key, other = classroom.open(SETTINGS), classroom.open(SETTINGS)
    seats = [classroom.join(key, name) for name in ("ada", "ben", "ada", "", "ben")]
    assert seats == [0, 1, 0, 2, 1]
    again = Classroom(JobQueue(classroom.queue.folder, limit=0))
    assert again.join(key, "ben") == 1
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: again.join(key, "cid"), range(8))) == {3}
    assert classroom.join(other, "ben") == 0
    job = classroom.job(key, 1)
    assert classroom.queue.owners(job) == {f"class-{key}"}
    classroom.stop(key)
    classroom.join(key, "ben")  # looks again; nothing starts anew
    assert classroom.queue.status(job).state == "stopped"


def test_a_seat_of_an_older_version_stays_taken(classroom: Classroom) -> None:
    """Its file is empty; a file that is no seat's is none."""
    key = classroom.open(SETTINGS)
    for name in ("seat-0", "seat-x", f"seat-{MOST_SEATS}", "seat--1", "seat-07"):
        (classroom.folder / key / name).touch()
    assert classroom.seats(key) == [0]
    assert classroom.join(key, "ada") == 1


def test_only_who_opened_a_class_stops_it(classroom: Classroom) -> None:
    """Or who serves the app; where it is not known who opened it, everybody."""
    key, free = classroom.open(SETTINGS, "ada"), classroom.open(SETTINGS)
    classroom.join(key, "ben")
    assert [classroom.may_stop(key, who) for who in ("ada", "ben", "", None)] == [
        True, False, False, True,
    ]  # fmt: skip
    assert classroom.may_stop(free, "ben")
    with pytest.raises(JobError, match=f"only the person who opened the class {key}"):
        classroom.stop(key, "ben")
    assert classroom.status(key).at_work == 1
    classroom.stop(key, "ada")
    assert classroom.status(key).at_work == 0


def test_stopping_a_class_leaves_another_ones_work(classroom: Classroom) -> None:
    """Both have the same settings, so their seats share jobs."""
    first, second = classroom.open(SETTINGS, "ada"), classroom.open(SETTINGS, "ben")
    classroom.join(first, "cid"), classroom.join(second, "dan")
    classroom.stop(first, "ada")
    assert classroom.status(second).at_work == 1
    classroom.stop(second)
    assert classroom.status(second).at_work == 0


def test_all_classes_are_listed_and_removed(classroom: Classroom) -> None:
    """A damaged one by name; a seat whose job was removed is at work no more."""
    key, broken = classroom.open(SETTINGS, "ada"), classroom.open(SETTINGS, "ada")
    classroom.join(key, "ben")
    (classroom.folder / broken / EXPERIMENT).write_bytes(b"\xff" * 9)
    stands = {stand.key: stand for stand in classroom.classes()}
    assert set(stands) == {key, broken}
    assert (stands[key].seats, stands[key].at_work, stands[key].fault) == (1, 1, "")
    assert f"the class {broken} cannot be read" in stands[broken].fault
    classroom.queue.remove(classroom.job(key, 0))
    assert classroom.status(key).at_work == 0
    assert classroom.join(key, "ben") == 0
    for name in (key, broken):
        classroom.remove(name)
    assert classroom.classes() == []
    assert {job.state for job in classroom.queue.jobs()} == {"stopped"}
    for name in (key, "../runs", "", ".", "..", "../classes"):
        with pytest.raises(JobError, match="there is no class"):
            classroom.remove(name)
    assert classroom.queue.store.folder.is_dir()


def test_a_class_costs_no_more_than_a_job(tmp_path: Path) -> None:
    """It is refused when it is opened, not to those who join."""
    room = Classroom(JobQueue(tmp_path, limit=0, limits=Limits(jobs_each=1, seconds=10)))
    long = RetentionConfig.of(**SETTINGS.model_dump() | {"max_steps": 10**6})
    with pytest.raises(JobError, match="this would train for about"):
        room.open(long, "ada")
    key = room.open(SETTINGS, "ada")
    assert [room.join(key, f"browser {k}") for k in range(5)] == list(range(5))
    with pytest.raises(JobError, match="1 of your classes are still training, and the limit"):
        room.open(SETTINGS, "ada")
    room.open(SETTINGS, "ben")
    room.stop(key, "ada")
    room.open(SETTINGS, "ada")


def test_of_classes_that_nobody_joined_the_latest_are_kept(classroom: Classroom) -> None:
    """Whoever opens more and more fills no disk; another's, and those with students, stay."""
    other, joined = classroom.open(SETTINGS, "ben"), classroom.open(SETTINGS, "ada")
    classroom.join(joined, "cid")
    keys = []
    for number in range(MOST_UNUSED + 3):
        keys.append(classroom.open(SETTINGS, "ada"))
        os.utime(classroom.folder / keys[-1] / OPENED, (number, number))
    kept = {stand.key for stand in classroom.classes()}
    assert kept == {other, joined, *keys[3:]}
