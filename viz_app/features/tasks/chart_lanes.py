"""What rows of a task are made of: lanes, marks, and how high each is."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from viz_app.kit.chart.window import PAGE

Kind = Literal["bars", "letters", "levels", "ink", "answers"]

HEIGHTS: dict[Kind, int] = {"bars": 54, "letters": 26, "levels": 34, "ink": 30, "answers": 26}
GAP = 4
MARGIN, LABEL_ROOM = 84, 16
"""Pixels of the lanes' names, and of the marks' labels, in usual type."""


def scaled(pixels: float, size: float) -> int:
    """Room for words, where their type is so large."""
    return round(pixels * size / PAGE.type_size)


@dataclass(frozen=True)
class Lane:
    """One line of a row, its label left of it.

    The kinds: ``"bars"``, numbers from 0 up or down; ``"letters"``; ``"ink"``, grey values;
    ``"levels"``, pulses as bars with the held value as a line; ``"answers"``, what is asked, with
    the steps that count shaded. ``values`` are (time,) numbers or letters, None where there is
    nothing; ``low`` and ``high`` are the ends of bars and levels, ``held``, (time,), their line.
    """

    label: str
    kind: Kind
    values: tuple[float | str | None, ...]
    low: float = 0.0
    high: float = 1.0
    held: tuple[float, ...] = ()


@dataclass(frozen=True)
class TaskRow:
    """One example: its lanes from the top, and the salient steps with their labels.

    ``scored``, (time,), is whether the answer counts. The marks' labels are written above where
    that does not repeat the letters below. A ``picture``, (rows, columns) of ink, stands beside it.
    """

    title: str
    lanes: tuple[Lane, ...]
    marks: tuple[tuple[int, str], ...]
    scored: tuple[bool, ...]
    labelled: bool = False
    picture: np.ndarray | None = None
