"""Owners: who may ask for how much, whose turn it is, and who may stop what."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gatescope import TrainConfig
from gatescope.experiments import RetentionConfig
from gatescope.jobs import Classroom, JobError, JobQueue, Limits, SingleRun
from gatescope.jobs.files import CLOCK, DONE, FAILED
from gatescope.jobs.limits import spoken


def asked(seed: int = 0, **changes: Any) -> SingleRun:
    """A run of a moment."""
    settings = {"task": "delayed_recall", "task_options": {"delay": 3}, "cell": "rnn"}
    return SingleRun(run=TrainConfig(**{**settings, "hidden_size": 4, "max_steps": 3, **changes},
                                     seed=seed))  # fmt: skip


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[JobQueue]:
    """A queue that starts nothing; two jobs an owner, of a minute each at most."""
    made = JobQueue(tmp_path, limit=0, limits=Limits(jobs_each=2, seconds=60))
    yield made
    made.close()


def test_an_owner_has_a_share(queue: JobQueue) -> None:
    """What waits counts, what has ended does not; others and the server itself are free to ask."""
    first, _ = queue.submit(asked(0), "ada"), queue.submit(asked(1), "ada")
    with pytest.raises(JobError, match=r"^2 of your jobs are waiting or running, and .* is 2: wa"):
        queue.submit(asked(2), "ada")
    assert queue.submit(asked(0), "ada") == first  # asked for before
    queue.submit(asked(2), "ben")
    with pytest.raises(JobError, match="of your jobs"):
        queue.submit(asked(2), "ada")  # another's job counts for whoever joins it
    for seed in range(5, 10):
        queue.submit(asked(seed))
        queue.submit(asked(seed), "class-abcde")
    (queue.folder / first / DONE).touch()
    queue.submit(asked(2), "ada")


def test_a_job_has_a_price(queue: JobQueue) -> None:
    """Named with the limit and what to change; what is finished costs nothing."""
    dear = asked(max_steps=10**7, task_options={"delay": 400})
    with pytest.raises(JobError) as refused:
        queue.submit(dear, "ada")
    words = str(refused.value)
    assert words.startswith(f"this would train for about {spoken(queue.estimate(dear))}, and the")
    assert "limit here is 1 min: choose fewer training steps or runs, shorter sequen" in words
    assert not queue.has(queue.key(dear))
    key = queue.submit(dear)
    (queue.folder / key / DONE).touch()
    (queue.store.path(dear.run)).mkdir()  # its run is there
    assert queue.submit(dear, "ada") == key


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "0 s"), (59, "59 s"), (60, "1 min"), (61, "1 min 1 s"), (3600, "1 h"),
     (11_000, "3 h 3 min"), (86_400, "1 day"), (90_000, "1 day 1 h"), (200_000, "2 days 7 h"),
     (1e300, "more than 1000 days"), (float("nan"), "more than 1000 days")],
)  # fmt: skip
def test_a_time_is_said_in_two_units(seconds: float, words: str) -> None:
    """As one would say it."""
    assert spoken(seconds) == words


def test_a_cost_that_is_no_number_is_refused() -> None:
    """It would pass every comparison."""
    with pytest.raises(JobError, match="more than 1000 days"):
        Limits(seconds=5).require_affordable(float("nan"))


def test_identical_settings_are_one_job_of_several_owners(queue: JobQueue) -> None:
    """Who withdraws leaves it to the others; the last one ends it; nobody else may."""
    key = queue.submit(asked(), "ada")
    assert queue.submit(asked(), "ben") == key
    assert queue.owners(key) == {"ada", "ben"}
    with pytest.raises(JobError, match=f"^only the person who started the job {key} can stop it"):
        queue.stop(key, "eve")
    queue.stop(key, "ada")
    assert (queue.owners(key), queue.status(key).state) == ({"ben"}, "waiting")
    with pytest.raises(JobError, match="only the person who started"):
        queue.stop(key, "ada")
    queue.stop(key, "ben")
    assert queue.status(key).state == "stopped"
    queue.submit(asked(), "eve")
    assert (queue.owners(key), queue.status(key).state) == ({"eve"}, "waiting")
    queue.stop(key)  # who serves the jobs may stop all
    assert queue.status(key).state == "stopped"


def test_ahead_is_the_order_of_turns(queue: JobQueue) -> None:
    """Not that of asking: everybody's first job comes before anybody's second one."""
    queue = JobQueue(queue.folder, limit=0)
    greedy = [queue.submit(asked(seed), "ada") for seed in range(3)]
    other, late = queue.submit(asked(7), "ben"), queue.submit(asked(8), "cid")
    ahead = {stand.key: stand.ahead for stand in queue.jobs()}
    assert ahead == {greedy[0]: 0, other: 1, late: 2, greedy[1]: 3, greedy[2]: 4}
    elsewhere = JobQueue(queue.folder, limit=0)
    assert [elsewhere.status(key).ahead for key in greedy] == [0, 3, 4]


def test_who_asks_again_has_a_new_place(queue: JobQueue) -> None:
    """A job that was stopped waits behind what was asked for meanwhile."""
    first = queue.submit(asked(0))
    queue.stop(first)
    second = queue.submit(asked(1))
    queue.submit(asked(0))
    assert [queue.status(key).ahead for key in (first, second)] == [1, 0]
    assert [stand.key for stand in queue.jobs()] == [second, first]


def test_a_job_that_runs_too_long_is_ended(tmp_path: Path) -> None:
    """With a sentence; the clock goes on where it stood, and begins anew when it is asked for."""
    endless = asked(max_steps=10_000_000)
    queue = JobQueue(tmp_path, limits=Limits(time=3600))
    try:
        key = JobQueue(tmp_path, limit=0).submit(endless, "ada")
        (tmp_path / key / CLOCK).write_text("3599.5")
        end = time.monotonic() + 60
        while queue.status(key).state != "failed" and time.monotonic() < end:
            time.sleep(0.1)
        fault = queue.status(key).fault
        assert fault.startswith("it ran for 1 h, and the limit here is 1 h. Finished runs stay")
        assert not queue.board.runs(key)
        queue.submit(endless, "ada")
        assert queue.status(key).state == "running"
    finally:
        queue.close()


def test_how_long_a_job_ran_is_written_down(tmp_path: Path, monkeypatch: Any) -> None:
    """In all its processes together; waiting does not count."""
    monkeypatch.setattr("gatescope.jobs.tender.CLOCK_EVERY", 0.0)
    queue = JobQueue(tmp_path)
    try:
        key = queue.submit(asked(max_steps=10_000_000))
        (tmp_path / key / CLOCK).write_text("100")
        queue.close()  # its process is ended, and it waits
        queue.submit(asked(1))
        queue.tend()
        assert queue.status(key).state == "running"  # it goes on before the newer one
        time.sleep(0.2)
        queue.tend()
        assert 100 < float((tmp_path / key / CLOCK).read_text()) < 160
    finally:
        queue.close()


SUBMIT = """
import sys, time
from concurrent.futures import ThreadPoolExecutor
from gatescope.jobs import JobQueue, Limits, SingleRun
from gatescope import TrainConfig
queue = JobQueue(sys.argv[1], limit=0, limits=Limits(jobs_each=3, seconds=3600))
def ask(n):
    run = TrainConfig(task="adding", cell="lstm", max_steps=100, seed=n)
    return queue.submit(SingleRun(run=run), f"student {n}")
