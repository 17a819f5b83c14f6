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

MARKS = "\u3000-\u303f\uff00-\uffef“”‘’"
"""Their punctuation, which brings its own room."""

WITHOUT_SPACES = re.compile(f"[{LETTERS}]")
BEFORE = re.compile(f"[{LETTERS}{MARKS}]$")
AFTER = re.compile(f"^[{LETTERS}{MARKS}]")
LETTER_BEFORE = re.compile(f"[{LETTERS}]$")
LETTER_AFTER = re.compile(f"^[{LETTERS}]")
LATIN_BEFORE = re.compile(r"[A-Za-z0-9%°]$")
LATIN_AFTER = re.compile(r"^[A-Za-z0-9±−+]")

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
    if BEFORE.search(bare_first) and AFTER.search(bare_second):
        return bare_first + bare_second
    if LETTER_BEFORE.search(bare_first) and LATIN_AFTER.search(bare_second):
        return f"{bare_first} {bare_second}"
    if LATIN_BEFORE.search(bare_first) and LETTER_AFTER.search(bare_second):
        return f"{bare_first} {bare_second}"
    return first + second
