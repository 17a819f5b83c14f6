"""What a network answers to the examples that are shown."""

from dataclasses import dataclass

import torch
from torch import Tensor

from gatescope import Batch, Run, Task
from viz_app.kit.words import decimals


@dataclass(frozen=True)
class Answers:
    """A network's answers to a run's probe examples at a checkpoint.

    Attributes
    ----------
    loss, accuracy
        Over these examples.
    answers, targets
        What it says and what is right at the last step that counts, for each example, as a
        person would write it.
    """

    loss: float
    accuracy: float
    answers: tuple[str, ...]
    targets: tuple[str, ...]


def answer(run: Run, step: int, batch: Batch | None = None) -> Answers:
    """Ask the network at a checkpoint, about its probe examples or others."""
    batch = run.probe() if batch is None else batch
    with torch.no_grad():
        outputs = run.model(step)(batch.inputs)
    return told(run.task, batch, outputs)


def told(task: Task, probe: Batch, outputs: Tensor) -> Answers:
    """What outputs (time, batch, output) say to those examples."""
    steps = torch.arange(len(probe.scored)).unsqueeze(1)
    ends = torch.where(probe.scored, steps, 0).amax(0)  # each example's last step that counts
    examples = torch.arange(len(ends))
    last, right = outputs[ends, examples], probe.targets[ends, examples]
    if task.kind == "regression":
        said = [_numbers(values) for values in last]
        meant = [_numbers(values) for values in right]
    else:
        said = [task.classes[int(k)] for k in last.argmax(dim=-1)]
        meant = [task.classes[int(k)] for k in right]
    return Answers(
        float(task.loss(outputs, probe)), task.accuracy(outputs, probe), tuple(said), tuple(meant)
    )


def _numbers(values: Tensor) -> str:
    return ", ".join(decimals(float(value)) for value in values)


def longest(batch: Batch) -> int:
    """The example that must be remembered longest: its marks lie farthest apart."""
    spans = [max(marks)[0] - min(marks)[0] if marks else 0 for marks in batch.marks]
    return spans.index(max(spans))
