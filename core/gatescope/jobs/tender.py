"""The one process that starts jobs: of all that look after a folder, the one that holds its lock.

When it dies its workers end by themselves, the kernel frees the lock, and whichever process looks
next goes on.
"""

import math
import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from gatescope.errors import joined, say, sentence_of
from gatescope.jobs.asking import adopt
from gatescope.jobs.board import Board, Standing
from gatescope.jobs.deaths import MOST_DEATHS, count_death
from gatescope.jobs.errors import JobError
from gatescope.jobs.files import CLOCK, MEASURED, make_folder, whole, write, write_fault
from gatescope.jobs.limits import Limits
from gatescope.jobs.lock import FileLock, holding
from gatescope.jobs.processes import kill_group
from gatescope.jobs.spare import Spare
from gatescope.jobs.workers import Worker, start

HIDDEN, TENDER, SHORT, COUNTER = ".queue", "tender.lock", "short.lock", "counter"
ASIDE = 30.0
"""Seconds after which what could not be started is tried again."""

ORPHANED = 10.0
"""Seconds in which a job's process ends by itself when its server is gone; one that does not, as it
was stopped by a signal or hangs, is killed."""

SPARE_AFTER = 4.0
"""Seconds after a job has begun in which no process is made ready for the next one: the first of
what it shows should come at once."""

CLOCK_EVERY = 5.0
"""Seconds between two writings of how long a job has run."""


