"""A series to forecast from somebody's CSV file, and what was done to make it one."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from gatescope.reading.table import NOTHING, SeriesError, Table, date, number

MOST_MISSING = 0.2
"""The largest share of a column that may be missing."""

FEW = 20
"""Numbers that a column needs at least."""


@dataclass(frozen=True)
class Treatment:
    """Something that was done to a series, by the key of its sentence, and the numbers in it."""

    key: str
    column: str = ""
    count: int = 0


@dataclass(frozen=True)
class Measured:
    """A series that can be forecast.

    Attributes
    ----------
    values
        (time, feature) finite numbers; the first feature is what is forecast.
    features
        The columns' names.
    times
        A label a row.
    treatments
        What was done to it, in order.
    """

    values: np.ndarray
    features: tuple[str, ...]
    times: tuple[str, ...]
    treatments: tuple[Treatment, ...]


def series_of(
    table: Table, target: str, others: Sequence[str] = (), time: str | None = None
) -> Measured:
    """Make a series of some columns of a table.

    Rows are put in the order of time; rows of the same time become their mean; what is missing
    takes the last value before it, and what is missing at the start is left out; a further column
    that never changes is left out. All of it is told in `Measured.treatments`.

    Parameters
    ----------
    table
        The file.
    target
        The column to forecast.
    others
        Further columns that the network reads.
    time
        The column of dates or times; None takes the rows as they stand, at equal distances.

    Raises
    ------
    SeriesError
        When a column is not there, holds text or no second value, or is missing too often.
    """
    features = [target, *(name for name in others if name not in (target, time))]
    for name in [*features, *([] if time is None else [time])]:
        if name not in table.columns:
            raise SeriesError(f"there is no column {name!r}; there are {', '.join(table.columns)}")
    _require_no_classes(table, target)
    frame = pd.DataFrame({name: _numbers(table, name) for name in features})
    treatments: list[Treatment] = []
    if time is None:
        labels = pd.Index(range(len(frame)))
    else:
        frame, labels = _in_time(frame, table.columns[time], time, treatments)
    frame, labels = _filled(frame, labels, treatments)
    features = _changing(frame, features, treatments)
    if len(frame) < FEW:
        raise SeriesError(
            f"{target!r} has {len(frame)} values, and at least {FEW} are needed to learn and test"
        )
    return Measured(
        frame[features].to_numpy(float), tuple(features), tuple(map(str, labels)), tuple(treatments)
    )


def _require_no_classes(table: Table, target: str) -> None:
    """Raise SeriesError where the column to forecast holds words."""
    if table.is_number(target):
        return
    kinds = sorted({cell for cell in table.columns[target] if cell.lower() not in NOTHING})
    if not kinds:
        raise SeriesError(f"column {target!r} is empty: choose a column of numbers")
    named = ", ".join(map(repr, kinds[:3]))
    many = "one class only" if len(kinds) == 1 else f"words of {len(kinds)} kinds"
    raise SeriesError(
        f"column {target!r} holds {many} ({named}), and numbers are forecast here: choose a "
        "column of numbers"
    )


def _numbers(table: Table, name: str) -> list[float]:
    found = []
    for row, cell in enumerate(table.columns[name], 2):
        value = math.nan if cell.lower() in NOTHING else number(cell)
        if value is None:
            raise SeriesError(
                f"column {name!r}, row {row} holds {cell[:40]!r}, and a number is needed there: "
                "choose another column, or leave the cell empty"
            )
        found.append(value)
    missing = sum(map(math.isnan, found)) / len(found)
    if missing > MOST_MISSING:
        raise SeriesError(
            f"{missing:.0%} of column {name!r} is missing, and at most {MOST_MISSING:.0%} can be "
            "filled: choose another column, or fill it yourself"
        )
    return found


def _in_time(
    frame: pd.DataFrame, cells: Sequence[str], name: str, treatments: list[Treatment]
) -> tuple[pd.DataFrame, pd.Index]:
    """Rows in the order of time, one a time."""
    moments = []
    for row, cell in enumerate(cells, 2):
        moment = date(cell)
        if moment is None:
            found = repr(cell[:40]) if cell else "nothing"
            raise SeriesError(
                f"column {name!r}, row {row} holds {found}, and a date is needed there, as "
                "2024-05-31 or 2024-05-31 14:00"
            )
        moments.append(moment)
    index = pd.Index(moments)
    if not index.is_monotonic_increasing:
        behind = sum(b < a for a, b in pairwise(moments))
        treatments.append(Treatment("sorted", name, behind))
    repeated = int(index.duplicated().sum())
    if repeated:
        treatments.append(Treatment("repeated", name, repeated))
    frame = frame.set_axis(index).groupby(level=0).mean()
    gaps = np.diff(frame.index.to_numpy())
    if len(gaps):
        kinds, counts = np.unique(gaps, return_counts=True)
        odd = int(len(gaps) - counts.max())
        if odd and len(kinds) > 1:
            treatments.append(Treatment("gaps", name, odd))
    labels = frame.index.strftime("%Y-%m-%d %H:%M").str.removesuffix(" 00:00")
    return frame.reset_index(drop=True), labels


def _filled(
    frame: pd.DataFrame, labels: pd.Index, treatments: list[Treatment]
) -> tuple[pd.DataFrame, pd.Index]:
    """Without holes: the last value again, and no rows before the first value of each column."""
    first = max((int(frame[name].notna().to_numpy().argmax()) for name in frame), default=0)
    if first:
        treatments.append(Treatment("cut", "", first))
        frame, labels = frame.iloc[first:], labels[first:]
    for name in frame:
        missing = int(frame[name].isna().sum())
        if missing:
            treatments.append(Treatment("filled", str(name), missing))
    return frame.ffill(), labels


def _changing(
    frame: pd.DataFrame, features: Sequence[str], treatments: list[Treatment]
) -> list[str]:
    still = [name for name in features if frame[name].nunique() < 2]
    if features[0] in still:
        raise SeriesError(
            f"column {features[0]!r} holds the same value in every row: nothing is to be forecast"
        )
    treatments += [Treatment("constant", name) for name in still]
    return [name for name in features if name not in still]
