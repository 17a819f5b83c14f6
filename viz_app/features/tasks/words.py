"""Sentences about a task: what is asked in its first row, and what remembering nothing scores."""

from gatescope import Batch, Task
from viz_app.kit.words import digits, spoken
from viz_app.text import has, say


def asked(name: str, task: Task, batch: Batch) -> str:
    """What the first row asks, read from that row; empty where nobody has written it."""
    key = _of_form("asked", name, task)
    return say(key, **task.told(batch)) if has(key) else ""


def counted(batch: Batch) -> str:
    """How many of the first row's steps count."""
    steps = batch.scored[:, 0].nonzero().flatten().tolist()
    total = len(batch.scored)
    if len(steps) == total:
        return say("tasks.counts_all", steps=total)
    return say("tasks.counts_one", step=steps[-1], steps=total)


def baseline(name: str, task: Task) -> str:
    """The strategy that remembers nothing, and its loss and accuracy."""
    found = {"loss": digits(task.baseline_loss), "accuracy": task.baseline_accuracy}
    kind = "values" if task.kind == "regression" else "classes"
    scored = say(f"tasks.baseline_{kind}", **found)
    blind = _of_form("blind", name, task)
    return spoken(say(blind) if has(blind) else "", scored)


def right(task: Task) -> str:
    """When a number counts as right; empty for classes."""
    if task.kind == "classification":
        return ""
    key = "tasks.right_channels" if task.input_kind == "channels" else "tasks.right"
    return say(key, tolerance=getattr(task, "tolerance"))  # noqa: B009


def _of_form(what: str, name: str, task: Task) -> str:
    """The key of a sentence about a task: that of its form, where it has one of its own."""
    own = f"tasks.{what}_{name}_{getattr(task, 'variant', '')}"
    return own if has(own) else f"tasks.{what}_{name}"
