"""Settings that make no sense are refused in one line; the others are frozen."""

from typing import Any

import pytest

from gatescope.earlier import first_name
from gatescope.training import TrainConfig
from gatescope.training.config import LATER


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"task": "addition"}, "there is no task 'addition'; available: adding"),
        ({"task": "adding", "cell": "lstn"}, "there is no cell 'lstn'; available: rnn, lstm"),
        ({"task": "adding", "task_options": {"length": 1}}, "length must be at least 2.*got 1"),
        ({"task": "adding", "task_options": {"size": 9}}, "task 'adding'.*'size'"),
        ({}, "task: is missing"),
        ({"task": "adding", "hidden_size": 0}, "hidden_size: .*at least 1 .*, got 0"),
        ({"task": "adding", "dropout": 1.0}, "dropout: .*less than 1 .*, got 1.0"),
        ({"task": "adding", "learning_rate": -1}, "learning_rate: .*greater than 0 .*, got -1"),
        ({"task": "adding", "learning_rate": float("nan")}, "learning_rate: .*got nan"),
        (
            {"task": "adding", "optimizer": "lion"},
            "optimizer: .*'adam', 'sgd' or 'rmsprop', got 'lion'",
        ),
        ({"task": "adding", "stop_accuracy": 1.5}, "stop_accuracy: .*got 1.5"),
        ({"task": "adding", "chrono_max": 2}, "chrono_max: .*3 .*, got 2"),
        ({"task": "adding", "seed": -1}, "seed: .*got -1"),
        ({"task": "adding", "max_steps": 10.5}, "max_steps: .*whole number.*got 10.5"),
        (
            {"task": "adding", "hidden": 9},
            "no such setting; available: task, .*hidden_size",
        ),
        ({"task": "adding", "cell": "rnn", "initialization": "chrono"}, "'rnn' has no such gate"),
        ({"task": "adding", "cell": "rnn", "initialization": "forget_bias"}, "take 'default'"),
        ({"task": "adding", "cell": "lstm_no_forget", "initialization": "chrono"}, "no such gate"),
        ({"task": "adding", "initialization": "orthogonal"}, "initialization: .*'orthogonal'"),
        ({"task": "adding", "seed": -1, "max_grad_norm": 0}, "max_grad_norm: .*; seed: "),
    ],
)
def test_a_fault_is_one_line(settings: dict[str, Any], words: str) -> None:
    """The field, what was expected, what was given; several faults side by side."""
    with pytest.raises(ValueError, match=words) as caught:
        TrainConfig(**settings)
    assert "\n" not in str(caught.value)
    assert "pydantic" not in str(caught.value)


def test_a_config_is_frozen_and_compares_by_value() -> None:
    """It cannot be changed, and it survives the way through JSON."""
    config = TrainConfig(task="adding", task_options={"length": 9}, stop_accuracy=0.9)
    with pytest.raises(ValueError, match="frozen"):
        config.seed = 3
    assert TrainConfig(**config.model_dump()) == config
    assert TrainConfig.model_validate_json(config.model_dump_json()) == config
    assert TrainConfig(task="adding", task_options={"length": 8}, stop_accuracy=0.9) != config


@pytest.mark.parametrize("cell", ["lstm", "gru", "lstm_peephole", "lstm_coupled"])
@pytest.mark.parametrize("initialization", ["forget_bias", "chrono"])
def test_every_cell_with_a_retention_gate_may_start_it(cell: str, initialization: str) -> None:
    """No complaint."""
    config = TrainConfig(task="adding", cell=cell, initialization=initialization)
    assert config.make_task().length == 50


def test_later_settings_stand_in_a_key_only_where_they_are_changed() -> None:
    """So the prepared results, made before there were such settings, are still found."""
    plain = TrainConfig(task="adding")
    assert set(LATER) <= set(TrainConfig.model_fields)
    first_names = {first_name(name) for name in TrainConfig.model_fields}
    assert set(plain.identity()) == first_names - set(LATER)
    changed = TrainConfig(task="adding", l2=0.1, restore_best=True)
    assert set(changed.identity()) - set(plain.identity()) == {"l2", "restore_best"}
