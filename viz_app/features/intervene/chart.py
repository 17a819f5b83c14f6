"""A run as it is, the same run changed, and the difference, on one time axis.

Heatmaps, input, marks and the pointer are those of the gates chart; below them each signal of the
picked unit has a panel with both runs as lines.
"""

from dataclasses import dataclass, replace
from typing import Any

import altair as alt

from viz_app.kit.chart.gates import filled, gates_rows, stacked
from viz_app.kit.chart.gates_data import GatesData, GatesShape, GatesWords
from viz_app.kit.chart.gates_fit import fit
from viz_app.kit.chart.gates_look import GatesLook
from viz_app.kit.chart.heatmap import heatmap
from viz_app.kit.chart.hover_cells import unit_lines
from viz_app.kit.chart.input_panel import strip_chart
from viz_app.kit.chart.interaction import selection, signals
from viz_app.kit.chart.style import INKS, by_line, signal_colours
from viz_app.kit.chart.unit_lines import folded, legend_beside, note_title, over_time, panel

CHANGED, DIFFERENCE = "changed_", "difference_"
"""What stands before a signal's name in the data for the changed run, and for the difference."""

LINES_HEIGHT = 84


@dataclass(frozen=True)
class InterveneData:
    """What the chart shows.

    ``gates`` has one heatmap a signal, untouched, changed and difference in any order; a signal
    called ``x`` is ``changed_x`` in the changed run. ``lines`` are signals and what each is called,
    ``runs`` what the untouched run is called, and the changed one where there is one.
    """

    gates: GatesData
    lines: tuple[tuple[str, str], ...]
    runs: tuple[str, ...]


def intervene_chart(
    data: InterveneData, words: GatesWords, look: GatesLook, picked: tuple[int, int]
) -> alt.VConcatChart:
    """Draw both runs and their difference as a still figure; ``picked`` are unit and step."""
    still = _fitted(data, replace(look, hover=False))
    rows = gates_rows(data.gates, still, picked[0])
    return filled(_template(data, words, still), data.gates.shape, words, still, picked, rows)


def intervene_spec(
    data: InterveneData, words: GatesWords, look: GatesLook, picked: tuple[int, int]
) -> dict[str, Any]:
    """The same as a Vega-Lite spec that answers the pointer."""
    look = _fitted(data, look)
    # validating takes longer than all the rest; the tests validate instead
    spec: dict[str, Any] = _template(data, words, look).to_dict(validate=False)
    spec["datasets"] = gates_rows(data.gates, look, picked[0])
    spec["config"]["signals"] = signals(data.gates.shape, words, *picked)
    spec["params"] = [selection()]
    return spec


def _fitted(data: InterveneData, look: GatesLook) -> GatesLook:
    return fit(data.gates.shape, look, lines=len(data.lines))


def _template(data: InterveneData, words: GatesWords, look: GatesLook) -> alt.VConcatChart:
    shape = data.gates.shape
    panels = [] if shape.strip is None else [strip_chart(shape, look)]
    panels += [
        heatmap(shape, number, words, look, scaled=not signal.name.startswith(CHANGED))
        for number, signal in enumerate(shape.signals)
    ]
    for number, (name, label) in enumerate(data.lines):
        panels.append(_lines(shape, name, label, data.runs, look, note=number == 0))
    return stacked(panels, look)


def _lines(
    shape: GatesShape, name: str, label: str, runs: tuple[str, ...], look: GatesLook, *, note: bool
) -> alt.LayerChart:
    """Both runs of one signal of the picked unit; the first panel says who it is."""
    fields = [name, CHANGED + name][: len(runs)]
    legend = legend_beside(dict(zip(fields, runs, strict=True)), label, look)
    colours = [INKS[look.theme].quiet, *signal_colours([name], look.theme)][: len(runs)]
    dashes = [[4, 3], [1, 0]][: len(runs)]
    rows = folded(unit_lines(shape, look, tuple(fields)), fields)
    lines = over_time(
        rows, shape, alt.Scale(zero=True), by_line(fields, colours, dashes, legend), look=look
    )
    return panel([lines], look, note_title(note, shape, look), height=LINES_HEIGHT, note=note)
