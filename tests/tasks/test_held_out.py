"""What is measured was not trained on, and none of it counts twice: for every task with parts."""

import inspect
import math
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from gatescope import TrainConfig
from gatescope.analysis import behaviour
from gatescope.experiments.memory import at_lengths
from gatescope.tasks import DATA_TASKS, TASKS, Batch, Characters, Digits, Forecast, Task, make_task
from gatescope.tasks.forecast import encode

OWN = encode(torch.randn(400, 2, generator=torch.Generator().manual_seed(0)).cumsum(0))
OPTIONS: dict[str, list[dict[str, Any]]] = {
    "digits": [{}],
    "forecast": [
        {},
        {"series": "weather", "window": 14, "horizon": 3},
        {"series": "sea_temperature", "window": 12, "horizon": 12},
        {"series": "stocks", "ticker": "IBM", "scaling": "all", "window": 9},
        {"window": 6, **OWN},
    ],
    "reviews": [{}],
    "characters": [{}, {"length": 72}, {"length": 128}],
}
"""Every task whose data have parts, with some of its options; a new one needs a row."""
TELLING = {"digits": 64, "forecast": 6, "reviews": 15, "characters": 60}
"""From so many steps on no example stands in the data twice by chance, as 'of course' does."""


def with_parts() -> set[str]:
    """Names of the tasks that take a split."""
    kinds = TASKS | DATA_TASKS
    return {n for n, kind in kinds.items() if "split" in inspect.signature(kind).parameters}


CASES = [(name, options) for name, rows in OPTIONS.items() for options in rows]


def test_every_task_with_parts_has_a_row_here() -> None:
    """The table above is the table of the package."""
    assert set(OPTIONS) == with_parts()


def examples(task: Task, batch: Batch, least: int = 1) -> list[bytes]:
    """Each example's inputs and targets, without what comes after its last answer.

    With ``least``, of those alone that have so many steps.
    """
    if isinstance(task, Characters):  # one byte a character, so that a text holds its stretches
        rows = torch.cat([batch.inputs.argmax(-1), batch.targets[-1:]]).T
        return [bytes(row) for row in rows.tolist() if task.length >= least]
    return [
        batch.inputs[:length, k].contiguous().numpy().tobytes()
        + batch.targets[:length, k].contiguous().numpy().tobytes()
        for k, length in enumerate(batch.lengths.tolist())
        if length >= least
    ]


def everything(task: Task) -> set[bytes] | bytes:
    """All examples of a part, or its text."""
    if isinstance(task, Characters):
        return bytes(task.codes.tolist())
    assert task.examples is not None
    return set(examples(task, task.sample(task.examples, 0)))


