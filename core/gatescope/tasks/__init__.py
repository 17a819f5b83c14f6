"""Tasks with long dependencies: ``task.sample(batch_size, seed)`` gives a `Batch`.

To add a task, write a `Task` and give it a line in `TASKS`.
"""

from typing import Any

from gatescope.errors import say
from gatescope.tasks.adding import Adding
from gatescope.tasks.base import Batch, EditError, Mark, Task, Trials
from gatescope.tasks.characters import Characters
from gatescope.tasks.copying import Copy
from gatescope.tasks.delayed_recall import DelayedRecall
from gatescope.tasks.digits import Digits
from gatescope.tasks.edits import Edit, edited
from gatescope.tasks.flip_flop import FlipFlop
from gatescope.tasks.forecast import Forecast
from gatescope.tasks.noise_free_lag import NoiseFreeLag
from gatescope.tasks.parity import Parity
from gatescope.tasks.reviews import Reviews
from gatescope.tasks.temporal_order import TemporalOrder
from gatescope.tasks.uploaded import OwnInputs

TASKS: dict[str, type[Task]] = {
    "adding": Adding,
    "delayed_recall": DelayedRecall,
    "temporal_order": TemporalOrder,
    "copy": Copy,
    "noise_free_lag": NoiseFreeLag,
    "parity": Parity,
    "flip_flop": FlipFlop,
    "digits": Digits,
}

DATA_TASKS: dict[str, type[Task]] = {
    "forecast": Forecast,
    "reviews": Reviews,
    "characters": Characters,
}
"""Data with a page of their own; they measure no memory over a set distance."""

UNLISTED: dict[str, type[Task]] = {"own": OwnInputs}
"""What a run may name and nobody is offered: it holds the inputs that somebody brought."""

__all__ = [
    "DATA_TASKS", "TASKS", "Batch", "Edit", "EditError", "Mark", "Task", "Trials", "edited",
    "make_task", "task_class",
]  # fmt: skip


def task_class(name: str) -> type[Task]:
    """A task's class by its name.

    Raises
    ------
    ValueError
        When there is no such task; the message names those there are.
    """
    kind = (TASKS | DATA_TASKS | UNLISTED).get(name)
    if kind is None:
        known = ", ".join(TASKS | DATA_TASKS)
        raise ValueError(say("task_unknown", name=name, known=known))
    return kind


def make_task(name: str, **options: Any) -> Task:
    """Make a task by its name.

    Parameters
    ----------
    name
        A key of `TASKS` or `DATA_TASKS`.
    options
        What the task's class takes, as ``TASKS[name].options()`` tells: ``length=50``.

    Raises
    ------
    ValueError
        When there is no such task or option; the message names what there is.

    Examples
    --------
    >>> import gatescope
    >>> task = gatescope.make_task("delayed_recall", delay=4)
    >>> batch = task.sample(2, seed=0)
    >>> tuple(batch.inputs.shape), len(task.spell(batch.inputs[:, 0]))
    ((5, 2, 17), 5)
    """
    kind = task_class(name)
    try:
        return kind(**options)
    except TypeError as error:
        raise ValueError(say("task_option", name=name, reason=error)) from error
