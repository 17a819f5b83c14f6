"""Any numbers and times, written under any marks, are read back as the same numbers and times."""

import csv
import io
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gatescope.loading import Reading, SequenceError, SeriesError, read_sequences, read_table

DAYS = {
    "year-month-day": "%Y-%m-%d", "day.month.year": "%d.%m.%Y", "day/month/year": "%d/%m/%Y",
    "month/day/year": "%m/%d/%Y", "year.month.day": "%Y.%m.%d", "year/month/day": "%Y/%m/%d",
    "day-month-year": "%d-%m-%Y",
}  # fmt: skip


@dataclass(frozen=True)
class Dialect:
    """How a file is written."""

    separator: str
    decimal: str
    thousands: str
    named: bool
    encoding: str
    end: str
    quoting: int
    dates: str


@st.composite
def dialects(draw: st.DrawFn) -> Dialect:
    """One at random in which a number is not cut by the separator without quotes."""
    decimal = draw(st.sampled_from(".,"))
    return Dialect(
        separator=draw(st.sampled_from(",;\t|")),
        decimal=decimal,
        thousands=draw(st.sampled_from(["", " ", "'", "," if decimal == "." else "."])),
        named=draw(st.booleans()),
        encoding=draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252", "utf-16-le"])),
        end=draw(st.sampled_from(["\n", "\r\n", "\r"])),
        quoting=draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])),
        dates=draw(st.sampled_from(list(DAYS))),
    )


def written(value: float, dialect: Dialect, plain: bool) -> str:
    """A number; numbers of many digits as Python writes them, so with an exponent."""
    text = repr(value) if plain else f"{value:,.2f}"
    marks = {",": dialect.thousands, ".": dialect.decimal}
    return "".join(marks.get(letter, letter) for letter in text)


def file_of(rows: list[list[str]], dialect: Dialect) -> bytes:
    """Through Python's own writer."""
    file = io.StringIO(newline="")
    csv.writer(
        file, delimiter=dialect.separator, lineterminator=dialect.end, quoting=dialect.quoting
    ).writerows(rows)
    return file.getvalue().encode(dialect.encoding)


def answered(read: Callable[[Reading], Any], said: dict[str, str]) -> Any:
    """What is read, after a question where there is one; the truth is among its answers."""
    try:
        return read(Reading())
    except SeriesError as error:
        field, options = error.field, error.options
    assert said[field] in options
    return read(Reading(**said))


FLOATS = st.floats(allow_nan=False, allow_infinity=False)
MONEY = st.integers(-(10**9), 10**9).map(lambda cents: cents / 100)


@settings(max_examples=300, deadline=None)
@given(dialects(), st.data())
def test_numbers_come_back_exactly(dialect: Dialect, data: st.DataObject) -> None:
    """To the last bit, or a question; never other numbers."""
    plain, width = data.draw(st.booleans()), data.draw(st.integers(2, 4))
    row = st.lists(FLOATS if plain else MONEY, min_size=width, max_size=width)
    values = data.draw(st.lists(row, min_size=3, max_size=12))
    cells = [[written(value, dialect, plain) for value in row] for row in values]
    names = [["größe", *(f"v{k}" for k in range(1, width))]] * dialect.named
    file = file_of(names + cells, dialect)
    first_row = "names" if dialect.named else "data"
    said = {"decimal": dialect.decimal, "separator": dialect.separator, "first_row": first_row}
    table = answered(lambda reading: read_table(file, "x.csv", reading), said)
    found = np.stack([table.values(name)[0] for name in table.columns], axis=1)
    np.testing.assert_array_equal(found, np.array(values))
    assert table.reading.separator == dialect.separator
    if np.abs(found).max() > 3.4e38:
        with pytest.raises(SequenceError, match=r"of at most 3.4e\+38"):
            read_sequences(file, "x.csv", width, table.reading)
        return
    sequences = read_sequences(file, "x.csv", width, table.reading)
    assert torch.equal(sequences.squeeze(1), torch.tensor(values, dtype=torch.float64))


@settings(max_examples=300, deadline=None)
@given(dialects(), st.lists(st.datetimes(datetime(1000, 1, 1), datetime(2999, 1, 1)), min_size=2,
                            max_size=10), st.sampled_from(["", " %H:%M", "T%H:%M:%S"]))  # fmt: skip
def test_times_come_back_exactly(dialect: Dialect, moments: list[datetime], clock: str) -> None:
    """Or a question of which one answer is right."""
    step = timedelta(minutes=1) if clock == " %H:%M" else timedelta(seconds=1)
    step = step if clock else timedelta(days=1)
    moments = [datetime.min + (moment - datetime.min) // step * step for moment in moments]
    rows = [[moment.strftime(DAYS[dialect.dates] + clock), f"{k}{dialect.decimal}5"]
            for k, moment in enumerate(moments)]  # fmt: skip
    file = file_of([["when", "v"]] * dialect.named + rows, dialect)
    table = read_table(file, "x.csv")
    (time,) = table.dates
    said = {"dates": dialect.dates}
    found = answered(lambda reading: read_table(file, "x.csv", reading).moments(time), said)
    assert found.times.tolist() == moments
    assert table.values(next(name for name in table.columns if name != time))[0].tolist() == [
        k + 0.5 for k in range(len(moments))
    ]


@settings(max_examples=500, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.text("0123456789.,;\t|\"' \n\r-eE#a/", max_size=200)
                 .map(str.encode)))  # fmt: skip
def test_whatever_is_in_a_file_it_is_read_or_refused(data: bytes) -> None:
    for read in (lambda: read_table(data, "x.csv").dates, lambda: read_sequences(data, "x.csv", 2)):
        with suppress(SeriesError, SequenceError):
            read()
