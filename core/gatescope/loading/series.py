"""A series to forecast from somebody's CSV file, and what was done to make it one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from gatescope.errors import say
from gatescope.loading.moments import Labels
from gatescope.loading.numerals import LARGEST, is_missing
from gatescope.loading.table import HEAD, Table
from gatescope.loading.taken import Reading, SeriesError, Treatment

MOST_MISSING = 0.2
"""The largest share of a column that may be missing."""

BESIDE = re.compile(
    r"(?:[^\w\s]{1,2}|[A-Z]{0,2}[$€£¥₹]|[A-Z]{3} )?\s?[+\-−]?[\d.,' ]*\d[\d.,' ]*\D{0,8}"
)
"""A number with something before or after it, as 5 %, € 3, <0.1 or 12 km/h."""

MOST_SHARED = 0.5
"""The largest share of rows that may have the time of another row and become their mean."""

FEW = 20
"""Numbers that a column needs at least."""


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
        What was done to it, in order; what was left out of the file first.
    reading
        What the file was taken for.
    """

    values: np.ndarray
    features: tuple[str, ...]
    times: Sequence[str]
    treatments: tuple[Treatment, ...]
    reading: Reading = field(default_factory=Reading)


def series_of(
    table: Table, target: str, others: Sequence[str] = (), time: str | None = None
) -> Measured:
    """Make a series of some columns of a table.

    Rows without a time are left out; the others are put in the order of time; rows of the same
    time become their mean; what is missing takes the last value before it, and what is missing at
    the start is left out; a further column that never changes is left out. All of it is told in
    `Measured.treatments`.

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
        When a column is not there, holds text or no second value, is missing too often, or its
        dates can be read in two ways.
    """
    features = [target, *(name for name in others if name not in (target, time))]
    for name in [*features, *([] if time is None else [time])]:
        if name not in table.columns:
            raise SeriesError(say("column_unknown", name=name, names=", ".join(table.columns)))
    _require_no_classes(table, target)
    values = np.empty((table.rows, len(features)))
    for place, name in enumerate(features):
        values[:, place] = _numbers(table, name)
    treatments, reading = list(table.notes), replace(table.reading, dates="")
    if time is None:
        times = np.arange(table.rows)
    else:
        moments = table.moments(time)
        reading = replace(reading, dates=moments.written)
        times = moments.times
        del moments  # its times are put in order, and would be kept beside them
        values, times = _in_time(values, times, time, treatments)
    values, times = _filled(values, times, features, treatments)
    values, features = _changing(values, features, treatments)
    if len(values) < FEW:
        raise SeriesError(say("column_too_short", name=target, count=len(values), least=FEW))
    return Measured(values, tuple(features), Labels(times), tuple(treatments), reading)


def _require_no_classes(table: Table, target: str) -> None:
    """Raise SeriesError where the column to forecast holds words."""
    if table.is_number(target):
        return
    kinds = sorted({cell for cell in table.columns[target] if not is_missing(cell)})
    if not kinds:
        raise SeriesError(say("column_empty", name=target))
    _require_no_marks(table, target)
    kind = say("one_class") if len(kinds) == 1 else say("words_of_kinds", count=len(kinds))
    words = ", ".join(map(repr, kinds[:3]))
    raise SeriesError(say("column_of_words", name=target, kind=kind, words=words))


def _require_no_marks(table: Table, name: str) -> None:
    """Raise SeriesError where numbers have something beside them: percent, a unit, <."""
    cells = [cell for cell in table.columns[name].head(HEAD) if not is_missing(cell)]
    if 2 * sum(BESIDE.fullmatch(cell) is not None for cell in cells) < len(cells):
        return
    row = int(table.values(name)[1][0])
    raise SeriesError(
        say(
            "number_alone_comma" if _has_commas(table) else "number_alone",
            **_held(table, name, row),
        )
    )


def _numbers(table: Table, name: str) -> np.ndarray:
    values, bad = table.values(name)
    if len(bad):
        row = int(bad[0])
        raise SeriesError(
            say(
                "number_needed_comma" if _has_commas(table) else "number_needed",
                **_held(table, name, row),
            )
        )
    if (large := np.flatnonzero(np.abs(values) > LARGEST)).size:
        row = int(large[0])
        raise SeriesError(say("number_too_large", **_held(table, name, row), most=LARGEST))
    missing = float(np.isnan(values).mean())
    if missing > MOST_MISSING:
        raise SeriesError(
            say("column_mostly_missing", missing=missing, name=name, most=MOST_MISSING)
        )
    return values


