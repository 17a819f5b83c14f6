"""The numbers under a gates chart: what a pointer tells of a cell, and the picked unit's lines."""

from typing import Any

import numpy as np
import pandas as pd

from viz_app.charts.extremes import MOST_COLUMNS
from viz_app.charts.gates_data import GatesData, SignalStyle

DIGITS = 4
NORMS = "norms"


def cell_frame(data: GatesData, unit: int, *, alone: bool = False) -> pd.DataFrame:
    """One row a unit and step; where they are too many, the rows of that unit alone.

    ``alone`` leaves the others out in any case.

    Of a long window only the steps are kept at which one of the unit's signals is largest or
    smallest within about two pixels, so that its lines are the same as with all of them.
    """
    shape = data.shape
    units, kept = np.array(shape.units), np.arange(len(shape.units))
    steps = np.arange(shape.steps)
    if shape.blocked or alone:
        kept = kept[units == unit]
        steps = _telling_steps([values[:, kept[0]] for values in data.values])
    columns: dict[str, Any] = {
        "time": np.repeat(shape.start + steps, len(kept)),
        "unit": np.tile(units[kept], len(steps)),
        "row": np.tile(kept, len(steps)),
    }
    for signal, values in zip(shape.signals, data.values, strict=True):
        columns[signal.name] = rounded(values[steps][:, kept], signal).ravel()
    if data.log_kept is not None:
        columns["log_kept"] = data.log_kept[steps][:, kept].round(DIGITS).ravel()
    return pd.DataFrame(columns)


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
    found = [starts, [steps - 1]]
    for line in lines:
        padded = np.pad(line, (0, len(starts) * size - steps), mode="edge").reshape(-1, size)
        found += [starts + padded.argmin(axis=1), starts + padded.argmax(axis=1)]
    return np.unique(np.minimum(np.concatenate(found), steps - 1))
