"""A file of named columns, and what its cells say."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from gatescope.errors import say
from gatescope.loading.columns import Column
from gatescope.loading.dates import is_loose_date
from gatescope.loading.moments import Moments, moments_of
from gatescope.loading.numerals import is_loose, is_missing, numbers
from gatescope.loading.numeric_dates import moments_of_numbers
from gatescope.loading.rows import Rows, Wanted, read_rows
from gatescope.loading.taken import FileError, Reading, SeriesError, Treatment, raised_as

MOST_COLUMNS = 200
HEAD = 1000
"""Cells by which a column is judged before all of it is read."""

TIMES = {
    "time", "times", "timestamp", "datetime", "date", "dates", "stamp", "epoch", "unix", "ts",
    "unixtime", "datum", "zeit", "uhrzeit", "messzeit", "zeitstempel", "zeitpunkt", "fecha",
    "hora", "data", "heure", "tijd", "日期", "时间", "時間", "日時", "時刻",
}  # fmt: skip
YEARS = {"year", "years", "jahr", "jahre", "año", "ano", "anno", "année", "annee", "jaar",
         "年", "年份"}  # fmt: skip
"""Words in names by which a column is taken for time, or for years, without being asked."""

WORD = re.compile(r"[A-ZÄÖÜ]?[a-zäöüßñé]+|[A-ZÄÖÜÑÉ]+(?![a-zäöüßñé])|[一-鿿]+")
"""In ``MESS_DATUM``, ``created-at time``, ``startDate`` and ``日期 (UTC)``."""


@dataclass(frozen=True)
class Table:
    """A file's columns by name; all of the same length.

    Attributes
    ----------
    columns
        From a name to its cells, as text.
    rows_read
        The file, with what it was taken for.
    """

    columns: Mapping[str, Column]
    rows_read: Rows
    _are_numbers: dict[str, bool] = field(default_factory=dict, repr=False, compare=False)

    @property
    def reading(self) -> Reading:
        """What the file was taken for; its dates are told by `moments`."""
        return self.rows_read.reading

    @property
    def notes(self) -> tuple[Treatment, ...]:
        """What was left out of the file."""
        return self.rows_read.notes

    @property
    def rows(self) -> int:
        """The number of rows of data."""
        return len(next(iter(self.columns.values())))

    def place(self, row: int) -> int:
        """The number, from 1, that a row of data has in the file."""
        return self.rows_read.place(row)

    def values(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """A column's numbers, NaN where there is none; and the rows of what is neither."""
        decimal, thousands = self.reading.decimal or ".", self.reading.thousands or ""
        return numbers(self.columns[name], decimal, thousands)

    def is_number(self, name: str) -> bool:
        """Whether a column holds numbers, most of it at least."""
        if name not in self._are_numbers:
            self._are_numbers[name] = self._holds_numbers(name)
        return self._are_numbers[name]

    def _holds_numbers(self, name: str) -> bool:
        head = [cell for cell in self.columns[name].head(HEAD) if not is_missing(cell)]
        if head and 2 * sum(map(is_loose, head)) < len(head):
            return False
        found, bad = self.values(name)
        count = int(np.isfinite(found).sum())
        return count > 0 and count >= 0.9 * (count + len(bad))

    @property
    def numbers(self) -> list[str]:
        """The columns that hold numbers."""
        return [name for name in self.columns if self.is_number(name)]

    @property
    def dates(self) -> list[str]:
        """The columns that look like dates, also where some cell of them cannot be read."""
        return [name for name in self.columns if self._looks_like_dates(name)]

    def _looks_like_dates(self, name: str) -> bool:
        words = {word.lower() for word in WORD.findall(name)}
        named = bool(words & (TIMES | YEARS))
        if self.is_number(name):
            return named and self._are_times(name, words)
        head = [cell for cell in self.columns[name].head(HEAD) if not is_missing(cell)]
        alike = sum(is_loose_date(cell) or is_loose_date(cell.replace(",", ".")) for cell in head)
        return bool(head) and (named or 2 * alike >= len(head))

    def _are_times(self, name: str, words: set[str]) -> bool:
        """Whether numbers are times; a duration in milliseconds is no column of years."""
        try:
            found = moments_of_numbers(self.values(name)[0], None)
        except FileError:
            return True  # of which kind is asked when they are read
        if found is None:
            return False
        return found.written != "year" or bool(words & YEARS) or words <= TIMES

    def moments(self, name: str) -> Moments:
        """The times in a column, and how they are written.

        Raises
        ------
        SeriesError
            When a cell is no date, or the dates can be read in two ways.
        """
        column, wanted = self.columns[name], self.reading.dates
        with raised_as(SeriesError):
            if not self.is_number(name):
                return moments_of(column, lambda row: self.where(name, row), wanted)
            values, bad = self.values(name)
            found = None if len(bad) else moments_of_numbers(values, wanted)
            if found is None:
                row = int(bad[0]) if len(bad) else int(np.isfinite(values).argmax())
                raise FileError(
                    say("date_needed", where=self.where(name, row), cell=column[row][:40])
                )
            return found

    def where(self, name: str, row: int) -> str:
        """What to call a cell in a message."""
        return say("cell_place", name=name, row=self.place(row))


def read_table(
    data: bytes, name: str, reading: Reading | None = None, *, most_rows: int | None = None
) -> Table:
    """Read a file of columns, as it is meant.

    The separator is the one under which all rows have as many cells; decimal marks, the first row
    and the encoding are found out too. What fits in two ways is refused with the argument that
    decides; `Table.reading` says what the file was taken for.

    Parameters
    ----------
    data
        The file's content.
    name
        Its name, for messages.
    reading
        What it is to be taken for; fields that are None are found out.
    most_rows
        Rows that may be read; None for all. Reading stops there.

    Raises
    ------
    SeriesError
        When it is not text, has no rows, a row has another number of cells, or two readings fit.

    Examples
    --------
    >>> table = read_table(b"day;level\\n01.02.2024;1,5\\n13.02.2024;2,5\\n", "levels.csv")
    >>> table.reading.separator, table.reading.decimal, table.reading.first_row
    (';', ',', 'names')
    >>> table.values("level")[0].tolist(), table.moments("day").written
    ([1.5, 2.5], 'day.month.year')
    """
    with raised_as(SeriesError):
        found = read_rows(
            data, name, Wanted(reading or Reading(), most_rows=most_rows, most_columns=MOST_COLUMNS)
        )
        names = _names(found)
        _require_names(names, found)
        return Table(dict(zip(names, found.columns, strict=True)), found)


def _names(found: Rows) -> list[str]:
    given = found.names or ("",) * len(found.columns)
    return [name or f"column {place}" for place, name in enumerate(given, 1)]


def _require_names(names: Sequence[str], found: Rows) -> None:
    if len(names) > MOST_COLUMNS:
        raise FileError(say("table_too_wide", name=found.name, count=len(names), most=MOST_COLUMNS))
    twice = [cell for cell, count in Counter(names).items() if count > 1]
    if twice:
        raise FileError(say("column_named_twice", name=found.name, column=twice[0]))
    if not len(found.columns[0]):
        raise FileError(say("names_without_rows", name=found.name))
