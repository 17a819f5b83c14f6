"""Lesson 9 in numbers: errors of forecasts made anew here, and a linear model by scikit-learn."""

from typing import Any

import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge

from gatescope.tasks.reviews import Reviews
from tests.viz_app.features.lessons.test_facts import planted
from viz_app.features.lessons.builds import beat_persistence as build
from viz_app.features.lessons.facts import facts_of
from viz_app.features.lessons.lesson import lesson
from viz_app.kit.recordings import HERE


def errors(run: str) -> tuple[float, float]:
    """The network's and persistence's mean squared error, by the raw series."""
    found = HERE.run(run)
    task: Any = found.task.held_out("test")
    values = (task.series.values - task.mean) / task.deviation
    steps = task.targets
    windows = torch.stack([values[s - task.window : s] for s in steps.tolist()], dim=1)
    with torch.no_grad():
        said = found.model()(windows.float())[-1]
    truth = torch.stack([values[s : s + task.horizon, 0] for s in steps.tolist()])
    naive = values[steps - 1, 0][:, None] if task.series.naive == "persistence" else None
    naive = (torch.zeros(1) - task.mean[0]) / task.deviation[0] if naive is None else naive
    return float(((said - truth) ** 2).mean()), float(((naive - truth) ** 2).mean())


def test_ratios_of_errors() -> None:
    """Network over persistence, of both series; what follows of the intervals."""
    facts = facts_of("honest_baselines")
    for name in ("sea", "stocks"):
        run = {"sea": "forecast-sea-temperature-lstm", "stocks": "forecast-stocks-lstm"}[name]
        own, naive = errors(run)
        assert facts[name] == pytest.approx(own / naive, rel=1e-3)
        assert facts[f"{name}_low"] < facts[name] < facts[f"{name}_high"]
    verdicts = [facts[f"{name}_verdict"] for name in ("sea", "linear", "stocks", "smooth")]
    assert verdicts == ["better", "undecided", "undecided", "worse"]
    assert facts["sea_high"] < 1 < facts["smooth_low"]
    assert facts["baseline"] == pytest.approx(1 / 6, rel=1e-3)


def test_reviews_are_ranked_by_accuracy() -> None:
    """As many right answers as are counted here; order did not pay."""
    facts = facts_of("honest_baselines")
    batch = Reviews("test").everything()
    found = HERE.run("reviews-rnn")
    with torch.no_grad():
        outputs = found.model()(batch.inputs)
    right = found.task.accuracy(outputs, batch)
    assert facts["acc_rnn"] == pytest.approx(right, abs=1e-3)
    assert facts["order"] == ("words", "lstm", "rnn")
    assert facts["acc_words"] > facts["acc_lstm"] > facts["acc_rnn"]


def test_another_network_gives_another_answer() -> None:
    """A GRU in the LSTM's place on the smoothed series beats the linear model there."""
    here = planted(forecast_temperature_lstm=HERE.run("forecast-temperature-gru"))
    facts = facts_of("honest_baselines", here)
    assert facts["smooth_verdict"] == "better"
    assert lesson("honest_baselines").questions["closing.smooth"].reason(facts)


@pytest.mark.parametrize("series", [1, 3])
@pytest.mark.parametrize("window", [0, 2])
def test_the_linear_forecast_is_a_ridge_regression(series: int, window: int) -> None:
    """Scikit-learn's, fitted to the training part; half and half is the mean with persistence."""
    name, steps = build.SERIES[series], build.WINDOWS[window]
    task = HERE.run(build.run_of(name)).task
    parts: dict[str, Any] = {part: task.held_out(part) for part in ("train", "test")}  # type: ignore[arg-type]
    x = {
        name: part.forecasts(part.targets).inputs[-steps:].permute(1, 0, 2).flatten(1).numpy()
        for name, part in parts.items()
    }
    y = {name: part.truth(part.targets)[:, 0].numpy() for name, part in parts.items()}
    said = Ridge(alpha=1.0).fit(x["train"], y["train"]).predict(x["test"])
    naive = parts["test"].naive(parts["test"].targets)[:, 0].numpy()
    for mix in (1.0, 0.5):
        mixed = mix * said + (1 - mix) * naive
        expected = ((mixed - y["test"]) ** 2).mean() / ((naive - y["test"]) ** 2).mean()
        verdict = build.BUILD.checked((float(series), float(window), mix, 1.0), HERE)
        assert verdict.numbers["ratio"] == pytest.approx(expected, rel=1e-3)
    assert build.BUILD.checked((float(series), float(window), 0.0, 1.0), HERE).numbers["ratio"] == 1


def test_nothing_is_learned_from_what_is_judged() -> None:
    """The weights are those of the training part, whichever part is judged."""
    names = ("train", "validation", "test")
    rows = [build.BUILD.rows("weather", part, 2, HERE) for part in names]  # type: ignore[arg-type]
    weights = build.fitted(*rows[0][:2])
    for part, (x, truth, _) in zip((0.0, 1.0), rows[1:], strict=True):
        judged = build.BUILD.forecasts((1.0, 1.0, 1.0, part), HERE)
        assert np.allclose(judged.own, x @ weights)
        assert np.allclose(judged.truth, truth)
