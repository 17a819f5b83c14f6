"""Dates as people write them, and the time that each stands for."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np

from gatescope.reading.columns import Column
from gatescope.reading.numerals import is_missing
from gatescope.reading.taken import FileError

EPOCH = date(1970, 1, 1).toordinal()
DAY = 86_400_000_000
"""Microseconds."""

NEVER = np.iinfo(np.int64).min
"""numpy's NaT, as a whole number."""

HEAD = 20
"""Cells by which the ways of writing are sifted before a whole column is read."""

LABELS = 10_000
"""Labels that are made at once."""

MONTHS = {
    name: number
    for number, names in enumerate(
        ("january", "february", "march", "april", "may", "june", "july", "august", "september",
         "october", "november", "december"), 1,
    )
    for name in (names, names[:3])
} | {"sept": 9}  # fmt: skip

Y, M, D = r"(?P<y>\d{4})", r"(?P<m>\d{1,2})", r"(?P<d>\d{1,2})"
NAME = r"(?P<name>[A-Za-z]{3,9})\.?"
DAYS = {
    "year-month-day": rf"{Y}-{M}-{D}",
    "day.month.year": rf"{D}\.{M}\.{Y}",
    "day/month/year": rf"{D}/{M}/{Y}",
    "month/day/year": rf"{M}/{D}/{Y}",
    "year.month.day": rf"{Y}\.{M}\.{D}",
    "year/month/day": rf"{Y}/{M}/{D}",
    "day-month-year": rf"{D}-{M}-{Y}",
    "month-day-year": rf"{M}-{D}-{Y}",
    "month.day.year": rf"{M}\.{D}\.{Y}",
}
"""Ways of writing a day; a time may follow."""

WHOLE = {
    "day month-name year": rf"{D}[-. /]*{NAME}[-, /]+{Y}",
    "month-name day year": rf"{NAME}[- ]{D},?[- ]{Y}",
    "year-month": rf"{Y}[-/]{M}",
    "month/year": rf"{M}[-/]{Y}",
    "month-name year": rf"{NAME}[- ]{Y}",
    "quarter": rf"{Y}[-/ ]?[Qq](?P<q>[1-4])|[Qq](?P<q2>[1-4])[-/ ]?(?P<y2>\d{{4}})",
    "week": rf"{Y}[- ]?[Ww](?P<w>\d{{2}})(?:-?(?P<wd>[1-7]))?",
}
"""Ways of writing that take the whole cell."""

TIME = re.compile(
    r"(\d{1,2})(?::(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?(?:\s*([AaPp])\.?[Mm]\.?)?"
    r"\s*(Z|z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?"
)
PATTERNS = {name: re.compile(text) for name, text in (DAYS | WHOLE).items()}
LOOSE = re.compile(
    r"(?:\d{4}[-/.]\d{1,2}(?:[-/.]\d{1,2})?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2}(?:\d{2})?)"
    r"(?:,?[T ]\s*\d{1,2}:\d{2}.*|T\d{2})?"
    r"|\d{1,2}[-/]\d{4}|\d{4}[-/ ]?[QqWw]\d{1,2}(?:-?\d)?|[Qq]\d[-/ ]?\d{4}"
    rf"|\d{{1,2}}[-. /]*{NAME}[-, /]+\d{{2,4}}|{NAME}[- ](?:\d{{1,2}},?[- ])?\d{{4}}".replace(
        "?P<name>", "?:"
    )
)
SHORT = re.compile(
    r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2}(?!\d).*|\d{1,2}[-. /]*[A-Za-z]{3,9}[-. /]+\d{2}(?!\d).*"
)
"""A date whose year has two digits."""

SCALES = {
    "unix seconds": (1e8, 1e11, 1e6), "unix milliseconds": (1e11, 1e14, 1e3),
    "unix microseconds": (1e14, 1e17, 1.0), "unix nanoseconds": (1e17, 9e18, 1e-3),
}  # fmt: skip
"""From where to where numbers are taken for that time, and microseconds in one."""


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


def is_loose_date(cell: str) -> bool:
    """Whether a cell looks like a date, written in some way."""
    return LOOSE.fullmatch(cell) is not None


def iso_date(cell: str) -> datetime | None:
    """A cell as a date in the order year, month, day, with or without a time; or None."""
    try:
        moment = datetime.fromisoformat(cell.replace("/", "-").strip())
    except ValueError:
        return None
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)


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
        fitting = {name: sum(_value(name, cell) is not None for cell in head) for name in PATTERNS}
        most = max(fitting.values(), default=0)
        tried = [name for name, count in fitting.items() if count == most > 0]
    readings, failed = [], []
    for name in tried:
        times, row = _read(column, name)
        if row is None:
            readings.append(Moments(times.view("datetime64[us]"), name))
        else:
            failed.append((row, name))
    if not readings:
        row, name = max(failed, default=(_first_there(column), ""))
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
        f"{place(row)} holds {column[row]!r}, which can be {one.written} or {two.written}, and no "
        "other row decides",
        "dates", (one.written, two.written),
    )  # fmt: skip


def _first_there(column: Iterable[str]) -> int:
    return next((row for row, cell in enumerate(column) if not is_missing(cell)), 0)


