"""What a text file of numbers is taken for, and the error of a file that cannot be read."""

import codecs
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace

from gatescope.errors import GatescopeError, RecordError, say

SEPARATORS = (",", ";", "\t", "|", " ", "")
"""Between the cells of a row; the empty one stands for a single column."""

DECIMALS = (".", ",")
THOUSANDS = ("", ".", ",", " ", "'")
FIRST_ROWS = ("names", "data")
DATES = (
    "year-month-day", "day.month.year", "day/month/year", "month/day/year", "year.month.day",
    "year/month/day", "day-month-year", "month-day-year", "month.day.year", "day month-name year",
    "month-name day year", "year年month月day日", "year-month", "month/year", "year年month月",
    "month-name year", "quarter", "week",
    "year", "yearmonthday", "yearmonthdayhour", "yearmonthdayhourminute",
    "yearmonthdayhourminutesecond", "unix seconds", "unix milliseconds", "unix microseconds",
    "unix nanoseconds",
)  # fmt: skip
"""How a column's dates may be written; a time of day may follow where there is a day."""

NO_FILES = {"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"}
"""Encodings of Python in which host names or its own code is written, and no file."""


class FileError(GatescopeError, ValueError):
    """A file that is not read; the message names the place and the fix.

    Attributes
    ----------
    fact
        The message without the argument that decides.
    field
        The field of `Reading` that decides, where two readings fit; else empty.
    options
        The values of that field that fit.
    """

    def __init__(self, fact: str, field: str = "", options: tuple[str, ...] = ()) -> None:
        ways = " or ".join(f"Reading({field}={option!r})" for option in options)
        super().__init__(say("which_reading", fact=fact, ways=ways) if ways else fact)
        self.fact, self.field, self.options = fact, field, options


class SeriesError(FileError):
    """A file or a choice that gives no series; the message names the place and the fix."""


class SequenceError(FileError, RecordError):
    """Input that is no sequence of numbers; the message names the place and the fix."""


@contextmanager
def raised_as(kind: type[FileError]) -> Iterator[None]:
    """Raise what is wrong with a file as another kind of `FileError`."""
    try:
        yield
    except FileError as error:
        raise kind(error.fact, error.field, error.options) from error.__cause__


@dataclass(frozen=True)
class Reading:
    """What a file is taken for; what is None is found out from the file.

    Attributes
    ----------
    separator
        One of `SEPARATORS`; or another character, as a line ``sep=:`` gives it.
    decimal
        The decimal mark, ``"."`` or ``","``.
    thousands
        The mark between groups of three digits, one of `THOUSANDS`; empty where there is none.
    dates
        How the dates are written, one of `DATES`; empty where no column holds dates.
    first_row
        ``"names"`` of the columns, or ``"data"``.
    encoding
        As Python names it: ``"utf-8"``, ``"utf-16"``, ``"cp1252"``.

    Raises
    ------
    FileError
        When a field has a value that it cannot have.
    """

    separator: str | None = None
    decimal: str | None = None
    thousands: str | None = None
    dates: str | None = None
    first_row: str | None = None
    encoding: str | None = None

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if value is not None and not isinstance(value, str):
                raise FileError(say("reading_no_text", field=each.name, value=value))
        _require("decimal", self.decimal, DECIMALS)
        _require("thousands", self.thousands, THOUSANDS)
        _require("dates", self.dates, (*DATES, ""))
        _require("first_row", self.first_row, FIRST_ROWS)
        if self.separator is not None and (
            len(self.separator) > 1 or self.separator in ('"', "\n", "\r", "\0")
        ):
            raise FileError(say("reading_separator", separator=self.separator))
        if self.thousands and self.thousands == self.decimal:
            raise FileError(say("reading_marks", decimal=self.decimal))
        try:
            "".encode(self.encoding or "utf-8")  # what is no encoding of text is refused too
            known = codecs.lookup(self.encoding or "utf-8").name not in NO_FILES
        except (LookupError, ValueError):
            known = False
        if not known:
            raise FileError(say("reading_encoding", encoding=self.encoding))

    def over(self, other: "Reading") -> "Reading":
        """Fill what is None here with the other's values."""
        told = {each.name: getattr(self, each.name) for each in fields(self)}
        return replace(other, **{name: value for name, value in told.items() if value is not None})


@dataclass(frozen=True)
class Treatment:
    """Something that was done to a file or a series: the key of its sentence, and its numbers."""

    key: str
    column: str = ""
    count: int = 0


def _require(name: str, value: str | None, options: tuple[str, ...]) -> None:
    if value is not None and value not in options:
        named = ", ".join(map(repr, options))
        raise FileError(say("reading_option", field=name, options=named, value=value))
