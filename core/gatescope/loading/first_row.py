"""Whether a file's first row holds the columns' names or data."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from gatescope.errors import say
from gatescope.loading.dates import is_loose_date
from gatescope.loading.numerals import is_loose, is_missing
from gatescope.loading.taken import FileError

WHOLE = re.compile(r"\d+")
LIKE_DIGITS = "OolIS"
"""Letters that stand in numbers by a slip."""


def first_row_of(rows: Sequence[Sequence[str]], name: str, asks: bool) -> str:
    """Whether the first row holds the columns' names or data.

    It is data where its cells are what stands below them. Where there is a slip in it ('2O' above
    numbers) it is data too, and the cell is refused where it is used. Numbers may be names too:
    the columns of a table of years, and those that a program counts.

    Parameters
    ----------
    rows
        The first rows, all as wide.
    name
        The file's.
    asks
        Whether to ask where both fit; else it is data, as where a person typed it.

    Returns
    -------
    str
        ``"names"`` or ``"data"``.

    Raises
    ------
    FileError
        When both fit.
    """
    first, below = rows[0], rows[1:]
    if not below:
        named = all(_kind(cell) == "word" and not cell[0].isdecimal() for cell in first)
        return "names" if asks and named else "data"
    usual = [_usual(rows, column) for column in range(len(first))]
    votes = Counter(map(_vote, first, usual))
    data, dates = votes["data"], votes["date"]
    names = votes["names"]
    if not {"number", "date"} & {*usual}:
        return "data" if all(_kind(cell) == "nothing" for cell in first) else "names"
    if names:
        if (data or dates) and asks:
            raise _either(name, first)
        return "data" if data or dates else "names"
    if asks and data and not dates and not votes["slip"]:
        if not first[0] and _are_counted(first[1:]) and _is_full(below):
            return "names"  # above the index that a program counted
        if _may_be_names(rows):
            raise _either(name, first)
    return "data"


def _either(name: str, first: Sequence[str]) -> FileError:
    return FileError(
        say("first_row_undecided", name=name, cells=', '.join(first[:3])),
        "first_row", ("names", "data"),
    )  # fmt: skip


def _usual(rows: Sequence[Sequence[str]], column: int) -> str:
    """What most cells of a column are, below the first."""
    kinds = Counter(_kind(row[column]) for row in rows[1:])
    del kinds["nothing"]
    return kinds.most_common(1)[0][0] if kinds else ""


def _vote(cell: str, usual: str) -> str:
    """What a cell of the first row speaks for, above numbers or dates; empty for nothing."""
    kind = _kind(cell)
    if usual not in ("number", "date"):
        return ""
    if kind == "word" or (kind, usual) == ("date", "number"):
        return "names"
    if kind == "date":
        return "date"
    return "data" if kind == "number" else kind


def _may_be_names(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the numbers in the first row may name the columns in which they are."""
    first, below = rows[0], rows[1:]
    places = [k for k, cell in enumerate(first) if is_loose(cell)]
    labels = [first[k] for k in places]
    others = [k for k in range(len(first)) if _kind(first[k]) in ("word", "nothing")]
    if _are_counted(labels) and (len(labels) > 1 or others):
        return True
    beside = any(_may_name(rows, k) for k in others)
    if beside and _are_rising(labels):
        return True
    cells = [row[k] for row in below for k in places if not is_missing(row[k])]
    parts = sum(not cell.lstrip("+-−").isdecimal() for cell in cells)
    whole = all(map(WHOLE.fullmatch, labels)) and 10 * parts >= 9 * len(cells)
    return whole and (len(labels) > 1 or int(labels[0]) in (0, *range(1900, 2101)))


def _may_name(rows: Sequence[Sequence[str]], column: int) -> bool:
    """Whether a word above words, or nothing above an index, may be a column's name."""
    cell, below = rows[0][column], [row[column] for row in rows[1:]]
    if is_missing(cell):
        return column == 0 and _is_full(rows[1:])
    return cell not in below


def _is_full(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first column has something in each row."""
    return not any(is_missing(row[0]) for row in rows)


def _are_counted(labels: Sequence[str]) -> bool:
    """Whether they are 0, 1, 2 and so on."""
    return bool(labels) and list(labels) == [str(k) for k in range(len(labels))]


def _are_rising(labels: Sequence[str]) -> bool:
    """Whether numbers rise, as what names columns does; of one alone, whether it is whole."""
    plain = [label.replace(",", ".") for label in labels]
    try:
        values = [float(label) for label in plain]
    except ValueError:  # marks between thousands: no name
        return False
    rising = all(one < two for one, two in pairwise(values))
    return rising and (len(values) > 1 or WHOLE.fullmatch(labels[0]) is not None)


def _kind(cell: str) -> str:
    """What a cell may be.

    Returns
    -------
    str
        ``"nothing"``, ``"number"``, ``"date"``, ``"slip"`` (a number with something wrong)
        or ``"word"``, which '2m' and '0-5cm' are too.
    """
    if is_missing(cell):
        return "nothing"
    if is_loose(cell):
        return "number"
    if is_loose_date(cell):
        return "date"
    if not cell[0].isdecimal() and cell[0] not in "+-.,−":
        return "word"
    letters = [letter for letter in cell if letter.isalpha()]
    return "slip" if all(letter in LIKE_DIGITS for letter in letters) else "word"
