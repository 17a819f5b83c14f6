"""Dates as people write them, and the time that each stands for."""

import re
from datetime import UTC, date, datetime

EPOCH = date(1970, 1, 1).toordinal()
DAY = 86_400_000_000
"""Microseconds."""

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
MONTH = r"(?i:jan|feb|mar|mär|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez)[a-z]*\.?"
"""How a month's name begins; only English ones are read, others are refused."""

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
    "year年month月day日": rf"{Y}年{M}月{D}日",
}
"""Ways of writing a day; a time may follow."""

WHOLE = {
    "day month-name year": rf"{D}[-. /]*{NAME}[-, /]+{Y}",
    "month-name day year": rf"{NAME}[- ]{D},?[- ]{Y}",
    "year-month": rf"{Y}[-/]{M}",
    "month/year": rf"{M}[-/]{Y}",
    "year年month月": rf"{Y}年{M}月",
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
    r"(?:,?[T ]\s*\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?[^,;|\t\d]*(?:[+-][\d:]+)?|T\d{2})?"
    r"|\d{4}年\d{1,2}月(?:\d{1,2}日(?:\s*\d{1,2}:\d{2}.*)?)?"
    r"|\d{1,2}[-/]\d{4}|\d{4}[-/ ]?[QqWw]\d{1,2}(?:-?\d)?|[Qq]\d[-/ ]?\d{4}"
    rf"|\d{{1,2}}[-. /]*{MONTH}[-, /]+\d{{2,4}}|{MONTH}[- ](?:\d{{1,2}},?[- ])?(?:\d\d){{1,2}}"
)
SHORT = re.compile(
    rf"(?:\d{{1,2}}[-/.]\d{{1,2}}[-/.]|(?:\d{{1,2}}[-. /]*)?{MONTH}[-. /]+)\d{{2}}(?!\d).*"
)
"""A date whose year has two digits."""


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


def joined(text: str) -> str:
    """A space between each day and its time."""
    return re.sub(r"(?<=[\d日])(?:T(?=\d)|,\s*(?=\d{1,2}:))|(?<=日)(?=\d)", " ", text)


def value_of(name: str, cell: str, zones: set[str]) -> int | None:
    """A cell's time in microseconds, or None."""
    if name not in DAYS:
        day = day_of(name, cell)
        return None if day is None else day * DAY
    text, _, rest = joined(cell).partition(" ")
    day, time = day_of(name, text), time_of(rest, zones)
    return None if day is None or time is None else day * DAY + time


def day_of(name: str, text: str) -> int | None:
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


def time_of(text: str, zones: set[str]) -> int | None:
    """Microseconds since midnight of UTC or of no zone, or None; nothing is midnight."""
    if not text:
        return 0
    found = TIME.fullmatch(text.strip())
    if found is None:
        return None
    hour, minute, second = (int(found[k] or 0) for k in (1, 2, 3))
    half, zone = (found[5] or "").lower(), found[6] or ""
    zones.add(zone)
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
