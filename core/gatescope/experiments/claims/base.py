"""What a claim is: a budget, what it measures, and its parts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pandas as pd

from gatescope.errors import say
from gatescope.experiments.claims.judging import Part, Verdict, verdict_of
from gatescope.experiments.claims.rows import COLUMNS, Rows
from gatescope.experiments.variants import split_variant
from gatescope.training import Run, TrainConfig


class Place(NamedTuple):
    """Which run of a claim: the variant, the value of what is varied, and the seed."""

    line: str
    at: int
    seed: int


@dataclass(frozen=True)
class Budget:
    """What is trained, and for how long.

    Attributes
    ----------
    task, options
        A key of ``gatescope.TASKS`` and those of its options that stay the same.
    option, values
        The option that is varied, and its values.
    variants
        ``cell`` or ``cell:initialization``, as ``"lstm:chrono"``.
    seeds
        One run each.
    own_seeds
        By value: the seeds that it has instead. Networks that start from the same seed share what
        is drawn for them, so values that are to be independent have different ones.
    settings
        Of `TrainConfig`, the same for all runs.
    own
        By variant: settings that it alone has.
    """

    task: str
    option: str
    values: tuple[int, ...]
    variants: tuple[str, ...]
    seeds: tuple[int, ...]
    settings: Mapping[str, Any]
    options: Mapping[str, Any] = field(default_factory=dict)
    own: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    own_seeds: Mapping[int, tuple[int, ...]] = field(default_factory=dict)

    def seeds_of(self, at: int) -> tuple[int, ...]:
        """The seeds at a value of what is varied."""
        return self.own_seeds.get(at, self.seeds)

    def config(self, place: Place) -> TrainConfig:
        """One run's settings."""
        cell, initialization = split_variant(place.line)
        chosen = {**self.settings, **self.own.get(place.line, {})}
        return TrainConfig(
            task=self.task,
            task_options={**self.options, self.option: place.at},
            cell=cell,
            initialization=initialization,
            seed=place.seed,
            **chosen,
        )

    def places(self) -> dict[str, Place]:
        """Every run by its label, ``variant/value/seed``; short sequences first."""
        return {
            f"{line}/{at}/{seed}": Place(line, at, seed)
            for at in sorted(self.values)
            for seed in self.seeds_of(at)
            for line in self.variants
        }


@dataclass(frozen=True)
class Published:
    """A paper's number.

    Attributes
    ----------
    value, source
        The number, and a key of the paper: first author and year.
    note
        A key for what was different there; empty when it is the same quantity.
    """

    value: float
    source: str
    note: str = ""


@dataclass(frozen=True)
class ClaimResult:
    """What came out.

    Attributes
    ----------
    key
        The claim's.
    table
        One row a number: ``measure``, ``line`` (the variant), ``at`` (the value of what is
        varied); ``ours``, a median, with ``lowest`` and ``highest`` over ``count`` runs or units,
        and the ends of its interval over the seeds, ``low`` and ``high``; ``paper`` with
        ``source`` and ``note`` as in `Published`, NaN and empty where there is none.
    curves
        For a chart: ``panel``, ``line``, ``run`` (the seed, or -1), ``x``, ``value``, ``low``,
        ``high``.
    parts
        The parts of the claim; empty while runs are missing.
    done, total
        Runs that are there, and runs in all.
    seconds
        Time that training them took, in all.
    """

    key: str
    table: pd.DataFrame
    curves: pd.DataFrame
    parts: tuple[Part, ...]
    done: int
    total: int
    seconds: float

    @property
    def verdict(self) -> Verdict | None:
        """Computed from the parts; None while runs are missing."""
        return verdict_of(self.parts)


Runs = Mapping[Place, Run]
Observe = Callable[["Budget", Runs], tuple[Rows, pd.DataFrame]]
Judge = Callable[["Budget", pd.DataFrame], tuple[Part, ...]]


@dataclass(frozen=True)
class Claim:
    """A published claim that can be seen to happen.

    Attributes
    ----------
    key
        Its name in `CLAIMS`.
    sources
        Keys of the papers that make it.
    budget
        What is trained; for a claim about untrained networks, which networks.
    observe
        From the budget and the runs that there are: rows of the table and curves.
    judge
        From the table, of all runs, to the parts.
    published
        The papers' numbers by measure, line and value.
    trains
        Whether runs are needed at all.
    """

    key: str
    sources: tuple[str, ...]
    budget: Budget
    observe: Observe
    judge: Judge
    published: Mapping[tuple[str, str, int], Published] = field(default_factory=dict)
    trains: bool = True

    def configs(self) -> dict[str, TrainConfig]:
        """Every run's settings by its label; empty when there is nothing to train."""
        if not self.trains:
            return {}
        return {label: self.budget.config(place) for label, place in self.budget.places().items()}

    def measure(self, runs: Mapping[str, Run]) -> ClaimResult:
        """What came out, as far as there are runs.

        Parameters
        ----------
        runs
            Finished runs by label, as in `configs`; not all need be there.

        Raises
        ------
        ValueError
            When a run has a label that is none of this claim's.
        """
        wanted = self.configs()
        for label in runs:
            if label not in wanted:
                raise ValueError(say("claim_without_run", claim=self.key, label=label))
        places = self.budget.places()
        there = {places[label]: runs[label] for label in wanted if label in runs}
        rows, curves = self.observe(self.budget, there)
        table = pd.DataFrame([self._beside(row) for row in rows], columns=list(COLUMNS))
        complete = len(there) == len(wanted)
        return ClaimResult(
            key=self.key,
            table=table,
            curves=curves,
            parts=self.judge(self.budget, table) if complete else (),
            done=len(there),
            total=len(wanted),
            seconds=sum(run.seconds for run in there.values()),
        )

    def _beside(self, row: dict[str, Any]) -> dict[str, Any]:
        """A row with the paper's number beside ours."""
        none = Published(float("nan"), "")
        found = self.published.get((row["measure"], row["line"], row["at"]), none)
        return {"paper": found.value, "source": found.source, "note": found.note} | row
