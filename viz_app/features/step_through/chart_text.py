"""Sentences and equations with slots for numbers, as expressions that a browser fills in.

A slot is ``{name}`` or ``{name:kind}``: plain ``−0.310``; ``+`` as a later term of a sum,
`` − 0.310``; ``*`` as a factor, ``(−0.310)``; ``%`` a share; ``s`` as it is.
"""

import json
import math
from collections.abc import Sequence
from string import Formatter

from viz_app.kit.chart.breadth import LETTERS, OPENING, UNSPACED, breadth

WIDE_HERE = 2.2
"""So many of the letters that `chart_layout` counts with take as much room as a Chinese one."""

OPEN = f"[{OPENING}]"
FULL = f"{LETTERS}\u3000-\u303f\uff00-\uffef“”‘’"
UNIT = f"{OPEN}*(?:(?!{OPEN})[{FULL}]|[^{FULL}](?=[\\\\s{FULL}]|$)|[^{FULL}][^{FULL}])"
"""As much of a line as a Chinese letter takes, as an expression of a browser's: such a letter, with
what opens before it, or two Latin ones."""

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


def wrapped(expression: str, texts: Sequence[str], letters: int) -> str:
    """An expression that says one of the texts, its lines ended between words where one has more
    than fit on one; in a script without spaces, before any letter of it."""
    if max(map(length, texts)) <= letters:
        return expression
    line = f"(.{{1,{letters}}})(\\\\s|$)"
    if any(map(UNSPACED.search, texts)):
        line = f"((?:{UNIT}){{1,{int(letters / WIDE_HERE)}}})(\\\\s|$|(?=[{LETTERS}]))"
    return f"replace({expression}, regexp('{line}', 'g'), '$1\\n')"


def depth(texts: Sequence[str], letters: int) -> int:
    """On how many lines the longest of the texts stands."""
    uneven = 0.9 if any(map(UNSPACED.search, texts)) else 1.0
    longest = max(map(length, texts))
    return 1 if longest <= letters else math.ceil(longest / (uneven * letters))


def length(text: str) -> int:
    """About how many Latin letters take as much room as a text when its slots are filled."""
    return math.ceil(
        sum(
            6 * bool(name) + breadth(literal, WIDE_HERE)
            for literal, name, _, _ in Formatter().parse(text)
        )
    )
