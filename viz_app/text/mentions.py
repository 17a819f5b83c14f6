"""Terms of the glossary that a text mentions: found in any language by their names there.

A mark is ``[[half_life]]`` or ``[[half_life|half-lives]]``, with the words that are read. Help
texts (keys that end in ``_help``) lead to the glossary: their first terms are links, in every
language.
"""

import re
from collections.abc import Mapping
from functools import cache

Names = tuple[tuple[str, str], ...]
"""The terms: key, and name as the glossary lists it."""

MARK = re.compile(r"\[\[(\w+)(?:\|([^\[\]]+))?\]\]")
IN_BRACKETS = re.compile(r"\s*[(（].*?[)）]")
UNMARKED = r"\[\[.*?\]\]|\[[^\]]*\]\([^)]*\)|`+[^`]*`+|\{[^}]*\}"
"""Where nothing is marked: marks, links, code, and what is filled in."""

COMMON = ("copy", "sequence", "prepared", "stacked", "parity", "accuracy", "loss", "unit")
"""Terms whose name is a word of every day, or stands in every sentence."""

GLOSSARY, IS, HELP, TERMINAL = "glossary.", "_is", "_help", "cli."
MOST = 2
"""Links in one help text."""


def marks(text: str) -> list[str]:
    """The terms that a text marks, in order."""
    return [found[1] for found in MARK.finditer(text)]


def marked(text: str, names: Names, most: int = 99) -> str:
    """The text with a mark at the first mention of each term, at most so many.

    What is marked already stays, and so do code, links and what is filled in. Words of every day
    (`COMMON`) are left alone.
    """
    pattern, keys = _mentions(names)
    done = set(marks(text))

    def mark(found: re.Match[str]) -> str:
        key = keys.get(found.lastgroup or "")
        if key is None or key in done or len(done) >= most:
            return found[0]
        done.add(key)
        return f"[[{key}|{found[0]}]]"

    return pattern.sub(mark, text)


def address_of(key: str) -> str:
    """Of the glossary with a term first."""
    return f"glossary?term={key}"


def linked(text: str) -> str:
    """The text with each mark that has words of its own as a link to the glossary."""
    return MARK.sub(lambda found: f"[{found[2] or found[1]}]({address_of(found[1])})", text)


def names_of(texts: Mapping[str, str]) -> Names:
    """The terms among the texts of a language: each has a text that says what it is."""
    keys = [key for key in texts if key.startswith(GLOSSARY) and f"{key}{IS}" in texts]
    return tuple((key.removeprefix(GLOSSARY), texts[key]) for key in keys)


def with_links(texts: dict[str, str]) -> dict[str, str]:
    """The texts of a language, the help texts of its pages with links to the glossary."""
    names = names_of(texts)
    return texts | {
        key: linked(marked(text, names, MOST))
        for key, text in texts.items()
        if key.endswith(HELP) and not key.startswith((TERMINAL, GLOSSARY))
    }


@cache
def _mentions(names: Names) -> tuple[re.Pattern[str], dict[str, str]]:
    """A pattern that finds what a text mentions, and the terms of its groups."""
    said: list[tuple[str, str]] = []
    for key, whole in names:
        if key not in COMMON:
            said.append((IN_BRACKETS.sub("", whole), key))
            said += [(short, key) for short in re.findall(r"[(（](.*?)[)）]", whole)
                     if short.isupper()]  # fmt: skip
    said.sort(key=lambda each: len(each[0]), reverse=True)
    keys = {f"t{number}": key for number, (_, key) in enumerate(said)}
    parts = [f"(?P<t{number}>{_in_any_form(name)})" for number, (name, _) in enumerate(said)]
    return re.compile("|".join([UNMARKED, *parts])), keys


def _in_any_form(name: str) -> str:
    """A pattern of a name: of Latin letters as a whole word, small or capital first, and plural."""
    if not name.isascii():
        return re.escape(name)
    ends = {"fe": "(?:fe|ves)", "y": "(?:y|ies)"}
    end = next((end for end in ends if name.endswith(end)), "")
    stem = re.escape(name[: len(name) - len(end)])
    first = stem if name[:2].isupper() else f"[{stem[0]}{stem[0].upper()}]{stem[1:]}"
    return rf"(?<![\w-]){first}{ends.get(end, '(?:e?s)?')}(?![\w-])"
