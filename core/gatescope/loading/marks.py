"""Which mark is decimal and which stands between thousands, by all numbers of a file.

A single mark before three digits (1.234) may be either. What decides is the rest of the file: a
number that can only be one (0.5; 1234.5; 1.234,5; 1.234.567).
"""

import re
from collections.abc import Iterable
from functools import cache
from itertools import islice

from gatescope.errors import say
from gatescope.loading.columns import END, Column
from gatescope.loading.numerals import is_loose, is_missing, plain
from gatescope.loading.taken import FileError, Reading

ENOUGH = 200
"""Cells that tell whether a column holds numbers."""

SOON = 20
"""Blocks of cells in which a decimal mark mostly shows; further down it is sought where it must."""


def marks_of(columns: Iterable[Column], name: str, wanted: Reading) -> tuple[str, str]:
    """The decimal mark and that of thousands by which a file's numbers are written.

    Parameters
    ----------
    columns
        All of the file.
    name
        What to call it in a message.
    wanted
        Its separator, and the marks that were asked for.

    Raises
    ------
    FileError
        When the numbers contradict each other, or may be read in two ways.
    """
    held = [column for column in columns if _mostly_numbers(column)]
    seen = {mark: _first(held, _decimal(mark), mark, SOON) for mark in (".", ",")}
    if not any(seen.values()):
        seen = {mark: _first(held, _decimal(mark), mark) for mark in (".", ",")}
    if wanted.decimal is None and all(seen.values()):
        raise FileError(
            say("decimals_contradict", name=name, point=seen['.'], comma=seen[',']),
            "decimal", (".", ","),
        )  # fmt: skip
    groups = {mark: _first(held, _grouped(mark), mark) for mark in (" ", "'")}
    decimal = wanted.decimal or next((mark for mark in seen if seen[mark]), None)
    if decimal is None:
        decimal = _undecided(held, name, wanted, any(groups.values()))
    if wanted.thousands is not None:
        return decimal, wanted.thousands
    other = "," if decimal == "." else "."
    if slip := _slip(held, decimal, other):
        whole = slip.replace(other, "")
        raise FileError(
            say("thousands_undecided", name=name, number=slip, whole=whole),
            "thousands", (other, ""),
        )  # fmt: skip
    if _first(held, _grouped(other), other):
        return decimal, other
    return decimal, next((mark for mark in groups if groups[mark]), "")


def _undecided(held: list[Column], name: str, wanted: Reading, spaced: bool) -> str:
    """The decimal mark where no number alone decides."""
    several = {mark: _first(held, _several(mark), mark) for mark in (".", ",")}
    if all(several.values()):
        raise FileError(say("marks_contradict", name=name, point=several["."], comma=several[","]))
    for mark, other in ((".", ","), (",", ".")):
        if several[mark] or wanted.thousands == mark:
            return other
    three = {mark: _first(held, _grouped(mark), mark) for mark in (".", ",")}
    for mark, other in ((".", ","), (",", ".")):
        # who writes commas or spaces between cells writes a point before decimals
        usual = mark == "." and wanted.separator in (",", " ") and not _has_whole(held, mark)
        if three[mark] and not three[other] and (spaced or usual):
            return mark
    cell = three["."] or three[","]
    if not cell:
        return "."
    mark = "." if three["."] else ","
    if wanted.thousands == "" and not (three["."] and three[","]):
        return mark
    part, whole = cell.replace(mark, "."), cell.replace(mark, "")
    raise FileError(
        say("decimal_undecided", name=name, cell=cell, part=part, whole=whole),
        "decimal", (".", ","),
    )  # fmt: skip


def _has_whole(held: Iterable[Column], mark: str) -> bool:
    """Whether whole numbers of three digits or less stand in a column beside 1.234."""
    return any(
        _first([column], _grouped(mark), mark) and _first([column], _short(), "") for column in held
    )


def _slip(held: Iterable[Column], decimal: str, mark: str) -> str:
    """A number in which a mark stands between thousands, where it may be a wrong decimal mark.

    So it is where the mark never stands so in a number with decimals, and most of the column has
    decimals.
    """
    suspect = ""
    for column in held:
        found = _first([column], _grouped(mark), mark)
        if not found:
            continue
        if _first([column], _both(mark, decimal), mark):
            return ""
        there = [cell for cell in column.head(ENOUGH) if not is_missing(cell)]
        if 2 * sum(decimal in cell for cell in there) > len(there):
            suspect = suspect or found
    return suspect


def _mostly_numbers(column: Column) -> bool:
    there = [cell for cell in column.head(ENOUGH) if not is_missing(cell)]
    return 2 * sum(map(is_loose, there)) >= len(there) > 0


def _first(
    held: Iterable[Column], pattern: re.Pattern[str], mark: str, blocks: int | None = None
) -> str:
    """The first cell that a pattern finds, in so many blocks; empty where there is none."""
    for column in held:
        for text in islice(column.texts(), blocks):
            usual = plain(text)
            found = pattern.search(END + usual) if mark in usual else None
            if found is not None:
                return found[0].strip(END)
    return ""


@cache
def _decimal(mark: str) -> re.Pattern[str]:
    """A number in which a mark can only be the decimal one."""
    m = re.escape(mark)
    other = "".join(each for each in (".", ",", " ", "'") if each != mark)
    power = r"(?:[eE][+-]?\d+)"
    return re.compile(
        rf"{END}[+-]?(?:\d*{m}(?:\d{{1,2}}|\d{{4,}}){power}?|(?:0\d*|\d{{4,}}|){m}\d{{3}}{power}?"
        rf"|\d+{m}{power}?|\d*{m}\d+{power}"
        rf"|\d{{1,3}}(?:[{other}]\d{{3}})+{m}\d*{power}?)(?={END}|$)"
    )


@cache
def _grouped(mark: str) -> re.Pattern[str]:
    """A number in which a mark may stand between thousands."""
    m = re.escape(mark)
    rest = "[.,]" if mark in " '" else re.escape("," if mark == "." else ".")
    return re.compile(rf"{END}[+-]?[1-9]\d{{0,2}}(?:{m}\d{{3}})+(?:{rest}\d*)?(?={END}|$)")


@cache
def _several(mark: str) -> re.Pattern[str]:
    """A number in which a mark can only stand between thousands: there are two of it."""
    m = re.escape(mark)
    return re.compile(rf"{END}[+-]?[1-9]\d{{0,2}}(?:{m}\d{{3}}){{2,}}(?={END}|$)")


@cache
def _both(mark: str, decimal: str) -> re.Pattern[str]:
    """A number with decimals, in which a mark stands between thousands, or twice."""
    m, d = re.escape(mark), re.escape(decimal)
    start = rf"{END}[+-]?[1-9]\d{{0,2}}"
    return re.compile(rf"{start}(?:(?:{m}\d{{3}})+{d}\d*|(?:{m}\d{{3}}){{2,}})(?={END}|$)")


@cache
def _short() -> re.Pattern[str]:
    """A whole number of three digits at most."""
    return re.compile(rf"{END}[+-]?\d{{1,3}}(?={END}|$)")
