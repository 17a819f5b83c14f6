"""Invisible cells over a heatmap: they answer the pointer, which an image cannot."""

import json
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from viz_app.charts.gates_data import GatesData, GatesShape, GatesWords, SignalStyle

CELLS, ROWS, BLOCKS = "cells", "rows", "blocks"
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
            right=f"min(datum.time + {time - 0.5}, {shape.steps - 0.5})",
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
    rows: list[dict[str, Any]] = []
    for t in range(0, shape.steps, time):
        for r in range(0, len(shape.units), row):
            units = shape.units[r : r + row]
            block: dict[str, Any] = {
                "time": t,
                "row": r,
                "unit": units[0],
                "units": ", ".join(map(str, units)),
                "steps": _range(t, min(t + time, shape.steps) - 1, "{:d}"),
            }
            for signal, values in zip(shape.signals, data.values, strict=True):
                block[signal.name] = _summary(values[t : t + time, r : r + row])
            rows.append(block)
    return {BLOCKS: pd.DataFrame(rows)}


def _summary(part: np.ndarray) -> str:
    if np.isnan(part).all():
        return "–"
    low, high = float(np.nanmin(part)), float(np.nanmax(part))
    return f"{_range(low, high, '{:.3f}')}, ⌀ {np.nanmean(part):.3f}"


def _range(low: float, high: float, form: str) -> str:
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
    """``pick``, the clicked unit and step, and ``hover``, the pointed at, in all heatmaps."""
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
    ]
