"""What a job has on disk: its experiment, who asked for it, how far it is, and how it ended.

Every file appears whole or not at all, and no file says that a job is running: only the lock does
that its process holds. So whatever is killed, what is left on disk is true. Whatever is found in
place of a file, a directory or noise, reads as nothing.
"""

import json
import math
import os
import stat
from pathlib import Path
from typing import Any

from gatescope.errors import Sentence, parts, restored, say
from gatescope.files import write_whole

EXPERIMENT, PROGRESS, DONE, STOPPED, FAILED = (
    "experiment.json",
    "progress.json",
    "done",
    "stopped",
    "failed.txt",
)
ASKED = "asked.json"
"""Who asked for a job, each with the number of their asking."""

BEGUN = "begun.json"
"""The number of a job's turn, once it had one, and which process it was given."""

WORKER = "worker.lock"
"""Locked by a job's process as long as that lives."""

DEATHS = "deaths"
"""How often in a row its process died, and what was finished then."""

CLOCK = "clock"
"""For how many seconds a job has run, in all its processes."""

MEASURES = "measures.json"
"""What was measured, where a job measures."""

MEASURED = "measured.json"
"""What a comparison measured before it trained."""

RUNS = "runs"
"""The store that all jobs of a queue share: the same run is trained once."""

MOST_BYTES = 2**26
"""Of a job's file that is read: sequences of somebody's own may stand in its settings."""

MOST_LETTERS = 2000
"""Of a sentence that is read from a file."""

MOST_NUMBER = 2**53
"""No count that was written here is larger."""


def write(path: Path, text: str) -> None:
    """Write a small file whole or not at all; a folder in its place is set aside."""
    try:
        write_whole(path, text.encode())
    except IsADirectoryError:
        set_aside(path)
        write_whole(path, text.encode())


def make_folder(path: Path) -> None:
    """Make a folder where there is none; what stands in its place is set aside."""
    try:
        path.mkdir(exist_ok=True)
    except FileExistsError:
        set_aside(path)
        path.mkdir(exist_ok=True)


def set_aside(path: Path) -> None:
    """Rename what is damaged, so that its place is free and nothing is lost."""
    number = 1
    while (aside := path.with_name(f".{path.name}-damaged-{number}")).exists():
        number += 1
    path.rename(aside)


def read_bytes(path: Path, most: int = MOST_BYTES) -> bytes:
    """A regular file's content.

    Raises
    ------
    OSError
        When there is none, or it is larger than ``most`` bytes.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a pipe does not block
    with open(handle, "rb") as file:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(say("file_is_none", name=path.name))
        if found.st_size > most:
            raise OSError(say("file_too_large", name=path.name, size=found.st_size, most=most))
        return file.read(most + 1)


def read(path: Path) -> dict[str, Any]:
    """A file's JSON object; empty when it is missing or not one."""
    try:
        found = json.loads(read_bytes(path))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def read_line(path: Path) -> str:
    """What a small file of text says; empty when it cannot be read."""
    try:
        found = read_bytes(path).decode(errors="replace")
    except OSError:
        return ""
    return " ".join(found[:MOST_LETTERS].split())


def write_fault(folder: Path, why: str) -> None:
    """Write why a job failed: a line to read, and below it what its sentence is made from."""
    made_from = f"\n{json.dumps(parts(why))}\n" if isinstance(why, Sentence) else ""
    write(folder / FAILED, " ".join(why.split()) + made_from)


def read_fault(folder: Path) -> str:
    """Why a job failed; empty when that cannot be read."""
    try:
        found = read_bytes(folder / FAILED).decode(errors="replace").strip()
    except OSError:
        return ""
    line, _, last = found.rpartition("\n")
    try:
        made_from = json.loads(last)
    except (ValueError, RecursionError):
        made_from = None
    if not isinstance(made_from, list):  # as versions before this one wrote it
        line = found
    return restored(" ".join(line[:MOST_LETTERS].split()), made_from)


def whole(value: object, most: int = MOST_NUMBER) -> int | None:
    """A count from a file, 0 to ``most``; None where it is something else."""
    is_count = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most
    return value if is_count and isinstance(value, int) else None


def seconds(value: object) -> float | None:
    """A time from a file; None where it is something else, or longer than anything here lasts."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) and 0 <= found <= MOST_NUMBER else None
