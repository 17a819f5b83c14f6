"""Every word that a person reads, by key; one folder a language.

Whose words are asked for is not known here: a page's session says it, in
`viz_app.kit.page.language`, and the command line has the language of its environment. What keeps
results that may have words in them asks `uses`.
"""

import os
import threading
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from numbers import Real
from pathlib import Path
from types import MappingProxyType
from typing import Any

from viz_app.text.joints import fill
from viz_app.text.mentions import with_links

FOLDER = Path(__file__).parent
DEFAULT = "en"

LANGUAGE = "GATESCOPE_LANGUAGE"
LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")
"""What a system says of its user's language: the first that says anything counts."""

READERS: list[Callable[[], str | None]] = []
"""Who may know the reader of this moment: each gives a language, or None."""


class Uses:
    """Whether words were asked for in the reader's language."""

    def __init__(self) -> None:
        self.words = False


class _Layers(threading.local):
    """Of this thread, the outermost first: a language that is spoken, or who notes its use."""

    def __init__(self) -> None:
        self.all: list[str | Uses] = []


_layers = _Layers()


def language() -> str:
    """The language in use: the reader's, where a page is drawn, else that of the environment."""
    for layer in reversed(_layers.all):
        if isinstance(layer, str):
            return layer
        layer.words = True
    return _readers()


def peek() -> str:
    """The same, without that the words that follow from it count as asked for."""
    return next((one for one in reversed(_layers.all) if isinstance(one, str)), "") or _readers()


@contextmanager
def speaking(chosen: str) -> Iterator[None]:
    """Within it all words are in a language, whoever reads."""
    with _layer(chosen):
        yield


@contextmanager
def uses() -> Iterator[Uses]:
    """Notes whether what is computed within it has words in it, and so is of one language."""
    with _layer(noted := Uses()):
        yield noted


@contextmanager
def _layer(layer: str | Uses) -> Iterator[None]:
    _layers.all.append(layer)
    try:
        yield
    finally:
        _layers.all.pop()


def _readers() -> str:
    return next((found for ask in READERS if (found := ask())), None) or of_environment()


def of_environment() -> str:
    """``GATESCOPE_LANGUAGE``, or the system's, where there are texts for it; else English."""
    wanted = os.environ.get(LANGUAGE)
    return known(wanted if wanted else _of_system()) or DEFAULT


def _of_system() -> str:
    said = next((found for name in LOCALE if (found := os.environ.get(name))), "")
    if said or os.name != "nt":
        return said
    import locale

    return locale.getlocale()[0] or ""


def known(tag: str | None) -> str | None:
    """The language of a tag, as ``zh``, ``zh-CN`` or ``zh_CN.UTF-8``, that there are texts in."""
    parts = (tag or "").split(".")[0].split("@")[0].replace("_", "-").lower().split("-")
    found = {name.lower(): name for name in there()}
    tags = ("-".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((found[tag] for tag in tags if tag in found), None)


def there() -> frozenset[str]:
    """The languages that there are."""
    return languages(FOLDER)


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
    """All texts of a language by key; what it lacks is English. Help texts lead to the glossary."""
    return with_links(as_written(chosen))


def as_written(chosen: str) -> dict[str, str]:
    """The same as the files have them, without links."""
    folder = FOLDER / chosen
    if not folder.is_dir():
        raise ValueError(f"there are no texts in language {chosen!r}: no folder {folder.name}")
    found = {} if chosen == DEFAULT else as_written(DEFAULT)
    for path in sorted(folder.glob("*.toml")):
        for name, text in tomllib.loads(path.read_text(encoding="utf-8")).items():
            found[f"{path.stem}.{name}"] = text
    return found