@pytest.mark.parametrize(("name", "options"), CASES)
def test_behaviour_asks_no_training_example(
    name: str, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """At every length: what the network is asked is of the test part, and not in the other two."""
    run: Any = SimpleNamespace(
        task=make_task(name, **options), config=SimpleNamespace(task=name, task_options=options)
    )
    asked: list[tuple[Task, Batch]] = []
    tasks = at_lengths(run)
    assert run.task.length in tasks
    for task in tasks.values():
        correct = task.correct
        monkeypatch.setattr(
            task,
            "correct",
            lambda out, batch, task=task, correct=correct: (
                asked.append((task, batch)) or correct(out, batch)
            ),
        )
    width = run.task.output_size

    def model(inputs: torch.Tensor) -> torch.Tensor:
        return torch.zeros(*inputs.shape[:2], width)

    found = behaviour(model, tasks, examples=1000, seed=3)  # type: ignore[arg-type]
    assert len(asked) == len(tasks)
    compared = 0
    for task, batch in asked:
        test, train, validation = (
            everything(task.held_out(part)) for part in ("test", "train", "validation")
        )
        assert all(example in test for example in examples(task, batch))
        seen = examples(task, batch, TELLING[name])
        compared += len(seen)
        assert len(set(seen)) == len(seen)
        assert not any(example in train or example in validation for example in seen)
    assert compared > 50
    assert (found.independent <= [len(batch.marks) for _, batch in asked]).all()


@pytest.mark.parametrize(("name", "options"), CASES)
@pytest.mark.parametrize("part", ["train", "validation", "test"])
def test_another_part_keeps_all_other_options(
    name: str, options: dict[str, Any], part: Any
) -> None:
    """Held out from any part: the same as if it had been made so."""
    made = make_task(name, **options, split=part)
    for first in ("train", "validation", "test"):
        moved = make_task(name, **options, split=first).held_out(part)
        assert (moved.length, moved.input_size, moved.output_size) == (
            made.length, made.input_size, made.output_size
        )  # fmt: skip
        assert examples(moved, moved.sample(20, 5)) == examples(made, made.sample(20, 5))
        assert moved.baseline_loss == made.baseline_loss


def test_digits_are_counted_once() -> None:
    """A thousand trials are wanted, there are 500 images: 500 are asked and counted."""
    trials = Digits("test").trials(1000, 0)
    assert trials.batch.inputs.shape[1] == len(trials.groups.unique()) == 500


@pytest.mark.parametrize("seed", range(3))
def test_digits_interval_covers_the_accuracy_over_all_images(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A network that is right on 80% of all images there could be, tested on 500 drawn of them.

    The interval holds .8 in about 95% of test sets; when each image was drawn twice it was 74%.
    """
    draw = torch.Generator().manual_seed(seed)
    covered = []
    for _ in range(300):
        known = torch.rand(500, generator=draw) < 0.8  # whether it knows an image
        pixels = torch.zeros(500, 64)
        pixels[:, 0] = known.float()
        part = pixels, torch.ones(500, dtype=torch.long)
        monkeypatch.setattr(Digits, "_part", lambda self, part=part: part)

        def model(inputs: torch.Tensor) -> torch.Tensor:
            answers = torch.zeros(*inputs.shape[:2], 10)
            answers[..., 1] = 2 * inputs[0, :, 0] - 1
            return answers

        found = behaviour(model, {64: Digits("test")}, examples=1000, seed=1)  # type: ignore[arg-type]
        covered.append(found.low[0] <= 0.8 <= found.high[0])
    assert sum(covered) / 300 == pytest.approx(0.95, abs=0.04)


def test_characters_are_asked_once() -> None:
    """Stretches lie end to end, whatever their length; near ones are one group."""
    for length in (13, 100, 128):
        task = Characters(length, "test")
        trials = task.trials(5000, 0)
        rows = task.codes[: (len(task.codes) - 1) // length * length].reshape(-1, length)
        answered = trials.batch.inputs.argmax(-1).T
        assert sorted(answered.tolist()) == sorted(rows.tolist())
        if length == 100:  # each has its place in the book
            starts = [rows.tolist().index(row) * length for row in answered.tolist()]
            assert trials.groups.tolist() == [start // 100 for start in starts]
        assert len(trials.groups.unique()) == math.ceil(len(rows) * length / max(100, length))
    assert Characters(100, "test").trials(20, 0).batch.inputs.shape[1] == 20


def test_forecasts_are_spread_over_the_whole_part() -> None:
    """At equal distances, none twice, grouped by the steps that windows or horizons share."""
    task = Forecast("weather", window=14, horizon=3, split="test")
    for most, stride in ((1000, 1), (100, 3), (len(task.targets), 1)):
        trials = task.trials(most, 0)
        steps = task.targets[::stride]
        assert trials.batch.inputs.shape[1] == len(steps) <= most
        assert examples(task, trials.batch) == examples(task, task.forecasts(steps))
        assert trials.groups.tolist() == [step // 14 for step in steps.tolist()]


@pytest.mark.parametrize("split", ["validation", "test"])
def test_a_part_that_is_held_out_cannot_be_trained_on(split: str) -> None:
    """Its examples are those that the run is tested on."""
    with pytest.raises(ValueError, match=f"got split '{split}': leave split out of task_options"):
        TrainConfig(task="digits", task_options={"split": split})
    assert TrainConfig(task="digits", task_options={"split": "train"}).make_task().examples == 1097
