"""Accuracy against the delay, on networks built to remember for a known number of steps."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from gatescope.analysis import behaviour, wilson
from gatescope.tasks import Adding, DelayedRecall, Digits


class Echo(nn.Module):
    """Answers with the input of ``back`` steps ago: right at that delay, and at no other."""

    def __init__(self, back: int) -> None:
        super().__init__()
        self.back = back

    def forward(self, inputs: Tensor) -> Tensor:
        """(time, batch, symbols + 1) to (time, batch, symbols)."""
        before = inputs.new_zeros(self.back, *inputs.shape[1:])
        return torch.cat([before, inputs])[: len(inputs), :, :-1]


class Sum(nn.Module):
    """Adds what is marked: right at every length."""

    def forward(self, inputs: Tensor) -> Tensor:
        """(time, batch, 2) to (time, batch, 1)."""
        return (inputs[..., :1] * inputs[..., 1:]).cumsum(0)


def test_an_echo_is_right_at_its_own_delay_alone() -> None:
    """1 there, chance elsewhere; the lag is the delay."""
    tasks = {delay: DelayedRecall(delay, 8) for delay in (12, 3, 7)}
    found = behaviour(Echo(7), tasks, examples=2000, seed=0)
    assert found.lengths.tolist() == [3, 7, 12]
    assert found.lags.tolist() == [3, 7, 12]
    assert found.accuracy[1] == 1
    assert found.accuracy[0] == pytest.approx(1 / 8, abs=0.03)  # always answers the same
    assert found.accuracy[2] < 1 / 8 + 0.03  # answers with some symbol between
    relative = found.relative(found.accuracy)
    assert relative[1] == 1
    assert relative[0] == pytest.approx(0, abs=0.03)
    np.testing.assert_allclose(found.baseline, 1 / 8)


def test_a_perfect_network_is_right_at_every_length() -> None:
    """And its lag is the mean way from the first mark to the end: about 3/4 of the length."""
    found = behaviour(Sum(), {n: Adding(n) for n in (10, 100)}, examples=1000, seed=1)
    assert found.accuracy.tolist() == [1, 1]
    # the first mark is uniform on 0 to T/2 - 1
    np.testing.assert_allclose(found.lags, [9 - 2, 99 - 24.5], atol=1.5)


def test_without_marks_the_lag_is_the_length() -> None:
    """Every pixel may matter."""
    model = nn.Linear(1, 10)
    found = behaviour(model, {64: Digits("test")}, examples=50, seed=0)
    assert found.lags.tolist() == [63]


@pytest.mark.parametrize(
    ("share", "count", "low", "high"),
    [(0.5, 10, 0.2366, 0.7634), (1.0, 10, 0.7225, 1.0), (0.0, 10, 0.0, 0.2775)],
)
def test_wilsons_interval(share: float, count: int, low: float, high: float) -> None:
    """Against tables of it (Newcombe 1998 gives the same formula)."""
    assert wilson(share, count) == pytest.approx((low, high), abs=1e-4)


def test_the_interval_covers_as_often_as_it_says() -> None:
    """20,000 draws of 50 answers at 80 %."""
    draws = np.random.default_rng(0).binomial(50, 0.8, 20_000)
    intervals = {n: wilson(n / 50, 50) for n in np.unique(draws)}
    covered = np.mean([intervals[n][0] <= 0.8 <= intervals[n][1] for n in draws])
    assert covered == pytest.approx(0.95, abs=0.015)


def test_no_task_is_refused() -> None:
    """And the model is left without gradients."""
    with pytest.raises(ValueError, match="at least one task"):
        behaviour(Sum(), {}, examples=1, seed=0)
    assert math.isfinite(behaviour(Sum(), {4: Adding(4)}, examples=3, seed=0).low[0])
    assert torch.is_grad_enabled()
