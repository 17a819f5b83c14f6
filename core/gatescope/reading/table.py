"""A CSV file as columns of text, and what its cells say."""

import csv
import io
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

MOST_ROWS, MOST_COLUMNS = 20_000, 200
NOTHING = {"", "na", "n/a", "nan", "null", "none", "-", "?"}
SEPARATORS = (",", ";", "\t")


class SeriesError(ValueError):
    """A file or a choice that gives no series; the message names the place and the mend."""


@dataclass(frozen=True)
class Table:
    """A file's columns by name, as text; all of the same length."""

    columns: dict[str, list[str]]

    @property
    def rows(self) -> int:
        """The number of rows under the names."""
        return len(next(iter(self.columns.values())))

    def is_number(self, name: str) -> bool:
        """Whether a column holds numbers, most of it at least."""
        there = [cell for cell in self.columns[name] if cell.lower() not in NOTHING]
        found = sum(number(cell) is not None for cell in there)
        return bool(there) and found >= 0.9 * len(there)

    @property
    def numbers(self) -> list[str]:
        """The columns that hold numbers."""
        return [name for name in self.columns if self.is_number(name)]

    @property
    def dates(self) -> list[str]:
        """The columns whose first cells read as dates."""
        return [
            name
            for name in self.columns
            if name not in self.numbers
            and all(date(cell) is not None for cell in self.columns[name][:5])
        ]


def read_table(data: bytes, name: str) -> Table:
    """Read a CSV file with a line of names at the top; comma, semicolon or tab apart.

    Raises
    ------
    SeriesError
        When it is not text, has no rows, or a row has another number of cells.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SeriesError(
            f"{name} is not text in UTF-8 (byte {error.start}): save it as CSV in UTF-8"
        ) from error
    if "\0" in text:
        raise SeriesError(f"{name} is not text: save it as CSV")
    head = text.lstrip().splitlines()[:1]
    if not head:
        raise SeriesError(f"{name} is empty: it needs a line of names and a row for each step")
    separator = max(SEPARATORS, key=head[0].count)
    try:
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=separator) if any(row)]
    except csv.Error as error:
        raise SeriesError(f"{name} cannot be read as CSV: {error}") from error
    names = [cell.strip() for cell in rows[0]]
    _require_names(names, name)
    if len(rows) < 2:
        raise SeriesError(f"{name} has names and no rows: it needs a row for each step")
    if len(rows) - 1 > MOST_ROWS:
        raise SeriesError(
            f"{name} has {len(rows) - 1:,} rows, and {MOST_ROWS:,} can be read: give a part of it"
        )
    for place, row in enumerate(rows[1:], 2):
        if len(row) != len(names):
            raise SeriesError(
                f"{name}, row {place} has {len(row)} cells, and there are {len(names)} names: "
                "give each row as many"
            )
    columns = zip(*([cell.strip() for cell in row] for row in rows[1:]), strict=True)
    return Table(dict(zip(names, map(list, columns), strict=True)))


def _require_names(names: Sequence[str], name: str) -> None:
    if all(number(cell) is not None for cell in names):
        raise SeriesError(
            f"{name} begins with numbers ({', '.join(names[:3])}): put a line of names at its top"
        )
    if len(names) > MOST_COLUMNS:
        raise SeriesError(f"{name} has {len(names)} columns, and {MOST_COLUMNS} can be read")
    twice = [cell for cell, count in Counter(names).items() if count > 1]
    if twice:
        raise SeriesError(f"{name} has {twice[0]!r} twice among its names: name each column once")


def number(cell: str) -> float | None:
    """A cell as a finite number, or None."""
    try:
        value = float(cell.replace(" ", ""))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def date(cell: str) -> datetime | None:
    """A cell as a date, in the order year, month, day, with or without a time; or None."""
    text = cell.replace("/", "-").strip()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)
