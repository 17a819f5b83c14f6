"""The class is the experiment: one set of settings, one seed for each who joins.

A class is a folder with its settings and one empty file a seat. Seats are taken by making that
file, which only one can; each seat is a job of its own, so the queue, its bounds and the run store
hold for them as for every other experiment.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from gatescope.experiments import RetentionConfig
from gatescope.jobs.files import EXPERIMENT, read, write
from gatescope.jobs.kinds import from_said, to_text
from gatescope.jobs.queue import JobError, JobQueue
from gatescope.training import TrainConfig

CLASSES, SEAT = "classes", "seat-"
LETTERS, LENGTH = "abcdefghijkmnpqrstuvwxyz", 5
"""A class's key is read from a board: no letters that look like digits."""

MOST_SEATS = 60


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
    """

    key: str
    seats: int
    at_work: int
    done: int
    total: int


class Classroom:
    """Classes on a queue.

    Parameters
    ----------
    queue
        It trains what the seats ask for.
    """

    def __init__(self, queue: JobQueue) -> None:
        self.queue = queue
        self.folder = queue.folder / CLASSES
        self.folder.mkdir(exist_ok=True)

    def open(self, experiment: RetentionConfig) -> str:
        """Begin a class on these settings; who joins brings the seeds. Returns its key."""
        while True:
            key = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
            try:
                (self.folder / key).mkdir()
            except FileExistsError:
                continue
            write(self.folder / key / EXPERIMENT, to_text(experiment))
            return key

    def join(self, key: str) -> int:
        """Take the next free seat, and have its runs trained.

        Returns
        -------
        int
            The seat, which is its seed: 0 for the first who joins.

        Raises
        ------
        JobError
            When there is no such class, or it is full.
        """
        experiment = self._settings(key)
        for seat in range(MOST_SEATS):
            try:
                (self.folder / key / f"{SEAT}{seat}").touch(exist_ok=False)
            except FileExistsError:
                continue
            self.queue.submit(_seated(experiment, (seat,)))
            return seat
        raise JobError(f"the class {key} is full: all {MOST_SEATS} seats are taken")

    def seats(self, key: str) -> list[int]:
        """The seats that are taken."""
        self._settings(key)
        found = (self.folder / key).glob(f"{SEAT}*")
        return sorted(int(path.name.removeprefix(SEAT)) for path in found)

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

    def job(self, key: str, seat: int) -> str:
        """The key of a seat's job."""
        if seat not in self.seats(key):
            raise JobError(f"nobody has taken seat {seat} of the class {key}")
        return self.queue.key(_seated(self._settings(key), (seat,)))

    def status(self, key: str) -> ClassStatus:
        """Where the class stands."""
        settings, seats = self._settings(key), self.seats(key)
        jobs = [self.queue.key(_seated(settings, (seat,))) for seat in seats]
        states = [self.queue.status(job).state for job in jobs]
        configs = self.configs(key)
        return ClassStatus(
            key,
            seats=len(seats),
            at_work=sum(state in ("waiting", "running") for state in states),
            done=len(self.queue.store.finished(configs)),
            total=len(configs),
        )

    def configs(self, key: str) -> Mapping[tuple[str, int, int], TrainConfig]:
        """The runs of all who joined, by (variant, delay, seed)."""
        seats = tuple(self.seats(key))
        return _configs(to_text(self._settings(key)), seats) if seats else {}

    def stop(self, key: str) -> None:
        """End the work of all seats at once; finished runs stay."""
        for seat in self.seats(key):
            self.queue.stop(self.job(key, seat))

    def _settings(self, key: str) -> RetentionConfig:
        path = self.folder / key / EXPERIMENT
        if not key.isalpha() or not path.is_file():
            raise JobError(f"there is no class {key!r}: ask for its address again")
        try:
            found = from_said(read(path))
        except ValueError as error:
            raise JobError(f"the class {key} cannot be read: {error}") from error
        if not isinstance(found, RetentionConfig):
            raise JobError(f"the class {key} cannot be read: it is a {type(found).__name__}")
        return found


def _seated(settings: RetentionConfig, seats: tuple[int, ...]) -> RetentionConfig:
    """The class's settings with these seats for seeds."""
    return settings.model_copy(update={"seeds": seats})


@lru_cache(maxsize=16)
def _configs(settings: str, seats: tuple[int, ...]) -> Mapping[tuple[str, int, int], TrainConfig]:
    found = from_said(json.loads(settings))
    assert isinstance(found, RetentionConfig)
    return _seated(found, seats).configs()
