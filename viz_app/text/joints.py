"""Values in a sentence whose script has no spaces: Latin letters and digits are set off by one.

A Chinese text may be filled with "LSTM" or with "遗忘门": whoever translates writes a space there
or none, and what is filled in has what belongs there.
"""

import re
from collections.abc import Mapping
from string import Formatter
from typing import Any

LETTERS = "\u3400-\u9fff\uf900-\ufaff\u3040-\u30ff"
"""Chinese characters and Japanese syllables."""

MARKS = "\u3000-\u303f\uff00-\uffef"
"""Their punctuation, which brings its own room."""

QUOTES = "“”‘’"
"""Marks of theirs that Latin sentences have too."""

BOLD = "**"
"""What begins bold type, which nobody sees."""

WITHOUT_SPACES = re.compile(f"[{LETTERS}]")
MARK_BEFORE, MARK_AFTER = re.compile(f"[{MARKS}]$"), re.compile(rf"^[{MARKS}]")
WIDE_BEFORE, WIDE_AFTER = re.compile(f"[{LETTERS}{MARKS}]$"), re.compile(f"^[{LETTERS}{MARKS}]")
QUOTE_BEFORE, QUOTE_AFTER = re.compile(f"[{QUOTES}]$"), re.compile(f"^[{QUOTES}]")
LETTER_BEFORE, LETTER_AFTER = re.compile(f"[{LETTERS}]$"), re.compile(f"^[{LETTERS}]")
LATIN_BEFORE, LATIN_AFTER = re.compile(r"[A-Za-z0-9%°]$"), re.compile(r"^[A-Za-z0-9±−+]")

_formatter = Formatter()


def fill(text: str, values: Mapping[str, Any]) -> str:
    """A text with its values filled in, as `str.format` does it; and in a script without spaces
    each value is set off by a space, or by none, as the letters on both sides ask.
    """
    if not WITHOUT_SPACES.search(text):
        return text.format(**values)
    whole = ""
    for literal, name, how, turned in _formatter.parse(text):
        whole = joint(whole, literal)
        if name is not None:
            value, _ = _formatter.get_field(name, (), values)
            value = _formatter.convert_field(value, turned)
            spec = (how or "").format(**values)
            whole = joint(whole, _formatter.format_field(value, spec))
    return whole


def joint(first: str, second: str) -> str:
    """Two pieces of a sentence with the space between them that belongs there."""
    bare_first, bare_second = first.removesuffix(" "), second.removeprefix(" ")
    if bare_first[-1:].isspace() or bare_second[:1].isspace():
        return first + second
    if _touch(bare_first, bare_second):
        return bare_first + bare_second
    if LETTER_BEFORE.search(bare_first) and LATIN_AFTER.search(bare_second):
        return f"{bare_first} {bare_second}"
    if LATIN_BEFORE.search(bare_first) and LETTER_AFTER.search(bare_second):
        return f"{bare_first} {bare_second}"
    return first + second


def _touch(first: str, second: str) -> bool:
    """Whether nothing stands between two pieces: between two letters, and beside a mark."""
    ends, begins = WIDE_BEFORE.search(first), WIDE_AFTER.search(second)
    if MARK_BEFORE.search(first):
        begins = WIDE_AFTER.search(second.removeprefix(BOLD))
        bare = second.removeprefix("**")  # bold type begins beside a mark as well
        return any(each.search(bare) for each in (WIDE_AFTER, QUOTE_AFTER, LATIN_AFTER))
    if MARK_AFTER.search(second):
        return bool(ends or QUOTE_BEFORE.search(first) or LATIN_BEFORE.search(first))
    quoted = QUOTE_BEFORE.search(first) or QUOTE_AFTER.search(second)
    return bool((ends and begins) or (quoted and (ends or begins)))
