"""The numbers under a gates chart: what a pointer is told of a cell, and the picked unit's lines.

A row for each cell would be thousands of objects in the browser, made anew for every example. So
a page is sent one text a signal, `TOLD`, in which every number takes the same place, and reads in
it what it needs; only lines have rows, one a step.
"""

import json
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from viz_app.kit.chart.altair_fast import Chart
from viz_app.kit.chart.gates_data import GatesData, GatesShape, SignalStyle
from viz_app.kit.chart.gates_look import GatesLook
from viz_app.kit.chart.raster import MOST_COLUMNS

DIGITS = 4
NORMS = "norms"
CELLS, TOLD, FADED = "cells", "told", "faded"
"""The datasets of the picked unit's lines, of all numbers as text, and of what is left of each."""

NUMBERS = "numbers"
"""The signal that holds the only row of `TOLD`."""

KINDS = ("low", "high", "mean")
"""What is told of a block of cells."""


def unit_rows(data: GatesData, unit: int, look: GatesLook) -> dict[str, pd.DataFrame]:
    """The datasets that can depend on which unit is picked.

    On a page `CELLS` has only steps where all numbers are told, since the lines can be read there;
    elsewhere it has the values of the unit. Of a long window only the steps are kept at which one
    of the unit's signals is largest or smallest within about two pixels, so that its lines are
    the same as with all of them. `FADED` has all units, or that unit alone where cells are many.
    """
    shape = data.shape
    rows: dict[str, pd.DataFrame] = {}
    if shape.lines:  # a browser refuses rows that nothing draws
        told = look.hover and not shape.blocked
        steps = pd.DataFrame({"time": np.arange(shape.start, shape.end)})
        rows[CELLS] = steps if told else cell_frame(data, unit)
    if look.fade and data.log_kept is not None:
        rows[FADED] = _faded(data, unit)
    return rows


def cell_frame(data: GatesData, unit: int) -> pd.DataFrame:
    """One unit's signals, a row a step that tells something."""
    row = data.shape.units.index(unit)
    steps = _telling_steps([values[:, row] for values in data.values])
    columns: dict[str, Any] = {"time": data.shape.start + steps, "unit": unit}
    for signal, values in zip(data.shape.signals, data.values, strict=True):
        columns[signal.name] = rounded(values[steps, row], signal)
    if data.log_kept is not None:
        columns["log_kept"] = data.log_kept[steps, row].round(DIGITS)
    return pd.DataFrame(columns)


def _faded(data: GatesData, unit: int) -> pd.DataFrame:
    assert data.log_kept is not None
    shape = data.shape
    units, rows, steps = np.array(shape.units), np.arange(len(shape.units)), np.arange(shape.steps)
    if shape.blocked:
        rows = rows[units == unit]
        steps = _telling_steps([values[:, rows[0]] for values in data.values])
    return pd.DataFrame(
        {
            "time": np.repeat(shape.start + steps, len(rows)),
            "unit": np.tile(units[rows], len(steps)),
            "row": np.tile(rows, len(steps)),
            "log_kept": data.log_kept[np.ix_(steps, rows)].round(DIGITS).ravel(),
        }
    )


def unit_lines(
    shape: GatesShape, look: GatesLook, names: tuple[str, ...], table: str = ""
) -> alt.Chart:
    """The picked unit's rows, one a step, with the signals of these names.

    ``table`` is what stands behind the names of the datasets where a chart has several.
    """
    rows = Chart(alt.NamedData(CELLS + table))
    if not look.hover:
        return rows.transform_filter("datum.unit == pick.unit[0]")
    units, first = shape.expression("units"), shape.expression("first")
    cell = f"(datum.time - {first}) * length({units}) + indexof({units}, pick.unit[0])"
    rows = rows.transform_filter("!isValid(datum.unit) || datum.unit == pick.unit[0]")
    return rows.transform_calculate(
        **{n: f"isValid(datum.unit) ? datum.{n} : {number(n, cell, table)}" for n in names}
    )


def number(name: str, cell: str, table: str = "") -> str:
    """An expression for the number of a cell, null where there is none."""
    text, width = (f"{NUMBERS}{table}[{json.dumps(key)}]" for key in (name, _width_of(name)))
    return f"toNumber(trim(substring({text}, ({cell}) * {width}, ({cell} + 1) * {width})))"


