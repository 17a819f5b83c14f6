"""The separator under which all rows have as many cells."""

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from gatescope.errors import say
from gatescope.loading.dates import is_loose_date
from gatescope.loading.numerals import is_loose, is_missing
from gatescope.loading.source import LONGEST, Source, sample
from gatescope.loading.taken import FileError, Reading

BETWEEN = (",", ";", "\t", "|")
ROWS, CELLS = 500, 20_000
"""Rows and cells by which a file is judged before all of it is read."""

NAMES = {
    ",": say("separator_comma"), ";": say("separator_semicolon"), "\t": say("separator_tab"),
    "|": say("separator_pipe"), " ": say("separator_space"), "": say("separator_none"),
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
    alike
        The share of the rows that are that wide, from 0 to 1.
    typed
        The share of what is no name that is a number or a date, from 0 to 1.
    error
        What is wrong with its quotes, if anything; each of `rows` is then a line of its own.
    """

    separator: str
    rows: tuple[tuple[str, ...], ...]
    width: int
    alike: float
    typed: float
    error: FileError | None = None

    @property
    def even(self) -> bool:
        """Whether nothing is wrong under it."""
        return self.alike == 1 and self.error is None

    @property
    def nearly(self) -> bool:
        """Whether it separates, but for some rows at most; it stands in the first too."""
        return self.width > 1 and len(self.rows[0]) > 1 and self.alike > 0.5


def trimmed(row: Sequence[str], width: int) -> Sequence[str]:
    """A row without an empty cell beyond the width: some programs end each row by a separator."""
    return row[:-1] if len(row) == width + 1 and not row[-1].strip() else row


def fit_of(source: Source, wanted: Reading, columns: int | None) -> Fit:
    """The separator that suits a file; where none does, the nearest one.

    One that suits but for some rows is kept: those rows are to be told, and are no reason to take
    another.

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
        When no separator gives rows, the one that suits has a row whose quotes do not, or two
        suit equally.
    """
    stated = source.separator if wanted.separator is None else wanted.separator
    tried = (*BETWEEN, " ", "") if wanted.separator is None and not source.separator else (stated,)
    fits = [_fit(source, separator, columns) for separator in tried]
    chosen = fits[0] if len(fits) == 1 else _chosen(fits, source.name, columns)
    if chosen.error is not None:
        raise chosen.error
    return chosen


def _chosen(fits: list[Fit], name: str, columns: int | None) -> Fit:
    between = [fit for fit in fits if fit.separator in BETWEEN and fit.width > 1]
    single = [fit for fit in fits if not fit.separator and fit.even and _is_single(fit)]
    spaced = [fit for fit in fits if fit.separator == " " and _is_spaced(fit)]
    candidates = _uncut([fit for fit in between if fit.nearly])
    if any(fit.separator == "\t" for fit in candidates):
        spaced = []  # a tab is a space too
    candidates = [fit for fit in candidates if _balanced(fit)]
    suiting = [*_clearest(candidates, columns), *single, *spaced]
    return _best(suiting, name, columns) if suiting else _nearest(between or fits, fits, columns)


def _fit(source: Source, separator: str, columns: int | None) -> Fit:
    error = None
    try:
        rows = sample(source, separator, ROWS)
    except FileError as failed:
        error, rows = failed, _cut(source, separator)
    if not rows:
        raise FileError(say("text_empty", name=source.name))
    counts = Counter(map(len, rows))
    width = counts.most_common(1)[0][0]
    if {len(trimmed(row, min(counts))) for row in rows} == {min(counts)}:
        width = min(counts)
    elif columns in counts:
        width = columns or width
    cut = [tuple(trimmed(row, width)) for row in rows]
    there = (cell for row in cut[1:] or cut for cell in row if not is_missing(cell))
    cells = list(islice(there, CELLS))
    typed = sum(map(_is_typed, cells)) / max(1, len(cells))
    alike = sum(len(row) == width for row in cut) / len(cut)
    return Fit(separator, tuple(cut), width, alike, typed, error)


def _cut(source: Source, separator: str) -> list[list[str]]:
    """The first lines, each cut alone: a quote that is not closed ends with its line."""
    lines = islice((line for line in source.lines() if line.strip()), ROWS)
    options: dict[str, Any] = {"delimiter": separator, "skipinitialspace": True}
    if not separator.strip(" "):
        return [line.split() if separator else [line.strip()] for line in lines]
    cut = (next(csv.reader([line[:LONGEST]], **options)) for line in lines)
    return [[cell.strip() for cell in row] for row in cut]


def _is_typed(cell: str) -> bool:
    return is_loose(cell) or is_loose_date(cell)


def _uncut(candidates: list[Fit]) -> list[Fit]:
    """Without the comma where it stands inside the numbers or dates of another separator."""
    others = [fit for fit in candidates if fit.separator != ","]
    return others if any(map(_has_commas, others)) else candidates


def _has_commas(fit: Fit) -> bool:
    """Whether a column has a comma inside a number or date in most rows."""
    rows = [row for row in fit.rows[1:] or fit.rows if len(row) == fit.width]
    few = rows[: max(2, CELLS // fit.width)]
    return any(
        2 * sum("," in cell and _is_typed(cell) for cell in column) > len(column)
        for column in zip(*few, strict=True)
    )


def _clearest(candidates: list[Fit], columns: int | None) -> list[Fit]:
    """Those under which most of a row is a number or date, and least holds another of them."""

    def clear(fit: Fit) -> tuple[float, float]:
        others = [each.separator for each in candidates if each is not fit]
        cells = [cell for row in fit.rows[: max(2, CELLS // fit.width)] for cell in row]
        held = sum(any(mark in cell for mark in others) for cell in cells)
        return (round(fit.typed * fit.width, 6), round(1 - held / len(cells), 6))

    exact = [fit for fit in candidates if fit.width == columns and fit.even]
    ranked = exact or candidates
    best = max(map(clear, ranked), default=None)
    found = [fit for fit in ranked if clear(fit) == best]
    return [fit for fit in found if fit.even] or found


def _balanced(fit: Fit) -> bool:
    """Whether the separator splits no bracket: 'temperature (°C, mean)' is one name."""
    return all(cell.count("(") == cell.count(")") for cell in fit.rows[0])


def _is_single(fit: Fit) -> bool:
    """Whether one column is a reading: no separator stands there that is no part of a number.

    Nor part of a name: 'temperature, mean' above numbers in which a comma has no space after it.
    """
    first, *others = (row[0] for row in fit.rows)
    name = _outside_brackets(first)
    if others and not any(", " in cell for cell in others):
        name = name.replace(", ", " ")
    plain = (cell for cell in (name, *others) if not _is_typed(cell))
    return not any(mark in cell for cell in plain for mark in BETWEEN)


def _outside_brackets(name: str) -> str:
    depth, kept = 0, []
    for letter in name:
        depth += (letter == "(") - (letter == ")")
        kept.append("" if depth > 0 else letter)
    return "".join(kept)


def _is_spaced(fit: Fit) -> bool:
    return fit.even and fit.width > 1 and fit.typed == 1


def _best(suiting: list[Fit], name: str, columns: int | None) -> Fit:
    """The best reading; asked where two are as good and the columns do not decide."""
    first, *others = sorted(suiting, key=lambda fit: fit.typed, reverse=True)
    equal = [first, *(fit for fit in others if fit.typed == first.typed)]
    equal = [fit for fit in equal if fit.even] or equal
    if columns is not None and columns > 1:
        suiting = [fit for fit in equal if fit.width == columns]
        equal = suiting or [fit for fit in equal if fit.separator] or equal
    if columns == 1 and len(first.rows) == 1 and {fit.separator for fit in equal} == {" ", ""}:
        equal = [fit for fit in equal if fit.separator]  # numbers in a line, as one types them
    if len(equal) == 1 or first.typed == 0:
        return equal[0]
    one, two = equal[:2]
    raise FileError(
        say("separator_undecided", name=name, one=_described(one), two=_described(two)),
        "separator", (one.separator, two.separator),
    )  # fmt: skip


def _described(fit: Fit) -> str:
    if fit.width == 1:
        return say("dialect_one_column", cell=fit.rows[-1][0])
    return say("dialect_columns", count=fit.width, separator=NAMES[fit.separator])


def _nearest(fits: list[Fit], every: list[Fit], columns: int | None) -> Fit:
    """The reading under which most rows are alike."""
    # names without one for the column of the rows' names, as R writes them
    headed = [fit for fit in every if len(fit.rows[0]) == fit.width - 1 and fit.error is None]
    for fit in headed:
        if len(fit.rows) > 2 and all(len(row) == fit.width for row in fit.rows[1:]):
            return fit
    return max(fits, key=lambda fit: (fit.width == columns, fit.nearly, fit.alike, fit.width))
