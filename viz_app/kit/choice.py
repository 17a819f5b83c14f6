"""What can be chosen of a view, by name: how an address and a command line write each choice.

A name means the same in every view that has it, so a reader's choice goes from page to page.
"""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import isfinite
from typing import Any

from viz_app.kit import interventions
from viz_app.kit.words import commas
from viz_app.text import say

PANELS = ("gates", "states", "gradients", "lines")
NUMBER = r"\d{1,9}"
NONE = "none"
MOST_LISTED = 8


@dataclass(frozen=True)
class Kind:
    """How a choice is written as text.

    Attributes
    ----------
    read
        From text to the value; None where the text is none.
    write
        Back.
    brief
        It is left out of an address where it is as the view would choose by itself.
    alone
        That only where there is nothing else to choose.
    code
        From the value to Python.
    """

    read: Callable[[str], Any]
    write: Callable[[Any], str] = str
    brief: bool = False
    alone: bool = False
    code: Callable[[Any], str] = repr


@dataclass(frozen=True)
class Among:
    """What a choice can be.

    Attributes
    ----------
    values
        All that there are.
    usual
        What the view takes by itself.
    """

    values: Sequence[Any]
    usual: Any

    def of(self, value: Any) -> Any:
        """A value where it is one of them, else the usual."""
        return value if value in self.values else self.usual


def whole(text: str) -> int | None:
    """A whole number; None where it is none, or absurd."""
    return int(text) if text.isascii() and re.fullmatch(NUMBER, text) else None


def window_of(text: str) -> tuple[int, int] | None:
    """The first and the last step, ``10-30``; None where it is none."""
    found = re.fullmatch(rf"({NUMBER})-({NUMBER})", text)
    return (int(found[1]), int(found[2])) if found else None


def units_of(text: str) -> tuple[int, ...]:
    """Units, as ``3.7.12``."""
    return tuple(sorted({int(part) for part in text.split(".") if re.fullmatch(NUMBER, part)}))


def panels_of(text: str) -> tuple[str, ...]:
    """Panels, as ``gates.lines``; none of them is ``none``."""
    return tuple(name for name in PANELS if name in text.split("."))


Change = tuple[int, float, int | None]


def changes_of(text: str) -> tuple[Change, ...] | None:
    """Other ways of writing from a character on, ``100@0.9`` and ``200@0.5@3``, with commas."""
    changes = []
    for part in text.split(","):
        found = re.fullmatch(rf"({NUMBER})@([\d.]{{1,9}})(?:@({NUMBER}))?", part)
        temperature = real(found[2]) if found else None
        if found is None or temperature is None:
            return None
        changes.append((int(found[1]), temperature, int(found[3]) if found[3] else None))
    return tuple(changes)


def _changes(values: Sequence[Change]) -> str:
    return ",".join(
        f"{start}@{temperature:g}" + ("" if top_k is None else f"@{top_k}")
        for start, temperature, top_k in values
    )


def listed(values: Sequence[Any], write: Callable[[Any], str] = str) -> str:
    """What a choice can be: numbers in a row by their ends, of many the first."""
    there = [value for value in values if value is not None]
    numbers = len(there) > 2 and all(isinstance(value, int) for value in there)
    if numbers and there == list(range(there[0], there[-1] + 1)):
        return say("app.from_to", first=there[0], last=there[-1])
    some = [write(value) for value in there[:MOST_LISTED]]
    return commas([*some, "…"] if len(there) > MOST_LISTED else some)


def _joined(values: Sequence[Any]) -> str:
    return ".".join(map(str, values)) or NONE


def real(text: str) -> float | None:
    """A number that is finite; None where it is none."""
    with suppress(ValueError):
        found = float(text)
        return found if isfinite(found) else None
    return None


FLAG = Kind(lambda text: text == "1", lambda _: "1")
NAMES = Kind(lambda text: tuple(name for name in text.split(",") if name), ",".join)

KINDS: dict[str, Kind] = {
    "run": Kind(str),
    "others": NAMES,
    "checkpoint": Kind(whole, brief=True),
    "layer": Kind(str, brief=True, alone=True),
    "example": Kind(whole),
    "own": Kind(str),
    "sort": Kind(str, brief=True),
    "unit": Kind(whole),
    "step": Kind(whole),
    "window": Kind(window_of, lambda ends: "-".join(map(str, ends))),
    "units": Kind(units_of, _joined),
    "show": Kind(panels_of, _joined),
    "way": Kind(str, brief=True),
    "t": Kind(whole),
    "relative": FLAG,
    "gain": Kind(real, "{:g}".format),
    "log": FLAG,
    "signal": Kind(str),
    "picture": Kind(str, brief=True),
    "aid": Kind(str),
    "at": Kind(whole),
    "pictures": Kind(lambda text: tuple(text.split(".")), _joined),
    "axis": Kind(str, brief=True),
    "task": Kind(str),
    "variant": Kind(str, brief=True),
    "length": Kind(whole, brief=True),
    "delay": Kind(whole, brief=True),
    "symbols": Kind(whole, brief=True),
    "distractors": Kind(whole),
    "chance": Kind(real, "{:g}".format, brief=True),
    "seed": Kind(whole, brief=True),
    "job": Kind(str),
    "claim": Kind(str),
    "anew": FLAG,
    "entry": Kind(str),
    "prompt": Kind(str),
    "temperature": Kind(real, "{:g}".format),
    "top_k": Kind(whole),
    "then": Kind(changes_of, _changes),
    "look": Kind(str),
    "ask": Kind(str),
    "does": Kind(interventions.read, interventions.write, code=interventions.code),
    "labels": Kind(lambda text: tuple(text.split("|")), "|".join),
    "sentence": Kind(str),
    "forecast": Kind(whole),
}
