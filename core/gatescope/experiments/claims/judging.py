"""How a claim is judged: its parts, each with an interval over the seeds, and the verdict."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from gatescope.analysis import RULES, Interval, Outcome, outcome
from gatescope.experiments.claims.rows import cell_of

RULE = RULES["claim"]
Verdict = Literal["holds", "partly", "fails", "undecided"]


@dataclass(frozen=True)
class Part:
    """One part of a claim, and whether it came out.

    Attributes
    ----------
    key
        Its name.
    value, bound
        What was measured (the median over the seeds), and from where on it has come out.
    at_least
        Whether the value must be at least the bound; else at most.
    decides
        Whether the claim fails without it, whatever else came out.
    interval
        Of the value, over the seeds; None for a number that has no chance in it.
    check
        A check of the code, as of an identity: no finding, and not counted.
    """

    key: str
    value: float
    bound: float
    at_least: bool
    decides: bool = False
    interval: Interval | None = None
    check: bool = False

    @property
    def outcome(self) -> Outcome:
        """Met or not where the whole interval is on that side of the bound; else undecided."""
        if self.interval is None:
            exact = Interval(self.value, self.value, self.value, 1)
            found = outcome(exact, self.bound, at_least=self.at_least)
            return Outcome.NOT_MET if found is Outcome.UNDECIDED else found  # it is NaN
        return RULE.outcome(self.interval, self.bound, at_least=self.at_least)

    @property
    def met(self) -> bool:
        """Whether this part came out for certain."""
        return self.outcome is Outcome.MET


def verdict_of(parts: tuple[Part, ...]) -> Verdict | None:
    """The verdict that all undecided parts would leave as it is, whichever way they went.

    ``holds`` when every part came out; ``fails`` when one that decides, or most, did not; else
    ``partly``. ``undecided`` where that hangs on an undecided part, or a check of the code fails.
    """
    counted = tuple(part for part in parts if not part.check)
    if not counted:
        return None
    if any(not part.met for part in parts if part.check):
        return "undecided"
    best = _counted(counted, {Outcome.MET, Outcome.UNDECIDED})
    return best if best == _counted(counted, {Outcome.MET}) else "undecided"


def _counted(parts: tuple[Part, ...], as_met: set[Outcome]) -> Verdict:
    """The verdict where these outcomes count as met."""
    met = [part for part in parts if part.outcome in as_met]
    if len(met) == len(parts):
        return "holds"
    decided = all(part in met for part in parts if part.decides)
    return "partly" if decided and 2 * len(met) >= len(parts) else "fails"


def part_of(
    key: str, interval: Interval, bound: float, *, at_least: bool, decides: bool = False
) -> Part:
    """A part that is judged by an interval over the seeds."""
    return Part(key, interval.estimate, bound, at_least, decides, interval)


def interval_of(
    table: pd.DataFrame, measure: str, line: str, at: int, unit: float = 1.0
) -> Interval:
    """A row's median and its interval over the seeds, in a unit; NaN where there is no such row."""
    estimate, low, high, count = (
        cell_of(table, measure, line, at, column) for column in ("ours", "low", "high", "count")
    )
    n = 0 if math.isnan(count) else int(count)
    return Interval(estimate / unit, low / unit, high / unit, n, RULE.level)


def of_all(intervals: Iterable[Interval], *, at_least: bool) -> Interval:
    """The worst of some intervals: it meets a bound where all do, and misses it where one does."""
    found = list(intervals)
    worst = np.min if at_least else np.max  # one that is not known makes all unknown
    estimate, low, high = (
        float(worst([getattr(one, name) for one in found])) for name in ("estimate", "low", "high")
    )
    return Interval(estimate, low, high, min(one.n for one in found), RULE.level)
