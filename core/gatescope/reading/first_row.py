"""Whether a file's first row holds the columns' names or data."""

from collections import Counter
from collections.abc import Sequence

from gatescope.reading.dates import is_loose_date
from gatescope.reading.numerals import is_loose, is_missing
from gatescope.reading.taken import FileError


def first_row_of(rows: Sequence[Sequence[str]], name: str, asks: bool) -> str:
    """Whether the first row holds the columns' names or data.

    It is data where its cells are what stands below them. Where there is a slip in it ('2O' above
    numbers) it is data too, and the cell is refused where it is used.

    Parameters
    ----------
    rows
        The first rows, all as wide.
    name
        The file's.
    asks
        Whether to ask where both fit; else it is data.

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
        return "names" if asks and all(_kind(cell) == "word" for cell in first) else "data"
    votes: Counter[str] = Counter()
    for column, cell in enumerate(first):
        kinds = Counter(_kind(row[column]) for row in below)
        del kinds["nothing"]
        usual = kinds.most_common(1)[0][0] if kinds else ""
        if usual in ("number", "date"):
            votes[_vote(_kind(cell), usual)] += 1
    data, names, typed = votes["data"], votes["names"], votes.total()
    if not typed:
        return "data" if all(_kind(cell) == "nothing" for cell in first) else "names"
    if (asks and (data and names)) or (not names and _is_count(rows)):
        raise FileError(
            f"{name}: the first row ({', '.join(first[:3])}) can hold names or data",
            "first_row", ("names", "data"),
        )  # fmt: skip
    return "names" if names and not data else "data"


def _vote(kind: str, usual: str) -> str:
    """What a cell of the first row speaks for, above numbers or dates."""
    if kind == "word" or (kind, usual) == ("date", "number"):
        return "names"
    return "data" if kind in ("number", "date") else kind


def _is_count(rows: Sequence[Sequence[str]]) -> bool:
    """Whether whole numbers that count the columns stand above numbers that are not whole."""
    first, below = list(rows[0]), rows[1:]
    wide = len(first)
    counted = [[str(k + start) for k in range(wide)] for start in (0, 1)]
    if wide < 2 or first not in counted:
        return False
    return all(not cell.lstrip("+-").isdecimal() for row in below for cell in row)


def _kind(cell: str) -> str:
    """``"nothing"``, ``"number"``, ``"date"``, ``"slip"`` (begins as a number) or ``"word"``."""
    if is_missing(cell):
        return "nothing"
    if is_loose(cell):
        return "number"
    if is_loose_date(cell):
        return "date"
    return "slip" if cell[0].isdecimal() or cell[0] in "+-.,−" else "word"
