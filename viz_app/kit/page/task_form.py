"""The widgets for a task's options, wherever a reader sets up a task."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import streamlit as st

from gatescope import TASKS
from gatescope.settings import Setting
from viz_app.kit import task_options
from viz_app.kit.page import choices
from viz_app.text import say

Key = Callable[[str], str]


def options_of(
    name: str, key: Key, columns: Iterator[Any], longest: int = task_options.LONGEST
) -> dict[str, Any]:
    """Ask for a task's options, each in the next column; a new column for each.

    Parameters
    ----------
    name
        The task.
    key
        Where a choice is kept in the session, by its name.
    columns
        Places to draw in.
    longest
        Most steps of a length or delay.
    """
    chosen: dict[str, Any] = {}
    for shown, option in task_options.options(name).items():
        now = task_options.options(name, chosen)[shown]  # what is chosen of the others bounds it
        value = _asked(next(columns), shown, now, task_options.values(now, longest), key(shown))
        if value is not None:
            chosen[option.name] = value
    return chosen


def anew(key: Key) -> None:
    """Another task has other sizes: let the page choose again."""
    for task in TASKS:
        for name in task_options.options(task):
            if name != "variant":
                st.session_state.pop(key(name), None)


def _asked(column: Any, name: str, option: Setting, values: Sequence[Any], key: str) -> Any:
    """A value of an option; None where it may be left empty, and is."""
    look = {"label": say(f"tasks.{name}"), "help": say(f"tasks.{name}_help"), "key": key}
    choices.keep(key, [*([None] if option.optional else []), *values], option.usual)
    if option.kind == "choice":
        return column.segmented_control(
            options=values, required=True, width="stretch",
            format_func=lambda value: say(f"tasks.{name}_{value}"), **look,
        )  # fmt: skip
    if option.kind == "number":
        return column.selectbox(options=values, format_func=lambda value: f"{value:.0%}", **look)
    empty = {"placeholder": say("tasks.every_step")} if option.optional else {}
    return column.number_input(min_value=values[0], max_value=values[-1], **look, **empty)
