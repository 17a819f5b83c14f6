"""What the tutorial's verdicts are computed from: shipped results, as values and intervals."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
import torch

from gatescope import load_run
from gatescope.analysis import (
    RULES,
    Interval,
    median_interval,
    paired_difference,
    welch_difference,
)
from gatescope.experiments import Effect, effect_of
from gatescope.experiments.aids import Aid
from gatescope.experiments.claims import ClaimResult
from gatescope.experiments.claims.judging import interval_of
from gatescope.experiments.forecasting import network_forecasts
from gatescope.experiments.retention import solved_difference, solved_fraction
from gatescope.experiments.tutorial import (
    MEASURED_COLUMNS,
    TIME_COLUMNS,
    Criterion,
    as_ratio,
    median_ratio,
    read_rows,
    read_table,
    verdict_of,
)
from gatescope.files import ASSETS
from gatescope.tasks.forecast import Forecast
from viz_app.features.claims import data as claims
from viz_app.features.techniques import data as aids
from viz_app.kit.library import RESULTS, folder_of

FOLDER = ASSETS / "tutorial"
"""What ``assets/make_tutorial.py`` wrote."""

TECHNIQUES: tuple[Aid, ...] = ("l1", "l2", "dropout", "plateau")

Answer = Literal["holds", "depends", "undecided", "wrong", "fault", "unseen", "untested"]
OF_A_FAULT: dict[str, Answer] = {"holds": "fault", "wrong": "unseen"}
"""A fault in a listing does not hold: it is seen in numbers, or it is not."""


@dataclass(frozen=True)
class Finding:
    """What was found out about an entry.

    Attributes
    ----------
    criteria
        What the verdict follows from; none where nothing tests it.
    numbers
        Further ones in its sentence.
    fault
        Whether it is about a fault in a listing.
    """

    criteria: tuple[Criterion, ...] = ()
    numbers: dict[str, Any] = field(default_factory=dict)
    fault: bool = False

    @property
    def told(self) -> dict[str, Any]:
        """All that a sentence can name: each criterion's estimate by its key, and the numbers."""
        return {each.key: each.measured.estimate for each in self.criteria} | self.numbers

    @property
    def verdict(self) -> Answer:
        """What follows from the criteria."""
        found: Answer = verdict_of(self.criteria)
        return OF_A_FAULT.get(found, found) if self.fault else found


