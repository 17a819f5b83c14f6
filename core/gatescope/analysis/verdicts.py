"""The rules by which a verdict follows from an interval, in one table: `RULES`."""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from gatescope.analysis.uncertainty import Interval

Method = Literal["wilson", "newcombe", "mean", "paired", "welch", "median", "bootstrap"]


class Verdict(StrEnum):
    """What an interval says of a difference."""

    BETTER = "better"
    WORSE = "worse"
    SAME = "same"
    UNDECIDED = "undecided"


class Outcome(StrEnum):
    """What an interval says of a criterion."""

    MET = "met"
    NOT_MET = "not_met"
    UNDECIDED = "undecided"


def verdict(
    interval: Interval, smallest: float, *, centre: float = 0.0, lower_is_better: bool = False
) -> Verdict:
    """Better or worse, the same, or undecided.

    The band that counts as no effect is ``centre`` ± ``smallest``. Beyond it on one side with the
    whole interval: better or worse. The whole interval inside it: the same. Everything else, an
    interval that reaches into the band and out of it or whose end is no number, is undecided.

    Parameters
    ----------
    interval
        Of a difference, or of any number that is held against ``centre``.
    smallest
        The smallest effect that counts, 0 or more.
    centre
        The value that means no effect: 0 for differences, 1 for ratios.
    lower_is_better
        As for a loss.

    Raises
    ------
    ValueError
        When the smallest effect is negative.
    """
    if not smallest >= 0:
        raise ValueError(f"the smallest effect that counts is 0 or more, got {smallest}")
    low, high = interval.low - centre, interval.high - centre
    if math.isnan(low) or math.isnan(high):
        return Verdict.UNDECIDED
    if max(abs(low), abs(high)) < smallest or low == high == 0:
        return Verdict.SAME
    if low > 0 and low >= smallest:
        return Verdict.WORSE if lower_is_better else Verdict.BETTER
    if high < 0 and high <= -smallest:
        return Verdict.BETTER if lower_is_better else Verdict.WORSE
    return Verdict.UNDECIDED


def outcome(interval: Interval, bound: float, *, at_least: bool) -> Outcome:
    """Whether a criterion is met: the whole interval on its side of a bound, the bound included.

    An end that is no number leaves it undecided.
    """
    if math.isnan(interval.low) or math.isnan(interval.high):
        return Outcome.UNDECIDED
    if at_least:
        met, missed = interval.low >= bound, interval.high < bound
    else:
        met, missed = interval.high <= bound, interval.low > bound
    if met:
        return Outcome.MET
    return Outcome.NOT_MET if missed else Outcome.UNDECIDED


@dataclass(frozen=True)
class Rule:
    """How one kind of verdict is reached.

    Attributes
    ----------
    method
        Which interval of `gatescope.analysis.uncertainty`.
    of
        What it is an interval of, and its unit.
    n
        Independent values that it takes at least; fewer leave it undecided.
    level
        Of the interval.
    smallest
        The smallest effect that counts, in the unit of ``of``.
    centre
        The value that means no effect.
    """

    method: Method
    of: str
    n: int
    level: float
    smallest: float
    centre: float = 0.0

    @property
    def undecided_band(self) -> tuple[float, float]:
        """An interval that reaches into this band, and out of it, leaves the verdict undecided."""
        return self.centre - self.smallest, self.centre + self.smallest

    def verdict(self, interval: Interval, *, lower_is_better: bool = False) -> Verdict:
        """What follows from an interval; nothing from too few values, or at a lower level.

        Parameters
        ----------
        interval
            As from the method.
        lower_is_better
            As for a loss.
        """
        if interval.n < self.n or interval.level < self.level:
            return Verdict.UNDECIDED
        return verdict(interval, self.smallest, centre=self.centre, lower_is_better=lower_is_better)

    def outcome(self, interval: Interval, bound: float, *, at_least: bool) -> Outcome:
        """Whether a criterion is met; undecided by too few values, or at a lower level."""
        if interval.n < self.n or interval.level < self.level:
            return Outcome.UNDECIDED
        return outcome(interval, bound, at_least=at_least)


RULES: dict[str, Rule] = {
    "technique": Rule("paired", "relative change of the test loss, seed by seed", 8, 0.95, 0.02),
    "comparison": Rule("welch", "difference of two scores, as fractions", 3, 0.95, 0.01),
    "comparison_ratio": Rule("welch", "difference of two losses or times as logarithms: "
                             "0.05 is 5 %", 3, 0.95, 0.05),
    # a criterion has one side: each end of a 0.9 interval is wrong in 5 % of cases
    "claim": Rule("median", "the criterion's own unit; its bound is what counts", 5, 0.9, 0.0),
    "retention": Rule("newcombe", "difference of two fractions of seeds that solve it",
                      8, 0.95, 0.1),
    "retention_most": Rule("wilson", "fraction of seeds that solve it", 8, 0.95, 0.0, 0.5),
    "intervention": Rule("paired", "fraction of the lead over the no-memory baseline that is kept, "
                         "example by example", 100, 0.95, 0.05, 1.0),
    "intervention_baseline": Rule("paired", "the same, against none of it", 100, 0.95, 0.1),
    "tutorial": Rule("median", "log10 of a ratio of gradient norms, of untrained seeds",
                     30, 0.95, 2.0),
    "tutorial_score": Rule("welch", "difference of two test scores, as fractions", 8, 0.95, 0.01),
    "tutorial_loss": Rule("welch", "difference of two test losses as logarithms", 8, 0.95, 0.05),
    "tutorial_steps": Rule("welch", "difference in training steps", 8, 0.95, 25.0),
    "tutorial_rates": Rule("welch", "difference in learning rates that work", 8, 0.95, 1.0),
    "tutorial_time": Rule("median", "ratio of two CPU times within a round", 20, 0.95, 0.05, 1.0),
    "sentiment": Rule("newcombe", "difference of two accuracies", 100, 0.95, 0.01),
    "forecasting": Rule("bootstrap", "ratio of two mean squared errors; n counts blocks",
                        5, 0.95, 0.02, 1.0),
}  # fmt: skip
"""By kind of verdict: what it stands on."""