def _no_date(cell: str, where: str, name: str) -> str:
    if not cell or is_missing(cell):
        return f"{where} holds nothing, and a date is needed there, as 2024-05-31"
    if SHORT.fullmatch(cell):
        return (
            f"{where} holds {cell[:40]!r}, a year of two digits: write all years with four, as "
            "2024-05-31"
        )
    like = f"written as {name} like the others" if name else "as 2024-05-31 or 2024-05-31 14:00"
    return f"{where} holds {cell[:40]!r}, and a date is needed there, {like}"


def _read(column: Column, name: str) -> tuple[np.ndarray, int | None]:
    """All times in microseconds, and the first row that is no date, if any."""
    timed = name in DAYS
    days = _Memo(lambda text: _day(name, text))
    hours = _Memo(_time)
    found = np.empty(len(column), np.int64)
    start = 0
    for text in column.texts():
        if timed and ("T" in text or "," in text):
            text = re.sub(r"(?<=\d)(?:T|,\s*)(?=\d)", " ", text)
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
                value = NEVER if is_missing(cell) else _value(name, cell)
                if value is None:
                    return found, row
                values.append(value)
        found[start : start + len(values)] = values
        start += len(values)
    return found, None


def _value(name: str, cell: str) -> int | None:
    """A cell's time in microseconds, or None."""
    if name not in DAYS:
        day, time = _day(name, cell), 0
    else:
        text, _, rest = re.sub(r"(?<=\d)(?:T|,\s*)(?=\d)", " ", cell).partition(" ")
        day, time = _day(name, text), _time(rest)
    return None if day is None or time is None else day * DAY + time


def _day(name: str, text: str) -> int | None:
    """Days since 1970, or None."""
    found = PATTERNS[name].fullmatch(text)
    if found is None:
        return None
    parts = found.groupdict()
    year = int(parts.get("y") or parts["y2"])
    quarter = parts.get("q") or parts.get("q2")
    month = int(parts.get("m") or (3 * int(quarter) - 2 if quarter else 1))
    if parts.get("name"):
        month = MONTHS.get(parts["name"].lower(), 0)
    try:
        if parts.get("w"):
            moment = date.fromisocalendar(year, int(parts["w"]), int(parts["wd"] or 1))
        else:
            moment = date(year, month, int(parts.get("d") or 1))
    except ValueError:
        return None
    return moment.toordinal() - EPOCH


def _time(text: str) -> int | None:
    """Microseconds since midnight of UTC or of no zone, or None; nothing is midnight."""
    if not text:
        return 0
    found = TIME.fullmatch(text.strip())
    if found is None:
        return None
    hour, minute, second = (int(found[k] or 0) for k in (1, 2, 3))
    half, zone = (found[5] or "").lower(), found[6] or ""
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + 12 * (half == "p")
    if hour > 23 or minute > 59 or second > 59:
        return None
    east = 0
    if zone[:1] in ("+", "-"):
        digits = zone[1:].replace(":", "").ljust(4, "0")
        east = (int(digits[:2]) * 60 + int(digits[2:])) * (1 if zone[0] == "+" else -1)
    micro = int((found[4] or "").ljust(6, "0")[:6])
    return ((hour * 60 + minute - east) * 60 + second) * 1_000_000 + micro


def moments_of_numbers(values: np.ndarray, wanted: str | None) -> Moments | None:
    """Numbers as dates: unix time, 20240531, or years; None where they are none of these.

    Parameters
    ----------
    values
        (row,) NaN for an empty cell.
    wanted
        How they are written, where that is known.
    """
    there = values[~np.isnan(values)]
    if not len(there):
        return None
    for name, (low, high, scale) in SCALES.items():
        if wanted in (None, "", name) and ((there >= low) & (there < high)).all():
            return Moments(_from_unix(values, scale), name)
    if (there % 1 != 0).any() or not ((there >= 1000) & (there < 1e8)).all():
        return None
    for name, low, high in (("year", 1000, 3000), ("yearmonthday", 1e7, 3e7)):
        if wanted in (None, "", name) and ((there >= low) & (there < high)).all():
            return _from_digits(values, name)
    return None


def _from_unix(values: np.ndarray, scale: float) -> np.ndarray:
    micro = np.where(np.isnan(values), 0, values) * scale
    found = np.round(micro).astype(np.int64)
    return np.where(np.isnan(values), NEVER, found).view("datetime64[us]")


def _from_digits(values: np.ndarray, name: str) -> Moments | None:
    found = np.full(len(values), NEVER, np.int64)
    for row, value in enumerate(values):
        if np.isnan(value):
            continue
        digits = f"{int(value)}" if name == "yearmonthday" else f"{int(value)}0101"
        try:
            moment = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
        except ValueError:
            return None
        found[row] = (moment.toordinal() - EPOCH) * DAY
    return Moments(found.view("datetime64[us]"), name)


def labels_of(times: np.ndarray) -> tuple[str, ...]:
    """Times as text: the day, and minutes, seconds or less where any time has them."""
    micro = times.astype(np.int64)
    units = (("D", DAY), ("m", 60_000_000), ("s", 1_000_000), ("ms", 1_000), ("us", 1))
    unit = next(unit for unit, size in units if not (micro % size).any())
    found: list[str] = []
    for start in range(0, len(times), LABELS):
        texts = np.datetime_as_string(times[start : start + LABELS], unit=unit).tolist()
        found += (text.replace("T", " ").removesuffix(" 00:00") for text in texts)
    return tuple(found)
