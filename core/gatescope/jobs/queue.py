"""A queue of experiments: a bounded number at a time, the rest waiting in sight."""

import hashlib
import math
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, TypeVar

from gatescope.experiments import RunStore
from gatescope.experiments.comparison import ComparisonConfig, Measured, measured_of
from gatescope.experiments.memory import Curves, from_json
from gatescope.jobs.files import (
    DONE,
    EXPERIMENT,
    FAILED,
    MEASURED,
    MEASURES,
    PROGRESS,
    RUNS,
    STOPPED,
    read,
    write,
)
from gatescope.jobs.kinds import Experiment, from_said, to_text
from gatescope.training import Run, TrainConfig

E = TypeVar("E")
State = Literal["waiting", "running", "done", "stopped", "failed"]
KEY_LENGTH = 12
DEATHS = "deaths"
SELDOM = 0.5
"""Seconds between two looks at all jobs, however often somebody asks for one."""

MOST_DEATHS = 3
"""A job whose process is killed so often is given up."""


class JobError(ValueError):
    """A job that does not exist, or cannot be read; the message says which."""


@dataclass(frozen=True)
class JobStatus:
    """Where a job stands.

    Attributes
    ----------
    key
        Its name: the hash of its experiment.
    state
        ``waiting``, ``running``, ``done``, ``stopped`` or ``failed``.
    done, total
        Runs that are finished, and runs in all.
    seconds_left
        Time to go at the pace so far; None while that is unknown.
    ahead
        How many jobs wait before this one.
    fault
        Why it failed; empty otherwise.
    """

    key: str
    state: State
    done: int
    total: int
    seconds_left: float | None = None
    ahead: int = 0
    fault: str = ""


