"""Claims about what is learnt: adding, temporal order, copy, and distractors."""

import math
from collections.abc import Callable

import numpy as np
import pandas as pd

from gatescope.experiments.claims.base import Budget, Observe, Part, Place, Runs
from gatescope.experiments.claims.rows import Rows, cell_of, curve, row, together
from gatescope.experiments.retention import solved_at
from gatescope.training import Run

SOLVED, STUCK = 0.1, 0.9
"""Shares of the baseline's loss: up to the first it is solved, from the second on not begun."""

FASTER, MUCH_LOWER, FAILED = 2.0, 0.5, 0.5
"""How many times fewer steps; which share of the other's loss; highest accuracy of a failure."""


def groups(budget: Budget, runs: Runs) -> dict[tuple[str, int], dict[int, Run]]:
    """The runs there are by variant and value, then by seed; values in order."""
    found: dict[tuple[str, int], dict[int, Run]] = {}
    for place in budget.places().values():
        if place in runs:
            found.setdefault((place.line, place.at), {})[place.seed] = runs[place]
    return found


def below_at(run: Run) -> float:
    """The first evaluated step with a loss below `SOLVED` of the baseline; NaN if there is none."""
    bound = SOLVED * run.task.baseline_loss
    return next((float(stand.step) for stand in run.history if stand.loss <= bound), math.nan)


def right_at(run: Run) -> float:
    """The step at which a run reached its accuracy for the second time in a row; NaN if never."""
    step = solved_at(run)
    return math.nan if step is None else float(step)


def learnt(measure: str, reached: Callable[[Run], float]) -> Observe:
    """Observe a score, how soon it was reached, and the score while it was learnt.

    Parameters
    ----------
    measure
        ``loss`` or ``accuracy``: on the test examples in the table, on the validation examples
        in the curves.
    reached
        The training step at which a run has solved its task, NaN if it has not.
    """

    def observe(budget: Budget, runs: Runs) -> tuple[Rows, pd.DataFrame]:
        rows, curves = [], []
        for (line, at), found in groups(budget, runs).items():
            scores = [getattr(run, f"test_{measure}") for run in found.values()]
            rows.append(row(measure, line, at, scores))
            steps = [reached(run) for run in found.values()]
            if not np.isnan(steps).any():
                batch = next(iter(found.values())).config.batch_size
                rows.append(row("sequences", line, at, [batch * step for step in steps]))
            for seed, run in found.items():
                x = [stand.step for stand in run.history]
                y = [getattr(stand, measure) for stand in run.history]
                curves.append(curve(str(at), line, seed, x, y))
        return rows, together(curves)

    return observe


def baseline(budget: Budget, at: int) -> float:
    """The loss of the best answer that remembers nothing."""
    place = Place(budget.variants[0], at, budget.seeds[0])
    return budget.config(place).make_task().baseline_loss


def judge_adding(budget: Budget, table: pd.DataFrame) -> tuple[Part, ...]:
    """The RNN stays where remembering nothing is; the LSTM and the GRU fall to a tenth of it.

    The LSTM is the one with chrono initialisation; what forget bias 1 does is reported only.
    """
    (at,) = budget.values
    unit = baseline(budget, at)
    rnn = cell_of(table, "loss", "rnn", at) / unit
    parts = [Part("rnn_stays", rnn, STUCK, True)]
    for key, line in (("lstm_solves", "lstm:chrono"), ("gru_solves", "gru")):
        parts.append(Part(key, cell_of(table, "loss", line, at) / unit, SOLVED, False))
    return tuple(parts)


def observe_order(budget: Budget, runs: Runs) -> tuple[Rows, pd.DataFrame]:
    """Accuracy, sequences until it was solved, and how many times fewer chrono needs.

    A run with forget bias 1 that never solves counts with all its steps, so that the factor is
    then a lower bound.
    """
    rows, curves = learnt("accuracy", right_at)(budget, runs)
    (at,) = budget.values
    found = groups(budget, runs)
    chrono, bias = (found.get((line, at), {}) for line in ("lstm:chrono", "lstm:forget_bias"))
    both = sorted(set(chrono) & set(bias))
    factors = [_steps(bias[seed]) / right_at(chrono[seed]) for seed in both]
    if factors and not np.isnan(factors).any():
        rows.append(row("times_faster", "lstm:chrono", at, factors))
    return rows, curves


def _steps(run: Run) -> float:
    step = right_at(run)
    return float(run.history[-1].step) if math.isnan(step) else step


def judge_order(budget: Budget, table: pd.DataFrame) -> tuple[Part, ...]:
    """Chrono solves it, in at most half the steps of forget bias 1."""
    (at,) = budget.values
    aim = float(budget.settings["stop_accuracy"])
    right = cell_of(table, "accuracy", "lstm:chrono", at)
    faster = cell_of(table, "times_faster", "lstm:chrono", at)
    return (
        Part("chrono_solves", right, aim, True),
        Part("chrono_faster", faster, FASTER, True, decides=True),
    )


def judge_copy(budget: Budget, table: pd.DataFrame) -> tuple[Part, ...]:
    """At the shorter delay: both are below the baseline, chrono at half of the other's loss."""
    at = min(budget.values)
    unit = baseline(budget, at)
    bias, chrono = (
        cell_of(table, "loss", line, at) for line in ("lstm:forget_bias", "lstm:chrono")
    )
    return (
        Part("bias_passes", bias / unit, STUCK, False),
        Part("chrono_passes", chrono / unit, STUCK, False),
        Part("chrono_lower", chrono / bias, MUCH_LOWER, False),
    )


def observe_distractors(budget: Budget, runs: Runs) -> tuple[Rows, pd.DataFrame]:
    """Accuracy of each network against the number of distractors: median, lowest and highest."""
    rows, curves = [], []
    found = groups(budget, runs)
    for line in budget.variants:
        own = [
            row("accuracy", line, at, [run.test_accuracy for run in seeds.values()])
            for (other, at), seeds in found.items()
            if other == line
        ]
        rows += own
        if own:
            at, ours, low, high = zip(
                *((one["at"], one["ours"], one["lowest"], one["highest"]) for one in own),
                strict=True,
            )
            curves.append(curve("", line, -1, at, ours, low=low, high=high))
    return rows, together(curves)


def judge_distractors(budget: Budget, table: pd.DataFrame) -> tuple[Part, ...]:
    """All solve it without distractors; with the most of them only the forget gate's network."""
    few, many = min(budget.values), max(budget.values)
    aim = float(budget.settings["stop_accuracy"])

    def right(line: str, at: int) -> float:
        return cell_of(table, "accuracy", line, at)

    return (
        Part("all_without", min(right(line, few) for line in budget.variants), aim, True),
        Part("gate_with", right("lstm:chrono", many), aim, True),
        Part("rnn_fails", right("rnn", many), FAILED, False),
        Part("no_gate_fails", right("lstm_no_forget", many), FAILED, False, decides=True),
    )
