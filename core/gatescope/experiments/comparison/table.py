"""A comparison in numbers: one row a run, one row a network with intervals, learning curves."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from gatescope.analysis import uncertainty
from gatescope.experiments.comparison.config import Aim, ComparisonConfig
from gatescope.experiments.comparison.measuring import Measured
from gatescope.experiments.comparison.references import Reference
from gatescope.training import Run
from gatescope.training.progress import Progress

LEVEL = 0.95
"""Of the confidence intervals."""

Named = tuple[tuple[str, int], Run]
"""A run by network and seed."""

COLUMNS = (
    "network", "variant", "seed", "units", "parameters", "step_ms", "steps", "seconds",
    "wall_seconds", "steps_to_aim", "seconds_to_aim", "loss", "score",
)  # fmt: skip
CURVE_COLUMNS = ("network", "seed", "step", "seconds", "loss", "score")


@dataclass(frozen=True)
class Comparison:
    """A comparison and what it has shown so far.

    Attributes
    ----------
    config
        What was asked for.
    table
        One row a finished run, as from `comparison_table`.
    curves
        One row an evaluation, as from `learning_curves`.
    references
        What needs no recurrence, on the same test examples.
    """

    config: ComparisonConfig
    table: pd.DataFrame
    curves: pd.DataFrame
    references: tuple[Reference, ...] = ()

    def summary(self) -> pd.DataFrame:
        """One row a network, as from `comparison_summary`."""
        return comparison_summary(self.table)


class Interval(NamedTuple):
    """A number and the ends of its interval; NaN where they cannot be told."""

    value: float
    low: float
    high: float


def comparison_of(
    experiment: ComparisonConfig, runs: Iterable[Named], measured: Measured
) -> Comparison:
    """What some finished runs of a comparison show, with what was measured before."""
    found = list(runs)
    return Comparison(
        experiment,
        comparison_table(experiment, found, measured),
        learning_curves(experiment, found, measured),
        measured.references,
    )


def comparison_table(
    experiment: ComparisonConfig, runs: Iterable[Named], measured: Measured
) -> pd.DataFrame:
    """One row a run, in the order of the comparison's networks, then of its seeds.

    Returns
    -------
    pandas.DataFrame
        ``network``, ``variant``, ``seed``, ``units``, ``parameters``; ``step_ms``, the processor's
        milliseconds of an update; ``steps`` trained; ``seconds``, ``steps`` times ``step_ms``;
        ``wall_seconds``, by the clock on the wall, with evaluations, drawing batches and whatever
        else the machine did; ``steps_to_aim`` and ``seconds_to_aim``, to the first evaluation
        that reached the aim (NaN where none did); ``loss`` and ``score`` of the last weights on
        the test examples.
    """
    networks, aim, times = experiment.networks(), experiment.goal(), _times(measured)
    rows = []
    for (name, seed), run in _in_order(experiment, runs):
        ms = times.get((name, seed), math.nan)
        there = reached_at(run.history, aim)
        reached = math.nan if there is None else float(there)
        rows.append(
            {
                "network": name,
                "variant": networks[name].variant,
                "seed": seed,
                "units": networks[name].units,
                "parameters": run.parameters,
                "step_ms": ms,
                "steps": run.history[-1].step,
                "seconds": run.history[-1].step * ms / 1000,
                "wall_seconds": run.seconds,
                "steps_to_aim": reached,
                "seconds_to_aim": reached * ms / 1000,
                "loss": run.test_loss,
                "score": run.test_accuracy,
            }
        )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def learning_curves(
    experiment: ComparisonConfig, runs: Iterable[Named], measured: Measured
) -> pd.DataFrame:
    """One row an evaluation on the validation examples.

    Returns
    -------
    pandas.DataFrame
        ``network``, ``seed``, ``step``, ``seconds`` (as in `comparison_table`), ``loss``,
        ``score``.
    """
    times, rows = _times(measured), []
    for (name, seed), run in _in_order(experiment, runs):
        ms = times.get((name, seed), math.nan)
        rows += [
            (name, seed, row.step, row.step * ms / 1000, row.loss, row.accuracy)
            for row in run.history
        ]
    return pd.DataFrame(rows, columns=list(CURVE_COLUMNS))


def reached_at(history: Sequence[Progress], aim: Aim) -> int | None:
    """The step of the first evaluation that reached an aim; None where none did."""
    for row in history:
        if row.accuracy >= aim.value if aim.of == "score" else row.loss <= aim.value:
            return row.step
    return None


def comparison_summary(table: pd.DataFrame) -> pd.DataFrame:
    """One row a network, over its seeds.

    Returns
    -------
    pandas.DataFrame
        ``network``, ``variant``, ``units``, ``parameters``, ``seeds``. Of ``step_ms``,
        ``seconds``, ``loss`` and ``score`` the mean and the ends of its interval, ``…_low`` and
        ``…_high``, as from `mean_interval`. ``reached``: how many of the runs reached the aim. Of
        ``steps_to_aim`` and ``seconds_to_aim`` the median, lowest and highest; a run that did not
        reach it counts as infinite.
    """
    rows = []
    for name, group in table.groupby("network", sort=False):
        first = group.iloc[0]
        row: dict[str, Any] = {"network": name} | {
            column: first[column] for column in ("variant", "units", "parameters")
        }
        row |= {"seeds": len(group), "reached": int(group["steps_to_aim"].notna().sum())}
        for column in ("step_ms", "seconds", "loss", "score"):
            row |= _spread(column, mean_interval(group[column]))
        for column in ("steps_to_aim", "seconds_to_aim"):
            # a run that was not timed has no seconds, one that never got there has infinite ones
            there = group[column].where(group["steps_to_aim"].notna(), math.inf)
            row |= _spread(column, middle(there.dropna()))
        rows.append(row)
    return pd.DataFrame(rows)


def mean_interval(values: Iterable[float], level: float = LEVEL) -> Interval:
    """The mean and its t interval, by `gatescope.analysis.mean_interval`.

    With one value there is no interval; with one that is not finite, neither mean nor interval.
    """
    found = np.asarray(list(values), dtype=float)
    if not len(found) or not np.isfinite(found).all():
        return Interval(math.nan, math.nan, math.nan)
    of_mean = uncertainty.mean_interval(found, level)
    if len(found) == 1:
        return Interval(of_mean.estimate, math.nan, math.nan)
    return Interval(of_mean.estimate, of_mean.low, of_mean.high)


def middle(values: Iterable[float]) -> Interval:
    """Median, lowest and highest, of which some may be infinite; with one value it alone."""
    found = np.asarray(list(values), dtype=float)
    if not len(found):
        return Interval(math.nan, math.nan, math.nan)
    ends = (float(found.min()), float(found.max())) if len(found) > 1 else (math.nan, math.nan)
    return Interval(uncertainty.median_interval(found).estimate, *ends)


def _spread(column: str, found: Interval) -> dict[str, float]:
    return {column: found.value, f"{column}_low": found.low, f"{column}_high": found.high}


def _in_order(experiment: ComparisonConfig, runs: Iterable[Named]) -> list[Named]:
    order = {name: number for number, name in enumerate(experiment.networks())}
    seeds = list(experiment.seeds)
    return sorted(runs, key=lambda pair: (order[pair[0][0]], seeds.index(pair[0][1])))


def _times(measured: Measured) -> dict[tuple[str, int], float]:
    return {(name, seed): ms for name, seed, ms in measured.step_ms}
