"""What goes wrong, in words: a sentence of `SENTENCES` that knows its key and its values.

It is English here; who shows it may say it in another language, by the key and with the values.
"""

import tomllib
from collections.abc import Iterable, Mapping
from numbers import Integral
from pathlib import Path
from typing import Any

SENTENCES: dict[str, str] = tomllib.loads(
    Path(__file__).with_name("error.toml").read_text(encoding="utf-8")
)
"""Every sentence by its key, its values' names in braces."""

LONGEST, LONGEST_LINE = 2000, 400
"""Letters of a sentence within another, and of what an error says that has none."""

MOST_JOINED = 20
"""Sentences that are kept of several: files and other processes take no tower of them."""


class Sentence(str):
    """An English sentence that knows what it is made from.

    Attributes
    ----------
    key
        Its key in `SENTENCES`.
    values
        By name: numbers, texts (sentences among them) and None.
    """

    key: str
    values: Mapping[str, Any]

    def __new__(cls, text: str, key: str, values: Mapping[str, Any]) -> "Sentence":
        made = super().__new__(cls, text)
        made.key, made.values = key, values
        return made

    def __getnewargs__(self) -> tuple[Any, ...]:
        return str(self), self.key, self.values


class GatescopeError(Exception):
    """Whatever this package itself refuses; the message says what, why, and the fix.

    Attributes
    ----------
    key
        The key of its sentence in `SENTENCES`; empty where it has none.
    values
        What is filled in there, by name.
    """

    @property
    def key(self) -> str:
        return getattr(self.args[0], "key", "") if self.args else ""

    @property
    def values(self) -> Mapping[str, Any]:
        return getattr(self.args[0], "values", {}) if self.args else {}


class RecordError(GatescopeError, RuntimeError):
    """A model, or an input for it, that cannot be recorded; the message says why and the fix."""


def say(key: str, /, **values: object) -> Sentence:
    """The sentence of a key; an error among its values is what that error says."""
    filled = {
        name: sentence_of(value) if isinstance(value, BaseException) else value
        for name, value in values.items()
    }
    plain = {name: _plain(value) for name, value in filled.items()}
    return Sentence(SENTENCES[key].format(**filled), key, plain)


def joined(sentences: Iterable[str], by: str = "and_then") -> str:
    """Several sentences as one, by a sentence of two; what comes after many is its text alone."""
    *firsts, whole = sentences
    for place, first in reversed(list(enumerate(firsts))):
        both = say(by, first=first, others=whole)
        whole = both if place < MOST_JOINED else str(both)
    return whole


def sentence_of(error: BaseException, most: int = LONGEST_LINE) -> str:
    """What an error says, in one line: its sentence, else at most so many letters of its text."""
    sentence = error.args[0] if len(error.args) == 1 else None
    if isinstance(sentence, Sentence) and len(sentence) <= LONGEST:
        return sentence
    line = " ".join(str(error).split()) or type(error).__name__
    return line if len(line) <= most else f"{line[:most]}…"


def parts(text: str) -> Any:
    """What a sentence is made from, as a file or another process takes it; see `restored`."""
    if not isinstance(text, Sentence):
        return text
    return [
        text.key,
        {n: parts(value) if isinstance(value, str) else value for n, value in text.values.items()},
    ]


def restored(text: str, made_from: object) -> str:
    """The sentence that was written as a text and its `parts`; the text where they do not fit."""
    try:
        sentence = _restored(made_from)
    except (KeyError, ValueError, TypeError, AttributeError, IndexError, RecursionError):
        return text
    return sentence if isinstance(sentence, Sentence) and sentence == text else text


def _restored(made_from: Any) -> Any:
    if not isinstance(made_from, list):
        return made_from
    key, values = made_from
    return say(key, **{name: _restored(value) for name, value in values.items()})


def _plain(value: object) -> str | int | float | None:
    if value is None or isinstance(value, str | int | float):
        return value
    return int(value) if isinstance(value, Integral) else str(value)
