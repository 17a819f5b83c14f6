"""Sentences about a task: what is asked in its first row, and what remembering nothing scores."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from gatescope import Batch, Task
from gatescope.tasks.copying import ITEMS
from viz_app.kit.words import digits
from viz_app.text import say


def asked(name: str, task: Task, batch: Batch) -> str:
    """What the first row asks, read from that row."""
    key, values = READERS[name](task, batch)
    return say(key, **values)


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
    variant = getattr(task, "variant", "")
    special = f"_{variant}" if (name, variant) == ("adding", "hs97") else ""
    return f"{say(f'tasks.blind_{name}{special}')} {say(f'tasks.baseline_{kind}', **found)}"


def right(task: Task) -> str:
    """When a number counts as right; empty for classes."""
    if task.kind == "classification":
        return ""
    key = "tasks.right_channels" if task.input_kind == "channels" else "tasks.right"
    return say(key, tolerance=getattr(task, "tolerance"))  # noqa: B009


def _end(batch: Batch) -> int:
    return int(batch.scored[:, 0].nonzero()[-1])


def _answer(task: Task, batch: Batch) -> str:
    return task.classes[int(batch.targets[_end(batch), 0])]


def _adding(task: Task, batch: Batch) -> tuple[str, dict[str, Any]]:
    end, (first, second) = _end(batch), (mark.step for mark in batch.marks[0])
    values = [float(batch.inputs[step, 0, 0]) for step in (first, second)]
    scaled = task.value_range[0] < 0
    return "tasks.asked_adding_hs97" if scaled else "tasks.asked_adding", {
        "first": first, "second": second, "end": end, "wait": end - first,
        "one": values[0], "other": values[1], "target": float(batch.targets[end, 0, 0]),
    }  # fmt: skip


def _delayed_recall(task: Task, batch: Batch) -> tuple[str, dict[str, Any]]:
    between = [letter for letter in task.spell(batch.inputs[:, 0])[1:-1] if letter in task.symbols]
    return "tasks.asked_delayed_recall", {
        "symbol": _answer(task, batch), "end": _end(batch), "others": len(between),
    }  # fmt: skip


def _temporal_order(task: Task, batch: Batch) -> tuple[str, dict[str, Any]]:
    (first, one), (second, other) = batch.marks[0]
    return "tasks.asked_temporal_order", {
        "first": first, "second": second, "one": one, "other": other, "answer": _answer(task, batch)
    }  # fmt: skip


def _copy(task: Task, batch: Batch) -> tuple[str, dict[str, Any]]:
    word = "".join(task.spell(batch.inputs[:ITEMS, 0]))
    start = task.length - ITEMS
    return "tasks.asked_copy", {
        "word": word, "start": start, "end": task.length - 1, "wait": start, "last": ITEMS - 1
    }  # fmt: skip


def _noise_free_lag(task: Task, batch: Batch) -> tuple[str, dict[str, Any]]:
    return "tasks.asked_noise_free_lag", {
        "symbol": task.spell(batch.inputs[:1, 0])[0], "end": _end(batch), "next": task.length
    }  # fmt: skip


def _parity(task: Task, batch: Batch) -> tuple[str, dict[str, Any]]:
    return "tasks.asked_parity", {
        "ones": len(batch.marks[0]), "steps": task.length, "answer": _answer(task, batch)
    }  # fmt: skip


def _flip_flop(task: Task, batch: Batch) -> tuple[str, dict[str, Any]]:
    pulses = batch.inputs[:, 0] != 0
    waits = []
    for channel in range(task.input_size):
        steps = [*pulses[:, channel].nonzero().flatten().tolist(), task.length]
        waits += [(after - before - 1, channel, before) for before, after in pairwise(steps)]
    wait, channel, since = max(waits, key=lambda found: found[0])
    return "tasks.asked_flip_flop", {
        "pulses": int(pulses.sum()), "wait": wait, "channel": channel, "since": since
    }  # fmt: skip


def _digits(task: Task, batch: Batch) -> tuple[str, dict[str, Any]]:
    return "tasks.asked_digits", {"answer": _answer(task, batch), "steps": task.length}


READERS: dict[str, Callable[[Task, Batch], tuple[str, dict[str, Any]]]] = {
    "adding": _adding,
    "delayed_recall": _delayed_recall,
    "temporal_order": _temporal_order,
    "copy": _copy,
    "noise_free_lag": _noise_free_lag,
    "parity": _parity,
    "flip_flop": _flip_flop,
    "digits": _digits,
}
