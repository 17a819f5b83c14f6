"""Runs that somebody brought to a server: everybody has so much room, and places free themselves.

Each owner's runs are noted by empty files, whose times say when that owner opened them last; the
time of a run's folder says when anybody did. What has waited longest makes place.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from gatescope.errors import say
from gatescope.training import Run, save_run

NOTES = ".brought"
"""The folder, beside the runs, of who brought which."""

BESIDES = 2**16
"""Bytes of a run's folder that are neither weights nor its input, about."""


@dataclass(frozen=True)
class Room:
    """How much is kept: bytes on disk, and runs.

    Attributes
    ----------
    one, own, whole
        Bytes of one run, of all of one owner, and of all owners together.
    own_runs, runs
        Runs of one owner, and of all owners together.
    """

    one: int = 2**26
    own: int = 2**27
    whole: int = 2**31
    own_runs: int = 20
    runs: int = 1000


class Shelf:
    """Runs that were brought, in a folder that other runs may share.

    Parameters
    ----------
    folder
        Where the runs are.
    prefix
        How their names begin; other runs are left alone.
    room
        How much is kept.
    """

    def __init__(self, folder: Path, prefix: str, room: Room | None = None) -> None:
        self.folder, self.prefix, self.room = folder, prefix, room or Room()

    def put(self, key: str, run: Run, owner: str) -> None:
        """Keep a run; the same again is only opened again.

        Raises
        ------
        ValueError
            When it alone takes more than there is room for one.
        """
        size = _size_to_be(run)
        if size > self.room.one:
            raise ValueError(
                say("network_too_large", megabytes=size / 1e6, most=self.room.one / 1e6)
            )
        with self._alone():
            notes = self._notes(owner)
            notes.mkdir(parents=True, exist_ok=True)
            (notes / key).touch()
            os.utime(notes / key)
            if not (self.folder / key).exists():
                self._make_place(notes, key, size)
                save_run(run, self.folder / key)
            os.utime(self.folder / key)

    def opened(self, key: str, owner: str) -> None:
        """Note that a run was looked at; of one that is not there, or another kind, nothing is."""
        if key.startswith(self.prefix):
            for path in (self.folder / key, self._notes(owner) / key):
                with suppress(OSError):
                    os.utime(path)

    def _make_place(self, notes: Path, key: str, size: int) -> None:
        """Take away what has waited longest, first of this owner, then of all."""
        own = [note.name for note in _longest_waiting(notes.iterdir()) if note.name != key]
        own_sizes = {name: _size(self.folder / name) for name in own}
        for name in own:
            if _fits(own_sizes, size, self.room.own, self.room.own_runs):
                break
            del own_sizes[name]
            (notes / name).unlink(missing_ok=True)
            if not any(self.folder.glob(f"{NOTES}/*/{name}")):  # nobody else has it
                self._remove(name)
        runs = list(_longest_waiting(self.folder.glob(f"{self.prefix}*")))
        sizes = {run.name: _size(run) for run in runs if run.name != key}
        for name in list(sizes):
            if _fits(sizes, size, self.room.whole, self.room.runs):
                break
            del sizes[name]
            self._remove(name)
        for note in self.folder.glob(f"{NOTES}/*/*"):
            if note.name != key and not (self.folder / note.name).exists():
                note.unlink(missing_ok=True)

    def _remove(self, name: str) -> None:
        """Take a run away at once: whoever reads it meanwhile finds it whole or not at all."""
        gone = self.folder / f".{name}-gone"
        with suppress(OSError):
            (self.folder / name).rename(gone)
        shutil.rmtree(gone, ignore_errors=True)

    def _notes(self, owner: str) -> Path:
        return self.folder / NOTES / hashlib.sha256(owner.encode()).hexdigest()[:16]

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One process at a time, one thread at a time."""
        (self.folder / NOTES).mkdir(parents=True, exist_ok=True)
        with open(self.folder / NOTES / ".lock", "wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # closing the file lets go of it
            yield


def _size_to_be(run: Run) -> int:
    """Bytes of a run's folder, about."""
    weights = (each for step in run.checkpoints.values() for each in step.values())
    numbers = sum(weight.numel() * weight.itemsize for weight in weights)
    return numbers + len(str(run.config.task_options.get("data", ""))) + BESIDES


def _size(folder: Path) -> int:
    """Bytes in a run's folder; 0 where it is gone."""
    with suppress(OSError):
        return sum(path.stat().st_size for path in folder.iterdir())
    return 0


def _fits(sizes: dict[str, int], more: int, most: int, most_runs: int) -> bool:
    return len(sizes) < most_runs and sum(sizes.values()) + more <= most


def _longest_waiting(paths: Iterator[Path]) -> Iterator[Path]:
    """Paths that are still there, what was opened longest ago first."""
    times: dict[Path, int] = {}
    for path in paths:
        with suppress(OSError):
            times[path] = path.stat().st_mtime_ns
    yield from sorted(times, key=lambda path: (times[path], path.name))
