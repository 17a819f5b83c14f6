"""Columns of dates: how they are written, and the times that they stand for."""

import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, overload

import numpy as np

from gatescope.errors import say
from gatescope.loading.columns import Column
from gatescope.loading.dates import DAY, DAYS, PATTERNS, SHORT, day_of, joined, time_of, value_of
from gatescope.loading.numerals import is_missing
from gatescope.loading.taken import FileError

Unit = Literal["D", "m", "s", "ms", "us"]

NEVER = np.iinfo(np.int64).min
"""numpy's NaT, as a whole number."""

HEAD = 20
"""Cells by which the ways of writing are sifted before a whole column is read."""

LABELS = 10_000
"""Labels that are made at once."""


@dataclass(frozen=True)
class Moments:
    """What a column of dates says.

    Attributes
    ----------
    times
        (row,) datetime64[us], in UTC where the cells name a zone; NaT for an empty cell.
    written
        How the dates are written, one of `DATES`.
    """

    times: np.ndarray
    written: str


class _Memo(dict[str, int | None]):
    """What a text stands for, computed once; forgotten where there are too many."""

    def __init__(self, parse: Callable[[str], int | None]) -> None:
        super().__init__()
        self.parse = parse

    def __missing__(self, text: str) -> int | None:
        if len(self) > 100_000:
            self.clear()
        value = self[text] = self.parse(text)
        return value


def moments_of(column: Column, place: Callable[[int], str], wanted: str | None) -> Moments:
    """Read a column of dates, all written in one way.

    Parameters
    ----------
    column
        Its cells are text; for those that are numbers see `moments_of_numbers`.
    place
        From a row to what to call it in a message.
    wanted
        How they are written, where that is known.

    Raises
    ------
    FileError
        When a cell is no date, or the dates can be read in two ways.
    """
    there = [(row, cell) for row, cell in zip(range(1000), column, strict=False) if cell]
    head = [cell for _, cell in there if not is_missing(cell)][:HEAD]
    if wanted:
        tried = [wanted] if wanted in PATTERNS else []
    else:
        fitting = {
            name: sum(value_of(name, cell, set()) is not None for cell in head) for name in PATTERNS
        }
        most = max(fitting.values(), default=0)
        tried = [name for name, count in fitting.items() if count == most > 0]
    readings, failed = [], []
    for name in tried:
        zones: set[str] = set()
        times, row = _read(column, name, zones)
        if row is None and "" in zones and len(zones) > 1:
            row = _first_with_zone(column, name)
            raise FileError(say("zones_contradict", where=place(row), cell=column[row][:40]))
        if row is None:
            readings.append(Moments(times.view("datetime64[us]"), name))
        else:
            failed.append((row, name))
    if not readings:
        # the furthest, and of several the first in the order in which they are tried
        row, name = max(failed, key=lambda one: one[0], default=(_first_there(column), ""))
        raise FileError(_no_date(column[row], place(row), name))
    one, *others = readings
    if others and not np.array_equal(one.times, others[0].times, equal_nan=True):
        return _decided(column, one, others[0], place)
    return one


def _decided(column: Column, one: Moments, two: Moments, place: Callable[[int], str]) -> Moments:
    """The day comes first where points stand between; else it is asked."""
    if one.written == "day.month.year":
        return one
    row = int(np.flatnonzero(one.times != two.times)[0])
    raise FileError(
        say("date_undecided", where=place(row), cell=column[row], one=one.written, two=two.written),
        "dates", (one.written, two.written),
    )  # fmt: skip


def _first_there(column: Iterable[str]) -> int:
    return next((row for row, cell in enumerate(column) if not is_missing(cell)), 0)


def _first_with_zone(column: Iterable[str], name: str) -> int:
    for row, cell in enumerate(column):
        zones: set[str] = set()
        value_of(name, cell, zones)
        if zones - {""}:
            return row
    return 0


def _no_date(cell: str, where: str, name: str) -> str:
    if not cell or is_missing(cell):
        return say("date_missing", where=where)
    if SHORT.fullmatch(cell):
        return say("date_short_year", where=where, cell=cell[:40])
    if name:
        return say("date_needed_like", where=where, cell=cell[:40], name=name)
    return say("date_needed", where=where, cell=cell[:40])


def _read(column: Column, name: str, zones: set[str]) -> tuple[np.ndarray, int | None]:
    """All times in microseconds, and the first row that is no date, if any; notes the zones."""
    timed = name in DAYS
    days = _Memo(lambda text: day_of(name, text))
    hours = _Memo(lambda text: time_of(text, zones))
    found = np.empty(len(column), np.int64)
    start = 0
    for text in column.texts():
        if timed and ("T" in text or "," in text or "日" in text):
            text = joined(text)
        cells = column.cells(text)
        try:
            if timed:
                parts = (cell.partition(" ") for cell in cells)
                values = [days[day] * DAY + hours[time] for day, _, time in parts]  # type: ignore[operator]
            else:
                values = [days[cell] * DAY for cell in cells]  # type: ignore[operator]
        except TypeError:  # a cell that is empty, or no date
            values = []
            for row, cell in enumerate(cells, start):
                value = NEVER if is_missing(cell) else value_of(name, cell, zones)
                if value is None:
                    return found, row
                values.append(value)
        found[start : start + len(values)] = values
        start += len(values)
    return found, None


class Labels(Sequence[str]):
    """Times as text, made where they are asked for: they take no more room than the times.

    Parameters
    ----------
    times
        (row,) datetime64, with the day, and minutes, seconds or less where any time has them; or
        whole numbers.
    """

    def __init__(self, times: np.ndarray) -> None:
        self._times = times
        self._unit = _unit_of(times) if times.dtype.kind == "M" else None

    def _texts(self, times: np.ndarray) -> tuple[str, ...]:
        if self._unit is None:
            return tuple(map(str, times.tolist()))
        texts = np.datetime_as_string(times.astype("datetime64[us]"), unit=self._unit).tolist()
        return tuple(text.replace("T", " ").removesuffix(" 00:00") for text in texts)

    def __iter__(self) -> Iterator[str]:
        for start in range(0, len(self), LABELS):
            yield from self._texts(self._times[start : start + LABELS])

    def __len__(self) -> int:
        return len(self._times)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[str, ...]: ...
    def __getitem__(self, place: int | slice) -> str | tuple[str, ...]:
        if isinstance(place, slice):
            return self._texts(self._times[place])
        return self._texts(self._times[[place]])[0]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(map(operator.eq, self, other))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Labels({', '.join(self[:3])}{', …' if len(self) > 3 else ''})"


def _unit_of(times: np.ndarray) -> Unit:
    """The finest part of a time that any of them has."""
    micro = times.astype(np.int64)
    units: tuple[tuple[Unit, int], ...]
    units = (("D", DAY), ("m", 60_000_000), ("s", 1_000_000), ("ms", 1_000), ("us", 1))
    return next(unit for unit, size in units if not (micro % size).any())
