"""The interval of a fraction of answers that come in groups."""

from collections.abc import Sequence

import numpy as np

from gatescope.analysis.uncertainty import (
    LEVEL,
    Interval,
    student,
    wilson_at,
    wilson_interval,
    yes_or_no,
)


def grouped_fraction(
    right: Sequence[bool] | np.ndarray,
    groups: Sequence[int] | np.ndarray,
    level: float = LEVEL,
) -> Interval:
    """The fraction of right answers, some of which depend on one another.

    Wilson's interval for the effective number of answers: so many independent ones would vary as
    much from sample to sample as these do from group to group. The normal quantile is replaced by
    that of Student's t for the number of groups (Korn & Graubard 1998, 'Confidence intervals for
    proportions with small expected number of positive counts estimated from survey data').

    Parameters
    ----------
    right
        (answer,), whether each is right.
    groups
        (answer,), the group of each: answers of different groups are independent.
    level
        Of the interval.

    Returns
    -------
    Interval
        ``n`` is the number of groups. Where every answer is a group of its own, it is Wilson's.

    Raises
    ------
    ValueError
        When there is no answer, one is neither right nor wrong, or has no group.

    Examples
    --------
    >>> from gatescope.analysis import grouped_fraction
    >>> apart = grouped_fraction([True, True, False, False], [0, 1, 2, 3])
    >>> alike = grouped_fraction([True, True, False, False], [0, 0, 1, 1])
    >>> (alike.low < apart.low, alike.n)
    (True, 2)
    """
    answers, labels = yes_or_no(right, "an answer"), np.asarray(groups)
    if not len(answers) or len(answers) != len(labels):
        raise ValueError(f"give a group for each answer, got {len(labels)} for {len(answers)}")
    _, place = np.unique(labels, return_inverse=True)
    sizes, hits = np.bincount(place), np.bincount(place, weights=answers)
    n, count = len(answers), len(sizes)
    share = float(answers.mean())
    if n == count:
        return wilson_interval(int(answers.sum()), n, level)
    if count == 1:
        return Interval(share, 0.0, 1.0, 1, level)
    variance = count / (count - 1) * float(((hits - share * sizes) ** 2).sum()) / n**2
    effective = share * (1 - share) / variance if variance else float(n)
    if share in (0.0, 1.0):
        effective = count  # nothing varied, so nothing tells how alike the answers of a group are
    effective = min(max(effective, 1.0), n)
    found = wilson_at(share * effective, effective, student(level, count - 1), level)
    return Interval(share, found.low, found.high, count, level)
