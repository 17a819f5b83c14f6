"""What rows of a task are made of: lanes, marks, and how high each is."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

Kind = Literal["bars", "letters", "levels", "ink", "answers"]

HEIGHTS: dict[Kind, int] = {"bars": 54, "letters": 26, "levels": 34, "ink": 30, "answers": 26}
MARGIN, GAP, LABEL_ROOM = 84, 4, 16


@dataclass(frozen=True)
class Lane:
    """One line of a row.

    Attributes
    ----------
    label
        What stands left of it.
    kind
        ``"bars"``: numbers from 0 up or down; ``"letters"``; ``"ink"``: grey values;
        ``"levels"``: pulses as bars with the held value as a line; ``"answers"``: what is asked,
        with the steps that count shaded.
    values
        (time,) numbers or letters; None where there is nothing.
    low, high
        The ends of bars and levels.
    held
        (time,) the line of levels.
    """

    label: str
    kind: Kind
    values: tuple[float | str | None, ...]
    low: float = 0.0
    high: float = 1.0
    held: tuple[float, ...] = ()


@dataclass(frozen=True)
class TaskRow:
    """One example.

    Attributes
    ----------
    title
        What stands above it.
    lanes
        Its lines from the top.
    marks
        The salient steps and their labels.
    scored
        (time,) whether the answer counts.
    labelled
        Write the marks' labels above; not wanted where they repeat the letters below.
    picture
        (rows, columns) of ink, drawn beside it.
    """

    title: str
    lanes: tuple[Lane, ...]
    marks: tuple[tuple[int, str], ...]
    scored: tuple[bool, ...]
    labelled: bool = False
    picture: np.ndarray | None = None