def _has_commas(table: Table) -> bool:
    return table.reading.decimal == ","


def _held(table: Table, name: str, row: int) -> dict[str, str]:
    """Where a cell is, and what it holds, for a message."""
    return {"where": table.where(name, row), "cell": table.columns[name][row][:40]}


def _in_time(
    values: np.ndarray, times: np.ndarray, name: str, treatments: list[Treatment]
) -> tuple[np.ndarray, np.ndarray]:
    """Rows in the order of time, one a time."""
    undated = np.isnat(times)
    if undated.mean() > MOST_MISSING:
        raise SeriesError(
            say("times_mostly_missing", missing=undated.mean(), name=name, most=MOST_MISSING)
        )
    if undated.any():
        treatments.append(Treatment("undated", name, int(undated.sum())))
        values, times = values[~undated], times[~undated]
    behind = int((times[1:] < times[:-1]).sum())
    _require_apart(np.sort(times) if behind else times, name)
    if behind:
        treatments.append(Treatment("sorted", name, behind))
        order = np.argsort(times, kind="stable")
        times = times[order]
        for column in values.T:  # one after the other: they may be large
            column[:] = column[order]
        del order
    repeated = int((times[1:] == times[:-1]).sum())
    if repeated:
        treatments.append(Treatment("repeated", name, repeated))
        means = pd.DataFrame(values).groupby(times).mean()
        values, times = means.to_numpy(), np.unique(times)
    odd = _odd_distances(times)
    if odd:
        treatments.append(Treatment("gaps", name, odd))
    return values, times


def _require_apart(times: np.ndarray, name: str) -> None:
    """Raise SeriesError where most rows have the time of another; the times are in order."""
    same = times[1:] == times[:-1]
    shared = int((np.append(same, False) | np.append(False, same)).sum())
    if shared > MOST_SHARED * len(times):
        raise SeriesError(say("times_shared", shared=shared, rows=len(times), name=name))


def _odd_distances(times: np.ndarray) -> int:
    """How many distances differ from the usual one; months count as equal."""
    gaps = np.diff(times.astype("datetime64[M]") if _are_monthly(times) else times)
    if not len(gaps):
        return 0
    gaps.sort()
    ends = np.flatnonzero(gaps[1:] != gaps[:-1])
    return int(len(gaps) - np.diff(ends, prepend=-1, append=len(gaps) - 1).max())


def _are_monthly(times: np.ndarray) -> bool:
    """Whether all times lie at the same place in a month, and no two in one."""
    for some in (times[:1000], times):  # mostly the first ones tell
        months = some.astype("datetime64[M]")
        into = some - months
        if len(some) < 2 or (into != into[0]).any() or (months[1:] <= months[:-1]).any():
            return False
    return True


def _filled(
    values: np.ndarray, times: np.ndarray, features: Sequence[str], treatments: list[Treatment]
) -> tuple[np.ndarray, np.ndarray]:
    """Without holes: the last value again, and no rows before the first value of each column."""
    first = int((~np.isnan(values)).argmax(axis=0).max(initial=0))
    if first:
        treatments.append(Treatment("cut", "", first))
        values, times = values[first:], times[first:]
    for place, name in enumerate(features):
        missing = np.isnan(values[:, place])
        if missing.any():
            treatments.append(Treatment("filled", name, int(missing.sum())))
            last = np.maximum.accumulate(np.where(missing, 0, np.arange(len(missing))))
            values[:, place] = values[last, place]
    return values, times


def _changing(
    values: np.ndarray, features: Sequence[str], treatments: list[Treatment]
) -> tuple[np.ndarray, list[str]]:
    """Without further columns that never change."""
    changes = [bool((column != column[:1]).any()) for column in values.T]
    if not changes[0]:
        raise SeriesError(say("column_constant", name=features[0]))
    kept = []
    for name, moves in zip(features, changes, strict=True):
        if moves:
            kept.append(name)
        else:
            treatments.append(Treatment("constant", name))
    return values if all(changes) else values[:, changes], kept
