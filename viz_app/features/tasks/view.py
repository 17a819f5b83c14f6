"""Tasks: what is asked, and what does remembering nothing score?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import altair as alt
import pandas as pd

from gatescope import TASKS, Batch, Task, make_task
from viz_app.features.tasks.chart import LAST, height, task_rows
from viz_app.features.tasks.chart_lanes import scaled
from viz_app.features.tasks.rows import rows, table
from viz_app.features.tasks.words import asked
from viz_app.kit import export, task_options
from viz_app.kit.chart.style import Theme
from viz_app.kit.chart.window import Look
from viz_app.kit.choice import Among
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.view import View, kept
from viz_app.text import name_of, say, words

PLOT = 900
"""Pixels of each plot."""

SHOWN = 4
"""Examples of a task."""

MOST_SEED = 9999
MADE = "made"
"""Where an address has the task."""


@dataclass(frozen=True)
class Tasks(View):
    """Some examples of a task; a choice that a task does not have is left out.

    Attributes
    ----------
    task
        One of `gatescope.TASKS`; None is the first.
    variant
        The form of the task; None is the usual one.
    length, delay, symbols
        Its sizes; None is as the task has it.
    distractors
        How many steps between are none; None is every one.
    chance
        Of a pulse.
    seed
        Which examples; None is 0.
    """

    name: ClassVar[str] = "tasks"

    task: str | None = None
    variant: str | None = None
    length: int | None = None
    delay: int | None = None
    symbols: int | None = None
    distractors: int | None = None
    chance: float | None = None
    seed: int | None = None

    def among(self, recordings: Recordings = HERE) -> dict[str, Among]:
        """What can be chosen of the task."""
        task = self.task if self.task in TASKS else next(iter(TASKS))
        chosen = {
            name: value
            for name, value in vars(self).items()
            if value is not None and name != "task"
        }
        there: dict[str, Among] = {"task": Among(tuple(TASKS), next(iter(TASKS)))}
        for name, option in task_options.options(task, chosen).items():
            if name in vars(self):
                there[name] = Among(task_options.values(option), option.usual)
        return there | {"seed": Among(range(MOST_SEED + 1), 0)}

    @kept()
    def data(self, recordings: Recordings = HERE) -> tuple[Task, Batch]:
        """The task, and its examples."""
        made = self.complete()
        options = {
            option.name: value
            for name, option in task_options.options(str(made.task)).items()
            if name in vars(made) and (value := getattr(made, name)) is not None
        }
        task = make_task(str(made.task), **options)
        return task, task.sample(SHOWN, made.seed or 0)

    @kept()
    def spec(self, look: Look, recordings: Recordings) -> dict[str, Any]:
        """The finished chart for a page: as many rows as fit the window, one at least."""
        shown, here = rows(*self.data(recordings)), look.window
        room = here.height - scaled(LAST, here.type_size)
        most = max(1, int(room // height(shown[0], here.type_size)))
        return export.spec(task_rows(shown[:most], words(), look.theme, here.width, here.type_size))

    def chart(
        self, theme: Theme = "light", *, width: int | None = None, recordings: Recordings = HERE
    ) -> alt.VConcatChart:
        """The examples one below another; ``width`` is that of a plot in pixels."""
        return task_rows(rows(*self.data(recordings)), words(), theme, width or PLOT)

    def table(self, *, recordings: Recordings = HERE) -> pd.DataFrame:
        """The numbers: one line an example and step."""
        return table(*self.data(recordings))

    def alternative(self, recordings: Recordings = HERE) -> str:
        """What is asked in the first row."""
        (task, batch), name = self.data(recordings), str(self.complete().task)
        return say(
            "tasks.alt", count=SHOWN, task=name_of("task", name), steps=task.length,
            asked=asked(name, task, batch),
        ).strip()  # fmt: skip

    def file_name(self) -> str:
        """Of the task."""
        return f"task-{str(self.complete().task).replace('_', '-')}"

    def to_query(self) -> dict[str, str]:
        """As an address has it: a task is made there."""
        query = super().to_query()
        return ({MADE: query.pop("task")} if "task" in query else {}) | query

    @classmethod
    def of(cls, asked: Mapping[str, Any]) -> Self:
        """The same the other way."""
        return super().of(({"task": asked[MADE]} if MADE in asked else {}) | dict(asked))
