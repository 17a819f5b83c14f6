"""The options of a task that a reader can turn."""

import inspect
from dataclasses import dataclass

from gatescope import TASKS

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
