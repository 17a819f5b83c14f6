"""The options of a task that a reader can turn: those that have a name on a page."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from gatescope import TASKS
from gatescope.settings import Setting
from viz_app.text import has

LONGEST = 120
"""Steps up to which symbols are still told apart on a page."""

CALLED = {"pulse_chance": "chance"}
"""Options that are called otherwise on a page and in an address."""


def options(task: str, chosen: Mapping[str, Any] = MappingProxyType({})) -> dict[str, Setting]:
    """The options of a task by their names on a page, its form first.

    Parameters
    ----------
    task
        A key of ``gatescope.TASKS``.
    chosen
        What is chosen of some, by the task's names.
    """
    named = {
        CALLED.get(name, name): option for name, option in TASKS[task].options(**chosen).items()
    }
    shown = [name for name in named if has(f"tasks.{name}")]
    return {name: named[name] for name in sorted(shown, key=lambda name: name != "variant")}


def values(option: Setting, longest: int = LONGEST) -> Sequence[Any]:
    """What can be chosen of an option; of steps at most so many."""
    if option.choices or option.offer.values:
        return option.choices or option.offer.values
    return range(int(option.low or 0), int(longest if option.high is None else option.high) + 1)
