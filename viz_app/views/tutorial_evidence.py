"""What the tutorial's verdicts are computed from."""

import json
import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
import torch

from gatescope import load_run
from gatescope.experiments.claims import ClaimResult
from gatescope.experiments.forecasting import network_forecasts
from gatescope.experiments.tutorial import read_rows
from gatescope.tasks.forecast import Forecast
from viz_app.views import claims
from viz_app.views.library import PREPARED, RESULTS, folder_of

FOLDER = PREPARED.parent / "tutorial"
"""What ``assets/make_tutorial.py`` wrote."""

Verdict = Literal["holds", "depends", "wrong", "fault", "untested"]
SURE = 2.0
"""Standard errors by which two means must differ."""

SOLVED = 0.9


@dataclass(frozen=True)
class Finding:
    """A verdict, and the numbers in its sentence."""

    verdict: Verdict
    numbers: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Evidence:
    """All that the verdicts are computed from.

    Attributes
    ----------
    rows
        The trained experiments, as ``rows_of_runs`` gives them.
    retention
        The retention experiment's runs.
    speed
        An LSTM's time in units of a convolution's, by steps.
    distractors
        The result of the claim about distractors.
    """

    rows: pd.DataFrame
    retention: pd.DataFrame
    speed: dict[str, float]
    distractors: ClaimResult

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

    def means(self, experiment: str, column: str = "score") -> dict[str, float]:
        """The mean of a column by setting."""
        found = self.of(experiment).groupby("setting", sort=False)[column].mean()
        return {str(setting): float(value) for setting, value in found.items()}

    def differ(self, experiment: str, one: str, other: str, column: str = "score") -> float:
        """The difference of two settings' means in its standard errors; 0 where that is unknown."""
        rows = self.of(experiment)
        a, b = (rows.loc[rows["setting"] == name, column] for name in (one, other))
        error = math.sqrt(a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b))
        return float((a.mean() - b.mean()) / error) if error > 0 else 0.0

    def per_step(self, experiment: str) -> dict[str, float]:
        """Milliseconds a training step, the median by setting."""
        rows = self.of(experiment)
        times = 1000 * rows["seconds"] / rows["steps"]
        return {str(k): float(v) for k, v in times.groupby(rows["setting"]).median().items()}

    def solved(self, variant: str) -> pd.Series:
        """The share of seeds that solved the task, by delay."""
        rows = self.retention[self.retention["variant"] == variant]
        return rows.groupby("delay")["solved"].mean()


def evidence() -> Evidence:
    """Read all of it.

    Raises
    ------
    ValueError
        When something of it is missing.
    """
    return Evidence(
        read_rows(FOLDER / "runs.csv"),
        pd.read_csv(RESULTS / "retention.csv"),
        json.loads((FOLDER / "speed.json").read_text()),
        claims.prepared("distractors"),
    )
