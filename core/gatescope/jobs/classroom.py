"""The class is the experiment: one set of settings, whose seeds the students share.

A class is a folder with its settings and one file a seat. Seats are taken by making that file,
which only one can. Each seat has one of the seeds, in turn, and each seed is a job of its own, so
the queue, its bounds and the run store hold for them as for every other experiment.
"""

import json
import os
import re
import secrets
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

from gatescope.errors import say, sentence_of
from gatescope.experiments import RetentionConfig
from gatescope.jobs.board import State
from gatescope.jobs.errors import JobError
from gatescope.jobs.files import EXPERIMENT, read, read_line, write
from gatescope.jobs.kinds import from_said, to_text
from gatescope.jobs.limits import CLASS
from gatescope.jobs.queue import JobQueue
from gatescope.jobs.settings import experiment_of
from gatescope.jobs.tender import reason
from gatescope.training import TrainConfig

CLASSES, SEAT, OPENED = "classes", "seat-", "opened.json"
LETTERS, LENGTH = "abcdefghijkmnpqrstuvwxyz", 5
"""A class's key is read from a board: no letters that look like digits."""

NAME, LONGEST = re.compile(r"[A-Za-z]{1,40}"), 60
MOST_SEATS, MOST_UNUSED = 300, 20
"""Seats of a class; classes of one owner that nobody joined yet."""

SEATS = frozenset(str(seat) for seat in range(MOST_SEATS))


def class_owner(key: str) -> str:
    """The owner that a class is among all who wait for their turn."""
    return f"{CLASS}{key}"


@dataclass(frozen=True)
class ClassStatus:
    """Where a class stands.

    Attributes
    ----------
    key
        Its name.
    seats
        How many have joined.
    at_work
        Seats whose runs are not finished, and which were not stopped.
    done, total
        Runs that are finished, and runs of all who joined.
    fault
        Why it cannot be read; empty otherwise.
    """

    key: str
    seats: int
    at_work: int
    done: int
    total: int
    fault: str = ""


