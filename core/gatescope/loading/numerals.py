"""Numbers as people write them, under known decimal marks and marks between thousands."""

import math
import re
from functools import cache

import numpy as np

from gatescope.loading.columns import END, Column

MISSING = {"", "na", "n/a", "nan", "-nan", "null", "none", "-", "?", "#n/a", "."}
"""Cells in which nothing was measured, in small letters."""

USUAL = {*MISSING, *map(str.upper, MISSING), *map(str.capitalize, MISSING)}
"""The same as they are mostly written: quick to find."""

SAME = {"\xa0": " ", "\u202f": " ", "\u2009": " ", "’": "'", "−": "-"}
"""Spaces, apostrophes and minus signs of several kinds."""

GROUPS = r"\d{1,3}(?:(?:\.\d{3})+|(?:,\d{3})+|(?: \d{3})+|(?:'\d{3})+)"
LOOSE = re.compile(rf"[+-]?(?:(?:{GROUPS}|\d+)(?:\.\d*|,\d+)?|[.,]\d+)(?:[eE][+-]?\d+)?")
"""A number under any marks."""


LARGEST = 3.4e38
"""What a network computes with in single precision; a little more is infinity there."""


def plain(text: str) -> str:
    """The same with the usual spaces, apostrophes and minus signs."""
    if not text.isascii():
        for mark, usual in SAME.items():
            text = text.replace(mark, usual)
    return text


def is_missing(cell: str) -> bool:
    """Whether nothing was measured there."""
    return cell.lower() in MISSING


def is_loose(cell: str) -> bool:
    """Whether a cell is a number under some marks."""
    return LOOSE.fullmatch(plain(cell)) is not None


def number(cell: str, decimal: str = ".", thousands: str = "") -> float | None:
    """A cell as a finite number under known marks, or None."""
    text = plain(cell).strip()
    if _pattern(decimal, thousands).fullmatch(text) is None:
        return None
    bare = text.replace(thousands, "") if thousands else text
    value = float(bare.replace(decimal, "."))
    return value if math.isfinite(value) else None


@cache
def _pattern(decimal: str, thousands: str) -> re.Pattern[str]:
    mark, group = re.escape(decimal), re.escape(thousands)
    grouped = rf"[1-9]\d{{0,2}}(?:{group}\d{{3}})+|" if thousands else ""
    return re.compile(rf"[+-]?(?:(?:{grouped}\d+)(?:{mark}\d*)?|{mark}\d+)(?:[eE][+-]?\d+)?")


def numbers(column: Column, decimal: str, thousands: str) -> tuple[np.ndarray, np.ndarray]:
    """A column's numbers, and which cells are neither numbers nor missing.

    Returns
    -------
    tuple
        (row,) float64, NaN where there is no number; and (bad,) the rows of what is no number.
    """
    found = np.empty(len(column))
    bad: list[int] = []
    start = 0
    for text in column.texts():
        values = _quick(text, decimal, thousands)
        if values is None:
            cells = column.cells(text)
            values = np.empty(len(cells))
            for row, cell in enumerate(cells):
                value = number(cell, decimal, thousands)
                values[row] = math.nan if value is None else value
                if value is None and not is_missing(cell):
                    bad.append(start + row)
        found[start : start + len(values)] = values
        start += len(values)
    return found, np.array(bad, dtype=int)


def _quick(text: str, decimal: str, thousands: str) -> np.ndarray | None:
    """The numbers of many cells, NaN for empty ones; None where a cell needs a closer look."""
    usual = text.isascii()
    text = plain(text)
    if "_" in text or "+n" in text or "+N" in text or not text.isascii():
        return None
    if thousands and thousands in text:
        if _misplaced(text, decimal, thousands):
            return None
        text = text.replace(thousands, "")
    if decimal != ".":
        if "." in text:
            return None
        text = text.replace(decimal, ".")
    cells = text.split(END)
    try:
        values = np.fromiter(map(float, cells), float, len(cells))
    except ValueError:
        if not usual:
            return None  # a long minus alone is no missing value
        try:
            values = np.array([math.nan if cell in USUAL else float(cell) for cell in cells])
        except ValueError:
            return None
    return None if np.isinf(values).any() else values


def _misplaced(text: str, decimal: str, thousands: str) -> bool:
    """Whether a mark of thousands may stand elsewhere than between groups of three digits.

    Patterns begin with a fixed letter: Python finds those much sooner.
    """
    mark, group = re.escape(decimal), re.escape(thousands)
    groups = re.findall(rf"{group}\d{{3}}(?=[{mark}{group}{END}]|$)", text)
    starts = re.compile(rf"{END}[+-]?(?:0\d*|\d{{4,}}|){group}")
    return (
        len(groups) != text.count(thousands)
        or starts.search(END + text) is not None
        or re.search(rf"{mark}[^{END}]*{group}", text) is not None
    )
