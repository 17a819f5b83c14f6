"""Verdicts: each side of each boundary, and how often a rule is wrong."""

import math

import numpy as np
import pytest

from gatescope.analysis import (
    RULES,
    Interval,
    Outcome,
    Rule,
    Verdict,
    median_interval,
    outcome,
    verdict,
    welch_difference,
    wilson_interval,
)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.125, 0.5, "better"), (0.124, 0.5, "undecided"), (-0.5, -0.125, "worse"),
        (-0.5, -0.124, "undecided"), (-0.124, 0.124, "same"), (-0.125, 0.0, "undecided"),
        (0.0, 0.125, "undecided"), (-0.5, 0.5, "undecided"), (-math.inf, math.inf, "undecided"),
        (0.2, math.inf, "better"), (0.0, 0.0, "same"), (math.nan, math.nan, "undecided"),
    ],
)  # fmt: skip
def test_a_verdict_at_its_boundaries(low: float, high: float, expected: str) -> None:
    """The smallest effect that counts is 1/8; the same around another centre, and turned round."""
    found = verdict(Interval(0.0, low, high, 9), 0.125)
    assert found == expected
    assert verdict(Interval(1.0, low + 2, high + 2, 9), 0.125, centre=2) == expected
    turned = {"better": "worse", "worse": "better"}.get(expected, expected)
    assert verdict(Interval(0.0, low, high, 9), 0.125, lower_is_better=True) == turned


def test_without_a_smallest_effect_the_interval_must_leave_out_the_centre() -> None:
    """Its end at the centre is not beyond it."""
    assert verdict(Interval(0.1, 0.0, 0.2, 9), 0.0) is Verdict.UNDECIDED
    assert verdict(Interval(0.1, 1e-9, 0.2, 9), 0.0) is Verdict.BETTER
    with pytest.raises(ValueError, match="-1"):
        verdict(Interval(0.1, 0.0, 0.2, 9), -1)


@pytest.mark.parametrize(
    ("low", "high", "at_least", "at_most"),
    [
        (1.0, 2.0, "met", "undecided"), (0.5, 0.999, "not_met", "met"),
        (0.5, 1.0, "undecided", "met"), (1.001, 2.0, "met", "not_met"),
        (0.5, 1.5, "undecided", "undecided"), (1.0, 1.0, "met", "met"),
        (math.nan, math.nan, "undecided", "undecided"),
    ],
)  # fmt: skip
def test_a_criterion_at_its_bound(low: float, high: float, at_least: str, at_most: str) -> None:
    """The bound itself counts."""
    interval = Interval(1.0, low, high, 9)
    assert outcome(interval, 1.0, at_least=True) == at_least
    assert outcome(interval, 1.0, at_least=False) == at_most


def test_too_few_values_decide_nothing() -> None:
    """However far the interval is from the bound, or a level below that of the rule."""
    rule = Rule("welch", "x", 5, 0.95, 0.1)
    clear = Interval(3.0, 2.0, 4.0, 5)
    assert (rule.verdict(clear), rule.outcome(clear, 1, at_least=True)) == ("better", "met")
    for weak in (Interval(3.0, 2.0, 4.0, 4), Interval(3.0, 2.0, 4.0, 5, 0.9)):
        assert rule.verdict(weak) is Verdict.UNDECIDED
        assert rule.outcome(weak, 1, at_least=True) is Outcome.UNDECIDED
    assert rule.undecided_band == (-0.1, 0.1)
    assert rule.verdict(clear, lower_is_better=True) is Verdict.WORSE


def test_a_claims_criterion_is_met_where_all_of_five_seeds_are_on_its_side() -> None:
    """By chance, where half of all seeds are, in 1 of 32 cases."""
    rule = RULES["claim"]
    for values, expected in (
        ([2, 3, 2, 4, 2], "met"), ([2, 3, 2, 4, 0.5], "undecided"), ([0.5] * 5, "not_met"),
        ([2] * 4, "undecided"),
    ):  # fmt: skip
        found = median_interval(np.array(values, dtype=float), rule.level)
        assert rule.outcome(found, 1.0, at_least=True) == expected


@pytest.mark.parametrize(
    ("k", "expected"),
    [(8, "better"), (7, "better"), (6, "undecided"), (2, "undecided"), (1, "worse"), (0, "worse")],
)
def test_most_seeds_is_seven_of_eight(k: int, expected: str) -> None:
    """Six of eight leave it open whether most seeds solve it."""
    rule = RULES["retention_most"]
    assert rule.verdict(wilson_interval(k, 8, rule.level)) == expected


@pytest.mark.parametrize("n", [3, 5])
def test_networks_that_do_not_differ_are_seldom_told_apart(n: int) -> None:
    """In at most 5 % of cases, whatever the spread; two standard errors do in 11.6 and 8.1 %."""
    one, other = np.random.default_rng(n).normal(0.5, 0.1, (2, 4000, n))
    rule = RULES["comparison"]
    found = [rule.verdict(welch_difference(a, b)) for a, b in zip(one, other, strict=True)]
    wrong = np.mean([each in ("better", "worse") for each in found])
    assert wrong < 0.05
    apart = [rule.verdict(welch_difference(a + 1, b)) for a, b in zip(one, other, strict=True)]
    assert np.mean([each == "better" for each in apart]) > 0.95


def test_every_kind_of_verdict_has_its_rule() -> None:
    """With an n that its interval can decide from, and a level from 0.9."""
    kinds = {
        "technique", "comparison", "claim", "retention", "intervention", "tutorial", "sentiment",
        "forecasting",
    }  # fmt: skip
    assert kinds <= set(RULES)
    for rule in RULES.values():
        assert rule.n >= 3
        assert 0.9 <= rule.level < 1
        assert rule.smallest >= 0
        assert rule.of
    assert RULES["technique"].n >= 8
    assert RULES["retention"].n >= 8
    assert RULES["claim"].n >= 5
    for rule in (rule for rule in RULES.values() if rule.method == "median"):
        assert math.isfinite(median_interval(np.arange(rule.n), rule.level).low)


@pytest.mark.parametrize("low", [-3.0, 0.001, 3.0, -math.inf])
def test_an_end_that_is_no_number_decides_nothing(low: float) -> None:
    """Whichever end it is."""
    for interval in (Interval(0.0, low, math.nan, 9), Interval(0.0, math.nan, low, 9)):
        assert verdict(interval, 0.01) is Verdict.UNDECIDED
        assert outcome(interval, 1.0, at_least=True) is Outcome.UNDECIDED
        assert outcome(interval, 1.0, at_least=False) is Outcome.UNDECIDED
