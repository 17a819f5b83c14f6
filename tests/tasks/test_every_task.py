"""What holds for every task: seeds, shapes, targets at the scored steps, losses and errors."""

import math
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gatescope.tasks import TASKS, Batch, Task, make_task

OPTIONS: dict[str, list[dict[str, Any]]] = {
    "adding": [
        {},
        {"length": 2},
        {"length": 31},
        {"variant": "anywhere"},
        {"variant": "hs97", "length": 30},
        {"length": 9, "distractors": 3},
    ],
    "delayed_recall": [
        {},
        {"delay": 1, "symbols": 2},
        {"delay": 9, "symbols": 26},
        {"delay": 9, "distractors": 2},
    ],
    "temporal_order": [{}, {"length": 10}, {"length": 37}],
    "copy": [{}, {"delay": 1}, {"delay": 4, "variant": "bai"}],
    "noise_free_lag": [{}, {"delay": 2}, {"delay": 5, "variant": "hs97"}],
    "parity": [{}, {"length": 2}],
    "flip_flop": [{}, {"length": 2}, {"length": 9, "pulse_chance": 0}],
    "digits": [{}, {"split": "validation"}, {"split": "test"}],
}
CASES = [(name, options) for name, rows in OPTIONS.items() for options in rows]
AT_EVERY_STEP = {"copy": {"arjovsky", "bai"}, "noise_free_lag": {"hs97"}, "flip_flop": {None}}
"""Which variants of which tasks count every step; the others count one in each example."""


def counts_every_step(task: Task) -> bool:
    name = next(name for name, kind in TASKS.items() if type(task) is kind)
    return getattr(task, "variant", None) in AT_EVERY_STEP.get(name, set())


def at_the_end(task: Task) -> bool:
    return not counts_every_step(task) and getattr(task, "variant", None) != "hs97"


def parts(batch: Batch) -> tuple[Any, ...]:
    return batch.inputs.tolist(), batch.targets.tolist(), batch.scored.tolist(), batch.marks


def test_every_task_has_a_row_here() -> None:
    """The table above is the table of the package."""
    assert set(OPTIONS) == set(TASKS)


@pytest.mark.parametrize(("name", "options"), CASES)
@given(seed=st.integers(0, 2**40), batch_size=st.integers(1, 6))
def test_a_batch_is_as_its_task_says(
    name: str, options: dict[str, Any], seed: int, batch_size: int
) -> None:
    """Sizes, scored steps, marks inside, one-hot symbols or blanks, targets in range."""
    task = make_task(name, **options)
    batch = task.sample(batch_size, seed)
    assert batch.inputs.shape == (task.length, batch_size, task.input_size)
    assert batch.inputs.dtype == torch.float32
    assert (batch.scored.sum(0) == (task.length if counts_every_step(task) else 1)).all()
    assert batch.scored[-1].all() or not at_the_end(task)
    assert len(batch.marks) == batch_size
    assert all(0 <= mark.step < task.length for marks in batch.marks for mark in marks)
    if task.input_kind == "symbols":
        assert ((batch.inputs == 0) | (batch.inputs == 1)).all()
        blank = getattr(task, "distractors", None) is not None
        assert ((batch.inputs.sum(-1) == 1) | blank).all()
        assert (batch.inputs.sum(-1) <= 1).all()
        assert len(task.symbols) == task.input_size
        assert len(task.classes) == task.output_size
    else:
        low, high = task.value_range
        first = batch.inputs[..., 0] if task.input_kind == "marked_values" else batch.inputs
        assert ((first >= low) & (first <= high)).all()
    if task.kind == "classification":
        assert batch.targets.shape == batch.scored.shape
        assert ((batch.targets >= 0) & (batch.targets < task.output_size)).all()
    else:
        assert batch.targets.shape == (*batch.scored.shape, task.output_size)