first = int(sys.argv[2])
input()
start = time.perf_counter()
with ThreadPoolExecutor(30) as pool:
    list(pool.map(ask, range(first, first + 30)))
print(time.perf_counter() - start)
"""


def test_sixty_ask_at_once_in_two_processes(tmp_path: Path) -> None:
    """All are answered, each has a number of its own, and the order is that of the numbers."""
    children = [
        subprocess.Popen([sys.executable, "-c", SUBMIT, str(tmp_path), str(first)],
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for first in (0, 30)
    ]  # fmt: skip
    for child in children:
        assert child.stdin is not None
        child.stdin.write("\n")
        child.stdin.flush()
    took = [float(child.communicate()[0]) for child in children]
    assert max(took) < 60  # measured 1 s; here only that nobody waits for a lock in vain
    queue = JobQueue(tmp_path, limit=0)
    numbers = [
        json.loads((tmp_path / stand.key / "asked.json").read_text())["order"]
        for stand in queue.jobs()
    ]
    assert numbers == list(range(1, 61))
    assert sorted(stand.ahead for stand in queue.jobs()) == list(range(60))


def test_a_class_is_one_owner(queue: JobQueue) -> None:
    """Thirty seats wait as one: who asks after them comes second."""
    settings = RetentionConfig.of(variants=("rnn",), delays=(2,), hidden_size=4, max_steps=3)
    for seat in range(30):
        queue.submit(settings.model_copy(update={"seeds": (seat,)}), "class-abcde")
    assert queue.status(queue.submit(asked(), "ada")).ahead == 1


def test_a_job_whose_runs_were_removed_goes_on(queue: JobQueue) -> None:
    """Done is what is there."""
    key = queue.submit(asked(), "ada")
    (queue.folder / key / DONE).touch()
    queue.submit(asked(), "ada")
    assert queue.status(key).state == "waiting"
    assert not (queue.folder / key / FAILED).exists()


def test_some_of_the_disk_is_kept_free(queue: JobQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    """Below that who has a name asks for nothing new, alone or as a class; the server may."""
    queue.limits = Limits(free=2 * 10**9)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1_500_000_000))
    with pytest.raises(JobError, match="has 1,500 MB left, but 2,000 MB must stay free: ask"):
        queue.submit(asked(), "ada")
    with pytest.raises(JobError, match="must stay free"):
        Classroom(queue).open(RetentionConfig.of(variants=("rnn",), delays=(2,)), "ada")
    assert queue.submit(asked())
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=2 * 10**9))
    assert queue.submit(asked(1), "ada")
