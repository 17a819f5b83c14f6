"""Numbers that stand for times: unix time, a year, or a date's digits without marks."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from gatescope.errors import say
from gatescope.loading.dates import DAY
from gatescope.loading.moments import NEVER, Moments
from gatescope.loading.taken import FileError

Numbers = np.ndarray[Any, Any]

SCALES = {
    "unix seconds": (1e8, 1e11, 1e6), "unix milliseconds": (1e11, 1e14, 1e3),
    "unix microseconds": (1e14, 1e17, 1.0), "unix nanoseconds": (1e17, 9e18, 1e-3),
}  # fmt: skip
"""From where to where numbers are taken for that time, and microseconds in one."""

DIGITS = {
    "year": 4, "yearmonthday": 8, "yearmonthdayhour": 10, "yearmonthdayhourminute": 12,
    "yearmonthdayhourminutesecond": 14,
}  # fmt: skip
"""How many digits a date has that is written without marks."""

YEARS, TIMED_YEARS = (1000, 2999), (1700, 2199)
"""First and last one of a day, and of what has a time: 24013020 is no day of the year 2401."""

SURE = 3
"""Different numbers that are all dates by their digits, and so no unix time by chance."""

PART = 100_000
"""Numbers that are computed with at once."""


def moments_of_numbers(values: Numbers, wanted: str | None) -> Moments | None:
    """Numbers as dates; None where they are none.

    Parameters
    ----------
    values
        (row,) NaN for an empty cell.
    wanted
        How they are written, where that is known.

    Raises
    ------
    FileError
        When they can be dates by their digits and unix time.
    """
    there = ~np.isnan(values)
    if not there.any():
        return None
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    unix = next((name for name, (least, most, _) in SCALES.items() if least <= low <= high < most),
                None)  # fmt: skip
    named = [name for name in DIGITS if wanted in (None, "", name)]
    written = next((name for name in named if _fits(values, low, high, DIGITS[name])), None)
    if written and unix and not wanted:
        _require_sure(values, unix, written)
    if written:
        times = np.empty(len(values), np.int64)
        for part in _parts(values):
            times[part] = _from_digits(values[part], DIGITS[written])
        return Moments(times.view("datetime64[us]"), written)
    if unix is None or wanted not in (None, "", unix):
        return None
    if not wanted:
        _require_no_dates(values[there], unix)
    return Moments(_from_unix(values, SCALES[unix][2]), unix)


def _require_sure(values: Numbers, unix: str, written: str) -> None:
    """Raise FileError where the numbers may be something else than dates written that way."""
    some = values[~np.isnan(values)][:PART]
    if _are_unread(some).all():
        raise _unread(some[0], (written, unix))
    if len(np.unique(some)) < SURE:
        raise FileError(
            say("times_undecided", number=some[0], written=written, unix=unix), "dates",
            (written, unix),
        )  # fmt: skip


def _parts(values: Numbers) -> Iterator[slice]:
    return (slice(start, start + PART) for start in range(0, len(values), PART))


def _from_unix(values: Numbers, scale: float) -> Numbers:
    found = np.empty(len(values), np.int64)
    for part in _parts(values):
        missing = np.isnan(values[part])
        micro = np.round(np.where(missing, 0, values[part]) * scale).astype(np.int64)
        found[part] = np.where(missing, NEVER, micro)
    return found.view("datetime64[us]")


def _fits(values: Numbers, low: float, high: float, digits: int) -> bool:
    """Whether all numbers are dates of so many digits."""
    least, most = _bounds(digits)
    if not least <= low <= high < most:
        return False
    return all(bool(_are_dates(values[part], digits).all()) for part in _parts(values))


def _bounds(digits: int) -> tuple[float, float]:
    """The first number of so many digits that can be a date, and the first after them."""
    first, last = TIMED_YEARS if digits > 8 else YEARS
    return first * 10.0 ** (digits - 4), (last + 1) * 10.0 ** (digits - 4)


def _split(values: Numbers, digits: int) -> tuple[Numbers, list[Numbers]]:
    """The years, and what follows them two digits at a time; 0 for what is missing."""
    rest = np.nan_to_num(values).astype(np.int64)
    found = []
    for _ in range((digits - 4) // 2):
        rest, part = np.divmod(rest, 100)
        found.append(part)
    return rest, found[::-1]


def _days(years: Numbers, months: Numbers, days: Numbers) -> Numbers:
    """Days since 1970, as whole numbers."""
    first = ((years - 1970) * 12 + months - 1).astype("datetime64[M]").astype("datetime64[D]")
    return first.astype(np.int64) + days - 1


def _are_dates(values: Numbers, digits: int) -> Numbers:
    years, parts = _split(values, digits)
    fits: Numbers = values % 1 == 0
    if parts:
        months, days = parts[:2]
        least = np.clip(months, 1, 12)
        fits &= (months == least) & (days >= 1)
        fits &= days <= _days(years, least + 1, days * 0) - _days(years, least, days * 0)
    for part, most in zip(parts[2:], (23, 59, 59), strict=False):
        fits &= part <= most
    return fits | np.isnan(values)


def _from_digits(values: Numbers, digits: int) -> Numbers:
    """Microseconds since 1970."""
    years, parts = _split(values, digits)
    one = np.ones_like(years)
    months, days, *clock = parts or [one, one]
    hours, minutes, seconds = [*clock, *[one * 0] * 3][:3]
    micro = ((hours * 60 + minutes) * 60 + seconds) * 1_000_000
    return np.where(np.isnan(values), NEVER, _days(years, months, days) * DAY + micro)


def _require_no_dates(values: Numbers, unix: str) -> None:
    """Raise FileError where half of the numbers or more are dates by their digits."""
    some = values[:PART]
    for name in ("yearmonthdayhour", "yearmonthdayhourminute", "yearmonthdayhourminutesecond"):
        fits = _whole_dates(some, DIGITS[name])
        if 2 * fits.sum() >= len(some):
            wrong = values[~_whole_dates(values, DIGITS[name])][0]
            raise FileError(
                say("time_no_date", number=wrong, name=name, unix=unix), "dates", (unix,),
            )  # fmt: skip
    if 2 * _are_unread(some).sum() >= len(some):
        raise _unread(some[0], (unix,))


def _are_unread(values: Numbers) -> Numbers:
    """Which numbers are dates with a year of two digits, or with milliseconds."""
    found = _whole_dates(values // 1000, 14)
    for digits in (10, 12):  # 0 may stand at the beginning of such a year
        found |= (values < 10**digits) & _whole_dates(values + 20 * 10.0**digits, digits + 2)
    return found


def _unread(value: float, options: tuple[str, ...]) -> FileError:
    *others, last = options
    named = say("others_or", others=", ".join(others), last=last) if others else last
    return FileError(
        say("times_unread", number=value, named=named),
        "dates", options,
    )  # fmt: skip


def _whole_dates(values: Numbers, digits: int) -> Numbers:
    """Which numbers are dates of so many digits."""
    least, most = _bounds(digits)
    return (values >= least) & (values < most) & _are_dates(values, digits)
