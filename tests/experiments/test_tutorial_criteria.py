"""From numbers to a verdict: criteria, the ratio of medians, and what a rule asks for."""

import math

import numpy as np
import pytest

from gatescope.analysis import RULES, Interval, Outcome, median_interval
from gatescope.experiments.tutorial import (
    Criterion,
    as_ratio,
    exactly,
    less,
    median_ratio,
    more,
    verdict_of,
)

MET = Criterion("a", exactly(2), 1, rule=None)
MISSED = Criterion("b", exactly(0), 1, rule=None)
OPEN = Criterion("c", Interval(1, 0, 2, 1), 1, rule=None)


@pytest.mark.parametrize(
    ("criteria", "verdict"),
    [
        ([], "untested"),
        ([MET, MET], "holds"),
        ([MISSED, MISSED], "wrong"),
        ([MET, MISSED], "depends"),
        ([MET, OPEN, MISSED], "depends"),  # whatever the third is
        ([MET, OPEN], "undecided"),
        ([MISSED, OPEN], "undecided"),
        ([OPEN], "undecided"),
    ],
)
def test_a_verdict_follows_from_its_criteria(criteria: list[Criterion], verdict: str) -> None:
    assert verdict_of(criteria) == verdict


@pytest.mark.parametrize(
    ("low", "high", "outcome"), [(1.06, 2, "met"), (0.5, 1.04, "not_met"), (1.0, 1.1, "undecided")]
)
def test_larger_is_beyond_the_smallest_effect(low: float, high: float, outcome: str) -> None:
    """Of a CPU time 5 %; the mirror image is smaller."""
    rule = RULES["tutorial_time"]
    assert rule.smallest == 0.05
    assert more("x", Interval(1, low, high, rule.n), "tutorial_time").outcome == outcome
    mirrored = Interval(1, 2 - high, 2 - low, rule.n)
    assert less("x", mirrored, "tutorial_time").outcome == outcome


def test_a_ratio_has_the_bound_of_its_logarithm() -> None:
    rule = RULES["tutorial_loss"]
    found = more("x", as_ratio(Interval(0.1, 0.06, 0.2, rule.n)), "tutorial_loss", ratio=True)
    assert found.bound == pytest.approx(math.exp(rule.smallest))
    assert found.measured.high == pytest.approx(math.exp(0.2))
    assert found.outcome is Outcome.MET


def test_too_few_values_decide_nothing() -> None:
    rule = RULES["tutorial_score"]
    clear = Interval(0.5, 0.4, 0.6, rule.n)
    assert more("x", clear, "tutorial_score").outcome is Outcome.MET
    few = Interval(0.5, 0.4, 0.6, rule.n - 1)
    assert more("x", few, "tutorial_score").outcome is Outcome.UNDECIDED


def test_the_ratio_of_medians_covers_the_true_one() -> None:
    """Exponential waiting times, cut off where the run ends: in at least 95 % of 2,000 draws."""
    draw = np.random.default_rng(0)
    covered = 0
    for _ in range(2000):
        one, other = draw.exponential(3.0, 12), draw.exponential(1.0, 12)
        one[one > 8], other[other > 8] = math.inf, math.inf
        medians = (median_interval(values, 0.975) for values in (one, other))
        found = median_ratio(*medians, 0.95)
        covered += found.low <= 3.0 <= found.high
    assert covered / 2000 >= 0.95


def test_never_over_never_says_nothing() -> None:
    never = median_interval([math.inf] * 8, 0.975)
    soon = median_interval([100.0, 150, 150, 150, 200, 200, 250, 300], 0.975)
    assert median_ratio(soon, never, 0.95).high == 0
    assert median_ratio(never, soon, 0.95).low == math.inf
    nothing = median_ratio(never, never, 0.95)
    assert (nothing.low, nothing.high) == (0, math.inf)
    assert math.isnan(nothing.estimate)
