"""The lowest rate, the best weights, and an answer that is read at both ends."""

from typing import Any

import pytest
import torch
from torch import nn

from gatescope import SequenceModel, TrainConfig, train
from gatescope.training import fast
from gatescope.training.build import build_model
from gatescope.training.scoring import TEST_SEED, evaluate

EASY: dict[str, Any] = {
    "task": "delayed_recall",
    "task_options": {"delay": 1, "symbols": 2},
    "hidden_size": 4,
    "batch_size": 8,
    "max_steps": 120,
    "evaluate_every": 5,
    "learning_rate": 0.2,
}


@pytest.mark.parametrize("lowest", [0.0, 0.08, 0.2])
def test_the_rate_is_lowered_as_torch_does_it_and_never_below_the_lowest(lowest: float) -> None:
    """The history's rates are those of torch's scheduler on the history's losses."""
    run = train(TrainConfig(**EASY, plateau_patience=1, plateau_min_rate=lowest))
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.2)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer, patience=1, factor=0.5, min_lr=lowest
    )
    expected = [0.2]
    for row in run.history[1:]:
        scheduler.step(row.loss)
        expected.append(optimizer.param_groups[0]["lr"])
    rates = [row.learning_rate for row in run.history]
    assert rates == expected
    assert (min(rates) < 0.2) is (lowest < 0.2)
    assert min(rates) >= lowest


def test_the_best_weights_are_kept() -> None:
    """They are those of a run that ends at the best evaluation; the history goes on."""
    plain = train(TrainConfig(**EASY))
    run = train(TrainConfig(**EASY, restore_best=True))
    assert [row.loss for row in run.history] == [row.loss for row in plain.history]
    losses = [row.loss for row in run.history]
    best = run.history[losses.index(min(losses))].step
    assert 0 < best < 120
    assert run.steps[-1] == best
    short = train(TrainConfig(**(EASY | {"max_steps": best})))
    for name, weight in short.checkpoints[best].items():
        assert torch.equal(weight, run.checkpoints[best][name]), name
    task = run.task
    assert run.test_loss == evaluate(run.model(), task, task.sample(500, TEST_SEED))[0]
    assert run.gradients[-1].checkpoint == best
    early = train(TrainConfig(**EASY, restore_best=True, stop_patience=3))
    assert early.history[-1].step == early.steps[-1] + 15


def test_the_longest_gradient_of_all_updates_is_kept() -> None:
    """Evaluated after each update it is that update's; else the largest since."""
    every = train(TrainConfig(**(EASY | {"evaluate_every": 1, "max_steps": 20})))
    norms = [row.gradient_norm for row in every.history[1:]]
    assert [row.longest_gradient for row in every.history[1:]] == norms
    some = train(TrainConfig(**(EASY | {"max_steps": 20})))
    found = [row.longest_gradient for row in some.history[1:]]
    assert found == [max(norms[first : first + 5]) for first in range(0, 20, 5)]


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_both_ends_are_torchs_last_states(cell: str) -> None:
    """At the last step the answer is that of h_n of both directions of the last layer."""
    torch.manual_seed(0)
    model = SequenceModel(cell, 3, 5, 2, num_layers=2, bidirectional=True, read_at="both_ends")
    x = torch.randn(7, 4, 3)
    assert isinstance(model.recurrent, nn.RNNBase)
    outputs, last = model.recurrent(x)
    states = last[0] if cell == "lstm" else last
    expected = model.readout(torch.cat([states[-2], states[-1]], dim=-1))
    found = model(x)
    torch.testing.assert_close(found[-1], expected)
    at_two = model.readout(torch.cat([outputs[2, :, :5], outputs[0, :, 5:]], dim=-1))
    torch.testing.assert_close(found[2], at_two)
    torch.testing.assert_close(fast.forward(model, x), found, rtol=1e-5, atol=1e-6)


def test_what_cannot_be_read_at_both_ends_is_told() -> None:
    with pytest.raises(ValueError, match="needs two directions: set bidirectional"):
        TrainConfig(**EASY, read_at="both_ends")
    with pytest.raises(ValueError, match="set bidirectional=True"):
        SequenceModel("gru", 1, 2, 1, read_at="both_ends")
    with pytest.raises(ValueError, match="'each_step' or 'both_ends', got 'end'"):
        SequenceModel("gru", 1, 2, 1, bidirectional=True, read_at="end")  # type: ignore[arg-type]
    model = build_model(TrainConfig(**EASY, cell="gru+lstm", bidirectional=True,
                                    read_at="both_ends"))  # fmt: skip
    assert model(torch.randn(3, 2, model.recurrent.cells[0].input_size)).shape == (3, 2, 2)
