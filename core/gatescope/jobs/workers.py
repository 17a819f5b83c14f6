"""Starting and ending the process of a job."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from gatescope.jobs.files import BEGUN, CLOCK, WORKER, read_line, seconds, write
from gatescope.jobs.lock import FileLock
from gatescope.jobs.processes import began, kill_group
from gatescope.jobs.spare import Spare

MODULE = "gatescope.jobs.worker"


@dataclass
class Worker:
    """A process that was started for a job.

    Attributes
    ----------
    process
        It.
    ran
        For how many seconds the job had run before.
    start
        When this process was started, by a clock that nobody sets.
    """

    process: "subprocess.Popen[bytes]"
    ran: float
    start: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """For how long the job has run, in all its processes."""
        return self.ran + time.monotonic() - self.start

    def end(self) -> None:
        """Kill it with all that it has started."""
        if self.process.poll() is None:
            kill_group(self.process.pid, began(self.process.pid))
        self.process.wait()


def start(
    folder: Path, turn: int, workers: int, scheduler: str | None, spare: Spare | None = None
) -> Worker | None:
    """Start a job's process; None when one works on it already.

    The process is given the lock that it works under when it is made, so there is no moment at
    which a second one could be started.

    Parameters
    ----------
    folder
        The job's.
    turn
        The number of its turn.
    workers, scheduler
        As in `JobQueue`.
    spare
        A process that waits for a job: it is used up.

    Raises
    ------
    OSError
        When the folder cannot be written, or no process can be made.
    """
    lock = FileLock(folder / WORKER)
    if not lock.take():
        return None
    arguments = [str(folder), str(workers)]
    arguments += ["--server", str(os.getpid()), "--since", began(os.getpid())]
    arguments += ["--scheduler", scheduler] if scheduler else []
    try:
        if spare is not None and spare.begin(arguments, lock.handle):
            process = spare.process
        else:
            process = _process(arguments, lock)
    finally:
        lock.let_go()
    worker = Worker(process, seconds_before(folder))
    said = {"turn": turn, "pid": process.pid, "since": began(process.pid)}
    try:
        write(folder / BEGUN, json.dumps(said))
    except OSError:
        worker.end()
        raise
    return worker


def _process(arguments: list[str], lock: FileLock) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", MODULE, *arguments],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=(lock.handle,),
        start_new_session=True,  # a group of its own, to end it with all its workers
    )


def seconds_before(folder: Path) -> float:
    """For how long a job has run in the processes that it had."""
    try:
        return seconds(float(read_line(folder / CLOCK))) or 0.0
    except ValueError:
        return 0.0
