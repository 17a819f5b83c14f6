"""Numbers and sentences beside a picture: digits, scores, and a plain word where a run failed."""

import dataclasses
import math
import re

import pytest

from gatescope import TrainConfig
from viz_app.kit.library import Library
from viz_app.kit.run_words import network, score, settings, warning
from viz_app.kit.words import digits, powers, some


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.16666, "0.1667"), (0.00171, "0.0017"), (0.0999, "0.100"), (2.302585, "2.30"),
        (123.456, "123.46"), (12345.6, "1·10⁴"), (3.2e-7, "3·10⁻⁷"), (1e-5, "0.000010"),
        (0.0, "0"), (float("inf"), "∞"), (float("nan"), "NaN"), (1.0, "1.00"),
        (0.99994, "0.9999"), (0.9999999999999999, "1.00"), (-0.25, "−0.2500"),
    ],
)  # fmt: skip
def test_sensible_digits(value: float, expected: str) -> None:
    """Two after the point, two significant ones below 0.1, powers where those are too many."""
    assert digits(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1.0, "1·10⁰"), (0.0, "0"), (9.6e-45, "1·10⁻⁴⁴"), (4e38, "4·10³⁸"),
        (float("inf"), "∞"), (9.99, "1·10¹"), (-3e-6, "−3·10⁻⁶"),
    ],
)  # fmt: skip
def test_powers_of_ten(value: float, expected: str) -> None:
    """One digit, rounded, and an exponent in superscripts."""
    assert powers(value) == expected


def test_settings_are_those_of_the_run(name: str, library: Library) -> None:
    """Cell, size, task, initialization and training, each from the run's own folder."""
    run = library.runs[name]
    text = settings(run)
    config = run.config
    weights = sum(tensor.numel() for tensor in run.checkpoints[run.steps[-1]].values())
    assert text.startswith(
        f"{config.cell.upper()}, {some('units', config.hidden_size)}, {weights:,} para"
    )
    assert f"{config.task.replace('_', ' ')}, {run.probe().inputs.shape[0]} time steps" in text
    assert text.endswith(
        f"trained for {run.history[-1].step:,} training steps in {run.seconds:.0f} s"
    )
    words = {
        "default": "PyTorch's default initialization",
        "chrono": f"chrono initialization, T = {config.chrono_max or run.task.length}",
        "forget_bias": f"{'update' if config.cell == 'gru' else 'forget'} bias",
    }
    for kind, said in words.items():
        assert (said in text) is (kind == config.initialization)


def test_the_score_stands_beside_that_of_the_baseline(name: str, library: Library) -> None:
    """Loss and accuracy, and what a guess gets, by the task's own definition."""
    run = library.runs[name]
    text = score(run)
    shares = [int(share) / 100 for share in re.findall(r"(\d+)%", text)]
    task = run.task.held_out("test")
    assert shares == pytest.approx([run.test_accuracy, task.baseline_accuracy], abs=0.00501)
    guess = {"adding": "0.1667", "temporal_order": "1.39"}.get(run.config.task, "2.30")
    assert guess in text
    assert ("within ±0.04" in text) is (run.config.task == "adding")


@pytest.mark.parametrize(
    ("accuracy", "expected"),
    [(0.25, "did not learn"), (0.32, "did not learn"), (0.33, "only in part: accuracy 33%."),
     (0.92, "only in part: accuracy 92%."), (0.93, None), (1.0, None), (0.1, "did not learn")],
)  # fmt: skip
def test_a_run_that_failed_is_called_so(
    library: Library, accuracy: float, expected: str | None
) -> None:
    """By its way from the baseline (one in four) to perfect: a tenth, and nine tenths."""
    run = dataclasses.replace(library.runs["temporal-order-lstm"], test_accuracy=accuracy)
    told = warning(run)
    assert (told is None) if expected is None else (expected in str(told))


@pytest.mark.parametrize(
    ("loss", "accuracy", "expected"),
    [
        (0.066, 0.22, "only in part: accuracy 22%."),
        (0.16, 0.08, "did not learn"),
        (math.nan, 0.0, "did not learn"),
        (0.0004, 0.99, None),
    ],
)
def test_of_a_regression_the_loss_counts_too(
    library: Library, loss: float, accuracy: float, expected: str | None
) -> None:
    """At 60% less than the baseline's 0.1667 a network has learned something."""
    run = dataclasses.replace(library.runs["adding-lstm"], test_loss=loss, test_accuracy=accuracy)
    told = warning(run)
    assert (told is None) if expected is None else (expected in str(told))


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"hidden_size": 1}, "LSTM, 1 unit"),
        ({"cell": "gru", "num_layers": 2}, "GRU, 2 layers, 16 units each"),
        ({"bidirectional": True}, "bidirectional LSTM, 16 units per direction"),
        (
            {"cell": "rnn", "bidirectional": True, "num_layers": 3, "hidden_size": 1},
            "bidirectional RNN, 3 layers, 1 unit per direction",
        ),
    ],
)
def test_a_network_in_words(config: dict[str, object], expected: str) -> None:
    """One unit, several layers, two directions."""
    assert network(TrainConfig(task="adding", **config)) == expected