class Classroom:
    """Classes on a queue.

    Parameters
    ----------
    queue
        It trains what the seats ask for; a class is one owner among those who wait for their turn.
    """

    def __init__(self, queue: JobQueue) -> None:
        self.queue = queue
        self.folder = queue.folder / CLASSES
        with suppress(OSError):  # whoever only looks needs no more than to read
            self.folder.mkdir(exist_ok=True)

    def open(self, experiment: RetentionConfig, owner: str = "") -> str:
        """Begin a class on these settings; who joins takes one of its seeds.

        Parameters
        ----------
        experiment
            What all do together; each who joins with one of its seeds.
        owner
            Who opens it, and alone may stop it; nobody in particular leaves that to everybody.

        Returns
        -------
        str
            Its key.

        Raises
        ------
        JobError
            When one seat's job would take too long, as many of the owner's classes are at work as
            they may have jobs, or the folder cannot be written.
        """
        if owner:
            self.queue.require_affordable(_seated(experiment, (0,)))
            own = self._own(owner)
            self.queue.limits.require_class(sum(self.status(each).at_work > 0 for each in own))
        with self.queue.writing():
            self.queue.require_disk(owner)
            if owner:
                self._forget_unused(own)
            self.folder.mkdir(exist_ok=True)
            while True:
                key = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
                try:
                    (self.folder / key).mkdir()
                except FileExistsError:
                    continue
                write(self.folder / key / OPENED, json.dumps({"owner": owner}))
                write(self.folder / key / EXPERIMENT, to_text(experiment))
                return key

    def join(self, key: str, browser: str = "") -> int:
        """Take a seat, and have its runs trained.

        Parameters
        ----------
        key
            The class.
        browser
            Who joins: who has a seat already is given that one again. Nobody in particular takes
            the next free one.

        Returns
        -------
        int
            The seat: 0 for the first who joins.

        Raises
        ------
        JobError
            When there is no such class, it is full, or the folder cannot be written.
        """
        experiment = self._settings(key)
        with self.queue.writing():
            seat = self._seat(key, browser)
        asked = _seated(experiment, (seat,))
        job = self.queue.key(asked)  # another seat may have the same one
        if not self.queue.has(job) or class_owner(key) not in self.queue.owners(job):
            self.queue.submit(asked, class_owner(key))
        return seat

    def _seat(self, key: str, browser: str) -> int:
        """The seat that a browser has, or the next free one, which it has from now on."""
        taken = {seat: read_line(self.folder / key / f"{SEAT}{seat}") for seat in self.seats(key)}
        for seat, who in taken.items():
            if browser and who == browser:
                return seat
        free = next((seat for seat in range(MOST_SEATS) if seat not in taken), None)
        if free is None:
            raise JobError(say("class_full", key=key, most=MOST_SEATS))
        write(self.folder / key / f"{SEAT}{free}", browser)
        return free

    def seats(self, key: str) -> list[int]:
        """The seats that are taken."""
        self._settings(key)
        names = (path.name.removeprefix(SEAT) for path in (self.folder / key).glob(f"{SEAT}*"))
        return sorted(int(name) for name in names if name in SEATS)

    def owner(self, key: str) -> str:
        """Who opened a class; empty where that is nobody in particular."""
        self._settings(key)
        owner = read(self.folder / key / OPENED).get("owner")
        return owner if isinstance(owner, str) else ""

    def may_stop(self, key: str, owner: str | None) -> bool:
        """Whether somebody may stop a class: who opened it, or None, who serves it."""
        return owner is None or self.owner(key) in ("", owner)

    def experiment(self, key: str) -> RetentionConfig:
        """What all who joined do together; before anybody has, the settings with their own seeds.

        Raises
        ------
        JobError
            When there is no such class, or it cannot be read.
        """
        seats = self.seats(key)
        settings = self._settings(key)
        return _seated(settings, tuple(seats)) if seats else settings

    def seed(self, key: str, seat: int) -> int:
        """A seat's seed."""
        return self._of_seat(key, seat).seeds[0]

    def job(self, key: str, seat: int) -> str:
        """The key of a seat's job, which all with its seed have in common."""
        return self.queue.key(self._of_seat(key, seat))

    def _of_seat(self, key: str, seat: int) -> RetentionConfig:
        """What a seat's job does."""
        if seat not in self.seats(key):
            raise JobError(say("seat_not_taken", seat=seat, key=key))
        return _seated(self._settings(key), (seat,))

    def status(self, key: str) -> ClassStatus:
        """Where the class stands."""
        settings, seats = self._settings(key), self.seats(key)
        jobs = [self.queue.key(_seated(settings, (seat,))) for seat in seats]
        states = {job: self._state(job) for job in set(jobs)}
        configs = self.configs(key)
        return ClassStatus(
            key,
            seats=len(seats),
            at_work=sum(states[job] in ("waiting", "running") for job in jobs),
            done=len(self.queue.store.finished(configs)),
            total=len(configs),
        )

    def classes(self) -> list[ClassStatus]:
        """Where every class stands, by name; one that cannot be read has a fault."""
        found = []
        for name in self._names():
            try:
                found.append(self.status(name))
            except JobError as error:
                found.append(ClassStatus(name, 0, 0, 0, 0, fault=sentence_of(error)))
        return found

    def remove(self, key: str) -> None:
        """Forget a class, stop what nobody else wants of its work, and free its name.

        Its runs stay in the store, and its jobs in the queue.

        Raises
        ------
        JobError
            When there is nothing of that name, or it cannot be removed.
        """
        folder = self.folder / key
        if key not in self._names() or not folder.is_dir():  # a name alone, no way to elsewhere
            raise JobError(say("class_gone", key=key[:LONGEST]))
        with suppress(JobError):  # of one that cannot be read nothing works
            self.stop(key)
        try:
            shutil.rmtree(folder)
        except OSError as error:
            raise JobError(say("class_not_removed", key=key, reason=reason(error))) from error

    def _own(self, owner: str) -> list[str]:
        """An owner's classes that can be read, the latest first."""
        found = {}
        for key in self._names():
            with suppress(JobError, OSError):
                if self.owner(key) == owner:
                    found[key] = (self.folder / key / OPENED).stat().st_mtime_ns
        return sorted(found, key=found.__getitem__, reverse=True)

    def _forget_unused(self, own: Sequence[str]) -> None:
        """Forget classes that nobody joined, but for the latest: whoever opens more and more."""
        unused = [key for key in own if not self.seats(key)]
        for key in unused[MOST_UNUSED - 1 :]:
            shutil.rmtree(self.folder / key, ignore_errors=True)

    def _names(self) -> list[str]:
        try:
            return sorted(os.listdir(self.folder))
        except OSError:
            return []

    def _state(self, job: str) -> State:
        """Where a seat's job stands; one that was removed, or is damaged, is at work no more."""
        try:
            return self.queue.status(job).state
        except JobError:
            return "stopped"

    def configs(self, key: str) -> Mapping[tuple[str, int, int], TrainConfig]:
        """The runs of all who joined, by (variant, delay, seed)."""
        seats = tuple(self.seats(key))
        return _configs(to_text(self._settings(key)), seats) if seats else {}

    def stop(self, key: str, owner: str | None = None) -> None:
        """End the work of all seats at once; finished runs stay.

        Raises
        ------
        JobError
            When there is no such class, or somebody else opened it.
        """
        if not self.may_stop(key, owner):
            raise JobError(say("class_not_yours", key=key))
        for job in {self.job(key, seat) for seat in self.seats(key)}:
            with suppress(JobError):  # removed, or its folder damaged: nothing works there
                self.queue.stop(job, class_owner(key))

    def _settings(self, key: str) -> RetentionConfig:
        if not NAME.fullmatch(key) or not (self.folder / key / EXPERIMENT).exists():
            raise JobError(say("class_unknown", key=key[:LONGEST]))
        found, _ = experiment_of(self.folder / key, called="class")
        if not isinstance(found, RetentionConfig):
            raise JobError(say("class_of_another_kind", key=key, kind=type(found).__name__))
        return found


def _seated(settings: RetentionConfig, seats: tuple[int, ...]) -> RetentionConfig:
    """The class's settings with the seeds of these seats: each has one, in turn."""
    seeds = {settings.seeds[seat % len(settings.seeds)]: None for seat in seats}
    return settings.model_copy(update={"seeds": tuple(seeds)})


@lru_cache(maxsize=16)
def _configs(settings: str, seats: tuple[int, ...]) -> Mapping[tuple[str, int, int], TrainConfig]:
    found = from_said(json.loads(settings))
    assert isinstance(found, RetentionConfig)
    return _seated(found, seats).configs()
