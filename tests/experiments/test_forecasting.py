"""The naive and the linear forecast, and the interval of a ratio, against what is known."""

from typing import Any

import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge

from gatescope import TrainConfig, make_task
from gatescope.experiments.forecasting import (
    ALPHAS,
    Forecasts,
    block_length,
    forecasts_of,
    linear_forecasts,
    ratio,
)
from gatescope.tasks.forecast import encode
from gatescope.training.build import build_model
from viz_app.features.forecasting.words import verdict


def test_a_linear_series_is_forecast_exactly_by_the_linear_forecast() -> None:
    values = torch.zeros(400, 1)
    values[0], values[1] = 1.0, 0.9
    for t in range(2, 400):  # an oscillation, which two values determine
        values[t] = 1.8 * values[t - 1] - 0.99 * values[t - 2] + (0.5 if t % 50 == 0 else 0)
    task = make_task("forecast", window=4, horizon=1, split="test", **encode(values))
    errors = (linear_forecasts(task) - task.truth(task.targets).numpy()) ** 2
    kicks = task.targets.numpy() % 50 == 0
    assert np.sqrt(errors[~kicks].mean()) < 0.05
    assert task.baseline_loss > 10 * errors[~kicks].mean()


def test_every_forecast_of_the_part_is_made_and_its_loss_is_the_tasks() -> None:
    config = TrainConfig(task="forecast", task_options={"horizon": 3, "window": 6}, hidden_size=4)
    model, task = build_model(config).eval(), config.make_task().held_out("test")
    found = forecasts_of(model, task)
    batch = task.forecasts(task.targets)
    with torch.no_grad():
        outputs = model(batch.inputs)
    assert found.squared("network").mean() == pytest.approx(float(task.loss(outputs, batch)))
    assert found.squared("naive").mean() == pytest.approx(task.baseline_loss, rel=1e-5)
    assert found.nearer("network") == pytest.approx(task.accuracy(outputs, batch))
    assert found.truth.shape == (len(task.targets), 3)


def test_nearer_by_hand() -> None:
    truth = np.array([[0.0], [0.0], [0.0]])
    found = Forecasts(
        np.arange(3), truth, np.array([[1.0], [2.0], [0.0]]), np.array([[2.0], [1.0], [1.0]]), truth
    )
    assert found.nearer("network") == pytest.approx(2 / 3)
    assert found.nearer("linear") == 1


def autoregressive(draw: np.random.Generator, count: int, phi: float) -> np.ndarray:
    """Errors of variance 1 that remember: each is phi times the one before, and noise."""
    errors = draw.normal(size=(count + 50, 2)) * np.sqrt(1 - phi**2)
    for t in range(1, len(errors)):
        errors[t] += phi * errors[t - 1]
    return errors[50:]


@pytest.mark.long
@pytest.mark.parametrize(("phi", "count", "block"), [(0.0, 300, 14), (0.9, 600, 10)])
def test_forecasts_that_are_equally_good_are_seldom_told_apart(
    phi: float, count: int, block: int
) -> None:
    """In at most 7 of 100 series, also of errors that remember; one error that is half the other
    is found in nearly all. An interval that ignores its blocks fails it (in half of the series)."""
    draw, told, found = np.random.default_rng(3), [], []
    for _ in range(100):
        one, other = (autoregressive(draw, count, phi) ** 2).T
        told.append(verdict(ratio(one, other, block=block)))
        found.append(verdict(ratio(0.25 * one, other, block=block)))
    assert np.mean([each in ("better", "worse") for each in told]) <= 0.07
    assert np.mean([each == "better" for each in found]) >= 0.95


def test_a_block_is_longer_than_what_errors_remember() -> None:
    """Fifteen times the steps in which an autocorrelation of .81 falls to 1/e; never shorter than
    asked for."""
    draw = np.random.default_rng(0)
    one, other = (autoregressive(draw, 200_000, 0.9) ** 2).T
    assert block_length(one, other, 10) == pytest.approx(-15 / np.log(0.9**2), abs=2)
    assert block_length(one, other, 90) == 90
    white = draw.normal(size=(2, 200_000)) ** 2
    assert block_length(*white, 10) == 10
    assert block_length(0.5 * other, other, 7) == 7


def test_the_interval_of_errors_that_go_together_is_narrow() -> None:
    errors = np.random.default_rng(1).normal(size=500) ** 2
    found = ratio(0.3 * errors, errors, block=24)
    assert (found.estimate, found.low, found.high) == pytest.approx((0.3, 0.3, 0.3))
    assert found.n == 500 // 24


def test_the_linear_forecasts_penalty_is_chosen_on_the_validation_part() -> None:
    """Where the test part, which turns the sign round, would choose the largest."""
    draw = np.random.default_rng(0)
    values = np.zeros(600)
    for t in range(1, 600):
        sign = 1 if t < 480 else -1
        values[t] = 0.95 * sign * values[t - 1] + draw.normal(0, 0.1)
    series = torch.from_numpy(values).float().unsqueeze(1)
    task = make_task("forecast", window=3, horizon=1, split="test", **encode(series))

    def rows(part: Any) -> tuple[np.ndarray, np.ndarray]:
        chosen = task.held_out(part)
        windows = chosen.forecasts(chosen.targets).inputs[..., 0].T.double().numpy()
        return windows, chosen.truth(chosen.targets).double().numpy()

    losses = {}
    for part in ("validation", "test"):
        inputs, truth = rows(part)
        for alpha in ALPHAS:
            guess = Ridge(alpha=alpha).fit(*rows("train")).predict(inputs)
            losses[part, alpha] = ((guess.reshape(truth.shape) - truth) ** 2).mean()
    best = {
        part: min(ALPHAS, key=lambda alpha: losses[part, alpha]) for part in ("validation", "test")
    }
    assert best["validation"] != best["test"] == max(ALPHAS)
    expected = Ridge(alpha=best["validation"]).fit(*rows("train")).predict(rows("test")[0])
    np.testing.assert_allclose(linear_forecasts(task)[:, 0], expected.ravel(), rtol=1e-6)
