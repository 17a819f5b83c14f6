"""The widgets for a task's options, wherever a reader sets up a task."""

from collections.abc import Callable, Iterator
from typing import Any

import streamlit as st

from viz_app.features.tasks import data as tasks
from viz_app.kit.page import choices
from viz_app.text import say

OPTIONS = ("variant", "length", "delay", "symbols", "distractors", "chance")
"""Every choice there can be, by the name under which ``key`` keeps it."""

Key = Callable[[str], str]


def options_of(
    name: str, key: Key, columns: Iterator[Any], longest: int = tasks.LONGEST
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
    options: dict[str, Any] = {}
    forms = tasks.variants(name)
    variant = forms[0] if forms else None
    if forms:
        choices.keep(key("variant"), list(forms), forms[0])
        variant = next(columns).segmented_control(
            say("tasks.variant"), forms, key=key("variant"), required=True, width="stretch",
            format_func=lambda form: say(f"tasks.variant_{form}"), help=say("tasks.variant_help"),
        )  # fmt: skip
        options["variant"] = variant
    for option in tasks.numbers(name, variant, longest):
        options[option.name] = _number(next(columns), option, key)
    most = tasks.most_distractors(name, options.get("length", options.get("delay", 0)))
    if most is not None:
        found = _distractors(next(columns), most, key)
        if found is not None:
            options["distractors"] = found
    if name == "flip_flop":
        choices.keep(key("chance"), tasks.CHANCES, tasks.CHANCE)
        options["pulse_chance"] = next(columns).selectbox(
            say("tasks.chance"), tasks.CHANCES, key=key("chance"),
            format_func=lambda chance: f"{chance:.0%}", help=say("tasks.chance_help"),
        )  # fmt: skip
    return options


def anew(key: Key) -> None:
    """Another task has other sizes: let the page choose again."""
    for name in OPTIONS:
        if name != "variant":
            st.session_state.pop(key(name), None)


def _number(column: Any, option: tasks.Number, key: Key) -> int:
    own = key(option.name)
    choices.keep(own, list(range(option.lowest, option.highest + 1)), option.usual)
    found: int = column.number_input(
        say(f"tasks.{option.name}"), option.lowest, option.highest, key=own,
        help=say(f"tasks.{option.name}_help"),
    )  # fmt: skip
    return found


def _distractors(column: Any, most: int, key: Key) -> int | None:
    """A number of distractors; empty means every step."""
    choices.keep(key("distractors"), [None, *range(most + 1)], None)
    found: int | None = column.number_input(
        say("tasks.distractors"), 0, most, key=key("distractors"),
        placeholder=say("tasks.every_step"), help=say("tasks.distractors_help"),
    )  # fmt: skip
    return found
