"""A task's rows as a person would read them, and as a table."""

from typing import Any

import numpy as np
import pandas as pd

from gatescope import Batch, Task
from viz_app.features.tasks.chart_lanes import Lane, TaskRow
from viz_app.text import say

PLACES = (2, 3, 4, 5)
"""Digits after the point that numbers may be written with: the fewest first."""

SAME = 1e-5
"""By so much a sum may differ from another computation of it."""


def rows(task: Task, batch: Batch) -> list[TaskRow]:
    """Every example of a batch, ready to be drawn."""
    return [_row(task, batch, example) for example in range(len(batch.marks))]


def _row(task: Task, batch: Batch, example: int) -> TaskRow:
    picture = None
    if task.input_kind == "pixels":
        side = int(task.length**0.5)
        picture = batch.inputs[:, example, 0].reshape(side, side).numpy()
    return TaskRow(
        title=say("tasks.row", number=example + 1),
        lanes=_lanes(task, batch, example),
        marks=_marks(task, batch, example),
        scored=tuple(batch.scored[:, example].tolist()),
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
    classes = task.classes if task.kind == "classification" else None
    steps = zip(batch.scored[:, example], batch.targets[:, example], strict=True)
    places = _places(task, batch, example)
    return tuple(
        (classes[int(target)] if classes else f"{float(target):.{places}f}") if scored else None
        for scored, target in steps
    )


def _marks(task: Task, batch: Batch, example: int) -> tuple[tuple[int, str], ...]:
    """The salient steps and their labels; marked numbers so that they make the answer."""
    marks = tuple((mark.step, mark.label) for mark in batch.marks[example])
    places, values = _places(task, batch, example), batch.inputs[:, example, 0]
    if places == PLACES[0]:
        return marks
    return tuple((step, f"{float(values[step]):.{places}f}") for step, _ in marks)


def _places(task: Task, batch: Batch, example: int) -> int:
    """The fewest digits with which marked numbers, as they are written, make their sum."""
    scored = batch.scored[:, example]
    if task.input_kind != "marked_values" or task.kind != "regression" or scored.sum() != 1:
        return PLACES[0]
    marked = [float(batch.inputs[mark.step, example, 0]) for mark in batch.marks[example]]
    target = float(batch.targets[scored, example].sum())
    if not marked or abs(sum(marked) - target) > SAME:  # another thing is asked than their sum
        return PLACES[0]

    def fits(places: int) -> bool:
        return round(sum(round(each, places) for each in marked) - round(target, places), 6) == 0

    return next(filter(fits, PLACES), PLACES[0])


def table(task: Task, batch: Batch) -> pd.DataFrame:
    """The numbers: one line a row and step, with inputs, target, and whether it counts."""
    names = [f"target_{k}" for k in range(task.output_size)] if task.output_size > 1 else ["target"]
    lines = []
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
                line |= dict(zip(names, values, strict=True))
            lines.append(line)
    return pd.DataFrame(lines)
