"""Intervals against coverage by simulation, closed forms, published tables and scipy."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats

from gatescope.analysis import (
    Interval,
    bootstrap_interval,
    grouped_fraction,
    mean_interval,
    median_interval,
    newcombe_interval,
    paired_difference,
    welch_difference,
    wilson_interval,
)

TIMES = 6000


def coverage(truth: float, intervals: list[Interval]) -> float:
    """How often the truth lies between the ends."""
    return float(np.mean([found.low <= truth <= found.high for found in intervals]))


@pytest.mark.parametrize("level", [0.9, 0.95])
@pytest.mark.parametrize("n", [2, 3, 5])
def test_means_of_few_values_are_covered_as_often_as_is_said(n: int, level: float) -> None:
    """Student's t: two standard errors would cover 70, 82 and 88 % instead of 95."""
    draw = np.random.default_rng(n)
    samples = draw.normal(3.0, 2.0, (TIMES, n))
    found = coverage(3.0, [mean_interval(one, level) for one in samples])
    assert found == pytest.approx(level, abs=4 * math.sqrt(level * (1 - level) / TIMES))
    pairs = samples + draw.normal(0, 5, (TIMES, 1)) * [1.0]
    base = pairs - samples  # what two runs of a seed share
    paired = [paired_difference(one, other, level) for one, other in zip(pairs, base, strict=True)]
    assert coverage(3.0, paired) == pytest.approx(found)


@pytest.mark.parametrize("n", [2, 3, 5])
def test_no_difference_of_two_groups_is_found_at_most_as_often_as_is_said(n: int) -> None:
    """Two standard errors: 18, 11.6 and 8.1 % at n = 2, 3 and 5; Welch keeps to 5 %."""
    one, other = np.random.default_rng(n).normal(size=(2, TIMES, n))
    found = [welch_difference(a, b) for a, b in zip(one, other, strict=True)]
    false = 1 - coverage(0.0, found)
    assert 0.005 < false < 0.05 + 3 * math.sqrt(0.05 * 0.95 / TIMES)
    rough = np.abs(one.mean(1) - other.mean(1)) > 2 * np.sqrt(
        (one.var(1, ddof=1) + other.var(1, ddof=1)) / n
    )
    assert rough.mean() > 0.07


def test_groups_of_different_spread_and_size_are_covered() -> None:
    """The small group has four times the spread: pooling the variances would cover 75 %."""
    draw = np.random.default_rng(1)
    one, other = draw.normal(1.0, 4.0, (TIMES, 4)), draw.normal(0.0, 1.0, (TIMES, 16))
    found = [welch_difference(a, b) for a, b in zip(one, other, strict=True)]
    assert coverage(1.0, found) == pytest.approx(0.95, abs=0.012)
    assert {each.n for each in found} == {4}


@pytest.mark.parametrize("level", [0.9, 0.95])
def test_t_intervals_are_those_of_scipy(level: float) -> None:
    """One sample, pairs, and Welch."""
    one, other = np.random.default_rng(7).normal(size=(2, 8)) * [[1.0], [3.0]]
    pairs: list[tuple[Interval, Any]] = [
        (mean_interval(one, level), stats.ttest_1samp(one, 0)),
        (paired_difference(one, other, level), stats.ttest_rel(one, other)),
        (welch_difference(one, other[:5], level), stats.ttest_ind(one, other[:5], equal_var=False)),
    ]
    for ours, theirs in pairs:
        ends = theirs.confidence_interval(level)
        assert (ours.low, ours.high) == pytest.approx((ends.low, ends.high), rel=1e-12)
        assert ours.level == level
    assert [ours.n for ours, _ in pairs] == [8, 8, 5]


@pytest.mark.parametrize(("k", "n"), [(0, 8), (6, 8), (8, 8), (1, 3), (37, 100)])
@pytest.mark.parametrize("level", [0.9, 0.95])
def test_wilsons_interval_is_that_of_scipy(k: int, n: int, level: float) -> None:
    """And it stays between 0 and 1."""
    ends = stats.binomtest(k, n).proportion_ci(level, "wilson")
    found = wilson_interval(k, n, level)
    assert (found.low, found.high) == pytest.approx((ends.low, ends.high), abs=1e-12)
    assert (found.estimate, found.n) == (k / n, n)


