"""What jobs were asked to do, read from their files once."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from gatescope.errors import say
from gatescope.jobs.errors import JobError
from gatescope.jobs.files import EXPERIMENT, read
from gatescope.jobs.kinds import Experiment, from_said
from gatescope.training import TrainConfig

Change = tuple[int, int, int]
"""When a file was written, its size and its number: they stand for its content."""


def experiment_of(
    folder: Path, called: str = "job"
) -> tuple[Experiment, Mapping[Any, TrainConfig]]:
    """A job's experiment and its runs' settings; ``called`` is what its fault speaks of.

    Raises
    ------
    JobError
        When they cannot be read.
    """
    path = folder / EXPERIMENT
    try:
        return _experiment(path, _change(path))
    except Exception as error:
        raise JobError(
            say(
                "class_unreadable" if called == "class" else "job_unreadable",
                job=folder.name, reason=error,
            )
        ) from error  # fmt: skip


def total_of(folder: Path) -> int:
    """How many runs a job has; what trains nothing is one piece of work.

    Raises
    ------
    JobError
        When its experiment cannot be read.
    """
    path = folder / EXPERIMENT
    try:
        return _total(path, _change(path))
    except Exception as error:
        raise JobError(say("job_unreadable", job=folder.name, reason=error)) from error


def _change(path: Path) -> Change:
    found = path.stat()
    return found.st_mtime_ns, found.st_size, found.st_ino


@lru_cache(maxsize=64)
def _experiment(path: Path, change: Change) -> tuple[Experiment, Mapping[Any, TrainConfig]]:
    found = from_said(read(path))
    return found, found.configs()


@lru_cache(maxsize=20_000)
def _total(path: Path, change: Change) -> int:
    return len(_experiment(path, change)[1]) or 1