class Tender:
    """Starts jobs in turn, and looks after their processes.

    Parameters
    ----------
    board
        The jobs.
    limit, workers, scheduler, limits
        As in `JobQueue`.
    finished
        How many runs of a job are finished, by its key; raises `JobError` when its experiment
        cannot be read.
    """

    def __init__(
        self,
        board: Board,
        *,
        limit: int,
        workers: int,
        scheduler: str | None,
        limits: Limits,
        finished: Callable[[str], int],
    ) -> None:
        self.board, self.limit, self.limits = board, limit, limits
        self._how = workers, scheduler
        self._finished = finished
        self.hidden = board.folder / HIDDEN
        self._faults: dict[str, tuple[float, str]] = {}
        self._adopted = False
        self._orphans: dict[str, float] = {}
        self._workers: dict[str, Worker] = {}
        self._clocks: dict[str, float] = {}
        self.keeps_spare = False
        self._spare: Spare | None = None
        self._started = -math.inf
        self._one = threading.RLock()
        self._tender = FileLock(self.hidden / TENDER)

    def tend(self) -> bool:
        """Bury what died, end what ran too long, start what is on; whether this process does so."""
        with self._one:
            if not self._tends():
                return False
            parts = (self._adopt, self._bury, self._look_at_clocks, self._start_next)
            for part in (*parts, self._make_spare):
                with suppress(OSError, JobError):  # a folder that is full now may be so no more
                    part()
            return True

    def _tends(self) -> bool:
        """Whether this process holds the lock; it takes that if it is free."""
        if self.limit < 1:
            return False
        if not self._tender.is_there:  # somebody cleared the folder: others may tend by now
            self._tender.let_go()
        try:
            make_folder(self.hidden)
            return self._tender.take()
        except OSError:
            return False

    def fault(self, key: str) -> str:
        """Why a job is set aside for a while, where that could not be written in its folder."""
        when, why = self._faults.get(key, (-math.inf, ""))
        return why if time.monotonic() - when < ASIDE else ""

    def forgive(self, key: str) -> None:
        """Try a job again that was set aside."""
        self._faults.pop(key, None)

    def end(self, key: str) -> bool:
        """End a job's process if this one has started it; whether it had."""
        with self._one:
            worker = self._workers.pop(key, None)
            self._clocks.pop(key, None)
        if worker is not None:
            worker.end()
        return worker is not None

    def close(self) -> None:
        """End all that was started here, and let another process tend."""
        with self._one:
            for key in list(self._workers):
                self.end(key)
            spare = self._take_spare()
            if spare is not None:
                spare.end()
            self._tender.let_go()

    def _start_next(self) -> None:
        standing = self.board.standing()
        self._end_orphans(standing)
        if standing.line and len(standing.running) < self.limit:
            with holding(self.hidden / SHORT):
                self._start(self.board.standing())

    def _end_orphans(self, standing: Standing) -> None:
        """End processes that this one has not started, and that did not end with their server."""
        now, strange = time.monotonic(), standing.running - self._workers.keys()
        self._orphans = {key: self._orphans.get(key, now) for key in strange}
        for key, since in self._orphans.items():
            if now - since > ORPHANED:
                record = standing.records[key]
                kill_group(record.pid, record.since)

    def _start(self, standing: Standing) -> None:
        room = self.limit - len(standing.running)
        number = next_number(self.hidden, standing)
        for key in (key for key in standing.line if not self.fault(key)):
            if room < 1:
                break
            folder = self.board.folder / key
            try:
                self._finished(key)
                record = standing.records[key]
                turn = record.turn if record.resumes else number
                worker = start(folder, turn, *self._how, self._take_spare())
            except JobError as error:
                self._give_up(key, sentence_of(error))
                continue
            except OSError as error:
                self._set_aside(key, say("job_not_started", reason=reason(error)))
                continue
            number += 1
            room -= 1
            if worker is not None:
                self._workers[key], self._clocks[key] = worker, worker.seconds
                self._started = time.monotonic()
        write_number(self.hidden, number - 1)

    def _take_spare(self) -> Spare | None:
        spare, self._spare = self._spare, None
        return spare

    def _make_spare(self) -> None:
        """Have a process ready while there is room for a job."""
        if not self.keeps_spare or len(self._workers) >= self.limit:
            return
        if self._spare is not None and not self._spare.waits:
            self._spare.end()
            self._spare = None
        if self._spare is None and time.monotonic() - self._started > SPARE_AFTER:
            self._spare = Spare()

    def _bury(self) -> None:
        for key, worker in list(self._workers.items()):
            status = worker.process.poll()
            if status is None:
                continue
            del self._workers[key], self._clocks[key]
            record = self.board.record(key)
            if record is not None and record.end is None:
                self._died(key, status)

    def _died(self, key: str, status: int) -> None:
        folder = self.board.folder / key
        try:
            finished = self._finished(key) + (folder / MEASURED).exists()
            count = count_death(folder, finished)
        except JobError as error:
            self._give_up(key, sentence_of(error))
        except OSError as error:
            self._set_aside(key, say("job_not_written", reason=reason(error)))
        else:
            if count >= MOST_DEATHS:
                killed = status == -signal.SIGKILL
                why = say("job_killed" if killed else "job_died", count=count, status=status)
                self._give_up(key, why)

    def _look_at_clocks(self) -> None:
        for key, worker in list(self._workers.items()):
            ran = worker.seconds
            why = self.limits.overtime(ran)
            if why:
                self.end(key)
                self._give_up(key, why)
            elif ran - self._clocks[key] > CLOCK_EVERY:
                self._clocks[key] = ran
                with suppress(OSError):
                    write(self.board.folder / key / CLOCK, f"{ran:.1f}")

    def _give_up(self, key: str, why: str) -> None:
        try:
            write_fault(self.board.folder / key, why)
        except OSError as error:
            unwritten = say("job_not_written", reason=reason(error))
            self._set_aside(key, joined([why, unwritten]))

    def _set_aside(self, key: str, why: str) -> None:
        self._faults[key] = time.monotonic(), why

    def _adopt(self) -> None:
        """Number the jobs of versions that went by the time at which files were written."""
        if self._adopted:
            return
        with holding(self.hidden / SHORT):
            standing = self.board.standing()
            without = [record for record in standing.records.values() if not record.order]
            if without:
                number = next_number(self.hidden, standing)
                adopt(self.board.folder, without, number)
                write_number(self.hidden, number + len(without))
        self._adopted = True


def next_number(hidden: Path, standing: Standing) -> int:
    """The number after the last one that was given; a counter that is damaged begins anew there."""
    try:
        counted = whole(int((hidden / COUNTER).read_bytes()[:20]))
    except (OSError, ValueError):
        counted = None
    return max(counted or 0, standing.highest) + 1


def write_number(hidden: Path, number: int) -> None:
    """Keep the last number that was given."""
    write(hidden / COUNTER, str(number))


def reason(error: OSError) -> str:
    """What the system says, and of which file."""
    said = error.strerror or str(error)
    return f"{said}: {os.path.basename(error.filename)}" if error.filename else said
