"""A whole file as columns of text, read once, and how it was read."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

from gatescope.errors import say
from gatescope.loading.columns import Column
from gatescope.loading.dialect import BETWEEN, NAMES, Fit, fit_of, trimmed
from gatescope.loading.first_row import first_row_of
from gatescope.loading.marks import marks_of
from gatescope.loading.numerals import is_loose
from gatescope.loading.source import Source, line_count, source_of
from gatescope.loading.taken import FileError, Reading, Treatment

MOST_COLUMNS = 50_000
"""Columns of any file."""

BLOCK = 500
"""Rows that are read at once: few enough to be gone before Python looks for what can go."""


FEW = 20_000
"""Cells that are read of a file that has more columns than are wanted."""


class RaggedError(FileError):
    """A row has more or fewer cells than the others."""

    def __init__(self, message: str, row: int, count: int) -> None:
        super().__init__(message)
        self.row, self.count = row, count


@dataclass(frozen=True)
class Rows:
    """A file's cells, column by column.

    Attributes
    ----------
    name
        The file's.
    columns
        All as long.
    names
        A name a column; empty where the file has none.
    reading
        What the file was taken for.
    blank
        The numbers of the rows, from 1, that are blank, in order.
    first
        The number of the first row of data.
    notes
        What was left out.
    in_a_line
        Whether the only column stands in the file as a row.
    """

    name: str
    columns: tuple[Column, ...]
    names: tuple[str, ...]
    reading: Reading
    blank: Sequence[int]
    first: int
    notes: tuple[Treatment, ...]
    in_a_line: bool = False

    def place(self, row: int) -> int:
        """The number, from 1, that a row of data has in the file."""
        found = self.first + row
        for blank in self.blank:
            found += self.first <= blank <= found
        return found


@dataclass(frozen=True)
class Wanted:
    """What is asked of a file.

    Attributes
    ----------
    reading
        What it is taken for, as far as that was said.
    columns
        How many there are to be, where that is known; for one, a single row counts as a column.
    most_rows
        Rows that may be read.
    most_columns
        Columns that may be read.
    asks
        Whether to ask where the first row can be names or data; else it is data.
    """

    reading: Reading
    columns: int | None = None
    most_rows: int | None = None
    most_columns: int = MOST_COLUMNS
    asks: bool = True


def read_rows(data: bytes, name: str, wanted: Wanted) -> Rows:
    """Read a file of cells.

    Raises
    ------
    FileError
        When it cannot be read, or in two ways.
    """
    source = source_of(data, name, wanted.reading.encoding)
    return _taken(source, fit_of(source, wanted.reading, wanted.columns), wanted)


def _taken(source: Source, fit: Fit, wanted: Wanted) -> Rows:
    """All rows under one separator."""
    asked = wanted.reading
    in_a_line = wanted.columns == 1 and len(fit.rows) == 1 and fit.width > 1
    if in_a_line:
        asked = replace(asked, first_row="data")
    elif fit.width > wanted.most_columns + 1:  # the last one may be empty
        raise FileError(
            say("too_many_columns", name=source.name, count=fit.width, most=wanted.most_columns)
        )
    if _is_wider(fit, wanted.columns):  # it will not fit, so a few rows are enough to say so
        fit = replace(fit, rows=fit.rows[: max(3, FEW // fit.width)])
    columns, blank, empty = _columns(source, fit, wanted)
    named = asked.first_row or first_row_of(fit.rows, source.name, wanted.asks)
    names: tuple[str, ...] = ()
    commented = _commented(source, fit) if named == "data" and not in_a_line else ()
    if named == "names":
        names = tuple(column[0] for column in columns)
        columns = tuple(column.without_first() for column in columns)
    elif commented:
        names = commented
    while len(columns) > 1 and not any(names[-1:]) and not any(columns[-1]):
        columns, names = columns[:-1], names[:-1]  # each row ended by separators
    reading = replace(asked, separator=fit.separator)
    decimal, thousands = marks_of(columns, source.name, reading)
    notes = [
        Treatment(key, count=count)
        for key, count in (
            ("comments", len(source.comments) - bool(commented)),
            ("blank_rows", len(blank)), ("empty_rows", empty),
            ("line_breaks", sum(column.line_breaks() for column in columns)),
        )
        if count
    ]  # fmt: skip
    if wanted.most_rows is not None and len(columns[0]) > wanted.most_rows:
        raise _too_long(source, wanted.most_rows)
    return Rows(
        source.name, columns, names,
        replace(
            reading, decimal=decimal, thousands=thousands, encoding=source.encoding,
            first_row=named,
        ),
        blank, source.first + (named == "names"), tuple(notes), in_a_line,
    )  # fmt: skip


def _commented(source: Source, fit: Fit) -> tuple[str, ...]:
    """Names in the last line of comments, as numpy.savetxt writes them."""
    if not source.comments:
        return ()
    line = source.comments[-1]
    cells = line.split(fit.separator) if fit.separator.strip() else line.split()
    found = tuple(cell.strip().strip('"') for cell in cells) if fit.separator else (line,)
    return found if len(found) == fit.width and all(found) else ()


def _columns(
    source: Source, fit: Fit, wanted: Wanted
) -> tuple[tuple[Column, ...], Sequence[int], int]:
    """The columns, the numbers of blank rows, and how many rows at the end hold nothing."""
    if wanted.columns == 1 and len(fit.rows) == 1:
        return (_upright(fit, source.name),), (), 0
    columns = tuple(Column() for _ in range(fit.width))
    blank = array("Q")
    row, taken = source.first, 0
    rows = source.rows(fit.separator)
    if _is_wider(fit, wanted.columns):
        rows = islice(rows, len(fit.rows))
    while block := list(islice(rows, BLOCK)):
        kept: list[Sequence[str]] = list(block)
        if {*map(len, block)} != {fit.width} or [""] in block:
            kept = [trimmed(cells, fit.width) for cells in block if cells and cells != [""]]
            if len(kept) < len(block):
                blank.extend(k for k, cells in enumerate(block, row) if cells in ([], [""]))
            _require_even(block, row, source, fit)
        row += len(block)
        taken += len(kept)
        if wanted.most_rows is not None and taken > wanted.most_rows + 1:
            raise _too_long(source, wanted.most_rows)
        if kept:
            for column, cells in zip(columns, zip(*kept, strict=True), strict=True):
                _add(column, cells, source.name)
    while blank and blank[-1] == row - 1:  # at the end
        blank.pop()
        row -= 1
    return columns, blank, _cut_empty(columns)


def _is_wider(fit: Fit, columns: int | None) -> bool:
    """Whether some row has more cells that hold something than there are to be columns."""
    return columns is not None and any(any(row[columns:]) for row in fit.rows)


def _too_long(source: Source, most: int) -> FileError:
    return FileError(
        say("too_many_text_rows", name=source.name, count=line_count(source), most=most)
    )


def _upright(fit: Fit, name: str) -> Column:
    """The only row as a column."""
    column, cells = Column(), list(fit.rows[0])
    while len(cells) > 1 and not cells[-1]:
        cells.pop()  # the row ended by separators
    _add(column, cells, name)
    return column


def _add(column: Column, cells: Sequence[str], name: str) -> None:
    try:
        column.add(cells)
    except ValueError as error:
        raise FileError(say("text_with_zero", name=name, reason=error)) from error


def _cut_empty(columns: Sequence[Column]) -> int:
    """Take away rows at the end in which no cell holds anything."""
    count = 0
    while len(columns) > 1 and len(columns[0]):
        empty = min(column.empty_at_end() for column in columns)
        if not empty:
            break
        for column in columns:
            column.cut(empty)
        count += empty
    return count


def _require_even(block: Sequence[Sequence[str]], first: int, source: Source, fit: Fit) -> None:
    """Raise RaggedError at a row that is neither blank nor as wide as the others."""
    for place, cells in enumerate(block, first):
        count = len(trimmed(cells, fit.width))
        if count != fit.width and cells not in ([], [""]):
            head = place == source.first and count == fit.width - 1 and _is_head(fit)
            raise RaggedError(
                say(
                    "row_ragged", name=source.name, row=place, width=fit.width,
                    cells=say("one_cell") if count == 1 else say("cells", count=count),
                    separator=NAMES.get(fit.separator, fit.separator),
                    fix=say("name_each_column" if head else "as_many_cells"),
                ),
                place, count,
            )  # fmt: skip


def _is_head(fit: Fit) -> bool:
    """Whether the first row names all columns but one, right above the data."""
    first, *others = fit.rows
    even = all(len(row) == fit.width for row in others)
    typed = any(is_loose(cell) for row in others[:1] for cell in row)
    joined = any(mark in cell for cell in first for mark in BETWEEN)
    return even and typed and not joined and not any(is_loose(cell) for cell in first)
