"""The claim about chrono: it sets the half-lives that it promises, before and after training."""

import math

import numpy as np
import pandas as pd

from gatescope.analysis import (
    RULES,
    Interval,
    bootstrap_interval,
    half_life,
    quantiles,
    retention_gate,
)
from gatescope.experiments.claims.base import Budget, Runs
from gatescope.experiments.claims.judging import Part, interval_of, of_all, part_of
from gatescope.experiments.claims.learning import groups
from gatescope.experiments.claims.rows import Rows, cell_of, curve, row, together
from gatescope.recording import record
from gatescope.training import Run

QUANTILES = (0.1, 0.5, 0.9)
WHEN = ("before", "after")
FACTOR = 1.5
"""Between the measured and the promised half-life, either way."""


def promised(longest: int, share: float | np.ndarray) -> float | np.ndarray:
    """Chrono's half-life that a share of the units stays below, in steps.

    b = ln U[1, T_max - 1] gives f = u / (1 + u): a time constant 1 / (1 - f) = 1 + u, uniform on
    [2, T_max], and a half-life ln 2 / ln(1 + 1/u), which grows with u.

    Parameters
    ----------
    longest
        T_max in steps.
    share
        In [0, 1].
    """
    u = 1 + share * (longest - 2)
    return math.log(2) / np.log1p(1 / u)


def half_lives(run: Run, step: int) -> np.ndarray:
    """Each unit's half-life in steps, the median over the run's probe examples, (unit,)."""
    (leaf,) = record(run.model(step), run.probe().inputs).leaves
    gate = retention_gate(leaf.to_dataset())
    assert gate is not None
    return np.asarray(half_life(gate).median("batch").values)


def observe_timescales(budget: Budget, runs: Runs) -> tuple[Rows, pd.DataFrame]:
    """For each T_max: three quantiles over the units of all seeds, before and after training.

    T_max is the task's length, one more than the delay. The units of a seed share its training, so
    the intervals are drawn from whole seeds.
    """
    rows: Rows = []
    lines: dict[str, list[list[float]]] = {name: [] for name in (*WHEN, "promised")}
    for (_, delay), found in groups(budget, runs).items():
        longest = delay + 1
        expected = [float(promised(longest, share)) for share in QUANTILES]
        lines["promised"].append([longest, *expected])
        for when, place in zip(WHEN, (0, -1), strict=True):
            nets = [half_lives(run, run.steps[place]) for run in found.values()]
            measured = [over_units(nets, share) for share in QUANTILES]
            lines[when].append([longest, *(one.estimate for one in measured)])
            for share, one, paper in zip(QUANTILES, measured, expected, strict=True):
                beside = {"paper": paper, "source": "tallec_2018", "note": "closed_form"}
                beside |= {"low": one.low, "high": one.high, "count": one.n}
                measure, line = f"half_life_{when}", f"q{share * 100:.0f}"
                rows.append(row(measure, line, longest, [one.estimate], **beside))
        accuracy = [run.test_accuracy for run in found.values()]
        rows.append(row("accuracy", "lstm:chrono", longest, accuracy))
    curves = []
    for name, values in lines.items():
        if values:
            x, low, middle, high = np.array(values).T
            curves.append(curve("", name, -1, x, middle, low=low, high=high))
    return rows, together(curves)


def over_units(nets: list[np.ndarray], share: float) -> Interval:
    """A quantile over the units of some networks, with its interval over the networks."""
    return bootstrap_interval(
        np.concatenate(nets),
        lambda lives: float(quantiles(lives, [share])[0]),
        groups=np.repeat(np.arange(len(nets)), [len(lives) for lives in nets]),
        level=RULES["claim"].level,
    )


def judge_timescales(budget: Budget, table: pd.DataFrame) -> tuple[Part, ...]:
    """Every quantile at every T_max lies within a factor of the promise, before and after."""
    return tuple(
        part_of(when, _worst(budget, table, when), FACTOR, at_least=False, decides=when == "before")
        for when in WHEN
    )


def _worst(budget: Budget, table: pd.DataFrame, when: str) -> Interval:
    places = [
        (f"half_life_{when}", f"q{share * 100:.0f}", delay + 1)
        for delay in budget.values
        for share in QUANTILES
    ]
    return of_all(
        (_factor(interval_of(table, *place), cell_of(table, *place, "paper")) for place in places),
        at_least=False,
    )


def _factor(lives: Interval, promise: float) -> Interval:
    """Between a half-life and its promise, either way."""

    def factor(life: float) -> float:
        return max(life / promise, promise / life) if life > 0 else math.inf

    ends = factor(lives.low), factor(lives.high)
    low = 1.0 if lives.low <= promise <= lives.high else min(ends)
    return Interval(factor(lives.estimate), low, max(ends), lives.n, lives.level)
