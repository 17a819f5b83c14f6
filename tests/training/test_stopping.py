"""When a run ends, and which of its weights are kept."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch

import gatescope
from gatescope.training import Progress, TrainConfig, train
from gatescope.training.loop import log_spaced


def config(**changes: Any) -> TrainConfig:
    given = {
        "task": "delayed_recall",
        "task_options": {"delay": 1, "symbols": 2},
        "hidden_size": 4,
        "batch_size": 8,
        "max_steps": 300,
        "evaluate_every": 5,
        "learning_rate": 0.05,
    }
    return TrainConfig(**(given | changes))


@pytest.fixture(scope="module")
def solved() -> gatescope.Run:
    """An easy task, until two evaluations in a row are right."""
    return train(config(stop_accuracy=1.0))


def test_a_run_stops_when_two_evaluations_in_a_row_reach_the_accuracy(
    solved: gatescope.Run,
) -> None:
    """The last two did, no two before them."""
    right = [row.accuracy >= 1.0 for row in solved.history]
    assert right[-2:] == [True, True]
    assert not any(a and b for a, b in pairwise(right[:-1]))
    assert solved.history[-1].step < 300
    assert solved.test_accuracy > 0.99


def test_without_a_stop_a_run_makes_all_its_updates() -> None:
    """The last evaluation is at ``max_steps``, also where it is no multiple."""
    run = train(config(max_steps=23))
    assert [row.step for row in run.history] == [0, 5, 10, 15, 20, 23]
    assert {row.max_steps for row in run.history} == {23}


@pytest.mark.parametrize("patience", [1, 4])
def test_a_run_stops_when_the_loss_falls_no_more(patience: int) -> None:
    """Updates too small for float32 leave the loss where it is: ``patience`` evaluations more."""
    run = train(config(learning_rate=1e-30, stop_patience=patience))
    assert len({row.loss for row in run.history}) == 1
    assert len(run.history) == patience + 1


def test_patience_counts_from_the_best_loss() -> None:
    """Where the loss does fall, the best is exactly ``patience`` evaluations back."""
    run = train(config(learning_rate=0.2, stop_patience=3, max_steps=2000))
    losses = [row.loss for row in run.history]
    assert int(np.argmin(losses)) == len(losses) - 4
    assert losses[0] > min(losses)


@pytest.mark.parametrize("answer", [False, None, True, 0])
def test_a_callback_sees_every_evaluation_and_may_stop(answer: Any) -> None:
    """Only False stops; the run is then whole as it stands."""
    seen: list[Progress] = []

    def callback(progress: Progress) -> Any:
        seen.append(progress)
        return answer if len(seen) == 3 else None

    run = train(config(max_steps=30), callback)
    assert tuple(seen) == run.history
    assert seen[-1].step == (10 if answer is False else 30)
    assert run.steps[-1] == seen[-1].step
    assert run.gradients[-1].checkpoint == seen[-1].step
    assert run.seconds == seen[-1].seconds > 0


def test_a_run_that_diverges_stops_and_is_whole() -> None:
    """No warning, no exception: its rows say nan."""
    run = train(
        config(
            task="adding",
            task_options={"length": 10},
            optimizer="sgd",
            learning_rate=1e12,
            max_grad_norm=None,
        )
    )
    assert run.history[-1].step < 300
    assert not np.isfinite(run.history[-1].loss)
    assert np.isnan(run.gradients[-1].median)
    assert np.isfinite(run.gradients[0].median)


def test_checkpoints_are_the_first_the_last_and_about_12(solved: gatescope.Run) -> None:
    """Log-spaced between; step 0 holds the untrained weights, the last the final ones."""
    run = train(config(max_steps=200, evaluate_every=100))
    assert run.steps[0] == 0
    assert run.steps[-1] == 200
    assert 9 <= len(run.steps) <= 13
    untrained = gatescope.training.build_model(run.config).state_dict()
    for name, weight in run.model(0).state_dict().items():
        assert torch.equal(weight, untrained[name])
    assert solved.steps[-1] == solved.history[-1].step
    between = np.log(run.steps[1:])
    assert np.diff(between).max() < 3 * np.diff(between).mean()


def test_checkpoints_hold_the_weights_of_their_step() -> None:
    """A run of fewer updates ends in the very weights that a longer one keeps at that step."""
    long = train(config(max_steps=40))
    for step in long.steps[1:4]:
        short = train(config(max_steps=step))
        for name, weight in short.checkpoints[step].items():
            assert torch.equal(weight, long.checkpoints[step][name]), (step, name)


@pytest.mark.parametrize(
    ("steps", "count", "expected"),
    [
        ([0], 12, [0]),
        ([0, 1, 2], 12, [0, 1, 2]),
        (list(range(101)), 4, [0, 1, 10, 100]),
        (list(range(10_001)), 5, [0, 100, 464, 2154, 10_000]),  # a hundredth, then x 4.64
        ([0, 1, 10, 1000], 3, [0, 10, 1000]),
    ],
)
def test_log_spaced_in_closed_form(steps: list[int], count: int, expected: list[int]) -> None:
    """From a hundredth of the last step up, equal factors, the nearest there is."""
    assert log_spaced(steps, count) == expected
