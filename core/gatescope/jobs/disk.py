"""What jobs, runs and classes take on disk, and how they are removed."""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISDIR

from gatescope.errors import say
from gatescope.experiments import run_key
from gatescope.jobs.board import KEY
from gatescope.jobs.classroom import CLASSES
from gatescope.jobs.errors import JobError
from gatescope.jobs.files import RUNS
from gatescope.jobs.queue import JobQueue
from gatescope.training import RunError


@dataclass(frozen=True)
class DiskUse:
    """Bytes of files, by name.

    Attributes
    ----------
    jobs, runs, classes
        Each by its key; of a job its own folder, without its runs, which jobs may share.
    other
        All else in the folder.
    """

    jobs: dict[str, int]
    runs: dict[str, int]
    classes: dict[str, int]
    other: int

    @property
    def total(self) -> int:
        """All bytes."""
        named = (self.jobs, self.runs, self.classes)
        return self.other + sum(sum(sizes.values()) for sizes in named)


def disk_use(queue: JobQueue) -> DiskUse:
    """What a folder of jobs takes; what cannot be read takes nothing."""
    jobs, other = {}, 0
    for path in _inside(queue.folder):
        if KEY.fullmatch(path.name):
            jobs[path.name] = size_of(path)
        elif path.name not in (RUNS, CLASSES):
            other += size_of(path)
    runs = {path.name: size_of(path) for path in _inside(queue.folder / RUNS)}
    hidden = [name for name in runs if name.startswith(".")]  # in training, or set aside
    other += sum(runs.pop(name) for name in hidden)
    classes = {path.name: size_of(path) for path in _inside(queue.folder / CLASSES)}
    return DiskUse(jobs, runs, classes, other)


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files below a folder; links are not followed.

    What goes away meanwhile, or cannot be read, takes nothing.
    """
    try:
        status = path.lstat()
    except OSError:
        return 0
    return sum(map(size_of, _inside(path))) if S_ISDIR(status.st_mode) else status.st_size


def remove_run(queue: JobQueue, key: str) -> None:
    """Remove a finished run.

    Raises
    ------
    JobError
        When there is none, a job that waits or runs has it, or it cannot be removed.
    """
    for job in queue.jobs():
        if job.state in ("waiting", "running") and key in _runs_of(queue, job.key):
            raise JobError(say("job_works_with_run", job=job.key, run=key))
    try:
        queue.store.remove(key)
    except (RunError, OSError) as error:
        raise JobError(say("run_not_removed", key=key, reason=error)) from error


def _runs_of(queue: JobQueue, key: str) -> set[str]:
    try:
        return {run_key(config) for config in queue.finished(key).values()}
    except JobError:  # a job that cannot be read has none that are known
        return set()


def _inside(folder: Path) -> Iterator[Path]:
    with suppress(OSError):
        yield from map(Path, sorted(entry.path for entry in os.scandir(folder)))