def told_row(data: GatesData) -> dict[str, Any]:
    """All numbers as text, cells in the order of time, then of rows.

    Where cells are too many they are told by blocks, in the same order: a signal has the range
    and the mean of each.
    """
    found: dict[str, Any] = {}
    for signal, values in zip(data.shape.signals, data.values, strict=True):
        form = "e" if signal.kind == "gradient" else "f"
        if not data.shape.blocked:
            found |= _text(signal.name, values, form)
            continue
        for kind, summary in _summaries(data.shape, values).items():
            found |= _text(f"{signal.name}_{kind}", summary, form)
    if data.log_kept is not None and not data.shape.blocked:
        found |= _text("log_kept", data.log_kept, "f")
    return found


def _text(name: str, values: np.ndarray, form: str) -> dict[str, Any]:
    """Numbers as text, each in a place of the same width; blanks for NaN."""
    if form == "e":
        form, width = f".{DIGITS - 1}e", len("-1.234e-100")
    else:
        form = f".{DIGITS}f"
        ends = np.fmin.reduce(values, axis=None), np.fmax.reduce(values, axis=None)
        width = max(len(f"{end:{form}}") for end in ends)
    text = f"%{width}{form}" * values.size % tuple(values.ravel().tolist())
    return {name: text.replace("nan", "   "), _width_of(name): width}


def _width_of(name: str) -> str:
    return f"{name}_width"


def _summaries(shape: GatesShape, values: np.ndarray) -> dict[str, np.ndarray]:
    """Each block's smallest and largest value, and its mean; NaN where there is nothing else."""
    across, down = shape.block()
    times, rows = np.arange(0, shape.steps, across), np.arange(0, len(shape.units), down)

    def over_blocks(kind: np.ufunc, whole: np.ndarray) -> np.ndarray:
        parts: np.ndarray = kind.reduceat(kind.reduceat(whole, times, axis=0), rows, axis=1)
        return parts

    there = ~np.isnan(values)
    known = values if there.all() else np.where(there, values, 0)
    with np.errstate(invalid="ignore"):
        means = over_blocks(np.add, known.astype("float64")) / over_blocks(
            np.add, there.astype("float64")
        )
    found = (over_blocks(np.fmin, values), over_blocks(np.fmax, values), means)
    return dict(zip(KINDS, found, strict=True))


def norm_rows(data: GatesData) -> list[dict[str, Any]]:
    """One row a gradient and step; an exact zero has no place on a log axis and is left out."""
    names = [signal.name for signal in data.shape.signals if signal.kind == "gradient"]
    steps = _telling_steps(list(data.norms)).tolist()
    return [
        {"time": data.shape.start + step, "line": name, "value": float(f"{values[step]:.4g}")}
        for name, values in zip(names, data.norms, strict=True)
        for step in steps
        if values[step] > 0
    ]


def rounded(values: np.ndarray, signal: SignalStyle) -> np.ndarray:
    """Values as a tooltip tells them: four decimals, or four digits of a gradient."""
    exact = values.astype("float64")
    if signal.kind != "gradient":
        return exact.round(DIGITS)
    with np.errstate(divide="ignore", invalid="ignore"):
        unit = 10.0 ** (np.floor(np.log10(np.abs(exact))) - DIGITS + 1)
        return np.where(exact == 0, 0.0, np.round(exact / unit) * unit)


def _telling_steps(lines: list[np.ndarray]) -> np.ndarray:
    """All steps of a window, or of each block the first and those of every line's extremes."""
    steps = len(lines[0])
    if steps <= 2 * MOST_COLUMNS:
        return np.arange(steps)
    size = -(-steps // (MOST_COLUMNS // 2))
    starts = np.arange(0, steps, size)
    found = [starts, np.array([steps - 1])]
    for line in lines:
        padded = np.pad(line, (0, len(starts) * size - steps), mode="edge").reshape(-1, size)
        found += [starts + padded.argmin(axis=1), starts + padded.argmax(axis=1)]
    return np.unique(np.minimum(np.concatenate(found), steps - 1))
