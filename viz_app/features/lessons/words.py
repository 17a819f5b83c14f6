"""What a lesson says with its facts: the braces in its texts, filled."""

from collections.abc import Callable, Mapping
from string import Formatter
from typing import Any

import numpy as np

from viz_app.kit import words
from viz_app.text import filled

WRITE: dict[str, Callable[[float], str]] = {
    "percent": words.percent, "digits": words.digits, "brief": words.brief,
    "number": words.number,
}  # fmt: skip
"""How a fact is said where the braces name it."""


class LessonError(ValueError):
    """A lesson's file that is wrong, or facts that do not fit it."""


def fact(name: str, facts: Mapping[str, Any]) -> Any:
    """A fact by its name.

    Raises
    ------
    LessonError
        When there is none.
    """
    if name not in facts:
        raise LessonError(f"there is no fact {name!r}; there are {', '.join(facts)}")
    return facts[name]


def braces(text: str) -> list[str]:
    """The facts that a text names."""
    return [name for _, name, _, _ in Formatter().parse(text) if name is not None]


def fill(text: str, facts: Mapping[str, Any], options: Mapping[str, str] | None = None) -> str:
    """A text with its facts."""
    named = {name: _Said(fact(name, facts), options or {}) for name in braces(text)}
    return filled(text, named)


class _Said:
    """A fact as a sentence says it."""

    def __init__(self, value: Any, options: Mapping[str, str]) -> None:
        self.value, self.options = value, options

    def __format__(self, how: str) -> str:
        return said(self.value, how, self.options)


def said(value: Any, how: str, options: Mapping[str, str]) -> str:
    """A fact in words: an option, a list, or a number as the braces say."""
    if isinstance(value, str):
        return options.get(value, value)
    if isinstance(value, tuple | list):
        return words.joined([said(each, how, options) for each in value])
    if how in WRITE:
        return WRITE[how](float(value))
    if how:
        return filled(f"{{value:{how}}}", {"value": value})
    whole = isinstance(value, int | np.integer)
    return words.decimals(float(value), 0 if whole else 2)
