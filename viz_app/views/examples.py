"""What a network answers to the examples that are shown."""

from dataclasses import dataclass

import torch

from gatescope import Batch, Run


@dataclass(frozen=True)
class Answers:
    """A network's answers to a run's probe examples at a checkpoint.

    Attributes
    ----------
    loss, accuracy
        Over these examples.
    answers, targets
        What it says and what is right, for each example, as a person would write it.
    """

    loss: float
    accuracy: float
    answers: tuple[str, ...]
    targets: tuple[str, ...]


def answer(run: Run, step: int) -> Answers:
    """Ask the network at a checkpoint."""
    probe, task = run.probe(), run.task
    with torch.no_grad():
        outputs = run.model(step)(probe.inputs)
    last, right = outputs[probe.scored], probe.targets[probe.scored]
    if task.kind == "regression":
        said = [f"{float(value):.2f}" for value in last[:, 0]]
        meant = [f"{float(value):.2f}" for value in right[:, 0]]
    else:
        said = [task.classes[int(k)] for k in last.argmax(dim=-1)]
        meant = [task.classes[int(k)] for k in right]
    return Answers(
        float(task.loss(outputs, probe)), task.accuracy(outputs, probe), tuple(said), tuple(meant)
    )


def longest(batch: Batch) -> int:
    """The example that must be remembered longest: its marks lie farthest apart."""
    spans = [max(marks)[0] - min(marks)[0] if marks else 0 for marks in batch.marks]
    return spans.index(max(spans))
