"""A queue of experiments: a bounded number at a time, the rest waiting in sight.

Any number of processes may open queues on one folder: all of them ask, stop and look; one of them
at a time starts what is asked for.
"""

import atexit
import hashlib
import os
import shutil
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from gatescope.experiments import RunStore
from gatescope.experiments.cluster import require_address
from gatescope.experiments.comparison import ComparisonConfig, Measured, measured_of
from gatescope.experiments.memory import Curves, from_json
from gatescope.jobs import cost
from gatescope.jobs.asking import ask, withdraw
from gatescope.jobs.board import KEY, KEY_LENGTH, Board, Record, Standing, State
from gatescope.jobs.errors import JobError
from gatescope.jobs.files import (
    FAILED,
    MEASURED,
    MEASURES,
    PROGRESS,
    RUNS,
    STOPPED,
    WORKER,
    read,
    read_bytes,
    read_line,
    seconds,
    whole,
    write,
)
from gatescope.jobs.kinds import Experiment, to_text
from gatescope.jobs.limits import Limits
from gatescope.jobs.lock import holding, wait_until_free
from gatescope.jobs.processes import kill_group
from gatescope.jobs.settings import experiment_of, total_of
from gatescope.jobs.tender import HIDDEN, SHORT, Tender, next_number, reason, write_number
from gatescope.training import Run, RunError, TrainConfig

E = TypeVar("E")
SELDOM = 0.5
"""Seconds between two looks at all jobs, however often somebody asks for one."""

LETTERS = 60
"""Of a key that is no job's, in a sentence."""

