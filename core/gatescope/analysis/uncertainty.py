"""How sure a number is: intervals whose n counts what is independent.

Seeds for seeds, blocks for series, examples for examples. What n cannot decide has infinite ends.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from gatescope.extras import library

LEVEL = 0.95
NORMAL = NormalDist()
DRAWS = 2000
Values = Sequence[float] | np.ndarray


@dataclass(frozen=True)
class Interval:
    """An estimate and the ends between which the true value lies at a level of confidence.

    Attributes
    ----------
    estimate, low, high
        In the unit of the values; ends that n cannot tell are infinite.
    n
        Independent values that it stands on; of two groups, those of the smaller.
    level
        How often such an interval holds the true value.
    """

    estimate: float
    low: float
    high: float
    n: int
    level: float = LEVEL


def wilson_interval(successes: float, n: float, level: float = LEVEL) -> Interval:
    """The interval of a fraction of n independent trials (Wilson 1927).

    An effective number of trials need not be whole.

    Raises
    ------
    ValueError
        When there is no trial, or the successes are not 0 to n.
    """
    return wilson_at(successes, n, _normal(level), level)


def wilson_at(successes: float, n: float, z: float, level: float) -> Interval:
    """The same, with the quantile z of a level as it is given."""
    if not 1 <= n < math.inf or not 0 <= successes <= n:
        raise ValueError(f"give 0 to n successes of at least 1 trial, got {successes} of {n}")
    share = successes / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    reach = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    low = 0.0 if successes == 0 else max(0.0, middle - reach)
    high = 1.0 if successes == n else min(1.0, middle + reach)
    return Interval(share, low, high, int(n), level)


def wilson(share: float, count: int, z: float = 1.959964) -> tuple[float, float]:
    """The ends of `wilson_interval` for a fraction of trials; z is 1.96 for 95 %."""
    found = wilson_at(share * count, count, z, 2 * NORMAL.cdf(z) - 1)
    return found.low, found.high


def newcombe_interval(
    successes: float, n: int, other_successes: float, other_n: int, level: float = LEVEL
) -> Interval:
    """A fraction minus that of another, independent group (Newcombe 1998, method 10)."""
    one = wilson_interval(successes, n, level)
    other = wilson_interval(other_successes, other_n, level)
    difference = one.estimate - other.estimate
    below = math.hypot(one.estimate - one.low, other.high - other.estimate)
    above = math.hypot(one.high - one.estimate, other.estimate - other.low)
    return Interval(difference, difference - below, difference + above, min(n, other_n), level)


def mean_interval(values: Values, level: float = LEVEL) -> Interval:
    """The mean of n independent values, m ± t s / √n with n − 1 degrees of freedom (Student 1908).

    Raises
    ------
    ValueError
        When there is no value, or one is not finite.
    """
    given = _finite(values)
    _require_level(level)
    n = len(given)
    mean, spread = _mean(given), _spread(given)
    if n == 1:
        return Interval(mean, -math.inf, math.inf, n, level)
    return _student(mean, spread / math.sqrt(n), n - 1, n, level)


def paired_difference(values: Values, others: Values, level: float = LEVEL) -> Interval:
    """The mean of values minus others, pair by pair: two things done with the same seeds.

    Raises
    ------
    ValueError
        When there are not as many of one as of the other, none, or one that is not finite.
    """
    if len(values) != len(others):
        raise ValueError(f"pairs need as many of both, got {len(values)} and {len(others)}")
    return mean_interval(_finite(values) - _finite(others), level)


def welch_difference(values: Values, others: Values, level: float = LEVEL) -> Interval:
    """The mean of values minus that of others, of two independent groups (Welch 1947).

    Raises
    ------
    ValueError
        When a group has no value, or one that is not finite.
    """
    groups = [_finite(values), _finite(others)]
    _require_level(level)
    difference = _mean(groups[0]) - _mean(groups[1])
    n = min(map(len, groups))
    if n == 1:
        return Interval(difference, -math.inf, math.inf, n, level)
    errors = [_spread(group) / math.sqrt(len(group)) for group in groups]
    error = math.hypot(*errors)
    if error == 0:
        return Interval(difference, difference, difference, n, level)
    freedom = 1 / sum(
        (part / error) ** 4 / (len(group) - 1) for part, group in zip(errors, groups, strict=True)
    )
    return _student(difference, error, freedom, n, level)


def median_interval(values: Values, level: float = LEVEL) -> Interval:
    """The median of n independent values, between two of them: the binomial's order statistics.

    It covers at the level or above it, whatever the distribution. A run that was ended before it
    got there counts as infinite. Fewer values than 6 (at 0.95) or 5 (at 0.9) decide nothing.

    Raises
    ------
    ValueError
        When there is no value, or one is not a number.
    """
    given = np.sort(_row(values))
    _require_level(level)
    n = len(given)
    if n == 0 or np.isnan(given).any():
        raise ValueError(f"give at least one value, and no NaN, got {given.tolist()}")
    below, above = float(given[(n - 1) // 2]), float(given[n // 2])
    estimate = below if below == above else below / 2 + above / 2
    # the true median lies below the k-th smallest value with the chance of fewer than k heads
    tails = library("scipy.stats").binom.cdf(np.arange(n), n, 0.5)
    left_out = int(np.sum(tails <= (1 - level) / 2)) - 1
    if left_out < 0:
        return Interval(estimate, -math.inf, math.inf, n, level)
    return Interval(estimate, float(given[left_out]), float(given[n - 1 - left_out]), n, level)


def bootstrap_interval(
    values: Values,
    statistic: Callable[[np.ndarray], float] = np.mean,
    *,
    block: int | None = None,
    groups: Sequence[object] | np.ndarray | None = None,
    of_means: bool = False,
    level: float = LEVEL,
    draws: int = DRAWS,
    seed: int = 0,
) -> Interval:
    """The interval of any statistic, by drawing anew what is independent (Efron 1979).

    The percentiles are widened for few blocks, groups or rows, as Student's t is
    (Hesterberg 2015, the expanded percentile interval). Where they would lie beyond the outermost
    draw, as with fewer than 5, or where a draw gives no number, the ends are infinite.

    Parameters
    ----------
    values
        (row, …); without ``block`` or ``groups`` the rows are independent.
    statistic
        From rows, of the same shape, to a number.
    block
        Of a series: rows in a block, longer than what its errors remember. Overlapping blocks are
        drawn (Künsch 1989).
    groups
        (row,), which group each row belongs to: whole groups are drawn.
    of_means
        The statistic is a function of the columns' means, and is given these alone; then only
        the blocks' sums are drawn, which is some ten times quicker.
    level, draws, seed
        Of the interval; how often it is drawn, and from which seed.

    Raises
    ------
    ValueError
        When there is no row, the block is below 1, both are given, or a row has no group.
    """
    given = np.asarray(values, dtype=float)
    _require_level(level)
    units, choices, count, length = _units(len(given), block, groups)
    redrawn = _means(given, block) if of_means and groups is None else None
    estimate = float(statistic(given.mean(axis=0) if of_means else given))
    tail = 0.0
    if count > 1:
        stretched = student(level, count - 1) * math.sqrt(count / (count - 1))
        tail = NORMAL.cdf(-stretched)
    if tail * draws < 1:
        return Interval(estimate, -math.inf, math.inf, count, level)
    draw = np.random.default_rng(seed)
    drawn = []
    for _ in range(draws):
        chosen = draw.integers(0, choices, length)
        if redrawn is not None:
            drawn.append(float(statistic(redrawn(chosen))))
            continue
        rows = units(chosen)
        sample = given[rows[: len(given)] if block else rows]
        drawn.append(float(statistic(sample.mean(axis=0) if of_means else sample)))
    if np.isnan(drawn).any() or math.isnan(estimate):
        return Interval(estimate, -math.inf, math.inf, count, level)
    low = float(np.quantile(drawn, tail, method="lower"))
    high = float(np.quantile(drawn, 1 - tail, method="higher"))
    return Interval(estimate, low, high, count, level)


def _units(
    rows: int, block: int | None, groups: Sequence[object] | np.ndarray | None
) -> tuple[Callable[[np.ndarray], np.ndarray], int, int, int]:
    """From chosen units to their rows; how many to choose from, are independent, are drawn."""
    if rows == 0 or (block is not None and (block < 1 or groups is not None)):
        raise ValueError(
            f"give at least one row, and blocks of at least 1 or groups, got {rows} rows, "
            f"block={block}"
        )
    if groups is not None:
        labels = np.asarray(groups)
        if len(labels) != rows:
            raise ValueError(f"give a group for each of {rows} rows, got {len(labels)}")
        _, places = np.unique(labels, return_inverse=True)  # NaN is one label
        found = [np.flatnonzero(places == place) for place in range(int(places.max()) + 1)]
        count = len(found)
        return lambda chosen: np.concatenate([found[k] for k in chosen]), count, count, count
    size = min(block or 1, rows)
    inside, starts = np.arange(size), rows - size + 1
    return (
        lambda chosen: (chosen[:, None] + inside).reshape(-1),
        starts, rows // size, -(-rows // size),
    )  # fmt: skip


def _means(given: np.ndarray, block: int | None) -> Callable[[np.ndarray], np.ndarray]:
    """From chosen blocks to the means of their rows, the last block cut to as many as are given."""
    rows, size = len(given), min(block or 1, len(given))
    blocks = np.lib.stride_tricks.sliding_window_view(given, size, axis=0)
    whole, cut = blocks.sum(axis=-1), blocks[..., : (rows - 1) % size + 1].sum(axis=-1)

    def means(chosen: np.ndarray) -> np.ndarray:
        found: np.ndarray = (whole[chosen[:-1]].sum(axis=0) + cut[chosen[-1]]) / rows
        return found

    return means


def _row(values: Values) -> np.ndarray:
    given = np.asarray(values, dtype=float)
    if given.ndim != 1:
        raise ValueError(f"give one row of values, got shape {given.shape}")
    return given


def _finite(values: Values) -> np.ndarray:
    given = _row(values)
    if given.size == 0 or not np.isfinite(given).all():
        raise ValueError(f"give at least one value, all finite, got {given.tolist()}")
    return given


def _mean(given: np.ndarray) -> float:
    scaled, power = _scaled(given)
    return float(np.ldexp(scaled.mean(), power))


def _spread(given: np.ndarray) -> float:
    """The standard deviation, with n - 1; of one value there is none."""
    if len(given) == 1:
        return 0.0
    scaled, power = _scaled(given)
    with np.errstate(over="ignore"):
        return float(np.ldexp(scaled.std(ddof=1), power))


def _scaled(given: np.ndarray) -> tuple[np.ndarray, int]:
    """Values below 1 and the power of 2 that was taken out: sums and squares are none too large
    or too small, and not a digit is lost."""
    power = math.frexp(float(np.abs(given).max()))[1]
    return np.ldexp(given, -power), power


def _require_level(level: float) -> None:
    if not 0 < level < 1:
        raise ValueError(f"a level is a fraction between 0 and 1, as 0.95, got {level}")


def yes_or_no(given: object, what: str) -> np.ndarray:
    """A row of booleans; 0 and 1 count as such, and no other number does."""
    values = np.asarray(given)
    is_odd = ~np.isin(values, (0, 1))
    if values.ndim != 1 or is_odd.any():
        found = f"{values[is_odd][0]} among" if is_odd.any() else f"shape {values.shape} of"
        raise ValueError(f"{what} must be True or False, in a row, got {found} {values.size}")
    return values.astype(bool)


def student(level: float, freedom: float) -> float:
    """How far Student's t lies from 0 at most, as often as the level says."""
    _require_level(level)
    return float(library("scipy.stats").t.ppf((1 + level) / 2, freedom))


def _student(estimate: float, error: float, freedom: float, n: int, level: float) -> Interval:
    reach = student(level, freedom) * error
    return Interval(estimate, estimate - reach, estimate + reach, n, level)


def _normal(level: float) -> float:
    _require_level(level)
    return NORMAL.inv_cdf((1 + level) / 2)
