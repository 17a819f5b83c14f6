"""The interval of a fraction of answers in groups, by its coverage and in closed form."""

import numpy as np
import pytest

from gatescope.analysis import grouped_fraction, wilson_interval

REPEATS = 2000


def test_answers_that_stand_alone_have_wilsons_interval() -> None:
    """Every answer a group of its own, in any order."""
    right = np.array([True] * 7 + [False] * 3)
    groups = np.random.default_rng(0).permutation(10)
    assert grouped_fraction(right, groups) == wilson_interval(7, 10)


def test_doubled_answers_are_no_new_ones() -> None:
    """Each image asked twice: about the interval of the images, far from that of the answers."""
    right = np.arange(400) % 5 > 0
    once, twice = (
        grouped_fraction(np.repeat(right, times), np.repeat(np.arange(400), times))
        for times in (1, 2)
    )
    assert twice.estimate == once.estimate
    assert twice.n == 400
    assert twice.high - twice.low == pytest.approx(once.high - once.low, rel=0.01)
    naive = wilson_interval(640, 800)
    assert (once.high - once.low) / (naive.high - naive.low) == pytest.approx(2**0.5, rel=0.01)


@pytest.mark.parametrize(("groups", "size"), [(12, 20), (100, 10), (30, 1)])
@pytest.mark.parametrize("share", [0.5, 0.9])
def test_coverage_where_groups_differ(groups: int, size: int, share: float) -> None:
    """Each group has a chance of its own, from a beta distribution: about 95% hold its mean.

    12 very unequal groups (.9) are few: 91%. Wilson of 30 answers covers 97.7%, being discrete.
    """
    draw = np.random.default_rng(1)
    labels = np.repeat(np.arange(groups), size)
    covered = 0
    for _ in range(REPEATS):
        chance = draw.beta(3 * share, 3 * (1 - share), groups)
        found = grouped_fraction(draw.random(groups * size) < chance[labels], labels)
        covered += found.low <= share <= found.high
    assert covered / REPEATS == pytest.approx(0.95, abs=0.04)


def test_coverage_over_blocks_of_a_series() -> None:
    """Neighbours of an autoregressive series (.8) are alike: blocks of 25 cover, answers do not."""
    draw = np.random.default_rng(2)
    steps, covered = 500, np.zeros(2)
    for _ in range(REPEATS):
        noise = draw.normal(size=steps)
        series = np.zeros(steps)
        series[0] = noise[0] / 0.6
        for step in range(1, steps):
            series[step] = 0.8 * series[step - 1] + noise[step]
        right = series > 0
        for way, labels in enumerate((np.arange(steps) // 25, np.arange(steps))):
            found = grouped_fraction(right, labels)
            covered[way] += found.low <= 0.5 <= found.high
    blocks, alone = covered / REPEATS
    assert blocks == pytest.approx(0.95, abs=0.035)
    assert alone < 0.75


@pytest.mark.parametrize("right", [True, False])
def test_where_all_answers_agree_groups_count(right: bool) -> None:
    """Nothing tells how alike they are: 10 groups of 50 are taken for 10 answers."""
    found = grouped_fraction([right] * 500, np.arange(500) // 50)
    assert found.estimate == right
    most = 2.2622**2 / (10 + 2.2622**2)  # t of 9 degrees of freedom
    expected = (1 - most, 1) if right else (0, most)
    assert (found.low, found.high) == pytest.approx(expected, abs=1e-4)


def test_one_group_says_nothing() -> None:
    """And without answers, or groups for them, there is no interval."""
    found = grouped_fraction([True, False, True], [4, 4, 4])
    assert (found.low, found.high, found.n) == (0, 1, 1)
    for right, groups in (([], []), ([True], [0, 1])):
        with pytest.raises(ValueError, match="give a group for each answer"):
            grouped_fraction(right, groups)


def test_groups_that_are_all_alike_count_every_answer() -> None:
    """Half of each group right, always: no more than the answers themselves can say."""
    found = grouped_fraction([True, False] * 30, np.arange(60) // 2)
    alone = wilson_interval(30, 60)
    assert found.low == pytest.approx(alone.low, abs=0.01)
    assert found.low < alone.low


def test_groups_that_balance_one_another_count_no_more_than_their_answers() -> None:
    """Nearly every pair is one right and one wrong: less spread than chance has, not more n."""
    right = [True, False] * 28 + [True, True, False, False]
    found, alone = grouped_fraction(right, np.arange(60) // 2), wilson_interval(30, 60)
    assert found.low <= alone.low
    assert found.high >= alone.high


def test_two_groups_have_students_quantile() -> None:
    """One degree of freedom, 12.7 spreads: Wilson's formula with it, worked by hand.

    Both groups are alike in themselves and differ, so that two answers count as one.
    """
    found = grouped_fraction([True, True, False, False], [0, 0, 1, 1])
    z = 12.706204736432095
    reach = z * (0.25 + z * z / 4) ** 0.5 / (1 + z * z)
    assert (found.low, found.high) == pytest.approx((0.5 - reach, 0.5 + reach), rel=1e-9)


@pytest.mark.parametrize("odd", [float("nan"), 0.2, 2, -1])
def test_what_is_neither_right_nor_wrong_is_refused(odd: float) -> None:
    """NaN and 0.2 count as True in Python."""
    with pytest.raises(ValueError, match=f"True or False, in a row, got {odd}"):
        grouped_fraction([odd, 0, 1], [0, 1, 1])
