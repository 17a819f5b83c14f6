"""The naive and the linear forecast, and the interval of a ratio, against what is known."""

import numpy as np
import pytest
import torch

from gatescope import TrainConfig, make_task
from gatescope.experiments.forecasting import Forecasts, forecasts_of, linear_forecasts, ratio
from gatescope.tasks.forecast import encode
from gatescope.training.build import build_model


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


def test_the_interval_covers_a_known_ratio_about_as_often_as_it_says() -> None:
    draw, hits = np.random.default_rng(0), 0
    for seed in range(60):
        one, other = draw.normal(size=(2, 400)) ** 2
        found = ratio(0.5 * one, other, block=1, seed=seed)
        hits += found.low <= 0.5 <= found.high
    assert 51 <= hits <= 60  # of 60, 95 % expected


def test_the_interval_of_errors_that_go_together_is_narrow() -> None:
    errors = np.random.default_rng(1).normal(size=500) ** 2
    found = ratio(0.3 * errors, errors, block=24)
    assert (found.value, found.low, found.high) == pytest.approx((0.3, 0.3, 0.3))