def test_wilsons_interval_covers_on_average_as_often_as_it_says() -> None:
    """Exact, by the binomial of 8 trials, over 99 true fractions; Wald's covers 77 %."""
    trials = np.arange(9)
    intervals = [wilson_interval(int(k), 8) for k in trials]
    covered = [
        sum(
            stats.binom.pmf(k, 8, p)
            for k, each in zip(trials, intervals, strict=True)
            if each.low <= p <= each.high
        )
        for p in np.linspace(0.01, 0.99, 99)
    ]
    assert np.mean(covered) == pytest.approx(0.95, abs=0.012)
    assert min(covered) > 0.82


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((6, 7, 2, 7), 0.0582, 0.8062),
        ((5, 56, 0, 29), -0.0381, 0.1926),
        ((0, 10, 0, 20), -0.1611, 0.2775),
        ((0, 10, 0, 10), -0.2775, 0.2775),
        ((10, 10, 0, 20), 0.6791, 1.0),
        ((10, 10, 0, 10), 0.6075, 1.0),
    ],
)
def test_newcombes_intervals_are_those_of_his_table(
    counts: tuple[int, int, int, int], low: float, high: float
) -> None:
    """Newcombe 1998, table II, method 10."""
    found = newcombe_interval(*counts)
    assert (found.low, found.high) == pytest.approx((low, high), abs=6e-5)
    swapped = newcombe_interval(*counts[2:], *counts[:2])
    assert (-swapped.high, -swapped.low) == pytest.approx((found.low, found.high))
    assert found.n == min(counts[1], counts[3])


def test_six_of_eight_against_none_is_no_chance() -> None:
    """As Fisher's exact test says: p = .007."""
    assert stats.fisher_exact([[6, 2], [0, 8]]).pvalue == pytest.approx(0.007, abs=5e-4)
    assert newcombe_interval(6, 8, 0, 8).low > 0.25
    assert newcombe_interval(2, 3, 0, 3).low < 0


@pytest.mark.parametrize("level", [0.8, 0.9, 0.95])
@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 6, 8, 9, 12, 20])
def test_a_medians_interval_is_the_narrowest_that_covers(n: int, level: float) -> None:
    """By the binomial: it covers at the level, and one value narrower it would not."""
    values = np.random.default_rng(n).permutation(np.arange(1.0, n + 1))
    found = median_interval(values, level)
    assert found.estimate == np.median(values)

    def covers(left_out: int) -> float:
        """The chance that the true median lies between the order statistics."""
        return float(1 - 2 * stats.binom.cdf(left_out, n, 0.5))

    if math.isinf(found.low):
        assert (found.low, found.high) == (-math.inf, math.inf)
        assert covers(0) < level
    else:
        left_out = int(found.low) - 1
        assert found.high == n - left_out
        assert covers(left_out) >= level > covers(left_out + 1)


def test_medians_of_skewed_values_are_covered_and_their_bootstrap_is_not() -> None:
    """Log-normal, five values: between lowest and highest in 15 of 16 cases."""
    samples = np.exp(np.random.default_rng(3).normal(size=(TIMES, 5)))
    found = coverage(1.0, [median_interval(one, 0.9) for one in samples])
    assert found == pytest.approx(15 / 16, abs=0.013)


def test_runs_that_were_ended_count_as_infinite() -> None:
    """Three of eight never got there: the median is known, its upper end is not."""
    steps = [100, 200, 300, 400, 500, math.inf, math.inf, math.inf]
    assert median_interval(steps, 0.9) == Interval(450, 200, math.inf, 8, 0.9)
    found = median_interval([*steps[:3], *steps[5:]], 0.9)
    assert (found.estimate, found.low, found.high) == (math.inf, 100, math.inf)
    assert median_interval([math.inf] * 8).low == math.inf


def test_one_value_decides_nothing() -> None:
    """And no values differ from none: infinite ends; values that do not vary have none to tell."""
    for found in (
        mean_interval([2.0]), median_interval([2.0]), paired_difference([3.0], [1.0]),
        welch_difference([3.0], [1.0, 1.0]), bootstrap_interval([2.0]),
        bootstrap_interval(np.full(300, 2.0), block=100), bootstrap_interval([2.0] * 4),
    ):  # fmt: skip
        assert (found.estimate, found.low, found.high) == (2.0, -math.inf, math.inf)
    assert welch_difference([1.0, 1.0], [0.5, 0.5]) == Interval(0.5, 0.5, 0.5, 2)


