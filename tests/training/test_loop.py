"""The training loop against the same updates written out here, and its promise of sameness."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from gatescope.tasks import make_task
from gatescope.training import Run, TrainConfig, build_model, train
from gatescope.training.loop import FIRST_BATCH_SEED
from gatescope.training.scoring import HELD_OUT_EXAMPLES, TEST_SEED, VALIDATION_SEED


def config(**changes: Any) -> TrainConfig:
    """A run of a few milliseconds."""
    given = {
        "task": "adding",
        "task_options": {"length": 6},
        "hidden_size": 4,
        "batch_size": 8,
        "max_steps": 4,
        "evaluate_every": 2,
        "learning_rate": 0.01,
    }
    return TrainConfig(**(given | changes))


def numbers(run: Run) -> dict[str, Any]:
    """Everything of a run but its times, comparable bit for bit."""
    return {
        "history": [
            repr([v for k, v in vars(row).items() if k != "seconds"]) for row in run.history
        ],
        "checkpoints": {
            step: {name: tensor.numpy().tobytes() for name, tensor in weights.items()}
            for step, weights in run.checkpoints.items()
        },
        "gradients": repr(run.gradients),
        "test": (run.test_loss, run.test_accuracy),
    }


OPTIMIZERS = {
    "adam": torch.optim.Adam,
    "sgd": torch.optim.SGD,
    "rmsprop": torch.optim.RMSprop,
}


@pytest.mark.parametrize("clip", [None, 0.05, 1000.0])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_updates_are_those_of_torchs_optimizer(optimizer: str, clip: float | None) -> None:
    """Four updates written out: batches by seed, the norm before clipping, clipping by hand."""
    asked = config(optimizer=optimizer, max_grad_norm=clip, seed=3)
    run = train(asked)
    task, model = make_task("adding", length=6), build_model(asked)
    stepper = OPTIMIZERS[optimizer](model.parameters(), lr=0.01)
    losses, norms = [], []
    for step in range(1, 5):
        batch = task.sample(8, FIRST_BATCH_SEED * 4 + step)
        loss = nn.functional.mse_loss(model(batch.inputs)[-1], batch.targets[-1])
        stepper.zero_grad()
        torch.autograd.backward(loss)
        norms.append(
            math.sqrt(sum(float(p.grad.double().square().sum()) for p in model.parameters()))
        )
        if clip is not None and norms[-1] > clip:
            for parameter in model.parameters():
                parameter.grad *= clip / norms[-1]
        stepper.step()
        losses.append(loss.item())
    for name, weight in model.state_dict().items():
        # float32, and torch's clipping divides by the norm plus 1e-6
        torch.testing.assert_close(run.checkpoints[4][name], weight, rtol=1e-4, atol=1e-6)
        assert not torch.equal(run.checkpoints[0][name], run.checkpoints[4][name])
    assert [row.step for row in run.history] == [0, 2, 4]
    assert math.isnan(run.history[0].train_loss)
    found = [row.train_loss for row in run.history[1:]]
    assert found == pytest.approx([np.mean(losses[:2]), np.mean(losses[2:])], rel=1e-5)
    assert [row.gradient_norm for row in run.history[1:]] == pytest.approx(norms[1::2], rel=1e-4)
    if clip == 0.05:
        assert min(norms) > clip  # or this would not test clipping


@pytest.mark.parametrize(
    "changes",
    [
        {"dropout": 0.4, "num_layers": 2},
        {"cell": "gru", "bidirectional": True, "initialization": "chrono"},
        {"cell": "lstm_peephole", "num_layers": 2, "dropout": 0.4},
        {
            "cell": "rnn",
            "optimizer": "sgd",
            "task": "temporal_order",
            "task_options": {"length": 10},
        },
        {"task": "digits", "task_options": {}, "max_steps": 2},
    ],
)
def test_the_same_config_gives_the_same_numbers(changes: dict[str, Any]) -> None:
    """Bit for bit, whatever the global random state, which is left alone."""
    torch.manual_seed(1)
    state = torch.get_rng_state()
    first = train(config(**changes))
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(2)
    torch.rand(5)
    assert numbers(train(config(**changes))) == numbers(first)
    other = numbers(train(config(**changes, seed=1)))
    for part, value in numbers(first).items():
        assert other[part] != value, part


@pytest.mark.parametrize("task", ["adding", "digits"])
def test_scores_are_those_of_the_kept_weights(task: str) -> None:
    """The last validation row and the test score, computed again from ``run.model()``."""
    options = {"length": 6} if task == "adding" else {}
    run = train(config(task=task, task_options=options, dropout=0.4, num_layers=2))
    for part, seed, loss, accuracy in [
        ("validation", VALIDATION_SEED, run.history[-1].loss, run.history[-1].accuracy),
        ("test", TEST_SEED, run.test_loss, run.test_accuracy),
    ]:
        held_out = run.task.held_out(part)
        batch = held_out.sample(HELD_OUT_EXAMPLES, seed)
        with torch.no_grad():
            outputs = run.model()(batch.inputs)
        assert held_out.loss(outputs, batch).item() == pytest.approx(loss, rel=1e-6)
        assert held_out.accuracy(outputs, batch) == accuracy
    assert run.parameters == sum(p.numel() for p in run.model().parameters())
    assert run.history[0].loss != run.history[-1].loss


def test_the_rate_falls_on_a_plateau_as_torchs_scheduler_says() -> None:
    """The recorded validation losses, given to torch's own scheduler, give the recorded rates."""
    run = train(
        config(
            learning_rate=1e-6,
            max_steps=24,
            evaluate_every=2,
            plateau_patience=2,
            plateau_factor=0.1,
        )
    )
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=1e-6)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=2, factor=0.1)
    expected = [1e-6]
    for row in run.history[1:]:
        scheduler.step(row.loss)
        expected.append(optimizer.param_groups[0]["lr"])
    assert [row.learning_rate for row in run.history] == pytest.approx(expected, rel=1e-12)
    assert expected[-1] < 2e-7


def test_without_a_plateau_the_rate_stays() -> None:
    """None never lowers it."""
    run = train(config(learning_rate=1e-6, max_steps=24))
    assert {row.learning_rate for row in run.history} == {1e-6}


def test_one_run_does_not_see_another() -> None:
    """A callback that trains meanwhile, and draws random numbers, changes nothing."""
    changes = {"dropout": 0.4, "num_layers": 2}

    def meanwhile(_: Any) -> None:
        with torch.random.fork_rng():
            train(config(seed=9))

    assert numbers(train(config(**changes), meanwhile)) == numbers(train(config(**changes)))
