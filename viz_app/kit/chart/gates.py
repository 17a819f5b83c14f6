"""The gates chart: input, heatmaps of gates and states on one time axis, one unit's traces.

All that a pointer does happens in the browser, see `pointer`: it names unit, step and values and
draws a hair line through every panel; a click picks a unit and a step. What changes with the
example, the checkpoint or the window stands in named datasets and parameters, so that the chart
itself is built once.
"""

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from viz_app.kit.chart.altair_fast import vconcat
from viz_app.kit.chart.gates_data import (
    ROWS,
    VIEW,
    GatesData,
    GatesShape,
    GatesWords,
    MovableShape,
    SignalStyle,
)
from viz_app.kit.chart.gates_fit import fit, heat_height
from viz_app.kit.chart.gates_look import GatesLook
from viz_app.kit.chart.heatmap import MARKS, heatmap, image_name, mark_rows, signs_name
from viz_app.kit.chart.hover_cells import NORMS, TOLD, norm_rows, told_row, unit_rows
from viz_app.kit.chart.input_panel import strip_chart, strip_rows
from viz_app.kit.chart.interaction import (
    SIGNALS,
    constants,
    movable_signals,
    selection,
    signals,
    zoom_selection,
)
from viz_app.kit.chart.raster import MOST_COLUMNS, Raster, extremes
from viz_app.kit.chart.style import config, table
from viz_app.kit.chart.unit_lines import norms, traces


def gates_chart(
    data: GatesData, words: GatesWords, look: GatesLook, picked: tuple[int, int]
) -> alt.VConcatChart:
    """Draw the gates of one layer on one example.

    Its rows stand in ``datasets``, see `gates_rows`. What answers the pointer, where that is
    wanted, stands in ``usermeta``; `viz_app.kit.export` puts it where Vega finds it.
    """
    look = fit(data.shape, look)
    chart = _template(data.shape, words, look)
    return filled(chart, data.shape, words, look, picked, gates_rows(data, look, picked[0]))


def filled(
    chart: alt.VConcatChart,
    shape: GatesShape,
    words: GatesWords,
    look: GatesLook,
    picked: tuple[int, int],
    rows: dict[str, Any],
) -> alt.VConcatChart:
    """Panels over a layer's steps as a value of its own: with their rows, and what is picked."""
    if look.hover:
        chart["usermeta"] = {**chart["usermeta"], SIGNALS: signals(shape, words, *picked)}
    else:
        chart.params = constants(*picked)
    chart["datasets"] = {name: records(found) for name, found in rows.items()}
    return chart


def gates_spec(
    data: GatesData, words: GatesWords, look: GatesLook, picked: tuple[int, int]
) -> dict[str, Any]:
    """The same as a Vega-Lite spec that answers the pointer, ready for a page.

    All that can change stands in ``datasets``, what is in view and picked in `VIEW`: as long as
    nothing else changes a page only has to be sent other rows.
    """
    look, shape = fit(data.shape, look), MovableShape.of(data.shape)
    rows = {VIEW: view_rows(data.shape, look, picked), **gates_rows(data, look, picked[0])}
    return _template_spec(shape, words, look) | {"datasets": rows}


def view_rows(shape: GatesShape, look: GatesLook, picked: tuple[int, int]) -> list[dict[str, Any]]:
    """What is in view, and picked."""
    unit, step = picked
    return [shape.numbers(look.width) | {"unit": unit, "step": step}]


def gates_rows(data: GatesData, look: GatesLook, unit: int) -> dict[str, Any]:
    """The chart's data by name; `viz_app.kit.chart.hover_cells` says what the numbers are."""
    rows: dict[str, Any] = {
        ROWS: [
            {"unit": unit, "row": row, "note": note}
            for row, (unit, note) in enumerate(zip(data.shape.units, data.notes, strict=True))
        ],
        MARKS: mark_rows(data.marks),
        **unit_rows(data, unit, look),
    }
    for signal, values in zip(data.shape.signals, data.values, strict=True):
        rows |= _pictures(data.shape, signal, values, look)
    if data.norms:
        rows[NORMS] = norm_rows(data)
    if data.shape.strip is not None:
        rows |= strip_rows(data, look)
    if look.hover:
        rows[TOLD] = [told_row(data)]
    return rows


def _pictures(
    shape: GatesShape, signal: SignalStyle, values: np.ndarray, look: GatesLook
) -> dict[str, Any]:
    """A heatmap's pixels: no more than there is room for, and no extreme lost. And its signs."""
    shown, high = values.T, heat_height(shape, look)
    if signal.kind == "gradient":
        with np.errstate(divide="ignore"):
            shown = np.log10(np.abs(shown))
        shown = np.where(np.isinf(shown), np.nan, shown)
    few = extremes(shown, high, MOST_COLUMNS if look.hover else 2 * look.width)
    picture = Raster(few, *signal.ends, table(signal.kind, look.theme))
    drawn = picture.stretched(shape.start, shape.steps, len(shape.units))
    if signal.kind != "state":
        return {image_name(signal): [drawn]}
    lines = picture.lines(high if look.hover else 3 * high)
    return {image_name(signal): [drawn], signs_name(signal): [drawn | {"url": lines}]}


def _template(shape: GatesShape, words: GatesWords, look: GatesLook) -> alt.VConcatChart:
    panels = [] if shape.strip is None else [strip_chart(shape, look)]
    panels += [heatmap(shape, number, words, look) for number in range(len(shape.signals))]
    panels += [*norms(shape, words, look), *traces(shape, words, look)]
    return stacked(panels, look)


def stacked(
    panels: Sequence[alt.LayerChart], look: GatesLook, *, canvas: bool = True
) -> alt.VConcatChart:
    """Panels over one another, each with colours of its own, their type as large as asked for.

    What follows a pointer is drawn on a canvas: in SVG the elements under it are made anew, which
    the browser takes for leaving them.
    """
    own = alt.ScaleResolveMap(color="independent", strokeDash="independent")
    return vconcat(
        *panels,
        usermeta={"embedOptions": {"renderer": "canvas" if canvas and look.hover else "svg"}},
        config=alt.Config(**config(look.theme, look.type_size)),
        resolve=alt.Resolve(scale=own),
    )


@lru_cache(maxsize=128)
def _template_spec(shape: MovableShape, words: GatesWords, look: GatesLook) -> dict[str, Any]:
    # validating takes longer than all the rest; the tests validate instead
    spec: dict[str, Any] = _template(shape, words, look).to_dict(validate=False)
    spec["config"]["signals"] = movable_signals(shape, words)
    zoom = [zoom_selection()] if shape.strip else []
    spec["params"] = [*shape.params(), selection(), *zoom]
    return spec


def records(rows: Any) -> Any:
    """Rows as altair takes them: of a data frame it would keep the columns' names alone."""
    if not isinstance(rows, pd.DataFrame):
        return rows
    return json.loads(rows.to_json(orient="records", double_precision=15))
