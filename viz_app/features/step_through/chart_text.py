"""Sentences and equations with slots for numbers, as expressions that a browser fills in.

A slot is ``{name}`` or ``{name:kind}``: plain ``−0.310``; ``+`` as a later term of a sum,
`` − 0.310``; ``*`` as a factor, ``(−0.310)``; ``%`` a share; ``s`` as it is.
"""

import json
from collections.abc import Sequence
from string import Formatter

KINDS = {
    "": "format({v}, '.3f')",
    "+": "(({v} < 0 ? ' − ' : ' + ') + format(abs({v}), '.3f'))",
    "*": "({v} < 0 ? '(' + format({v}, '.3f') + ')' : format({v}, '.3f'))",
    "%": "format({v}, '.0%')",
    "s": "{v}",
}


class Slot:
    """Stands for a number in a text: filled in as the slot itself."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __format__(self, kind: str) -> str:
        return f"{{{self.name}:{kind}}}" if kind else f"{{{self.name}}}"


def slots(text: str) -> list[str]:
    """The names of the numbers in a text."""
    return [name for _, name, _, _ in Formatter().parse(text) if name]


def filled(text: str) -> str:
    """A text as a Vega expression over ``now``."""
    parts = []
    for literal, name, kind, _ in Formatter().parse(text):
        if literal:
            parts.append(json.dumps(literal, ensure_ascii=False))
        if name:
            parts.append(KINDS[kind or ""].replace("{v}", f"now.{name}"))
    return " + ".join(parts) or '""'


def first_of(cases: Sequence[tuple[str, str]]) -> str:
    """The text of the first condition that holds; the last one needs none."""
    *others, (_, last) = cases
    expression = filled(last)
    for condition, text in reversed(others):
        expression = f"({condition}) ? ({filled(text)}) : ({expression})"
    return expression


def by_key(expressions: dict[str, str]) -> str:
    """The expression that belongs to a row's ``key``; empty while nothing is picked."""
    pairs = ", ".join(f"{json.dumps(key)}: {value}" for key, value in expressions.items())
    return f"isValid(now.unit) ? {{{pairs}}}[datum.key] : ''"


def wrapped(expression: str, longest: int, letters: int) -> str:
    """A text of at most ``longest`` letters, its lines ended between words where it has more than
    fit on one."""
    if longest <= letters:
        return expression
    return f"replace({expression}, regexp('(.{{1,{letters}}})(\\\\s|$)', 'g'), '$1\\n')"


def length(text: str) -> int:
    """About how many letters a text has when its slots are filled."""
    return sum(len(literal) + 6 * bool(name) for literal, name, _, _ in Formatter().parse(text))
