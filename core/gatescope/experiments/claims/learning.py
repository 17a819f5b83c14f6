"""Claims about what is learnt: adding, temporal order, copy, and distractors."""

import math
from collections.abc import Callable

import numpy as np
import pandas as pd

from gatescope.analysis import RULES, Interval, median_interval
from gatescope.experiments.claims.base import Budget, Observe, Place, Runs
from gatescope.experiments.claims.judging import Part, interval_of, of_all, part_of
from gatescope.experiments.claims.rows import Rows, curve, row, together
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
    """The first evaluated step with a loss of at most `SOLVED` of the baseline; else infinite."""
    bound = SOLVED * run.task.baseline_loss
    return next((float(stand.step) for stand in run.history if stand.loss <= bound), math.inf)


def right_at(run: Run) -> float:
    """The step at which a run reached its accuracy for the second time in a row; else infinite."""
    step = solved_at(run)
    return math.inf if step is None else float(step)


def learnt(measure: str, reached: Callable[[Run], float]) -> Observe:
    """Observe a score, how soon it was reached, and the score while it was learnt.

    Parameters
    ----------
    measure
        ``loss`` or ``accuracy``: on the test examples in the table, on the validation examples
        in the curves.
    reached
        The training step at which a run has solved its task, infinite if it has not.
    """

    def observe(budget: Budget, runs: Runs) -> tuple[Rows, pd.DataFrame]:
        rows, curves = [], []
        for (line, at), found in groups(budget, runs).items():
            scores = [getattr(run, f"test_{measure}") for run in found.values()]
            rows.append(row(measure, line, at, scores))
            steps = [reached(run) for run in found.values()]
            if np.isfinite(steps).any():
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
    place = Place(budget.variants[0], at, budget.seeds_of(at)[0])
    return budget.config(place).make_task().baseline_loss


def judge_adding(budget: Budget, table: pd.DataFrame) -> tuple[Part, ...]:
    """The RNN stays where remembering nothing is; the LSTM and the GRU fall to a tenth of it.

    The LSTM is the one with chrono initialization; what forget bias 1 does is reported only.
    """
    (at,) = budget.values
    unit = baseline(budget, at)
    parts = [
        part_of("rnn_stays", interval_of(table, "loss", "rnn", at, unit), STUCK, at_least=True)
    ]
    for key, line in (("lstm_solves", "lstm:chrono"), ("gru_solves", "gru")):
        found = interval_of(table, "loss", line, at, unit)
        parts.append(part_of(key, found, SOLVED, at_least=False))
    return tuple(parts)


def observe_order(budget: Budget, runs: Runs) -> tuple[Rows, pd.DataFrame]:
    """Accuracy, sequences until it was solved, and how many times fewer chrono needs, by seed.

    A run with forget bias 1 that never solves counts with all its steps, so that the factor is
    then a lower bound, and the upper end of its interval is open; a chrono run that never solves
    has the factor 0.
    """
    rows, curves = learnt("accuracy", right_at)(budget, runs)
    (at,) = budget.values
    pairs = paired(budget, runs, at)
    if pairs:
        least = [_steps(bias) / right_at(chrono) for bias, chrono in pairs]
        most = [_most(right_at(bias), right_at(chrono)) for bias, chrono in pairs]
        high = median_interval(most, RULES["claim"].level).high
        rows.append(row("times_faster", "lstm:chrono", at, least) | {"high": high})
    return rows, curves


def paired(budget: Budget, runs: Runs, at: int) -> list[tuple[Run, Run]]:
    """Forget bias 1 and chrono at a value, seed by seed, as far as both are there."""
    found = groups(budget, runs)
    bias, chrono = (found.get((f"lstm:{start}", at), {}) for start in ("forget_bias", "chrono"))
    return [(bias[seed], chrono[seed]) for seed in sorted(set(chrono) & set(bias))]


def _steps(run: Run) -> float:
    step = right_at(run)
    return float(run.history[-1].step) if math.isinf(step) else step


def _most(bias: float, chrono: float) -> float:
    """The largest factor that two steps allow, of which each may be infinite."""
    return math.inf if math.isinf(bias) else bias / chrono


def judge_order(budget: Budget, table: pd.DataFrame) -> tuple[Part, ...]:
    """Chrono solves it, in at most half the steps of forget bias 1."""
    (at,) = budget.values
    aim = float(budget.settings["stop_accuracy"])
    right = interval_of(table, "accuracy", "lstm:chrono", at)
    faster = interval_of(table, "times_faster", "lstm:chrono", at)
    return (
        part_of("chrono_solves", right, aim, at_least=True),
        part_of("chrono_faster", faster, FASTER, at_least=True, decides=True),
    )


def observe_copy(budget: Budget, runs: Runs) -> tuple[Rows, pd.DataFrame]:
    """The loss, and chrono's as a share of that of forget bias 1 with the same seed."""
    rows, curves = learnt("loss", below_at)(budget, runs)
    for at in sorted(budget.values):
        ratios = [chrono.test_loss / bias.test_loss for bias, chrono in paired(budget, runs, at)]
        if ratios:
            rows.append(row("loss_ratio", "lstm:chrono", at, ratios))
    return rows, curves


def judge_copy(budget: Budget, table: pd.DataFrame) -> tuple[Part, ...]:
    """At the shorter delay: both are below the baseline, chrono at half of the other's loss."""
    at = min(budget.values)
    unit = baseline(budget, at)
    bias, chrono = (
        interval_of(table, "loss", f"lstm:{start}", at, unit) for start in ("forget_bias", "chrono")
    )
    ratio = interval_of(table, "loss_ratio", "lstm:chrono", at)
    return (
        part_of("bias_passes", bias, STUCK, at_least=False),
        part_of("chrono_passes", chrono, STUCK, at_least=False),
        part_of("chrono_lower", ratio, MUCH_LOWER, at_least=False),
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

    def right(line: str, at: int) -> Interval:
        return interval_of(table, "accuracy", line, at)

    without = of_all((right(line, few) for line in budget.variants), at_least=True)
    gated, rnn, free = (right(line, many) for line in ("lstm:chrono", "rnn", "lstm_no_forget"))
    return (
        part_of("all_without", without, aim, at_least=True),
        part_of("gate_with", gated, aim, at_least=True),
        part_of("rnn_fails", rnn, FAILED, at_least=False),
        part_of("no_gate_fails", free, FAILED, at_least=False, decides=True),
    )
