"""Text from outside as a person may see it: nothing in it is markup, and it is never long.

What a reader, a file or an address brings is shown in markdown by Streamlit, which knows images,
links, formulas, emoji and colours, and makes links of bare addresses after it has undone escapes.
"""

import re
import unicodedata

from viz_app.text import in_words

MOST = 400
"""Characters of a sentence that quotes something."""

NAME = 60
"""Characters of a name within a sentence."""

UNSEEN = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
JOINERS = "\u200c\u200d"
"""Part of how some scripts and emoji are written."""

QUOTE = "\N{MODIFIER LETTER GRAVE ACCENT}"
SPLIT = "\u2060"
"""Word joiner: invisible, no place to break a line, and no longer part of an address or emoji."""

MARKS = re.compile(r"([\\`*\[\]<~$&]|(?<![^\W_])_|_(?![^\W_])|:(?=\S|$))")
"""What is markup wherever it stands; within a word an underscore is none."""

FIRST = re.compile(r"^(?:([-+=#>])|(\d+)([.)]))")
"""What would begin a list, a heading or a quotation at the start of a line."""

ARROWS = re.compile(r"(-|>|\\[<~])(?=(?:-|=|-?>)(?:\s|$))")
"""What Streamlit would write as an arrow, a dash or a sign, once it is escaped."""


def bare(text: object, most: int = MOST) -> str:
    """A text on one line, without what cannot be seen, cut in the middle where it is too long.

    For charts, alternative texts and file names, where no markup is read.

    Parameters
    ----------
    text
        Anything; an exception is its message, in the reader's language.
    most
        How many characters stay; the end stays too, where a message says what to do.
    """
    found = in_words(text)
    if len(found) > 4 * most:  # what is not shown need not be looked at
        found = f"{found[: 2 * most]} {found[-2 * most :]}"
    seen = "".join(_seen(letter) for letter in found)
    line = " ".join(seen.split())
    if len(line) <= most:
        return line
    last = most // 4
    return f"{line[: most - last - 3].rstrip()} … {line[-last:].lstrip()}"


def plain(text: object, most: int = MOST) -> str:
    """The same for markdown, escaped: it is shown letter by letter."""
    escaped = FIRST.sub(_unlisted, MARKS.sub(r"\\\1", bare(text, most)))
    escaped = re.sub(r"\\:(?=\S)", rf"\\:{SPLIT}", escaped)  # http://, :emoji:, :material/…:
    escaped = re.sub(r"www(?=\.)", lambda found: found[0] + SPLIT, escaped, flags=re.IGNORECASE)
    escaped = ARROWS.sub(rf"\1{SPLIT}", escaped)
    return escaped.replace("@", f"{SPLIT}@")


def sentence(text: object) -> str:
    """A message that stands alone: it begins with a capital letter, where it begins with a word."""
    found = plain(text)
    word = found.split(" ", 1)[0].rstrip(",:;")
    return begun(found) if word.isalpha() and word.islower() else found


def begun(words: str) -> str:
    """A text of the app's own where nothing stands before it: with a capital letter."""
    return words[:1].upper() + words[1:]


def code(text: object, most: int = NAME) -> str:
    """A name as markdown shows code: there nothing is read but the mark that ends it."""
    return f"`{bare(text, most).replace('`', QUOTE)}`"


def _seen(letter: str) -> str:
    if letter.isspace():
        return " "
    hidden = letter not in JOINERS and unicodedata.category(letter) in UNSEEN
    return "\N{REPLACEMENT CHARACTER}" if hidden else letter


def _unlisted(found: re.Match[str]) -> str:
    sign, number, end = found.groups()
    return f"\\{sign}" if sign else f"{number}\\{end}"
