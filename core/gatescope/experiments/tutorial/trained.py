"""Small trained experiments behind the statements: what is trained, and what is kept of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from gatescope.errors import say
from gatescope.training import Run, TrainConfig

COLUMNS = (
    "experiment", "setting", "seed", "parameters", "steps", "seconds", "loss", "baseline",
    "score", "guess", "best_validation", "best_at", "last_validation", "half_way",
)  # fmt: skip


class Place(NamedTuple):
    """Which run: the experiment, the setting in it, and the seed."""

    experiment: str
    setting: str
    seed: int


@dataclass(frozen=True)
class Experiment:
    """Networks that differ in one thing.

    Attributes
    ----------
    common
        Of `TrainConfig`, the same for all.
    settings
        By name: what this one has of its own.
    seeds
        One run each.
    """

    common: Mapping[str, Any]
    settings: Mapping[str, Mapping[str, Any]]
    seeds: tuple[int, ...] = field(default=tuple(range(8)))


def _cells(**units: int) -> dict[str, dict[str, Any]]:
    return {cell: {"cell": cell, "hidden_size": size} for cell, size in units.items()}


def _at_rates(settings: dict[str, dict[str, Any]], **rates: float) -> dict[str, dict[str, Any]]:
    """Settings with a learning rate of their own: at one for all the better cell is the one that
    it suits. Of 0.002, 0.005, 0.01, 0.02 and 0.04 it is the one with the smallest validation loss
    on seed 100, which is none of the experiment's."""
    return {name: own | {"learning_rate": rates[name]} for name, own in settings.items()}


RATES = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1)
DROPS = (0.0, 0.2, 0.5, 0.8)
SERIES: dict[str, dict[str, Any]] = {
    "temperature": {"series": "temperature"},
    "weather": {"series": "weather", "window": 14},
}
"""The hourly temperatures are a climate normal; the daily weather was measured."""

EXPERIMENTS: dict[str, Experiment] = {
    "reviews": Experiment(
        {
            "task": "reviews", "embedding_size": 16, "readout_dropout": 0.3,
            "batch_size": 64, "max_steps": 500, "evaluate_every": 25,
        },
        _cells(rnn=72, lstm=32, gru=38),
    ),
    "stocks": Experiment(
        {
            "task": "forecast", "task_options": {"series": "stocks", "window": 10},
            "batch_size": 64, "max_steps": 400, "evaluate_every": 50,
        },
        _cells(rnn=50, lstm=24, gru=28),
    ),
    "text": Experiment(
        {
            "task": "characters", "task_options": {"length": 60}, "batch_size": 32,
            "max_steps": 500, "evaluate_every": 100,
        },
        _at_rates(_cells(rnn=110, lstm=48, gru=57), rnn=1e-2, lstm=4e-2, gru=2e-2),
    ),
    "recurrent_dropout": Experiment(
        {
            "task": "temporal_order", "task_options": {"length": 30}, "cell": "lstm",
            "hidden_size": 24, "initialization": "forget_bias", "learning_rate": 1e-2,
            "max_steps": 800, "evaluate_every": 25,
        },
        {f"{drop:g}": {"recurrent_dropout": drop} for drop in DROPS},
    ),
    "learning_rate": Experiment(
        {
            "task": "delayed_recall", "task_options": {"delay": 10}, "max_steps": 1500,
            "evaluate_every": 50, "stop_accuracy": 0.97,
        },
        {
            f"{cell} {rate:g}": own | {"learning_rate": rate}
            for cell, own in _cells(rnn=51, lstm=24).items()
            for rate in RATES
        },
    ),
    "scaling": Experiment(
        {
            "task": "forecast", "cell": "lstm", "hidden_size": 24, "learning_rate": 1e-2,
            "max_grad_norm": 0.25, "batch_size": 64, "max_steps": 500, "evaluate_every": 100,
        },
        {
            f"{name} {scaling}": {"task_options": {**series, "scaling": scaling}}
            for name, series in SERIES.items()
            for scaling in ("train", "all")
        },
    ),
    "scarce": Experiment(
        {
            "task": "forecast", "task_options": SERIES["weather"], "batch_size": 64,
            "max_steps": 1500, "evaluate_every": 50,
        },
        _cells(lstm=24),
    ),
}  # fmt: skip
"""Sizes of the cells of one experiment give like parameter counts."""


def configs(names: Iterable[str] | None = None) -> dict[Place, TrainConfig]:
    """Every run of some experiments, or of all."""
    return {
        Place(name, setting, seed): TrainConfig(**{**EXPERIMENTS[name].common, **own, "seed": seed})
        for name in names or EXPERIMENTS
        for setting, own in EXPERIMENTS[name].settings.items()
        for seed in EXPERIMENTS[name].seeds
    }


def rows_of_runs(runs: Iterable[tuple[Place, Run]]) -> pd.DataFrame:
    """One row a run.

    ``loss`` and ``score`` are the test part's, ``baseline`` and ``guess`` what the answer without
    memory has there; of a forecast the loss is in the series' own unit, squared. ``half_way`` is
    the step at which the score on the validation part first was half way from its first to its
    best value, ``best_at`` that of the smallest validation loss.
    """
    return pd.DataFrame([_row(place, run) for place, run in runs], columns=list(COLUMNS))


def _row(place: Place, run: Run) -> dict[str, Any]:
    task = run.task.held_out("test")
    unit = float(getattr(task, "deviation", [1.0])[0]) ** 2
    losses = [row.loss for row in run.history]
    scores = np.array([row.accuracy for row in run.history])
    reached = scores >= (scores[0] + scores.max()) / 2
    return {
        **place._asdict(),
        "parameters": run.parameters,
        "steps": run.steps[-1],
        "seconds": round(run.seconds, 2),
        "loss": run.test_loss * unit,
        "baseline": task.baseline_loss * unit,
        "score": run.test_accuracy,
        "guess": task.baseline_accuracy,
        "best_validation": min(losses),
        "best_at": run.history[int(np.argmin(losses))].step,
        "last_validation": losses[-1],
        "half_way": run.history[int(reached.argmax())].step,
    }


def read_rows(path: Path) -> pd.DataFrame:
    """What `rows_of_runs` gave, from its CSV file; see `read_table`."""
    return read_table(path, COLUMNS)


def read_table(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    """A table of ``assets/tutorial`` from its CSV file.

    Parameters
    ----------
    path
        The file.
    columns
        Which columns it must have, in their order.

    Raises
    ------
    ValueError
        When the file is missing, or is no such table.
    """
    try:
        table = pd.read_csv(path, dtype={"setting": str})
    except (OSError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise ValueError(say("asset_unreadable", name=path.name)) from error
    if tuple(table.columns) != tuple(columns):
        raise ValueError(say("asset_of_another_version", name=path.name))
    return table
