"""How a verdict on a statement follows from numbers: criteria, each held against an interval."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from gatescope.analysis import RULES, Interval, Outcome, outcome

Verdict = Literal["holds", "depends", "wrong", "undecided", "untested"]


@dataclass(frozen=True)
class Criterion:
    """One thing that is so if a statement is right.

    Attributes
    ----------
    key
        Its name.
    measured
        What was measured, with its interval.
    bound
        On which side of it the whole interval must lie; the bound itself counts.
    at_least
        Whether it must lie above; else below.
    rule
        A key of ``gatescope.analysis.RULES``, which says how many values it takes; None where the
        number was counted and not sampled.
    """

    key: str
    measured: Interval
    bound: float
    at_least: bool = True
    rule: str | None = "tutorial"

    @property
    def outcome(self) -> Outcome:
        """Met, not met, or undecided."""
        if self.rule is None:
            return outcome(self.measured, self.bound, at_least=self.at_least)
        return RULES[self.rule].outcome(self.measured, self.bound, at_least=self.at_least)


def verdict_of(criteria: Sequence[Criterion]) -> Verdict:
    """What follows from a statement's criteria.

    It ``holds`` when all are met, is ``wrong`` when none is; it ``depends`` when some are and some
    are not. It is ``undecided`` when an undecided one could still make the difference, and
    ``untested`` without criteria.
    """
    outcomes = {criterion.outcome for criterion in criteria}
    if not outcomes:
        return "untested"
    if {Outcome.MET, Outcome.NOT_MET} <= outcomes:
        return "depends"
    if Outcome.UNDECIDED in outcomes:
        return "undecided"
    return "holds" if outcomes == {Outcome.MET} else "wrong"


def more(key: str, measured: Interval, rule: str, *, ratio: bool = False) -> Criterion:
    """A criterion that something is larger, by the smallest effect of its rule at least.

    Parameters
    ----------
    key, measured, rule
        As in `Criterion`.
    ratio
        Whether ``measured`` is a ratio and the rule's effect that of its natural logarithm.
    """
    return Criterion(key, measured, _bound(rule, 1, ratio), True, rule)


def less(key: str, measured: Interval, rule: str, *, ratio: bool = False) -> Criterion:
    """A criterion that something is smaller, as `more` is that it is larger."""
    return Criterion(key, measured, _bound(rule, -1, ratio), False, rule)


def exactly(value: float) -> Interval:
    """A number that was counted or computed: it has no spread."""
    return Interval(value, value, value, 1)


def as_ratio(logarithm: Interval) -> Interval:
    """The interval of a ratio from that of its natural logarithm."""
    low, high = math.exp(logarithm.low), math.exp(logarithm.high)
    return Interval(math.exp(logarithm.estimate), low, high, logarithm.n, logarithm.level)


def median_ratio(one: Interval, other: Interval, level: float) -> Interval:
    """The ratio of two medians that are 0 or more, of independent groups; either may be infinite.

    Each interval must have half of what ``level`` leaves (Bonferroni): then both hold at once at
    that level, and the ratio lies between that of the ends. 'Never' over 'never' says nothing.
    """
    estimate = _over(one.estimate, other.estimate, math.nan)
    low, high = _over(max(one.low, 0), other.high, 0.0), _over(one.high, other.low, math.inf)
    return Interval(estimate, low, high, min(one.n, other.n), level)


def _over(one: float, other: float, unknown: float) -> float:
    if math.isinf(one) and math.isinf(other):
        return unknown
    return one / other if other > 0 else math.inf


def _bound(rule: str, sign: int, ratio: bool) -> float:
    chosen = RULES[rule]
    bound = chosen.centre + sign * chosen.smallest
    return math.exp(bound) if ratio else bound