def series(count: int, draw: np.random.Generator, phi: float = 0.9) -> np.ndarray:
    """AR(1): each error keeps phi of the one before."""
    noise = draw.normal(size=count + 200)
    found = np.zeros_like(noise)
    for t in range(1, len(noise)):
        found[t] = phi * found[t - 1] + noise[t]
    return found[200:]


def test_blocks_cover_errors_that_remember_each_other() -> None:
    """AR(1) with 0.9: without blocks the mean is covered 35 % of the time instead of 95."""
    draw = np.random.default_rng(5)
    samples = [series(3000, draw) for _ in range(300)]
    blocks = [bootstrap_interval(one, block=150, draws=500) for one in samples]
    assert 0.91 <= coverage(0.0, blocks) <= 0.98
    assert blocks[0].n == 20
    alone = [bootstrap_interval(one, draws=200) for one in samples[:100]]
    assert coverage(0.0, alone) < 0.5


@pytest.mark.long
def test_groups_cover_what_their_rows_share() -> None:
    """Eight seeds with 25 rows each: the rows alone would be covered half of the time."""
    draw = np.random.default_rng(6)
    labels = np.repeat(np.arange(8), 25)
    samples = [draw.normal(size=8)[labels] + draw.normal(size=200) for _ in range(250)]
    found = [bootstrap_interval(one, groups=labels, draws=400) for one in samples]
    assert coverage(0.0, found) == pytest.approx(0.95, abs=0.035)
    assert found[0].n == 8
    assert coverage(0.0, [bootstrap_interval(one, draws=400) for one in samples]) < 0.7


def test_the_bootstrap_of_independent_rows_is_students_interval() -> None:
    """For the mean of many normal values, and any statistic of several columns."""
    values = np.random.default_rng(8).normal(size=400)
    ours, theirs = bootstrap_interval(values, draws=8000), mean_interval(values)
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.006)
    columns = np.stack([3 * values**2, values**2], axis=1)
    found = bootstrap_interval(columns, lambda rows: float(rows[:, 0].mean() / rows[:, 1].mean()))
    assert (found.low, found.high) == pytest.approx((3, 3))


@pytest.mark.parametrize(
    ("rows", "block"), [(300, 24), (37, 5), (40, 5), (40, None), (7, 3), (12, 12)]
)
def test_a_statistic_of_means_is_drawn_from_the_same_rows(rows: int, block: int | None) -> None:
    """The sums of blocks say the same as their rows, whose last block is cut."""
    columns = np.random.default_rng(9).random((rows, 2))
    found = bootstrap_interval(columns, _ratio, block=block, of_means=True)
    of_rows = bootstrap_interval(columns, lambda rows: _ratio(rows.mean(axis=0)), block=block)
    assert [found.low, found.high] == pytest.approx([of_rows.low, of_rows.high], rel=1e-12)
    assert (found.estimate, found.n) == (of_rows.estimate, of_rows.n)


def test_a_statistic_of_means_over_groups() -> None:
    """Groups of different sizes are drawn as rows, and their means taken."""
    values, groups = np.random.default_rng(9).random(30), np.repeat(range(8), range(8))[:30]
    groups = np.concatenate([groups, [9] * (30 - len(groups))])
    found = bootstrap_interval(values, float, groups=groups, of_means=True)
    assert found == bootstrap_interval(values, groups=groups)


def _ratio(means: np.ndarray) -> float:
    return float(means[0] / means[1])


