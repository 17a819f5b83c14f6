"""Every word that a person reads, by key; one folder a language."""

import os
import tomllib
from collections.abc import Mapping
from functools import cache
from numbers import Real
from pathlib import Path
from types import MappingProxyType
from typing import Any

from viz_app.text.joints import fill

FOLDER = Path(__file__).parent
DEFAULT = "en"


LANGUAGE = "GATESCOPE_LANGUAGE"


def language() -> str:
    """The language in use: ``GATESCOPE_LANGUAGE`` where there are texts for it, else English."""
    wanted = os.environ.get(LANGUAGE) or DEFAULT
    return wanted if wanted in languages(FOLDER) else DEFAULT


def say(key: str, **values: Any) -> str:
    """The text of a key with its values filled in.

    Parameters
    ----------
    key
        ``file.name``, as ``gates.title``.
    values
        What stands in braces in the text; format specifications work, as in ``{loss:.4f}``.

    Raises
    ------
    KeyError
        When there is no such key: a fault of the program, found by the tests.
    """
    return filled(texts(language())[key], values)


def filled(text: str, values: Mapping[str, Any]) -> str:
    """A text with its values filled in; what is negative has a true minus sign."""
    return fill(
        text,
        {
            name: value if isinstance(value, str) or not _is_negative(value) else _Negative(value)
            for name, value in values.items()
        },
    )


def _is_negative(value: object) -> bool:
    return isinstance(value, int | float | Real) and value < 0


class _Negative:
    """A number below zero: written with a true minus, and without any where it rounds to zero."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __format__(self, how: str) -> str:
        text = format(self.value, how)
        return text.replace("-", "−") if text.strip("-0.%") else text.replace("-", "")

    def __repr__(self) -> str:
        return repr(self.value)


def words() -> Mapping[str, str]:
    """The texts in the reader's language by key, for a chart, which knows no language.

    It takes ``words: Mapping[str, str]`` and asks for each by its whole key,
    ``words["gates.time"]``: so the test that holds the keys finds it there as in `say`. A room that
    says something in another way hands on ``{**words(), "gates.time": say("tasks.step")}``.
    """
    return MappingProxyType(texts(language()))


def in_words(said: object) -> str:
    """What is said in the reader's language; of an error, what it says.

    A sentence of `gatescope.errors` knows its key and its values: where ``error.<key>`` is a text
    of the language, that is filled in, and so are sentences among the values. All else is as it is.
    """
    sentence = said
    if isinstance(said, BaseException) and len(said.args) == 1:
        sentence = said.args[0]
    key = getattr(sentence, "key", None) if isinstance(sentence, str) else None
    text = texts(language()).get(f"error.{key}") if key else None
    if text is None:
        return str(said)
    values = sentence.values.items()  # type: ignore[attr-defined]
    try:
        said_of = {name: in_words(v) if isinstance(v, str) else v for name, v in values}
        return fill(text, said_of)
    except (KeyError, IndexError, ValueError, TypeError):  # written by another version
        return str(said)


def has(key: str) -> bool:
    """Whether there is a text of that key."""
    return key in texts(language())


def name_of(kind: str, name: str) -> str:
    """A known thing's name in the reader's language, else its own, underscores as spaces."""
    key = f"{kind}.{name}"
    if "+" in name:
        return " + ".join(name_of(kind, part) for part in name.split("+"))
    return say(key) if has(key) else name.replace("_", " ")


@cache
def languages(folder: Path) -> frozenset[str]:
    """The languages that there are texts in."""
    return frozenset(place.parent.name for place in folder.glob("*/*.toml"))


@cache
def texts(chosen: str) -> dict[str, str]:
    """All texts of a language by key; what it lacks is English."""
    folder = FOLDER / chosen
    if not folder.is_dir():
        raise ValueError(f"there are no texts in language {chosen!r}: no folder {folder.name}")
    found = {} if chosen == DEFAULT else dict(texts(DEFAULT))
    for path in sorted(folder.glob("*.toml")):
        for name, text in tomllib.loads(path.read_text(encoding="utf-8")).items():
            found[f"{path.stem}.{name}"] = text
    return found
