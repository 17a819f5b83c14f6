"""Several servers over one folder: one starts jobs, each once; when it is killed, another does.

The servers are processes of their own, each of which keeps tending.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from gatescope import train
from gatescope.experiments import RetentionConfig
from gatescope.jobs import JobQueue
from gatescope.jobs.files import BEGUN, WORKER
from gatescope.jobs.lock import is_held
from gatescope.jobs.processes import began
from gatescope.jobs.tender import COUNTER, HIDDEN

PATIENCE = 120
SERVER = """
import sys, time
from gatescope.jobs import JobQueue
queue = JobQueue(sys.argv[1], limit=int(sys.argv[2]))
queue.keep_tending(0.1)
print("up", flush=True)
for line in sys.stdin:
    exec(line)
    print("done", flush=True)
"""


def experiment(**changes: Any) -> RetentionConfig:
    """Two runs of a moment."""
    settings: dict[str, Any] = {"variants": ("rnn",), "delays": (2,), "seeds": (0, 1)}
    return RetentionConfig.of(**{**settings, "hidden_size": 4, "max_steps": 3, **changes})


def endless(seed: int = 0) -> RetentionConfig:
    """One run that nobody waits for."""
    return experiment(seeds=(seed,), max_steps=10_000_000, delays=(50,))


class Server:
    """A process with a queue that keeps tending."""

    def __init__(self, folder: Path, limit: int = 1) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVER, str(folder), str(limit)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def is_up(self) -> "Server":
        """Wait until it tends."""
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "up\n"
        return self

    def do(self, line: str) -> None:
        """Have it run a line of Python, with its ``queue``."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "done\n"

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.wait()

    def wait(self) -> None:
        """Bury it."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


@contextmanager
def serving(folder: Path, count: int = 1, limit: int = 1) -> Iterator[list[Server]]:
    """Some servers over one folder; all of them are ended."""
    servers = [Server(folder, limit) for _ in range(count)]
    try:
        yield [server.is_up() for server in servers]
    finally:
        for server in servers:
            server.kill()


def wait_for(fact: Callable[[], bool], what: str) -> None:
    """Wait until it is so."""
    end = time.monotonic() + PATIENCE
    while not fact():
        assert time.monotonic() < end, f"after {PATIENCE} s not {what}"
        time.sleep(0.02)


def done(queue: JobQueue, *keys: str) -> Callable[[], bool]:
    """Whether these jobs are."""
    return lambda: all(queue.status(key).state == "done" for key in keys)


def worker_pid(folder: Path) -> int:
    """The process that works on a job; 0 when none does."""
    if not is_held(folder / WORKER):
        return 0
    try:
        found = json.loads((folder / BEGUN).read_text())
    except (OSError, ValueError):
        return 0
    return int(found["pid"])


def kill_worker(folder: Path) -> bool:
    """kill -9 for a job's group; whether there was one."""
    pid = worker_pid(folder)
    if not pid:
        return False
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def at_work(queue: JobQueue, *keys: str) -> list[psutil.Process]:
    """The processes that were started for jobs."""
    folders = {str(queue.folder / key) for key in keys}
    return [
        found
        for found in psutil.process_iter(["cmdline"])
        if folders & {*(found.info["cmdline"] or [])} and found.status() != psutil.STATUS_ZOMBIE
    ]


@pytest.fixture
def looker(tmp_path: Path) -> Iterator[JobQueue]:
    """A queue that starts nothing, as a command line may have one."""
    queue = JobQueue(tmp_path, limit=0)
    yield queue
    queue.close()


def test_two_servers_train_every_job_once(looker: JobQueue) -> None:
    """The numbers given are one for each asking and one for each start, so they count the starts.

    Both servers are asked, for the same and for other jobs.
    """
    with serving(looker.folder, count=2, limit=2) as servers:
        imports = "from gatescope.experiments import RetentionConfig as R"
        asked = [experiment(seeds=(seed,), max_steps=40) for seed in range(3)]
        for server in servers:
            server.do(imports)
        for number, each in enumerate(asked):
            call = f"queue.submit(R(**{each.model_dump()!r}), {f'owner {number}'!r})"
            servers[number % 2].do(call)
            servers[(number + 1) % 2].do(call)
        keys = [looker.key(each) for each in asked]
        most = 0
        while not done(looker, *keys)():
            working = [found.info["cmdline"] for found in at_work(looker, *keys)]
            assert all(sum(str(looker.folder / key) in of for of in working) <= 1 for key in keys)
            assert len(working) <= 2
            most = max(most, len(working))
            time.sleep(0.1)
    assert most == 2
    assert int((looker.folder / HIDDEN / COUNTER).read_text()) == 2 * len(asked) + len(asked)
    assert len(list(looker.store.entries())) == len(asked)


def test_another_server_takes_over_and_any_process_may_stop(looker: JobQueue) -> None:
    """kill -9 for the one that tends: its worker ends, and the job goes on, with nobody looking."""
    with serving(looker.folder, count=2):
        key = looker.submit(endless())
        wait_for(lambda: looker.status(key).state == "running", "running")
        wait_for(lambda: worker_pid(looker.folder / key) > 0, "begun")
        first = psutil.Process(worker_pid(looker.folder / key))
        psutil.Process(first.ppid()).kill()
        wait_for(
            lambda: worker_pid(looker.folder / key) not in (0, first.pid), "started by the other"
        )
        assert not first.is_running() or first.status() == psutil.STATUS_ZOMBIE
        assert looker.status(key).state == "running"
        looker.stop(key)
        assert looker.status(key).state == "stopped"
        assert at_work(looker, key) == []


