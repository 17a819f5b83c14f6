"""A task's rows as a person would read them, and the options that a reader can turn."""

import inspect
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from gatescope import TASKS, Batch, Task
from viz_app.features.tasks.chart import task_rows
from viz_app.features.tasks.chart_lanes import Lane, RowsWords, TaskRow
from viz_app.kit import export
from viz_app.kit.chart.style import Theme
from viz_app.text import say

SHOWN = 4
"""Rows on the page."""

LONGEST = 120
"""Steps up to which symbols are still told apart on a page."""

CHANCES = [0.02, 0.05, 0.1, 0.2, 0.5]
"""Chances of a pulse to choose from."""

CHANCE = 0.1
"""The usual one."""

SHORTEST = {
    ("adding", "length"): 2,
    ("temporal_order", "length"): 10,
    ("parity", "length"): 2,
    ("flip_flop", "length"): 2,
    ("delayed_recall", "delay"): 1,
    ("copy", "delay"): 1,
    ("noise_free_lag", "delay"): 2,
    ("delayed_recall", "symbols"): 2,
}
SHORTEST_HS97 = 22


@dataclass(frozen=True)
class Number:
    """A whole-number option of a task: its name, its range, and what it is at first."""

    name: str
    lowest: int
    highest: int
    usual: int


def variants(name: str) -> tuple[str, ...]:
    """The variants of a task, the usual one first; empty where there is one form only."""
    return tuple(getattr(TASKS[name], "variants", ()))


def numbers(name: str, variant: str | None = None, longest: int = LONGEST) -> list[Number]:
    """The whole-number options of a task but its distractors."""
    found = []
    for option, parameter in inspect.signature(TASKS[name]).parameters.items():
        lowest = SHORTEST.get((name, option))
        if lowest is None:
            continue
        if (name, variant) == ("adding", "hs97"):
            lowest = SHORTEST_HS97
        highest = 26 if option == "symbols" else longest
        found.append(Number(option, lowest, highest, parameter.default))
    return found


def most_distractors(name: str, steps: int) -> int | None:
    """The most distractors at that length or delay; None where the task has no such option."""
    if "distractors" not in inspect.signature(TASKS[name]).parameters:
        return None
    return steps - (2 if name == "adding" else 1)


def rows(task: Task, batch: Batch) -> tuple[TaskRow, ...]:
    """Every example of a batch, ready to be drawn."""
    return tuple(_row(task, batch, example) for example in range(len(batch.marks)))


def chart(
    task: Task, batch: Batch, *, theme: Theme = "light", width: int = 900
) -> alt.VConcatChart:
    """Draw the rows of a task.

    Parameters
    ----------
    task, batch
        A task, and what its ``sample`` gave.
    theme, width
        Light or dark; pixels of each plot without what stands left of it.
    """
    words = RowsWords(time=say("tasks.time"), step=say("tasks.step"), value=say("tasks.value"))
    return task_rows(rows(task, batch), words, theme, width)


def spec(task: Task, batch: Batch, theme: Theme) -> dict[str, Any]:
    """The finished chart of a page."""
    return export.spec(chart(task, batch, theme=theme))


def table(task: Task, batch: Batch) -> pd.DataFrame:
    """The numbers: one line a row and step, with inputs, target, and whether it counts."""
    found = []
    for example, marks in enumerate(batch.marks):
        labels = dict(marks)
        scored = batch.scored[:, example].tolist()
        targets = batch.targets[:, example].tolist()
        for step, features in enumerate(batch.inputs[:, example].tolist()):
            line: dict[str, Any] = {"row": example + 1, "step": step}
            line |= {f"input_{k}": value for k, value in enumerate(features)}
            line |= {"mark": labels.get(step, ""), "scored": scored[step]}
            if task.kind == "classification":
                line["target"] = task.classes[targets[step]] if scored[step] else ""
            else:
                values = targets[step] if scored[step] else [np.nan] * task.output_size
                names = ["target"] if task.output_size == 1 else [
                    f"target_{k}" for k in range(task.output_size)
                ]  # fmt: skip
                line |= dict(zip(names, values, strict=True))
            found.append(line)
    return pd.DataFrame(found)


def _row(task: Task, batch: Batch, example: int) -> TaskRow:
    marks = tuple((mark.step, mark.label) for mark in batch.marks[example])
    scored = tuple(batch.scored[:, example].tolist())
    picture = None
    if task.input_kind == "pixels":
        side = int(task.length**0.5)
        picture = batch.inputs[:, example, 0].reshape(side, side).numpy()
    return TaskRow(
        title=say("tasks.row", number=example + 1),
        lanes=_lanes(task, batch, example),
        marks=marks,
        scored=scored,
        labelled=task.input_kind == "marked_values",
        picture=picture,
    )


def _lanes(task: Task, batch: Batch, example: int) -> tuple[Lane, ...]:
    inputs, targets = batch.inputs[:, example], batch.targets[:, example]
    low, high = task.value_range
    if task.input_kind == "channels":
        return tuple(
            Lane(
                say("tasks.channel", number=k), "levels", tuple(inputs[:, k].tolist()), low, high,
                tuple(targets[:, k].tolist()),
            )
            for k in range(task.input_size)
        )  # fmt: skip
    answers = Lane(say("tasks.target"), "answers", _answers(task, batch, example))
    if task.input_kind in ("symbols", "words"):
        return Lane(say("tasks.input"), "letters", task.spell(inputs)), answers
    values = tuple(round(value, 4) for value in inputs[:, 0].tolist())
    if task.input_kind == "pixels":
        return Lane(say("tasks.ink"), "ink", values), answers
    if task.input_kind == "series":
        return Lane(say("tasks.number"), "bars", values, low, high), answers
    marked = tuple({1: "1", -1: "−1"}.get(mark) for mark in inputs[:, 1].tolist())
    return (
        Lane(say("tasks.number"), "bars", values, low, high),
        Lane(say("tasks.mark"), "letters", marked),
        answers,
    )


def _answers(task: Task, batch: Batch, example: int) -> tuple[str | None, ...]:
    """What is right at each step that counts, as a person would write it."""
    found: list[str | None] = []
    for scored, target in zip(batch.scored[:, example], batch.targets[:, example], strict=True):
        if not scored:
            found.append(None)
        elif task.kind == "classification":
            found.append(task.classes[int(target)])
        else:
            found.append(f"{float(target):.2f}")
    return tuple(found)
