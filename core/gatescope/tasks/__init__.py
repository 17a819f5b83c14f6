"""Tasks with long dependencies, made or real: ``task.sample(batch_size, seed)`` gives a `Batch`.

To add a task, write a `Task` and give it a line in `TASKS`.
"""

from typing import Any

from gatescope.tasks.adding import Adding
from gatescope.tasks.base import Batch, Mark, Task
from gatescope.tasks.delayed_recall import DelayedRecall
from gatescope.tasks.digits import Digits
from gatescope.tasks.temporal_order import TemporalOrder

TASKS: dict[str, type[Task]] = {
    "adding": Adding,
    "delayed_recall": DelayedRecall,
    "temporal_order": TemporalOrder,
    "digits": Digits,
}

__all__ = ["TASKS", "Batch", "Mark", "Task", "make_task"]


def make_task(name: str, **options: Any) -> Task:
    """Make a task by its name in `TASKS`.

    Parameters
    ----------
    name
        A key of `TASKS`.
    options
        What the task's class takes: ``length``, ``delay``, ``symbols``, ``split``.

    Raises
    ------
    ValueError
        When there is no such task or option; the message names what there is.
    """
    if name not in TASKS:
        raise ValueError(f"no task is called {name!r}; there are {', '.join(TASKS)}")
    try:
        return TASKS[name](**options)
    except TypeError as error:
        raise ValueError(f"task {name!r}: {error}") from error