@dataclass(frozen=True)
class Evidence:
    """All that the verdicts are computed from.

    Attributes
    ----------
    rows
        The trained experiments, as ``rows_of_runs`` gives them.
    measured
        What was measured without training, as ``measured_table`` gives it.
    times
        CPU times, as ``times_table`` gives them.
    retention
        The retention experiment's runs.
    distractors
        The result of the claim about distractors.
    techniques
        What training techniques do to the test loss on daily weather.
    """

    rows: pd.DataFrame
    measured: pd.DataFrame
    times: pd.DataFrame
    retention: pd.DataFrame
    distractors: ClaimResult
    techniques: Mapping[str, Effect]

    @cached_property
    def temperature(self) -> tuple[np.ndarray, np.ndarray]:
        """What came and what the LSTM forecast, °F, over the test part."""
        run = load_run(folder_of("forecast-temperature-lstm"))
        task = run.task.held_out("test")
        assert isinstance(task, Forecast)
        came = task.measured(task.truth(task.targets).double()).numpy()
        said = task.measured(torch.from_numpy(network_forecasts(run.model(), task))).numpy()
        return came, said

    def of(self, experiment: str) -> pd.DataFrame:
        """The runs of one experiment."""
        return self.rows[self.rows["experiment"] == experiment]

    def values(self, experiment: str, setting: str, column: str = "score") -> np.ndarray:
        """A column of a setting's runs, by seed."""
        rows = self.of(experiment)
        rows = rows[rows["setting"] == setting].sort_values("seed")
        return rows[column].to_numpy(dtype=float)

    def means(self, experiment: str, column: str = "score") -> dict[str, float]:
        """The mean of a column by setting."""
        found = self.of(experiment).groupby("setting", sort=False)[column].mean()
        return {str(setting): float(value) for setting, value in found.items()}

    def seeds(self, experiment: str) -> int:
        """How many seeds each setting has, at least."""
        return int(self.of(experiment).groupby("setting")["seed"].nunique().min())

    def difference(
        self, experiment: str, one: str, other: str, column: str = "score", *, paired: bool = False
    ) -> Interval:
        """One setting's mean less another's: Welch's, or seed by seed."""
        first, second = (self.values(experiment, name, column) for name in (one, other))
        return (paired_difference if paired else welch_difference)(first, second)

    def loss_ratio(
        self, experiment: str, one: str, other: str, *, paired: bool = False
    ) -> Interval:
        """One setting's test loss in units of another's, both as geometric means over seeds."""
        first, second = (np.log(self.values(experiment, name, "loss")) for name in (one, other))
        return as_ratio((paired_difference if paired else welch_difference)(first, second))

    def untrained(self, measure: str, setting: str) -> np.ndarray:
        """What was measured of networks as they begin, by seed."""
        rows = self.measured[
            (self.measured["measure"] == measure) & (self.measured["setting"] == setting)
        ]
        return rows.sort_values("seed")["value"].to_numpy(dtype=float)

    def counted(self, measure: str, setting: str) -> float:
        """What was counted or computed once."""
        (value,) = self.untrained(measure, setting)
        return float(value)

    def time_ratio(self, what: str, one: str, other: str) -> Interval:
        """CPU time of one in units of another's: the median over the rounds."""
        rows = self.times[self.times["what"] == what]
        table = rows.pivot(index="round", columns="setting", values="seconds")
        return median_interval((table[one] / table[other]).to_numpy())

    @property
    def delays(self) -> list[int]:
        """The delays of the retention experiment, in order."""
        return sorted(int(delay) for delay in self.retention["delay"].unique())

    def solved(self, variant: str, delay: int) -> tuple[int, int]:
        """How many of how many seeds of a network solved the task at a delay."""
        rows = self._runs(variant, delay)
        return int(rows["solved"].sum()), len(rows)

    def solved_share(self, variant: str, delay: int) -> Interval:
        """The fraction of the seeds that solved it."""
        return solved_fraction(self._runs(variant, delay))

    def solved_difference(self, one: str, other: str, delay: int) -> Interval:
        """The fraction of one network's seeds that solved it less that of another's."""
        return solved_difference(self._runs(one, delay), self._runs(other, delay))

    def steps_to_solve(self, variant: str, delay: int, level: float = 0.95) -> Interval:
        """The median of the training steps until it was solved; never is infinite."""
        rows = self._runs(variant, delay)
        return median_interval(np.where(rows["solved"], rows["solved_at"], np.inf), level)

    def steps_ratio(self, one: str, other: str, delay: int) -> Interval:
        """The ratio of two medians of those steps."""
        level = RULES["retention"].level
        first, second = (self.steps_to_solve(name, delay, (1 + level) / 2) for name in (one, other))
        return median_ratio(first, second, level)

    def with_distractors(self, line: str) -> Interval:
        """The median accuracy of a network with the most distractors."""
        table = self.distractors.table
        return interval_of(table, "accuracy", line, int(table["at"].max()))

    def _runs(self, variant: str, delay: int) -> pd.DataFrame:
        rows = self.retention[self.retention["variant"] == variant]
        return rows[rows["delay"] == delay]


def _techniques() -> dict[str, Effect]:
    """Each technique's pairs over all seeds, as the page of them has them."""
    effects: dict[str, Effect] = {}
    for name in TECHNIQUES:
        without, aided = (load_run(folder_of(side)).config for side in aids.CASES[name])
        effects[name] = effect_of(without, aided, aids.known_losses())
    return effects


def read_evidence() -> Evidence:
    """Read all of it.

    Raises
    ------
    ValueError
        When something of it is missing.
    """
    return Evidence(
        read_rows(FOLDER / "runs.csv"),
        read_table(FOLDER / "untrained.csv", MEASURED_COLUMNS),
        read_table(FOLDER / "times.csv", TIME_COLUMNS),
        pd.read_csv(RESULTS / "retention.csv"),
        claims.prepared("distractors"),
        _techniques(),
    )
