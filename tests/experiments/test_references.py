"""What needs no recurrence: tasks that it solves exactly, and the same scorer as for networks."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from gatescope import Batch, make_task
from gatescope.experiments.comparison import references
from gatescope.tasks.base import Task, at_end, scored_at_end
from gatescope.training.scoring import TEST_SEED


class Sum(Task):
    """The target is 2 x_0 − x_2 + 1: a linear model has it exactly."""

    kind = "regression"
    input_kind = "marked_values"
    input_size, output_size, length, tolerance = 1, 1, 3, 0.01
    baseline_loss = 5.0 / 12
    baseline_accuracy = 0.0

    def sample(self, batch_size: int, seed: int) -> Batch:
        draw = torch.Generator().manual_seed(seed)
        x = torch.rand(3, batch_size, 1, generator=draw)
        answers = 2 * x[0] - x[2] + 1
        marks = ((),) * batch_size
        return Batch(x, at_end(answers, 3), scored_at_end(3, batch_size), marks)

    def correct(self, outputs: torch.Tensor, batch: Batch) -> torch.Tensor:
        return ((outputs - batch.targets)[batch.scored].abs() < self.tolerance).all(dim=-1)


class Shifted(Sum):
    """At every step the target is the input of two steps before, 0 at first."""

    length = 30

    def sample(self, batch_size: int, seed: int) -> Batch:
        draw = torch.Generator().manual_seed(seed)
        x = torch.rand(30, batch_size, 1, generator=draw)
        answers = torch.cat([torch.zeros(2, batch_size, 1), x[:-2]])
        return Batch(x, answers, torch.ones(30, batch_size, dtype=torch.bool), ((),) * batch_size)


@pytest.mark.parametrize(("task", "sees"), [(Sum(), "window"), (Shifted(), "last")])
def test_ridge_solves_a_linear_task(task: Task, sees: str) -> None:
    """Its loss is 0 but for the small penalty; trees come near; the naive answer is the task's."""
    naive, linear, boosting = references(task)
    assert (naive.loss, naive.score) == (task.baseline_loss, 0.0)
    assert linear.sees == boosting.sees == sees
    assert linear.loss < 1e-6
    assert linear.score == 1.0
    assert linear.parameters == (4 if sees == "window" else 11)
    assert linear.loss < boosting.loss < 0.1 * task.baseline_loss


def test_digits_as_scikit_learn_alone_has_them() -> None:
    """The same regression on the same pixels, without our code around it."""
    _, linear, _ = references(make_task("digits"))
    train = make_task("digits").sample(1097, 0)
    test = make_task("digits", split="test").sample(500, TEST_SEED)
    rows = [(b.inputs[..., 0].T.numpy(), b.targets[-1].numpy()) for b in (train, test)]
    model = LogisticRegression(max_iter=1000).fit(*rows[0])
    right = float(np.mean(model.predict(rows[1][0]) == rows[1][1]))
    chances = model.predict_proba(rows[1][0])
    loss = -float(np.mean(np.log(chances[np.arange(500), rows[1][1]])))
    assert linear.examples == 1097
    assert linear.score == pytest.approx(right, abs=0.004)
    assert linear.loss == pytest.approx(loss, rel=0.02)


def test_symbols_words_and_characters() -> None:
    """A first symbol is read from the whole window; words are counted; letters see a few before."""
    naive, linear = references(make_task("delayed_recall", delay=4))
    assert (linear.sees, linear.steps, linear.score) == ("window", 5, 1.0)
    assert naive.score == pytest.approx(1 / 8)
    naive, linear = references(make_task("reviews"))
    assert (linear.sees, linear.examples) == ("words", 7568)
    assert 0.7 < linear.score < 0.85
    assert linear.loss < naive.loss
    naive, linear = references(make_task("characters", length=20))
    assert (linear.sees, linear.steps) == ("last", 5)
    assert linear.loss < naive.loss  # finite, though rare letters were not among the examples
