"""What the picture of a sentence shows, in which words, and its rows."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from viz_app.kit.chart.gates_data import GatesData, GatesWords

Signals = tuple[tuple[str, str], ...]
"""Names of signals in the data, and as a person reads them."""

SCORES, MOVED = "scores", "moved"
"""The datasets of the answers, a row a word, and of the gates' changes, a row a word and gate."""

START = -0.5
"""Where the answer before the first word stands."""


@dataclass(frozen=True)
class SentimentWords:
    """The words on the chart, in the reader's language."""

    gates: GatesWords
    score: str
    change: str
    moved: str
    word: str
    probability: str
    difference: str
    most: str
    praise: str
    blame: str


@dataclass(frozen=True)
class SentenceData:
    """What each word did; arrays begin with the first word.

    ``start`` is the probability of praise before it, ``scores``, (time,), the same after each word;
    ``moved``, (signal, time), the mean over units of each gate's absolute change, NaN at the first
    word; ``told`` has a line for each word about which gate moved most.
    """

    gates: GatesData
    start: float
    scores: np.ndarray
    moved: np.ndarray
    signals: tuple[str, ...]
    labels: tuple[str, ...]
    told: tuple[str, ...]

    @property
    def changes(self) -> np.ndarray:
        """(time,), what each word added to the probability of praise."""
        changes: np.ndarray = np.diff(self.scores, prepend=self.start)
        return changes

    def moving(self) -> Signals:
        """The gates whose changes are drawn, and their labels: none of a single word, before which
        nothing comes."""
        return tuple(zip(self.signals, self.labels, strict=True)) if len(self.scores) > 1 else ()


def score_rows(data: SentenceData) -> list[dict[str, Any]]:
    """One row a word, and one before the first for the line alone."""
    spoken = zip(data.gates.inputs, data.scores, data.changes, data.told, strict=True)
    rows = [
        {
            "time": time, "panel": "score", "spoken": word, "score": round(float(score), 4),
            "change": round(float(change), 4), "most": told,
            "left": time - 0.5, "right": time + 0.5,
        }
        for time, (word, score, change, told) in enumerate(spoken)
    ]  # fmt: skip
    first = {"time": START, "score": round(data.start, 4)}
    return [dict.fromkeys(rows[0]) | first, *rows]  # a page's table has the columns of its first


def moved_rows(data: SentenceData) -> list[dict[str, Any]]:
    """One row a word and gate, from the second word on."""
    return [
        {"time": time, "line": label, "value": round(float(value), 4)}
        for label, values in zip(data.labels, data.moved, strict=True)
        for time, value in enumerate(values)
        if np.isfinite(value)
    ]
