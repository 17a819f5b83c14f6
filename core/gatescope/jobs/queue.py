"""A queue of experiments: a bounded number at a time, the rest waiting in sight.

Any number of processes may open queues on one folder: all of them ask, stop and look; one of them
at a time starts what is asked for.
"""

import atexit
import hashlib
import math
import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from gatescope.errors import say, sentence_of
from gatescope.experiments import RunStore
from gatescope.experiments.cluster import require_address
from gatescope.jobs import cost
from gatescope.jobs.asking import ask, withdraw
from gatescope.jobs.board import KEY_LENGTH, Record, Standing
from gatescope.jobs.errors import JobError
from gatescope.jobs.files import RUNS, STOPPED, WORKER, make_folder, write
from gatescope.jobs.kinds import Experiment, MemoryOf, key_text, to_text
from gatescope.jobs.limits import Limits
from gatescope.jobs.lock import holding, wait_until_free
from gatescope.jobs.processes import kill_group
from gatescope.jobs.reader import SELDOM, JobReader, JobStatus
from gatescope.jobs.tender import HIDDEN, SHORT, Tender, next_number, reason, write_number
from gatescope.training import RunError

__all__ = ["JobError", "JobQueue", "JobStatus"]

DEATH_THROES = 10.0
"""Seconds in which a process that was killed must be gone."""


class JobQueue(JobReader):
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
        where = Path(folder).resolve()
        try:
            super().__init__(where, RunStore(where / RUNS))
        except RunError as error:
            raise JobError(sentence_of(error)) from error
        with suppress(OSError):  # whoever only looks needs no more than to read
            (self.folder / HIDDEN).mkdir(exist_ok=True)
        self.limits, self.limit, self.workers = limits, limit, workers
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
        self._tended = -math.inf

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
            if record.end == "done" and self._lacks(key, experiment):
                record = replace(record, end="stopped")  # it goes on
            mine = standing.active(owner)
            if record.end != "done" and key not in mine:
                self.limits.require_room(owner, len(mine))
                self.require_disk(owner)
            number = next_number(self.folder / HIDDEN, standing)
            ask(self.folder / key, record, text, owner, number)
            write_number(self.folder / HIDDEN, number)
        self._tender.forgive(key)
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

    def require_disk(self, owner: str) -> None:
        """Refuse what would be written for an owner with a name where too little of the disk is
        left.

        Raises
        ------
        JobError
            When it is.
        OSError
            When there is no such folder.
        """
        if owner:
            self.limits.require_disk(shutil.disk_usage(self.folder).free)

    def estimate(self, experiment: Experiment) -> float:
        """Seconds that an experiment would train for at most; finished runs take none."""
        return cost.estimate(experiment, self.store) / self.workers

    @staticmethod
    def key(experiment: Experiment) -> str:
        """The key that an experiment's job has, or would have."""
        return hashlib.sha256(key_text(experiment).encode()).hexdigest()[:KEY_LENGTH]

    def tend(self) -> bool:
        """Start what waits while there is room; call it now and then.

        Returns
        -------
        bool
            Whether this process is the one of those over the folder that starts jobs.
        """
        tends = self._tender.tend()
        self._looked, self._tended = None, time.monotonic()
        return tends

    def keep_tending(self, every: float = SELDOM, *, spare: bool = False) -> None:
        """Tend from now on, with nobody looking, and take over when another process dies.

        Parameters
        ----------
        every
            Seconds from one time to the next.
        spare
            Whether a process waits for the next job, so that it begins at once.
        """
        if self._thread is not None:
            return
        self._tender.keeps_spare = spare
        self._closed.clear()

        def go_on() -> None:
            while not self._closed.wait(every):
                self._tender.tend()

        self._tender.tend()
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

    def close(self) -> None:
        """End every process that was started here; the jobs wait for the next queue."""
        self._closed.set()
        atexit.unregister(self.close)
        if self._thread is not None:
            self._thread.join(DEATH_THROES)
            self._thread = None
        self._tender.close()

    def remove(self, key: str) -> None:
        """Forget a job, and end its process; its runs stay in the store.

        Raises
        ------
        JobError
            When there is no such job, or its folder cannot be written. A full disk is no hindrance.
        """
        record, gone = self._record(key), self.folder / f".{key}-removed"
        with self.writing():
            shutil.rmtree(gone, ignore_errors=True)
            (self.folder / key).rename(gone)  # so that nobody starts it again meanwhile
        if not self._tender.end(key):
            kill_group(record.pid, record.since)
        self._looked = None
        try:
            gone.unlink() if gone.is_symlink() else shutil.rmtree(gone)
        except OSError as error:
            raise JobError(say("job_not_removed", key=key, reason=reason(error))) from error

    def _lacks(self, key: str, experiment: Experiment) -> bool:
        """Whether what a finished job has found is there no more."""
        if isinstance(experiment, MemoryOf):
            try:
                self.measured(key)
            except JobError:
                return True
        configs = experiment.configs()
        return len(self.store.finished(configs)) < len(configs)

    def _aside(self, key: str) -> str:
        return self._tender.fault(key)

    def _look(self) -> Standing:
        if self._thread is None and time.monotonic() - self._tended > SELDOM:
            self.tend()
        return super()._look()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Change what stands in the folder, one process at a time."""
        try:
            make_folder(self.folder / HIDDEN)
            with holding(self.folder / HIDDEN / SHORT):
                yield
        except OSError as error:
            raise JobError(
                say("jobs_not_written", folder=self.folder, reason=reason(error))
            ) from error

    def _end_process(self, key: str) -> None:
        """Kill a job's process, whoever started it."""
        if not self._tender.end(key):
            record = self.board.record(key)
            if record is not None and self.board.runs(key):
                kill_group(record.pid, record.since)
                wait_until_free(self.folder / key / WORKER, DEATH_THROES)
