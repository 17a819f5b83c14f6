"""The separator under which all rows have as many cells, and what the first row is."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from gatescope.reading.dates import is_loose_date
from gatescope.reading.numerals import is_loose, is_missing
from gatescope.reading.source import Source, sample
from gatescope.reading.taken import FileError, Reading

BETWEEN = (",", ";", "\t", "|")
ROWS, CELLS = 500, 20_000
"""Rows and cells by which a file is judged before all of it is read."""

NAMES = {
    ",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe", " ": "space", "": "none: one column"
}  # fmt: skip


@dataclass(frozen=True)
class Fit:
    """How the first rows look under a separator.

    Attributes
    ----------
    separator
        Which.
    rows
        The cells.
    width
        Of the rows, most of them at least.
    even
        Whether all rows are that wide.
    typed
        The share of what is no name that is a number or a date, from 0 to 1.
    """

    separator: str
    rows: tuple[tuple[str, ...], ...]
    width: int
    even: bool
    typed: float


def trimmed(row: Sequence[str], width: int) -> Sequence[str]:
    """A row without an empty cell beyond the width: some programs end each row by a separator."""
    return row[:-1] if len(row) == width + 1 and not row[-1].strip() else row


def fits_of(source: Source, wanted: Reading, columns: int | None) -> list[Fit]:
    """The separators that suit a file, the best first; where none does, the nearest one.

    Parameters
    ----------
    source
        The file.
    wanted
        What was asked for.
    columns
        How many there are to be, where that is known; then spaces may separate.

    Raises
    ------
    FileError
        When no separator gives rows, or two suit equally.
    """
    stated = source.separator if wanted.separator is None else wanted.separator
    tried = (*BETWEEN, " ", "") if wanted.separator is None and not source.separator else (stated,)
    fits, errors = [], []
    for separator in tried:
        try:
            fits.append(_fit(source, separator, columns))
        except FileError as error:
            errors.append(error)
    if not fits:
        raise errors[0]
    if len(tried) == 1:
        return fits
    between = [fit for fit in fits if fit.separator in BETWEEN and fit.width > 1]
    usable = [fit for fit in between if fit.even and _balanced(fit)]
    single = next((fit for fit in fits if not fit.separator and _is_single(fit)), None)
    spaced = next((fit for fit in fits if fit.separator == " " and _is_spaced(fit)), None)
    if any(fit.separator == "\t" for fit in usable):
        spaced = None  # a tab is a space too
    suiting = [*usable, *(fit for fit in (single, spaced) if fit is not None)]
    if suiting:
        return _ordered(suiting, source.name, columns)
    if errors and not between:
        raise errors[0]
    return [_nearest(between or fits, columns)]


def _fit(source: Source, separator: str, columns: int | None) -> Fit:
    rows = sample(source, separator, ROWS)
    if not rows:
        raise FileError(f"{source.name} is empty: it needs a row for each step")
    counts = Counter(map(len, rows))
    width = counts.most_common(1)[0][0]
    if {len(trimmed(row, min(counts))) for row in rows} == {min(counts)}:
        width = min(counts)
    elif columns in counts:
        width = columns or width
    cut = [tuple(trimmed(row, width)) for row in rows]
    there = (cell for row in cut[1:] or cut for cell in row if not is_missing(cell))
    cells = list(islice(there, CELLS))
    typed = sum(is_loose(cell) or is_loose_date(cell) for cell in cells) / max(1, len(cells))
    return Fit(separator, tuple(cut), width, {*map(len, cut)} == {width}, typed)


def _balanced(fit: Fit) -> bool:
    """Whether the separator splits no bracket: 'temperature (°C, mean)' is one name."""
    return all(cell.count("(") == cell.count(")") for cell in fit.rows[0])


def _is_single(fit: Fit) -> bool:
    """Whether one column is a reading: no separator stands there that is no part of a number."""
    first, *others = (row[0] for row in fit.rows)
    texts = (_outside_brackets(first), *others)
    plain = (cell for cell in texts if not is_loose(cell) and not is_loose_date(cell))
    return not any(mark in cell for cell in plain for mark in BETWEEN)


def _outside_brackets(name: str) -> str:
    depth, kept = 0, []
    for letter in name:
        depth += (letter == "(") - (letter == ")")
        kept.append("" if depth > 0 else letter)
    return "".join(kept)


def _is_spaced(fit: Fit) -> bool:
    return fit.even and fit.width > 1 and fit.typed == 1


def _ordered(suiting: list[Fit], name: str, columns: int | None) -> list[Fit]:
    """Readings, the best first; asked where two are as good and the columns do not decide."""
    first, *others = sorted(suiting, key=lambda fit: fit.typed, reverse=True)
    equal = [first, *(fit for fit in others if fit.typed == first.typed)]
    if columns is not None and columns > 1:
        suiting = [fit for fit in equal if fit.width == columns]
        equal = suiting or [fit for fit in equal if fit.separator] or equal
    if columns == 1 and len(first.rows) == 1 and {fit.separator for fit in equal} == {" ", ""}:
        equal = [fit for fit in equal if fit.separator]  # numbers in a line, as one types them
    if len(equal) == 1 or first.typed == 0:
        return [equal[0], *(fit for fit in (first, *others) if fit != equal[0])]
    one, two = equal[:2]
    raise FileError(
        f"{name} can be read in two ways: {_described(one)}, or {_described(two)}",
        "separator", (one.separator, two.separator),
    )  # fmt: skip


def _described(fit: Fit) -> str:
    if fit.width == 1:
        return f"1 column, as {fit.rows[-1][0]!r}"
    return f"{fit.width} columns with separator {NAMES[fit.separator]}"


def _nearest(fits: list[Fit], columns: int | None) -> Fit:
    """The reading under which most rows are alike."""

    def alike(fit: Fit) -> float:
        return sum(len(row) == fit.width for row in fit.rows) / len(fit.rows)

    return max(fits, key=lambda fit: (fit.width == columns, alike(fit), fit.width))


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