@pytest.mark.parametrize(("name", "options"), CASES)
def test_a_seed_is_a_batch(name: str, options: dict[str, Any]) -> None:
    """The same seed draws the same, another seed another; the global state is not touched."""
    task = make_task(name, **options)
    state = torch.get_rng_state()
    first = parts(task.sample(20, 7))
    torch.rand(3)
    again = parts(make_task(name, **options).sample(20, 7))
    assert first == again
    assert first[0] != parts(task.sample(20, 8))[0]
    torch.set_rng_state(state)
    task.sample(20, 7)
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize(
    "name",
    [n for n in TASKS if TASKS[n].kind == "classification" and at_the_end(make_task(n))],
)
def test_classification_scores_the_last_step_alone(name: str) -> None:
    """Cross-entropy in nats and accuracy, computed here from the logits of the last step."""
    task = make_task(name)
    batch = task.sample(9, 0)
    outputs = torch.randn(task.length, 9, task.output_size, dtype=torch.float64)
    last = outputs[-1]
    shares = last.exp() / last.exp().sum(-1, keepdim=True)
    expected = -sum(shares[b, batch.targets[-1, b]].log() for b in range(9)) / 9
    assert task.loss(outputs, batch).item() == pytest.approx(expected.item(), rel=1e-12)
    right = [int(last[b].argmax()) == int(batch.targets[-1, b]) for b in range(9)]
    assert task.accuracy(outputs, batch) == sum(right) / 9
    assert task.correct(outputs, batch).tolist() == right
    assert task.loss(outputs + 100 * (~batch.scored).unsqueeze(-1), batch) == task.loss(
        outputs, batch
    )


@pytest.mark.parametrize(
    ("name", "options"), [case for case in CASES if at_the_end(make_task(case[0], **case[1]))]
)
def test_a_constant_answer_scores_the_baseline(name: str, options: dict[str, Any]) -> None:
    """Monte Carlo over 20,000 examples (all of a digits split): within four standard errors."""
    task = make_task(name, **options)
    count = {"train": 1097, "validation": 200, "test": 500}.get(getattr(task, "split", ""), 20_000)
    batch = task.sample(count, 11)
    outputs = torch.zeros(task.length, count, task.output_size, dtype=torch.float64)
    if name == "adding":
        outputs += 1
        error = 4 * math.sqrt(7 / 180 / count)  # var of (S - 1)^2 is E(S - 1)^4 - 1/36 = 7/180
    elif name == "digits":
        share = torch.bincount(batch.targets[-1], minlength=10) / count
        outputs += share.double().log()
        error = 1e-6
    elif name == "noise_free_lag":
        outputs[..., :2] += 50  # of the classes, x and y alone come last
        error = 1e-12
    else:
        error = 1e-12
    assert task.loss(outputs, batch).item() == pytest.approx(task.baseline_loss, abs=error)
    spread = 1e-9 if name == "digits" else 4 * math.sqrt(task.baseline_accuracy / count)
    assert task.accuracy(outputs, batch) == pytest.approx(task.baseline_accuracy, abs=spread)


@pytest.mark.parametrize("name", [name for name in TASKS if name != "digits"])
def test_a_made_task_is_its_own_held_out_part(name: str) -> None:
    """New seeds are new examples."""
    task: Task = make_task(name)
    assert task.held_out("validation") is task
    assert task.held_out("test") is task


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("addition", {}, "there is no task 'addition'; available: adding, delayed_recall"),
        ("adding", {"length": 1}, "length must be at least 2.*got 1"),
        ("adding", {"delay": 5}, "task 'adding'.*'delay'"),
        ("delayed_recall", {"delay": 0}, "delay must be at least 1 .a whole number., got 0"),
        ("delayed_recall", {"noise": "loud"}, "noise must be one of own, same, got 'loud'"),
        ("delayed_recall", {"symbols": 1}, "symbols must be 2 to 26.*got 1"),
        ("delayed_recall", {"symbols": 27}, "symbols must be 2 to 26.*got 27"),
        ("temporal_order", {"length": 9}, "length must be at least 10.*got 9"),
        ("digits", {"split": "all"}, "split must be one of test, validation, train, got 'all'"),
        ("adding", {"length": "long"}, "length must be at least 2.*got 'long'"),
        ("temporal_order", {"length": 10.5}, "length must be at least 10.*got 10.5"),
    ],
)
def test_errors_name_the_value(name: str, options: dict[str, Any], words: str) -> None:
    """What was given, and what there is."""
    with pytest.raises(ValueError, match=words):
        make_task(name, **options)


@pytest.mark.parametrize("name", TASKS)
def test_an_empty_batch_is_refused(name: str) -> None:
    """At least one example."""
    with pytest.raises(ValueError, match="batch_size must be at least 1, got 0"):
        make_task(name).sample(0, 0)
