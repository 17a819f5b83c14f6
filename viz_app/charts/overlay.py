"""Invisible cells over a heatmap: they answer the pointer, which an image cannot."""

import json
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from viz_app.charts.gates_data import GatesData, GatesShape, GatesWords, SignalStyle

CELLS, ROWS, BLOCKS, INPUT = "cells", "rows", "blocks", "input"
MOST_CELLS = 5_000


def cell_count(shape: GatesShape) -> int:
    """Number of cells that answer the pointer in one heatmap: each, or blocks of them."""
    time, row = _block(shape)
    return -(-shape.steps // time) * -(-len(shape.units) // row)


def overlay(shape: GatesShape, signal: SignalStyle, words: GatesWords) -> alt.Chart:
    """Cells of a heatmap; `selections` makes them answer the pointer.

    Whichever heatmap is pointed at, the tooltip tells every signal of that unit and step. So it
    is worked out once a cell, not once a cell and heatmap.
    """
    time, row = _block(shape)
    blocked = (time, row) != (1, 1)
    return (
        alt.Chart(alt.NamedData(BLOCKS if blocked else CELLS))
        .transform_calculate(
            left="datum.time - 0.5",
            right=f"min(datum.time + {time - 0.5}, {shape.end - 0.5})",
            top="datum.row - 0.5",
            bottom=f"min(datum.row + {row - 0.5}, {len(shape.units) - 0.5})",
            tip=_tip(shape, words, *(("units", "steps") if blocked else ("unit", "time"))),
        )
        .mark_rect(opacity=0, aria=False)
        .encode(**box(), tooltip=alt.TooltipValue(alt.ExprRef("datum.tip")))
        .properties(name=f"{CELLS}_{signal.name}")
    )


def _tip(shape: GatesShape, words: GatesWords, unit: str, step: str) -> str:
    """What a cell tells, as an expression: a table of names and values."""
    fields = {words.unit: unit, words.step: step}
    fields |= {signal.label: signal.name for signal in shape.signals}
    pairs = (
        f"{json.dumps(name, ensure_ascii=False)}: {_datum(field)}" for name, field in fields.items()
    )
    return f"{{{', '.join(pairs)}}}"


def _datum(field: str) -> str:
    return f"datum.{field}" if field.isidentifier() else f"datum[{json.dumps(field)}]"


def box() -> dict[str, Any]:
    """The encoding of a rectangle from the fields left, right, top and bottom."""
    return {
        "x": alt.X("left:Q"),
        "x2": alt.X2("right:Q"),
        "y": alt.Y("top:Q"),
        "y2": alt.Y2("bottom:Q"),
    }


def constants(unit: int, step: int) -> list[alt.VariableParameter]:
    """A still figure's picked unit and step, under the names that the selections have."""
    picked = {"unit": [unit], "time": [step]}
    return [
        alt.VariableParameter(name="pick", value=picked),
        alt.VariableParameter(name="hover", value={}),
    ]


def block_frame(data: GatesData) -> dict[str, pd.DataFrame]:
    """Where there are too many cells: one row a block, with the range and mean of its values."""
    shape = data.shape
    time, row = _block(shape)
    times, rows = np.arange(0, shape.steps, time), np.arange(0, len(shape.units), row)
    units = [", ".join(map(str, shape.units[r : r + row])) for r in rows]
    steps = [_range(shape.start + t, shape.start + min(t + time, shape.steps) - 1) for t in times]
    columns: dict[str, Any] = {
        "time": np.repeat(shape.start + times, len(rows)),
        "row": np.tile(rows, len(times)),
        "unit": np.tile(np.array(shape.units)[rows], len(times)),
        "units": units * len(times),
        "steps": np.repeat(steps, len(rows)),
    }
    for signal, values in zip(shape.signals, data.values, strict=True):
        columns[signal.name] = _summaries(values, times, rows, gradient=signal.kind == "gradient")
    return {BLOCKS: pd.DataFrame(columns)}


def _summaries(
    values: np.ndarray, times: np.ndarray, rows: np.ndarray, *, gradient: bool
) -> list[str]:
    """What a pointer is told of each block: its smallest and largest value, and the mean."""

    def over_blocks(kind: np.ufunc, whole: np.ndarray) -> np.ndarray:
        parts = kind.reduceat(kind.reduceat(whole, times, axis=0), rows, axis=1)
        return np.asarray(parts, dtype="float64").ravel()

    there = ~np.isnan(values)
    counts = over_blocks(np.add, there.astype("int32"))
    with np.errstate(invalid="ignore"):
        means = over_blocks(np.add, np.where(there, values, 0).astype("float64")) / counts
    low, high = over_blocks(np.fmin, values), over_blocks(np.fmax, values)
    form = "{:.2e}" if gradient else "{:.3f}"
    return [
        f"{_range(a, b, form)}, ⌀ {form.format(m)}" if count else "–"
        for a, b, m, count in zip(low.tolist(), high.tolist(), means.tolist(), counts, strict=True)
    ]


def _range(low: float, high: float, form: str = "{:d}") -> str:
    return form.format(low) if low == high else f"{form.format(low)} … {form.format(high)}"


def _block(shape: GatesShape) -> tuple[int, int]:
    """Steps and rows in one block; 1 and 1 where every cell can have its own."""
    steps, rows = shape.steps, len(shape.units)
    time = row = 1
    while -(-steps // time) * -(-rows // row) > MOST_CELLS:
        if steps / time >= 4 * rows / row:
            time += 1
        else:
            row += 1
    return time, row


def selections(
    chart: alt.VConcatChart, unit: int, step: int
) -> list[alt.TopLevelSelectionParameter]:
    """``pick``, the clicked unit and step, and ``hover``, the pointed at, in all heatmaps.

    Where the input is drawn, ``zoom`` is the stretch of it that is dragged over.
    """
    layers = [layer for panel in chart.vconcat for layer in panel.layer]
    views = [layer.name for layer in layers if str(layer.name).startswith(CELLS)]
    fields = ["unit", "time"]
    pick = alt.PointSelectionConfig(
        type="point", fields=fields, on="click", clear=False, toggle=False
    )
    hover = alt.PointSelectionConfig(
        type="point", fields=fields, on="pointerover", clear="pointerout", toggle=False
    )
    return [
        alt.TopLevelSelectionParameter(
            name="pick", select=pick, views=views, value=[{"unit": unit, "time": step}]
        ),
        alt.TopLevelSelectionParameter(name="hover", select=hover, views=views),
        *(
            alt.TopLevelSelectionParameter(
                name="zoom",
                select=alt.IntervalSelectionConfig(type="interval", encodings=["x"]),
                views=[layer.name],
            )
            for layer in layers
            if str(layer.name).startswith(INPUT)
        ),
    ]
