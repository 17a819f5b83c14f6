"""All jobs of a folder as they stand on disk: what every process over it sees alike."""

import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from gatescope.jobs.files import (
    ASKED,
    BEGUN,
    DONE,
    EXPERIMENT,
    FAILED,
    STOPPED,
    WORKER,
    read,
    whole,
)
from gatescope.jobs.lock import is_held
from gatescope.jobs.processes import lives
from gatescope.jobs.turns import Waiting, order

State = Literal["waiting", "running", "done", "stopped", "failed"]

KEY_LENGTH = 12
KEY = re.compile(rf"[0-9a-f]{{{KEY_LENGTH}}}")

ENDS: tuple[tuple[str, State], ...] = ((DONE, "done"), (FAILED, "failed"), (STOPPED, "stopped"))
"""What a file says of a job by being there; the first one counts."""

SETTLED = 2_000_000_000
"""Nanoseconds after which a folder's time of change tells its changes apart."""


@dataclass(frozen=True)
class Record:
    """What a job's folder says, beside its experiment.

    Attributes
    ----------
    key
        Its name.
    order
        The number of the first asking for it; 0 in folders of versions without numbers.
    owners
        Who asked for it, each with the number of their asking.
    turn
        The number of its turn; 0 before it had one.
    pid, since
        The process that was started for it, and when that began.
    end
        How it ended; None while it waits or runs.
    """

    key: str
    order: int = 0
    owners: Mapping[str, int] = field(default_factory=dict)
    turn: int = 0
    pid: int = 0
    since: str = ""
    end: State | None = None

    @property
    def resumes(self) -> bool:
        """Whether it had its turn since it was asked for, so that it goes on where it waits."""
        return self.turn > self.order


@dataclass(frozen=True)
class Standing:
    """All jobs at a moment.

    Attributes
    ----------
    records
        Every job by its key, in the order of asking.
    running
        The keys of those that run.
    line
        The keys of those that wait, the next one first.
    """

    records: Mapping[str, Record]
    running: frozenset[str]
    line: tuple[str, ...]

    @property
    def highest(self) -> int:
        """The highest number that was given."""
        return max(
            (max(each.order, each.turn, *each.owners.values()) for each in self.records.values()),
            default=0,
        )

    def active(self, owner: str) -> list[str]:
        """The keys of an owner's jobs that wait or run."""
        open_ = self.running.union(self.line)
        return [key for key, each in self.records.items() if key in open_ and owner in each.owners]


class Board:
    """Reads the jobs of a folder; a job whose folder did not change is not read again.

    Parameters
    ----------
    folder
        Where the jobs are.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: dict[str, tuple[int, Record]] = {}

    def standing(self) -> Standing:
        """All jobs now."""
        found = [record for key in self._keys() if (record := self.record(key)) is not None]
        found.sort(key=lambda record: (record.order, record.key))
        records = {record.key: record for record in found}
        unended = [record for record in found if record.end is None]
        running = [record for record in unended if self._works(record)]
        keys = frozenset(record.key for record in running)
        turns: dict[str, int] = {}
        for record in found:
            for owner in record.owners if record.turn else ():
                turns[owner] = max(turns.get(owner, 0), record.turn)
        line = order(
            [_waiting(record) for record in unended if record.key not in keys],
            [_owners(record) for record in running],
            turns,
        )
        return Standing(records, keys, tuple(line))

    def record(self, key: str) -> Record | None:
        """What a job's folder says; None when there is no such job."""
        folder = self.folder / key
        try:
            changed = folder.stat().st_mtime_ns
            known = self._read.get(key)
            if known is not None and known[0] == changed:
                return known[1]
            names = set(os.listdir(folder))
        except OSError:
            self._read.pop(key, None)
            return None
        if EXPERIMENT not in names:
            return None
        record = _record(key, folder, names)
        if abs(time.time_ns() - changed) > SETTLED:
            self._read[key] = changed, record
        return record

    def runs(self, key: str) -> bool:
        """Whether a process works on a job, whoever started it."""
        record = self.record(key)
        return record is not None and self._works(record)

    def _works(self, record: Record) -> bool:
        """By the lock that its process holds; where that file was removed, by its process."""
        return is_held(self.folder / record.key / WORKER) or lives(record.pid, record.since)

    def state(self, record: Record) -> State:
        """Where a job stands."""
        return record.end or ("running" if self._works(record) else "waiting")

    def _keys(self) -> list[str]:
        try:
            names = os.listdir(self.folder)
        except OSError:
            return []
        return [name for name in names if KEY.fullmatch(name)]


def _record(key: str, folder: Path, names: set[str]) -> Record:
    asked = read(folder / ASKED) if ASKED in names else {}
    begun = read(folder / BEGUN) if BEGUN in names else {}
    owners = asked.get("owners")
    since = begun.get("since")
    return Record(
        key,
        order=whole(asked.get("order")) or 0,
        owners={
            owner: number
            for owner, said in (owners.items() if isinstance(owners, dict) else ())
            if (number := whole(said)) is not None
        },
        turn=whole(begun.get("turn")) or 0,
        pid=whole(begun.get("pid")) or 0,
        since=since if isinstance(since, str) else "",
        end=next((state for name, state in ENDS if name in names), None),
    )


def _waiting(record: Record) -> Waiting:
    turn = record.turn if record.resumes else 0
    return Waiting(record.key, record.owners or {"": record.order}, turn)


def _owners(record: Record) -> tuple[str, ...]:
    return tuple(record.owners) or ("",)
