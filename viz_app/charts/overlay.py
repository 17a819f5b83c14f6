"""What panels on one time axis share: datasets, boxes, what is picked, blocks of cells."""

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from viz_app.charts.gates_data import GatesData

CELLS, ROWS, BLOCKS, INPUT = "cells", "rows", "blocks", "input"


def box() -> dict[str, Any]:
    """The encoding of a rectangle from the fields left, right, top and bottom."""
    return {
        "x": alt.X("left:Q"),
        "x2": alt.X2("right:Q"),
        "y": alt.Y("top:Q"),
        "y2": alt.Y2("bottom:Q"),
    }


def constants(unit: int, step: int) -> list[alt.VariableParameter]:
    """A still figure's picked unit and step, under the names that a page's signals have."""
    picked = {"unit": [unit], "time": [step]}
    return [
        alt.VariableParameter(name="pick", value=picked),
        alt.VariableParameter(name="hover", value={}),
    ]


def block_frame(data: GatesData) -> pd.DataFrame:
    """Where there are too many cells: one row a block, with the range and mean of its values.

    Blocks stand in the order of time, then of rows, as a pointer finds them.
    """
    across, down = data.shape.block()
    times = np.arange(0, data.shape.steps, across)
    rows = np.arange(0, len(data.shape.units), down)
    columns: dict[str, np.ndarray] = {}
    for signal, values in zip(data.shape.signals, data.values, strict=True):
        for name, found in _summaries(values, times, rows).items():
            columns[f"{signal.name}_{name}"] = found
    return pd.DataFrame(columns)


def _summaries(values: np.ndarray, times: np.ndarray, rows: np.ndarray) -> dict[str, np.ndarray]:
    """Each block's smallest and largest value, and its mean; NaN where there is nothing else."""

    def over_blocks(kind: np.ufunc, whole: np.ndarray) -> np.ndarray:
        parts: np.ndarray = kind.reduceat(kind.reduceat(whole, times, axis=0), rows, axis=1)
        return parts.ravel()

    there = ~np.isnan(values)
    known = values if there.all() else np.where(there, values, 0)
    with np.errstate(invalid="ignore"):
        means = over_blocks(np.add, known.astype("float64")) / over_blocks(
            np.add, there.astype("float64")
        )
    return {
        "low": over_blocks(np.fmin, values),
        "high": over_blocks(np.fmax, values),
        "mean": means.astype(values.dtype),
    }


def zooms(chart: alt.VConcatChart) -> list[alt.TopLevelSelectionParameter]:
    """``zoom``, the stretch of the input that is dragged over, where the input is drawn."""
    return [
        alt.TopLevelSelectionParameter(
            name="zoom",
            select=alt.IntervalSelectionConfig(type="interval", encodings=["x"]),
            views=[layer.name],
        )
        for panel in chart.vconcat
        for layer in panel.layer
        if str(layer.name).startswith(INPUT)
    ]
