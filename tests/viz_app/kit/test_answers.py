"""What a network answers to an example, read off its outputs by hand."""

from typing import Any

import pytest
import torch

from gatescope import TrainConfig, train
from viz_app.kit.answers import answer
from viz_app.kit.run_words import score

SMALL: dict[str, Any] = {"hidden_size": 4, "max_steps": 2, "batch_size": 2, "cell": "rnn"}
TASKS = [
    ("adding", {"length": 6}),
    ("adding", {"length": 24, "variant": "hs97"}),
    ("copy", {"delay": 3}),
    ("delayed_recall", {"delay": 3}),
    ("flip_flop", {"length": 5}),
    ("noise_free_lag", {"delay": 4, "variant": "hs97"}),
    ("parity", {"length": 4}),
]


def numbers(said: str) -> list[float]:
    """Those that are written, with a true minus."""
    return [float(part.replace("−", "-")) for part in said.split(", ")]


@pytest.mark.parametrize(("name", "options"), TASKS)
def test_one_answer_an_example_at_its_last_step_that_counts(
    name: str, options: dict[str, Any]
) -> None:
    """Whatever the task scores: the end alone, every step, or ends of their own."""
    run = train(TrainConfig(task=name, task_options=options, **SMALL))
    probe, task = run.probe(), run.task
    found = answer(run, run.steps[-1])
    assert len(found.answers) == len(found.targets) == len(probe.marks) == 32
    with torch.no_grad():
        outputs = run.model()(probe.inputs)
    for example in (0, 7, 31):
        step = max(t for t in range(len(probe.scored)) if probe.scored[t, example])
        values = outputs[step, example].tolist()
        if task.kind == "classification":
            assert found.answers[example] == task.classes[values.index(max(values))]
            assert found.targets[example] == task.classes[int(probe.targets[step, example])]
        else:
            said = numbers(found.answers[example])
            assert said == pytest.approx(values, abs=0.0051)
            right = numbers(found.targets[example])
            assert right == pytest.approx(probe.targets[step, example].tolist(), abs=0.0051)
    assert ("MSE" in score(run)) == (task.kind == "regression")
