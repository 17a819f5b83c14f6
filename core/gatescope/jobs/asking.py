"""Who asks for a job: written down with the number of their asking, and crossed out again."""

import json
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from gatescope.errors import say
from gatescope.jobs.board import Record
from gatescope.jobs.errors import JobError
from gatescope.jobs.files import (
    ASKED,
    CLOCK,
    DEATHS,
    DONE,
    EXPERIMENT,
    FAILED,
    STOPPED,
    read_bytes,
    set_aside,
    write,
)


def ask(folder: Path, record: Record, text: str, owner: str, number: int) -> None:
    """Write down that somebody asks for a job.

    Parameters
    ----------
    folder
        The job's; it is made when it is missing.
    record
        What it says so far.
    text
        The experiment, as `to_text` has it.
    owner, number
        Who asks, and the number of their asking.

    Raises
    ------
    OSError
        When the folder cannot be written.
    """
    new, again = not (folder / EXPERIMENT).exists(), record.end in ("stopped", "failed")
    folder.mkdir(exist_ok=True)
    owners = {} if again else dict(record.owners)
    owners.setdefault(owner, number)
    order = number if new or again else record.order or number
    write(folder / ASKED, json.dumps({"order": order, "owners": owners}))
    if not _holds(folder / EXPERIMENT, text):
        write(folder / EXPERIMENT, text)
    if new or again:
        for name in (DEATHS, CLOCK, DONE, FAILED, STOPPED):
            remove(folder / name)


def withdraw(folder: Path, record: Record, owner: str | None) -> bool:
    """Cross somebody out who does not want a job any more.

    Returns
    -------
    bool
        Whether nobody else wants it; who asked for it last stays its owner. For None nobody does.

    Raises
    ------
    JobError
        When it is not theirs.
    OSError
        When the folder cannot be written.
    """
    if owner is None or not record.owners:
        return True
    if owner not in record.owners:
        raise JobError(say("job_not_yours", key=record.key))
    others = {each: number for each, number in record.owners.items() if each != owner}
    if others and record.end is None:
        write(folder / ASKED, json.dumps({"order": record.order, "owners": others}))
    return not others


def adopt(folder: Path, records: Iterable[Record], number: int) -> None:
    """Number jobs that have none, the oldest first, by when their experiments were written.

    Parameters
    ----------
    folder
        That of all jobs.
    records
        Those without numbers.
    number
        The first number to give.
    """
    jobs = [folder / record.key for record in records]
    jobs.sort(key=lambda job: (_written(job / EXPERIMENT), job.name))
    for place, job in enumerate(jobs):
        write(job / ASKED, json.dumps({"order": number + place, "owners": {}}))


def _written(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def remove(path: Path) -> None:
    """Remove a file; a folder in its place is set aside."""
    with suppress(FileNotFoundError):
        try:
            path.unlink()
        except (IsADirectoryError, PermissionError):
            set_aside(path)


def _holds(path: Path, text: str) -> bool:
    try:
        return read_bytes(path) == text.encode()
    except OSError:
        return False
