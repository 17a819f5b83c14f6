"""Which of two networks is better: a difference over the seeds, and what follows from it."""

import math

import numpy as np
import pandas as pd

from gatescope.analysis import RULES, Interval, Rule, Verdict, mean_interval, welch_difference

SCORE = "score"
"""The only column of which more is better."""


def rule_of(column: str) -> Rule:
    """The rule for a column: scores are subtracted, losses and times divided."""
    return RULES["comparison" if column == SCORE else "comparison_ratio"]


def difference(table: pd.DataFrame, one: str, other: str, column: str) -> Interval:
    """A column's mean over the seeds of one network minus that of another (Welch).

    Parameters
    ----------
    table
        One row a run, as from `comparison_table`.
    one, other
        Networks by name.
    column
        ``"score"``, or a loss, time or number of steps, of which the logarithm is taken.

    Returns
    -------
    Interval
        With infinite ends where a value is missing or infinite.
    """
    values = _values(table, one, column), _values(table, other, column)
    if not all(len(each) and np.isfinite(each).all() for each in values):
        return _unknown(min(map(len, values)), column)
    return welch_difference(*values, rule_of(column).level)


def difference_from(table: pd.DataFrame, one: str, reference: float, column: str) -> Interval:
    """A column's mean over the seeds of one network minus a number that has no seeds (Student)."""
    values = _values(table, one, column) - _scaled(np.array([reference]), column)
    if not len(values) or not np.isfinite(values).all():
        return _unknown(len(values), column)
    return mean_interval(values, rule_of(column).level)


def judged(interval: Interval, column: str) -> Verdict:
    """Better, worse, the same or undecided, by the column's rule."""
    return rule_of(column).verdict(interval, lower_is_better=column != SCORE)


def _unknown(n: int, column: str) -> Interval:
    return Interval(math.nan, -math.inf, math.inf, n, rule_of(column).level)


def _values(table: pd.DataFrame, network: str, column: str) -> np.ndarray:
    rows = table.loc[table["network"] == network, column]
    return _scaled(rows.to_numpy(dtype=float), column)


def _scaled(values: np.ndarray, column: str) -> np.ndarray:
    if column == SCORE:
        return values
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled: np.ndarray = np.log(values)
    return scaled