def test_a_worker_ends_when_its_server_died_while_it_was_imported(looker: JobQueue) -> None:
    """Its server is gone before its first line: it is told which one that was, and since when."""
    with serving(looker.folder) as (server,):
        key = looker.submit(endless())
        wait_for(lambda: bool(at_work(looker, key)), "started")
        (worker,) = at_work(looker, key)
        server.kill()
        wait_for(lambda: looker.status(key).state == "waiting", "ended")
        assert not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE


def test_a_worker_that_cannot_end_by_itself_is_ended(looker: JobQueue) -> None:
    """Stopped by a signal it outlives its server: who tends next ends it, and starts the job."""
    with serving(looker.folder, count=2) as servers:
        for server in servers:
            server.do("from gatescope.jobs import tender; tender.ORPHANED = 0.5")
        key = looker.submit(endless())
        wait_for(lambda: worker_pid(looker.folder / key) > 0, "begun")
        first = psutil.Process(worker_pid(looker.folder / key))
        first.suspend()
        psutil.Process(first.ppid()).kill()
        wait_for(
            lambda: worker_pid(looker.folder / key) not in (0, first.pid), "started by the other"
        )
        assert not first.is_running() or first.status() == psutil.STATUS_ZOMBIE


def test_a_process_is_told_from_a_later_one_of_its_number() -> None:
    """By when it began, in ticks since the machine's start: not by a clock that may be set."""
    own = began(os.getpid())
    assert own.isdecimal()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert int(began(child.pid)) >= int(own)
        child.kill()
        wait_for(lambda: began(child.pid) == "", "dead, though not buried")
    assert began(child.pid) == ""
    assert began(2**22 + 1) == ""


class Rounds:
    """Two servers over one folder, in which something is killed again and again."""

    def __init__(self, queue: JobQueue, seed: int) -> None:
        self.queue, self.dice = queue, random.Random(seed)
        self.servers = [Server(queue.folder, 2), Server(queue.folder, 2)]
        self.asked: list[RetentionConfig] = []

    def ask(self) -> None:
        """One more job, of four runs of a moment each."""
        first = 2 * len(self.asked)
        self.asked.append(
            experiment(variants=("rnn", "gru"), seeds=(first, first + 1), max_steps=150)
        )
        self.queue.submit(self.asked[-1])

    def keys(self) -> list[str]:
        """All jobs."""
        return [self.queue.key(each) for each in self.asked]

    def play(self, victim: str) -> None:
        """Kill a worker, the server that tends, or both, at some moment; then mend."""
        while sum(self.queue.status(key).state != "done" for key in self.keys()) < 2:
            self.ask()
        wait_for(
            lambda: (
                any(worker_pid(self.queue.folder / key) for key in self.keys())
                or done(self.queue, *self.keys())()
            ),
            "begun",
        )
        time.sleep(self.dice.uniform(0, 4))
        running = [key for key in self.keys() if worker_pid(self.queue.folder / key)]
        if victim in ("worker", "both") and running:
            kill_worker(self.queue.folder / self.dice.choice(running))
        if victim in ("server", "both"):
            number = self.dice.randrange(2)
            self.servers[number].kill()
            self.servers[number] = Server(self.queue.folder, 2)
        for each in self.asked:
            if self.queue.status(self.queue.key(each)).state == "failed":
                assert "died 3 times" in self.queue.status(self.queue.key(each)).fault
                self.queue.submit(each)

    def end(self) -> None:
        """Let all jobs end, but for what is given up, which is asked for again."""

        def over() -> bool:
            for each in self.asked:
                if self.queue.status(self.queue.key(each)).state == "failed":
                    self.queue.submit(each)
            return done(self.queue, *self.keys())()

        wait_for(over, "done")

    def close(self) -> None:
        """End the servers."""
        for server in self.servers:
            server.kill()


def check_runs(queue: JobQueue, asked: list[RetentionConfig]) -> None:
    """Every run is there, and is the one that is trained undisturbed, number by number."""
    for each in asked:
        for config in each.configs().values():
            run, undisturbed = queue.store.get(config), train(config)
            assert run is not None
            assert run.test_loss == undisturbed.test_loss
            assert [row.loss for row in run.history] == [row.loss for row in undisturbed.history]
            assert run.gradients == undisturbed.gradients
    assert len(list(queue.store.entries())) == sum(len(each.configs()) for each in asked)


def play(queue: JobQueue, victims: list[str], seed: int) -> None:
    """Some rounds, and what came of them."""
    rounds = Rounds(queue, seed)
    try:
        for victim in victims:
            rounds.play(victim)
        rounds.end()
    finally:
        rounds.close()
    check_runs(queue, rounds.asked)


@pytest.mark.long
def test_what_is_killed_changes_no_number(looker: JobQueue) -> None:
    """A worker and a server at once: in the end every run is what it would have been."""
    play(looker, ["both"], seed=1)


@pytest.mark.long
def test_fifty_kills_change_no_number(looker: JobQueue) -> None:
    """The same, for long."""
    dice = random.Random(2)
    play(looker, [dice.choice(["worker", "server", "both"]) for _ in range(50)], seed=3)
