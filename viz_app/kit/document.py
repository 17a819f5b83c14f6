"""A sheet of paper as a value: what stands on it, in order. Its neighbours set it as HTML or PDF.

Texts may have **strong**, *emphasized* and `code` words, and links, whose words alone are kept.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

MARKED = re.compile(
    r"\*\*(?P<strong>.+?)\*\*|\*(?=\S)(?P<em>[^*]+?)(?<=\S)\*|`(?P<code>[^`]+)`"
    r"|\[(?P<link>[^\]]+)\]\([^)]*\)"
)


class Words(NamedTuple):
    """Some words of a text that look alike: plain, ``"strong"``, ``"em"`` or ``"code"``."""

    text: str
    look: str


def words_of(text: str) -> Iterator[Words]:
    """A text's words, with how they look."""
    end = 0
    for found in MARKED.finditer(text):
        if found.start() > end:
            yield Words(text[end : found.start()], "")
        look = found.lastgroup or ""
        if look == "strong":  # what is emphasized in it looks like the rest of it
            yield from (Words(words.text, look) for words in words_of(found[look]))
        else:
            yield Words(found[look], "" if look == "link" else look)
        end = found.end()
    if end < len(text):
        yield Words(text[end:], "")


@dataclass(frozen=True)
class Heading:
    """The title of a part."""

    text: str


@dataclass(frozen=True)
class Text:
    """A paragraph; a quiet one is smaller and grey, and one in a frame stands out.

    One that is ``tied`` stands on the page of what follows it.
    """

    text: str
    quiet: bool = False
    framed: bool = False
    tied: bool = False


@dataclass(frozen=True)
class Options:
    """What can be answered, lettered from A; the right one is marked where it is told."""

    options: tuple[str, ...]
    right: int | None = None


@dataclass(frozen=True)
class Lines:
    """Empty lines to write on."""

    count: int = 2


@dataclass(frozen=True)
class Picture:
    """A chart as a finished Vega-Lite spec, as wide as the page or a part of it; and what it shows.

    Attributes
    ----------
    spec
        The spec.
    pixels
        Width and height of what it draws.
    alternative
        What it shows, for those who cannot see it.
    part
        Of the page's width.
    """

    spec: dict[str, Any]
    pixels: tuple[float, float]
    alternative: str
    part: float = 1.0


@dataclass(frozen=True)
class Table:
    """Rows below a head; every row has as many cells."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...] = ()
    """Parts of the page's width; equal ones where none are given."""


@dataclass(frozen=True)
class NewPage:
    """What follows begins on a new page."""


Block = Heading | Text | Options | Lines | Picture | Table | NewPage


@dataclass(frozen=True)
class Document:
    """A sheet.

    Attributes
    ----------
    title, subtitle
        At its head.
    language
        Of its texts, as ``"en"``: a browser reads and breaks lines by it.
    blocks
        What stands on it.
    foot
        Below each page, beside its number.
    """

    title: str
    language: str
    blocks: tuple[Block, ...]
    subtitle: str = ""
    foot: str = ""


def letter(option: int) -> str:
    """How an option is called: A, B, C."""
    return chr(ord("A") + option)
