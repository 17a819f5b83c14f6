"""How much room a text takes, and where its lines may end, in any script.

Chinese and Japanese letters are nearly twice as wide as Latin ones, and no spaces part their words:
a line may end before each of them.
"""

import re
import unicodedata
from textwrap import wrap

LETTERS = "\u3400-\u9fff\uf900-\ufaff\u3040-\u30ff"
"""Chinese characters and Japanese syllables."""

OPENING = "（“‘《「『【"
"""No line ends after one of these."""

CLOSING = "，。：；？！、）”’》」』】…"
"""No line begins with one of these."""

WIDE = 1.8
"""So many Latin letters take as much room as a Chinese one."""

UNSPACED = re.compile(f"[{LETTERS}]")
PIECE = re.compile(
    f"[{OPENING}]*(?:[{LETTERS}]|[^\\s{LETTERS}{OPENING}]+)[{CLOSING}]*\\s*|[{OPENING}]+\\s*"
)


def breadth(text: str, wide: float = WIDE) -> float:
    """As many Latin letters take as much room as a text; ``wide`` is what a Chinese one counts."""
    return sum(wide if is_wide(letter) else 1 for letter in text)


def is_wide(letter: str) -> bool:
    """Whether it is as wide as it is high."""
    return unicodedata.east_asian_width(letter) in "WF"


def pieces(text: str) -> list[str]:
    """A text in parts within which no line may end, each with the space after it."""
    return PIECE.findall(text) if UNSPACED.search(text) else re.findall(r"\S+\s*", text)


def lines(text: str, letters: int) -> list[str]:
    """A text in lines of at most so many Latin letters; a longer word has a line of its own."""
    most = max(letters, 1)
    if not UNSPACED.search(text):
        return wrap(text, most, break_long_words=False)
    found = [""]
    for piece in pieces(text):
        if found[-1] and breadth((found[-1] + piece).rstrip()) > most:
            found.append("")
        found[-1] += piece
    return [line.strip() for line in found if line.strip()]
