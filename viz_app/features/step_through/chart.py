"""One unit at one step: the input, the cell with its numbers, the equations, the unit over time.

All numbers of an example are sent once, in the dataset ``cells``; which of them stand on the
drawing is decided in the browser.
"""

from functools import lru_cache
from typing import Any

import altair as alt

from viz_app.features.step_through.chart_controls import (
    Range,
    constants,
    now_line,
    now_of,
    signals,
    steps_to_click,
)
from viz_app.features.step_through.chart_data import StepData, StepWords
from viz_app.features.step_through.chart_panels import Outline, legible, stage, traces
from viz_app.kit.chart.altair_fast import vconcat
from viz_app.kit.chart.gates_data import GatesLook
from viz_app.kit.chart.heatmap import MARKS, mark_rows
from viz_app.kit.chart.hover_cells import CELLS
from viz_app.kit.chart.input_panel import strip_chart, strip_rows
from viz_app.kit.chart.interaction import selection
from viz_app.kit.chart.records import inline
from viz_app.kit.chart.style import INKS, config


def step_chart(
    data: StepData, words: StepWords, look: GatesLook, picked: tuple[int, int]
) -> alt.VConcatChart:
    """Draw one unit at one step.

    Parameters
    ----------
    data, words, look
        What, in which words, and how.
    picked
        The unit and the step.
    """
    outline = _outline(data, words, look)
    chart = _chart(outline)
    chart["params"] = [*constants(*picked), now_of(outline.chosen)]
    chart["datasets"] = _small(data, look) | {CELLS: data.frame(words, picked[0])}
    return chart


def step_spec(
    data: StepData, words: StepWords, look: GatesLook, picked: tuple[int, int]
) -> dict[str, Any]:
    """The same as a Vega-Lite spec that answers keys, buttons and clicks.

    The signals stand in ``config``, see
    `step_controls`.
    """
    outline = _outline(data, words, look)
    spec = _template(outline)
    marks = tuple(sorted({step for step, _ in data.gates.marks}))
    rows = _small(data, look) | {CELLS: data.frame(words, picked[0])}
    return spec | {
        "datasets": rows,
        "config": spec["config"] | {"signals": signals(outline.chosen, marks, *picked)},
    }


def _outline(data: StepData, words: StepWords, look: GatesLook) -> Outline:
    steps, units = data.shape()
    sent = 1 if data.is_large(words) else units
    chosen = Range(steps, units, sent, marked=bool(data.gates.marks))
    return Outline(data.cell, data.way, words, data.gates.shape, look, chosen)


@lru_cache(maxsize=32)
def _template(outline: Outline) -> dict[str, Any]:
    """The spec without rows; building it takes most of the time."""
    chart = _chart(outline)
    chart["params"] = [now_of(outline.chosen)]
    spec = inline(chart.to_dict(validate=False))
    spec["params"].append(selection())
    return spec


def _chart(outline: Outline) -> alt.VConcatChart:
    look, shape = outline.look, outline.shape
    ink = INKS[look.theme]
    panels: list[Any] = [stage(outline)]
    if shape.strip is not None:
        strip = legible(strip_chart(shape, look))
        clicks = steps_to_click(shape.steps)
        panels.insert(0, strip + now_line(ink.text) + clicks)
    panels += traces(outline)
    return vconcat(
        *panels,
        usermeta={"embedOptions": {"renderer": "svg"}},
        config=alt.Config(**config(look.theme)),
        resolve=alt.Resolve(
            scale=alt.ScaleResolveMap(color="independent", strokeDash="independent")
        ),
    )


def _small(data: StepData, look: GatesLook) -> dict[str, Any]:
    """Rows that stand where they are drawn."""
    strip = strip_rows(data.gates, look) if data.gates.shape.strip else {}
    return {MARKS: mark_rows(data.gates.marks), **strip}
