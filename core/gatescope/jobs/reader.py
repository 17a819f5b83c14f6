"""What can be read of a folder of jobs, by whoever looks: where each stands, and what it found."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from gatescope.errors import say, sentence_of
from gatescope.experiments import RunStore
from gatescope.experiments.comparison import ComparisonConfig, Measured, measured_of
from gatescope.experiments.memory import Curves, from_json
from gatescope.jobs.board import KEY, Board, Record, Standing, State
from gatescope.jobs.errors import JobError
from gatescope.jobs.files import (
    MEASURED,
    MEASURES,
    PROGRESS,
    read,
    read_bytes,
    read_fault,
    seconds,
    whole,
)
from gatescope.jobs.kinds import Experiment
from gatescope.jobs.settings import experiment_of, total_of
from gatescope.training import Run, TrainConfig

E = TypeVar("E")
SELDOM = 0.5
"""Seconds between two looks at all jobs, however often somebody asks for one."""

LETTERS = 60
"""Of a key that is no job's, in a sentence."""


@dataclass(frozen=True)
class JobStatus:
    """Where a job stands.

    Attributes
    ----------
    key
        Its name: the hash of its experiment.
    state
        ``waiting``, ``running``, ``done``, ``stopped`` or ``failed``.
    done, total
        Runs that are finished, and runs in all.
    seconds_left
        Time to go at the pace so far; None while that is unknown.
    ahead
        How many jobs have their turn before this one.
    fault
        Why it failed; empty otherwise.
    """

    key: str
    state: State
    done: int
    total: int
    seconds_left: float | None = None
    ahead: int = 0
    fault: str = ""


class JobReader:
    """The jobs of a folder, as every process over it sees them.

    Parameters
    ----------
    folder
        Where they are.
    store
        Where their runs are.
    """

    def __init__(self, folder: Path, store: RunStore) -> None:
        self.folder, self.store = folder, store
        self.board = Board(folder)
        self._looked: tuple[float, Standing] | None = None

    def has(self, key: str) -> bool:
        """Whether there is such a job."""
        return bool(KEY.fullmatch(key)) and self.board.record(key) is not None

    def owners(self, key: str) -> frozenset[str]:
        """Who asked for a job; nobody where that is not known."""
        return frozenset(self._record(key).owners)

    def status(self, key: str) -> JobStatus:
        """Where a job stands.

        Raises
        ------
        JobError
            When there is no such job, or its experiment cannot be read.
        """
        standing = self._look()
        record = self._record(key)
        return self._status(record, standing)

    def jobs(self) -> list[JobStatus]:
        """All jobs, the oldest first; one that cannot be read has failed."""
        standing, found = self._look(), []
        for record in standing.records.values():
            try:
                found.append(self._status(record, standing))
            except JobError as error:
                found.append(JobStatus(record.key, "failed", 0, 0, fault=sentence_of(error)))
        return found

    def experiment(self, key: str, kind: type[E]) -> E:
        """What a job was asked to do.

        Raises
        ------
        JobError
            When it cannot be read, or is of another kind.
        """
        found, _ = self._read(key)
        if not isinstance(found, kind):
            raise JobError(
                say("job_of_another_kind", key=key, kind=type(found).__name__, wanted=kind.__name__)
            )
        return found

    def finished(self, key: str) -> dict[Any, TrainConfig]:
        """Which of a job's runs are in the store by now, as its experiment names them."""
        return self.store.finished(self._read(key)[1])

    def left(self, key: str) -> list[TrainConfig]:
        """The settings of those of a job's runs that are not in the store yet, in order."""
        configs = self._read(key)[1]
        done = self.store.finished(configs)
        return [config for name, config in configs.items() if name not in done]

    def training(self, key: str) -> list[Run]:
        """Those of a job's runs that were begun and are not finished, as far as they are."""
        return self.store.training(self._read(key)[1].values())

    def measured(self, key: str) -> Curves:
        """What a job that measures a run's memory has found.

        Raises
        ------
        JobError
            When it has found nothing yet, or what it found is damaged.
        """
        self._record(key)
        try:
            return from_json(read_bytes(self.folder / key / MEASURES))[1]
        except OSError as error:
            raise JobError(say("job_measured_nothing", key=key)) from error
        except Exception as error:
            raise JobError(say("job_measured_damaged", key=key)) from error

    def beforehand(self, key: str) -> Measured:
        """What a comparison's job measured before it trained; nothing where it has not yet."""
        experiment = self.experiment(key, ComparisonConfig)
        try:
            return measured_of(experiment, read_bytes(self.folder / key / MEASURED))
        except (OSError, ValueError):
            return Measured()

    def _aside(self, key: str) -> str:
        """Why this process has set a job aside; empty where it has not."""
        return ""

    def _status(self, record: Record, standing: Standing) -> JobStatus:
        key, folder = record.key, self.folder / record.key
        said, total = read(folder / PROGRESS), total_of(folder)
        state, fault = self.board.state(record), ""
        aside = self._aside(key)
        if state == "waiting" and aside:
            state, fault = "failed", aside
        elif state == "failed":
            fault = read_fault(folder) or say("job_why_unknown")
        return JobStatus(
            key,
            state,
            done=total if state == "done" else whole(said.get("done"), total) or 0,
            total=total,
            seconds_left=seconds(said.get("seconds_left")) if state == "running" else None,
            ahead=standing.line.index(key) if key in standing.line else 0,
            fault=fault,
        )

    def _look(self) -> Standing:
        """All jobs, as they stood a moment ago."""
        looked = self._looked
        if looked is None or time.monotonic() - looked[0] > SELDOM:
            self._looked = looked = time.monotonic(), self.board.standing()
        return looked[1]

    def _read(self, key: str) -> tuple[Experiment, Mapping[Any, TrainConfig]]:
        return experiment_of(self.folder / self._record(key).key)

    def _record(self, key: str) -> Record:
        record = self.board.record(key) if KEY.fullmatch(key) else None
        if record is None:
            short = key if len(key) <= LETTERS else f"{key[:LETTERS]}…"
            raise JobError(say("job_unknown", key=short))
        return record