class JobQueue:
    """Experiments in processes of their own, each experiment once.

    Parameters
    ----------
    folder
        Where jobs and their runs are kept. A queue that is opened on a folder of an earlier one
        goes on with what that one left undone.
    limit
        Jobs that run at the same time.
    workers
        Training processes of one job.
    """

    def __init__(self, folder: str | os.PathLike[str], *, limit: int = 1, workers: int = 1) -> None:
        self.folder = Path(folder).resolve()
        self.store = RunStore(self.folder / RUNS)
        self.limit, self.workers = limit, workers
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._lock = threading.Lock()
        self._line: list[str] = []  # what waited when the queue was last tended
        self._tended = -math.inf

    def submit(self, experiment: Experiment) -> str:
        """Ask for an experiment; one that was asked for before is joined, or goes on.

        Returns
        -------
        str
            The job's key.
        """
        key, text = self.key(experiment), to_text(experiment)
        folder = self.folder / key
        folder.mkdir(exist_ok=True)
        if not (folder / EXPERIMENT).exists():
            write(folder / EXPERIMENT, text)
        for name in (STOPPED, FAILED, DEATHS):
            (folder / name).unlink(missing_ok=True)
        self.tend()
        return key

    @staticmethod
    def key(experiment: Experiment) -> str:
        """The key that an experiment's job has, or would have."""
        return hashlib.sha256(to_text(experiment).encode()).hexdigest()[:KEY_LENGTH]

    def has(self, key: str) -> bool:
        """Whether there is such a job."""
        return (self.folder / key / EXPERIMENT).is_file()

    def tend(self) -> None:
        """Start what waits while there is room; call it now and then."""
        with self._lock:
            for key, process in list(self._running.items()):
                if process.poll() is not None:
                    del self._running[key]
                    self._ended(key, process.returncode)
            self._line = [key for key in self._keys() if self._state(key) == "waiting"]
            while self._line and len(self._running) < self.limit:
                key = self._line.pop(0)
                self._running[key] = self._start(key)
            self._tended = time.monotonic()

    def stop(self, key: str) -> None:
        """End a job at once; its finished runs stay."""
        folder = self._folder(key)
        with self._lock:
            if not (folder / DONE).exists():
                write(folder / STOPPED, "")
            process = self._running.pop(key, None)
        if process is not None:
            _kill(process)
        self.tend()

    def close(self) -> None:
        """End every process; the jobs wait for the next queue on this folder."""
        with self._lock:
            for process in self._running.values():
                _kill(process)
            self._running.clear()

    def status(self, key: str) -> JobStatus:
        """Where a job stands."""
        folder = self._folder(key)
        if time.monotonic() - self._tended > SELDOM:
            self.tend()
        said = read(folder / PROGRESS)
        total = len(self._read(key)[1]) or 1  # what trains nothing is one piece of work
        done = total if (folder / DONE).exists() else int(said.get("done", 0))
        with self._lock:
            state = self._state(key)
            ahead = self._line.index(key) if key in self._line else 0
        left = said.get("seconds_left") if state == "running" else None
        fault = ""
        if state == "failed":
            fault = (folder / FAILED).read_text(encoding="utf-8")
        return JobStatus(key, state, done, total, left, ahead, fault)

    def jobs(self) -> list[JobStatus]:
        """All jobs, the oldest first; one that cannot be read has failed."""
        found = []
        for key in self._keys():
            try:
                found.append(self.status(key))
            except JobError as error:
                found.append(JobStatus(key, "failed", 0, 0, fault=str(error)))
        return found

    def experiment(self, key: str, kind: type[E]) -> E:
        """What a job was asked to do.

        Raises
        ------
        JobError
            When it cannot be read, or is of another kind.
        """
        found, _ = self._read(key)
        if not isinstance(found, kind):
            raise JobError(f"the job {key} is a {type(found).__name__}, not a {kind.__name__}")
        return found

    def finished(self, key: str) -> dict[Any, TrainConfig]:
        """Which of a job's runs are in the store by now, as its experiment names them."""
        return self.store.finished(self._read(key)[1])

    def training(self, key: str) -> list[Run]:
        """Those of a job's runs that were begun and are not finished, as far as they are."""
        return self.store.training(self._read(key)[1].values())

    def measured(self, key: str) -> Curves:
        """What a job that measures a run's memory has found.

        Raises
        ------
        JobError
            When it has found nothing yet.
        """
        try:
            return from_json((self._folder(key) / MEASURES).read_bytes())[1]
        except OSError as error:
            raise JobError(f"the job {key} has measured nothing yet") from error

    def beforehand(self, key: str) -> Measured:
        """What a comparison's job measured before it trained; nothing where it has not yet."""
        experiment = self.experiment(key, ComparisonConfig)
        try:
            return measured_of(experiment, (self._folder(key) / MEASURED).read_bytes())
        except (OSError, ValueError):
            return Measured()

    def remove(self, key: str) -> None:
        """Forget a job; its runs stay in the store."""
        self.stop(key)
        shutil.rmtree(self._folder(key))

    def _read(self, key: str) -> tuple[Experiment, Mapping[Any, TrainConfig]]:
        """A job's experiment and its runs' settings."""
        path = self._folder(key) / EXPERIMENT
        try:
            return _experiment(path, path.stat().st_mtime_ns)
        except ValueError as error:
            raise JobError(f"the job {key} cannot be read: {error}") from error

    def _folder(self, key: str) -> Path:
        folder = self.folder / key
        if not key.isalnum() or not self.has(key):
            raise JobError(f"there is no job {key!r}: it was removed, or the address is incomplete")
        return folder

    def _keys(self) -> list[str]:
        found = [path.parent for path in self.folder.glob(f"*/{EXPERIMENT}")]
        return [
            folder.name
            for folder in sorted(found, key=lambda f: ((f / EXPERIMENT).stat().st_mtime, f.name))
        ]

    def _state(self, key: str) -> State:
        folder = self.folder / key
        ends: tuple[tuple[str, State], ...] = (
            (DONE, "done"),
            (FAILED, "failed"),
            (STOPPED, "stopped"),
        )
        for name, state in ends:
            if (folder / name).exists():
                return state
        return "running" if key in self._running else "waiting"

    def _start(self, key: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "gatescope.jobs.worker"]
        return subprocess.Popen(
            [*command, str(self.folder / key), str(self.workers)],
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # a group of its own, to end it with all its workers
        )

    def _ended(self, key: str, status: int) -> None:
        """A process that was killed from outside is started again, but not for ever."""
        folder = self.folder / key
        if status == 0 or not folder.is_dir() or self._state(key) != "waiting":
            return
        deaths = folder / DEATHS
        count = int(deaths.read_text()) + 1 if deaths.exists() else 1
        write(deaths, str(count))
        if count >= MOST_DEATHS:
            write(folder / FAILED, f"its process died {count} times, at last with status {status}")


@lru_cache(maxsize=256)
def _experiment(path: Path, written: int) -> tuple[Experiment, Mapping[Any, TrainConfig]]:
    """What a file tells of; ``written`` stands for its content."""
    found = from_said(read(path))
    return found, found.configs()


def _kill(process: "subprocess.Popen[bytes]") -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