DEATH_THROES = 10.0
"""Seconds in which a process that was killed must be gone."""


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
        How many jobs have their turn before this one.
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
        goes on with what that one left undone; of several at the same time one starts jobs, and
        when its process dies, another.
    limit
        Jobs that run at the same time; a queue of none leaves them to other processes.
    workers
        Training processes of one job.
    limits
        What one owner, and one job, may take.
    scheduler
        The address of a Dask scheduler, as ``"tcp://host:8786"``, whose workers train; None trains
        on this machine. The cluster must see the folder under the same path.

    Raises
    ------
    JobError
        When the folder is something else, or cannot be made.
    ValueError
        When ``scheduler`` is no address.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        limit: int = 1,
        workers: int = 1,
        limits: Limits = Limits(),  # noqa: B008, it is frozen
        scheduler: str | None = None,
    ) -> None:
        if scheduler is not None:
            require_address(scheduler)
        self.folder = Path(folder).resolve()
        try:
            self.store = RunStore(self.folder / RUNS)
        except RunError as error:
            raise JobError(str(error)) from error
        with suppress(OSError):  # whoever only looks needs no more than to read
            (self.folder / HIDDEN).mkdir(exist_ok=True)
        self.limits, self.limit, self.workers = limits, limit, workers
        self.board = Board(self.folder)
        self._tender = Tender(
            self.board,
            limit=limit,
            workers=workers,
            scheduler=scheduler,
            limits=limits,
            finished=lambda key: len(self.finished(key)),
        )
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None
        self._looked: tuple[float, Standing] | None = None

    def submit(self, experiment: Experiment, owner: str = "") -> str:
        """Ask for an experiment; one that was asked for before is joined, or goes on.

        Parameters
        ----------
        experiment
            What to do.
        owner
            Who asks; nobody in particular is the server itself, for whom there are no limits.

        Returns
        -------
        str
            The job's key.

        Raises
        ------
        JobError
            When the owner has their share of jobs, the job would take too long, or the folder
            cannot be written.
        """
        key, text = self.key(experiment), to_text(experiment)
        record = self.board.record(key)
        if owner and (record is None or record.end != "done"):
            self.require_affordable(experiment)
        with self.writing():
            standing = self.board.standing()
            record = standing.records.get(key, Record(key))
            mine = standing.active(owner)
            if record.end != "done" and key not in mine:
                self.limits.require_room(owner, len(mine))
            number = next_number(self.folder / HIDDEN, standing)
            ask(self.folder / key, record, text, owner, number)
            write_number(self.folder / HIDDEN, number)
        self._tender.faults.pop(key, None)
        self.tend()
        return key

    def require_affordable(self, experiment: Experiment) -> None:
        """Refuse an experiment that would take too long.

        Raises
        ------
        JobError
            When it would.
        """
        if self.limits.seconds is not None:
            self.limits.require_affordable(self.estimate(experiment))

    def estimate(self, experiment: Experiment) -> float:
        """Seconds that an experiment would train for at most; finished runs take none."""
        return cost.estimate(experiment, self.store) / self.workers

    @staticmethod
    def key(experiment: Experiment) -> str:
        """The key that an experiment's job has, or would have."""
        return hashlib.sha256(to_text(experiment).encode()).hexdigest()[:KEY_LENGTH]

    def has(self, key: str) -> bool:
        """Whether there is such a job."""
        return bool(KEY.fullmatch(key)) and self.board.record(key) is not None

    def tend(self) -> bool:
        """Start what waits while there is room; call it now and then.

        Returns
        -------
        bool
            Whether this process is the one of those over the folder that starts jobs.
        """
        tends = self._tender.tend()
        self._looked = None
        return tends

    def keep_tending(self, every: float = SELDOM) -> None:
        """Tend from now on, with nobody looking, and take over when another process dies.

        Parameters
        ----------
        every
            Seconds from one time to the next.
        """
        if self._thread is not None:
            return
        self._closed.clear()

        def go_on() -> None:
            while not self._closed.wait(every):
                self.tend()

        self._thread = threading.Thread(target=go_on, name="gatescope-jobs", daemon=True)
        self._thread.start()
        atexit.register(self.close)

    def stop(self, key: str, owner: str | None = None) -> None:
        """End a job at once; its finished runs stay.

        Parameters
        ----------
        key
            Which.
        owner
            Who does not want it any more: it ends when nobody else wants it. None, who serves the
            jobs, ends it for all.

        Raises
        ------
        JobError
            When there is no such job, or the owner has not asked for it.
        """
        self._record(key)
        with self.writing():
            record = self._record(key)
            if not withdraw(self.folder / key, record, owner):
                return
            if record.end != "done":
                write(self.folder / key / STOPPED, "")
        self._end_process(key)
        self.tend()

    def owners(self, key: str) -> frozenset[str]:
        """Who asked for a job; nobody where that is not known."""
        return frozenset(self._record(key).owners)

    def close(self) -> None:
        """End every process that was started here; the jobs wait for the next queue."""
        self._closed.set()
        atexit.unregister(self.close)
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()
            self._thread = None
        self._tender.close()

    def status(self, key: str) -> JobStatus:
        """Where a job stands.

        Raises
        ------
        JobError
            When there is no such job, or its experiment cannot be read.
        """
        standing = self._look()
        record = self._record(key)
        return self._status(record, standing)

    def jobs(self) -> list[JobStatus]:
        """All jobs, the oldest first; one that cannot be read has failed."""
        standing, found = self._look(), []
        for record in standing.records.values():
            try:
                found.append(self._status(record, standing))
            except JobError as error:
                found.append(JobStatus(record.key, "failed", 0, 0, fault=str(error)))
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
        self._record(key)
        try:
            return from_json(read_bytes(self.folder / key / MEASURES))[1]
        except OSError as error:
            raise JobError(f"the job {key} has measured nothing yet") from error

    def beforehand(self, key: str) -> Measured:
        """What a comparison's job measured before it trained; nothing where it has not yet."""
        experiment = self.experiment(key, ComparisonConfig)
        try:
            return measured_of(experiment, read_bytes(self.folder / key / MEASURED))
        except (OSError, ValueError):
            return Measured()

    def remove(self, key: str) -> None:
        """Forget a job; its runs stay in the store."""
        self.stop(key)
        try:
            shutil.rmtree(self.folder / key)
        except OSError as error:
            raise JobError(f"the job {key} cannot be removed: {reason(error)}") from error
        self._looked = None

    def _status(self, record: Record, standing: Standing) -> JobStatus:
        key, folder = record.key, self.folder / record.key
        said, total = read(folder / PROGRESS), total_of(folder)
        state, fault = self.board.state(record), ""
        if state == "waiting" and key in self._tender.faults:
            state, fault = "failed", self._tender.faults[key]
        elif state == "failed":
            fault = read_line(folder / FAILED) or "why is not known"
        return JobStatus(
            key,
            state,
            done=total if state == "done" else whole(said.get("done"), total) or 0,
            total=total,
            seconds_left=seconds(said.get("seconds_left")) if state == "running" else None,
            ahead=standing.line.index(key) if key in standing.line else 0,
            fault=fault,
        )

    def _look(self) -> Standing:
        """All jobs, as they stood a moment ago."""
        if self._looked is None or time.monotonic() - self._looked[0] > SELDOM:
            self.tend()
            self._looked = time.monotonic(), self.board.standing()
        return self._looked[1]

    def _read(self, key: str) -> tuple[Experiment, Mapping[Any, TrainConfig]]:
        return experiment_of(self.folder / self._record(key).key)

    def _record(self, key: str) -> Record:
        record = self.board.record(key) if KEY.fullmatch(key) else None
        if record is None:
            short = key if len(key) <= LETTERS else f"{key[:LETTERS]}…"
            raise JobError(
                f"there is no job {short!r}: it was removed, or the address is incomplete"
            )
        return record

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Change what stands in the folder, one process at a time."""
        try:
            with holding(self.folder / HIDDEN / SHORT):
                yield
        except OSError as error:
            raise JobError(
                f"the folder of jobs {self.folder} cannot be written ({reason(error)}): make room "
                "there, or let this user write to it"
            ) from error

    def _end_process(self, key: str) -> None:
        """Kill a job's process, whoever started it."""
        if not self._tender.end(key):
            record = self.board.record(key)
            if record is not None and self.board.runs(key):
                kill_group(record.pid, record.since)
                wait_until_free(self.folder / key / WORKER, DEATH_THROES)