def test_infinite_statistics_have_infinite_ends() -> None:
    """Half of the units never forget: the upper decile of their half-lives is infinite."""
    lives = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, *[math.inf] * 6])
    found = bootstrap_interval(lives, lambda rows: float(np.sort(rows)[-2]))
    assert (found.estimate, found.high) == (math.inf, math.inf)
    assert bootstrap_interval(lives, lambda rows: float(np.sort(rows)[5])).high == math.inf
    assert math.isfinite(bootstrap_interval(lives, lambda rows: float(np.sort(rows)[5])).low)


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: wilson_interval(1, 0), "1 of 0"),
        (lambda: wilson_interval(9, 8), "9 of 8"),
        (lambda: newcombe_interval(-1, 3, 0, 3), "-1 of 3"),
        (lambda: mean_interval([]), r"\[\]"),
        (lambda: mean_interval([1.0, math.nan]), "nan"),
        (lambda: welch_difference([1.0], [math.inf]), "inf"),
        (lambda: paired_difference([1.0], [1.0, 2.0]), "1 and 2"),
        (lambda: median_interval([math.nan]), "nan"),
        (lambda: bootstrap_interval([]), "0 rows"),
        (lambda: bootstrap_interval([1.0], block=0), "block=0"),
        (lambda: bootstrap_interval([1.0, 2.0], groups=[1]), "got 1"),
    ],
)
def test_what_has_no_interval_is_one_sentence(call: Callable[[], Any], named: str) -> None:
    """It names the value."""
    with pytest.raises(ValueError, match=named):
        call()


@pytest.mark.parametrize("scale", [2.0**-980, 2.0**-300, 2.0**300, 2.0**1000])
def test_intervals_of_very_small_and_very_large_values_are_scaled_ones(scale: float) -> None:
    """Their squares are 0 or infinite: the interval must not shrink to nothing, nor be lost."""
    one, other = np.array([1.0, 2.0, 4.0]), np.array([2.0, 3.0, 3.0])
    for found, expected in (
        (mean_interval(one * scale), mean_interval(one)),
        (paired_difference(one * scale, other * scale), paired_difference(one, other)),
        (welch_difference(one * scale, other * scale), welch_difference(one, other)),
        (median_interval(one * scale), median_interval(one)),
    ):
        ends = [found.estimate / scale, found.low / scale, found.high / scale]
        assert ends == pytest.approx([expected.estimate, expected.low, expected.high], rel=1e-12)
    assert mean_interval([1.7e308, 1.7e308]).estimate == 1.7e308
    assert median_interval([1.7e308, 1.6e308]).estimate == pytest.approx(1.65e308)


@pytest.mark.parametrize("level", [95, 1, 0, -0.5, math.nan])
def test_a_level_that_is_no_fraction_is_refused(level: float) -> None:
    """As per cent: an interval without ends, or of no width, looks like one."""
    for interval in (
        lambda: mean_interval([1.0, 2.0], level),
        lambda: welch_difference([1.0, 2.0], [3.0, 4.0], level),
        lambda: paired_difference([1.0, 2.0], [3.0, 4.0], level),
        lambda: median_interval([1.0, 2.0], level),
        lambda: bootstrap_interval([1.0, 2.0] * 9, level=level),
        lambda: wilson_interval(1, 2, level),
        lambda: newcombe_interval(1, 2, 1, 2, level),
        lambda: grouped_fraction([1, 0, 1], [0, 1, 1], level),
    ):
        with pytest.raises(ValueError, match=f"a level is a fraction .* got {level}"):
            interval()


def test_a_table_is_no_row_of_values() -> None:
    """Its rows would be counted, and all its numbers averaged."""
    for interval in (mean_interval, median_interval):
        with pytest.raises(ValueError, match=r"one row of values, got shape \(3, 2\)"):
            interval(np.ones((3, 2)))


def test_a_draw_without_a_number_decides_nothing() -> None:
    """The mean of one column over that of another which may be 0, and a value that is NaN."""
    columns = np.array([[1.0, 0.0]] * 5 + [[1.0, 1.0]])

    def share(rows: np.ndarray) -> float:
        return float(rows[:, 0].mean() / rows[:, 1].mean()) if rows[:, 1].any() else math.nan

    found = bootstrap_interval(columns, share)
    assert (found.estimate, found.low, found.high) == (pytest.approx(6), -math.inf, math.inf)
    found = bootstrap_interval([1.0, math.nan, 3.0] * 4)
    assert math.isnan(found.estimate)
    assert (found.low, found.high) == (-math.inf, math.inf)


def test_groups_without_a_name_are_one_group() -> None:
    """NaN is no number, and equals nothing: its rows are drawn all the same."""
    values = np.arange(12.0)
    named = np.repeat([0.0, 1, 2, 3, 4, 5], 2)
    unnamed = np.where(named == 5, np.nan, named)
    assert bootstrap_interval(values, groups=unnamed) == bootstrap_interval(values, groups=named)
