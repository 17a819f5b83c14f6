"""The input above the heatmaps: its title, its scales and its values."""

from typing import Any

import numpy as np

from gatescope import DATA_TASKS, TASKS, Batch, Task
from viz_app.text import has, say


def strip(task: Task) -> dict[str, Any]:
    """How the strip is drawn: what its title and its scales must know of the task."""
    return {
        "strip": task.input_kind,
        "strip_label": _label(task),
        "strip_range": task.value_range,
        "strip_lanes": task.input_size if task.input_kind == "channels" else 1,
        "strip_letters": 1
        if task.input_kind == "words"  # they stand slanted, each on its own line
        else max((len(symbol) for symbol in task.symbols), default=1),
    }


def strip_values(batch: Batch, task: Task, example: int) -> dict[str, Any]:
    """The strip's values: the marked numbers, letters, pulses, or the ink and its picture."""
    rows = batch.inputs[:, example]
    if task.input_kind in ("symbols", "words"):
        return {"inputs": task.spell(rows)}
    if task.input_kind == "channels":
        return {"inputs": tuple(tuple(values) for values in rows.tolist())}
    values = tuple(round(float(value), 4) for value in rows[:, 0])
    if task.input_kind in ("marked_values", "series"):
        return {"inputs": values}
    side = int(len(values) ** 0.5)
    return {"inputs": values, "picture": np.array(values).reshape(side, side)}


def _label(task: Task) -> str:
    """The input's title, and what the network is asked."""
    names = [name for name, kind in (TASKS | DATA_TASKS).items() if kind is type(task)]
    key = f"task.{names[0] if names else ''}_what"
    return (
        say("app.introduced", what=say("gates.input"), told=say(key))
        if has(key)
        else say("gates.input")
    )
