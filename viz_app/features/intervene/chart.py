"""A run as it is, the same run changed, and the difference, on one time axis.

Heatmaps, input, marks and the pointer are those of the gates chart; below them each signal of the
picked unit has a panel with both runs as lines.
"""

from dataclasses import dataclass, replace
from typing import Any

import altair as alt

from viz_app.kit.chart.altair_fast import Chart, layered
from viz_app.kit.chart.gates import gates_rows, records, stacked
from viz_app.kit.chart.gates_data import ROWS, GatesData, GatesLook, GatesShape, GatesWords
from viz_app.kit.chart.heatmap import LEGEND_OFFSET, MARGIN, frames, hair_line, heatmap
from viz_app.kit.chart.hover_cells import unit_lines
from viz_app.kit.chart.input_panel import strip_chart
from viz_app.kit.chart.interaction import constants, selection, signals
from viz_app.kit.chart.style import INKS, by_line, signal_colours

CHANGED, DIFFERENCE = "changed_", "difference_"
"""What stands before a signal's name in the data for the changed run, and for the difference."""

LINES_HEIGHT = 84


@dataclass(frozen=True)
class Pair:
    """A signal that is drawn as lines.

    Attributes
    ----------
    name, label
        The signal's name in the data, and as a person reads it.
    changed
        There is a changed run beside it.
    """

    name: str
    label: str
    changed: bool


@dataclass(frozen=True)
class PairWords:
    """The words on the lines, in the reader's language."""

    untouched: str
    changed: str


def intervene_chart(
    data: GatesData,
    pairs: tuple[Pair, ...],
    words: tuple[GatesWords, PairWords],
    look: GatesLook,
    picked: tuple[int, int],
) -> alt.VConcatChart:
    """Draw both runs and their difference on one example, as a still figure.

    Parameters
    ----------
    data
        One heatmap a signal of the shape, untouched, changed and difference in any order; a
        signal called ``x`` is ``changed_x`` in the changed run.
    pairs
        The signals that are drawn as lines.
    words, look
        In which words, and how.
    picked
        The unit whose lines are drawn at first, and a step.

    Returns
    -------
    altair.VConcatChart
        Its rows stand in ``datasets``, see `gatescope.charts.gates.gates_rows`.
    """
    still = replace(look, hover=False)
    chart = _template(data.shape, pairs, words, still)
    chart.params = constants(*picked)
    rows = gates_rows(data, still, picked[0])
    chart["datasets"] = {name: records(values) for name, values in rows.items()}
    return chart


def intervene_spec(
    data: GatesData,
    pairs: tuple[Pair, ...],
    words: tuple[GatesWords, PairWords],
    look: GatesLook,
    picked: tuple[int, int],
) -> dict[str, Any]:
    """The same as a Vega-Lite spec that answers the pointer."""
    # validating takes longer than all the rest; the tests validate instead
    template = _template(data.shape, pairs, words, look)
    spec: dict[str, Any] = template.to_dict(validate=False)
    spec["datasets"] = gates_rows(data, look, picked[0])
    spec["config"]["signals"] = signals(data.shape, words[0], *picked)
    spec["params"] = [selection()]
    return spec


def _template(
    shape: GatesShape,
    pairs: tuple[Pair, ...],
    words: tuple[GatesWords, PairWords],
    look: GatesLook,
) -> alt.VConcatChart:
    panels = [] if shape.strip is None else [strip_chart(shape, look)]
    panels += [heatmap(shape, number, words[0], look) for number in range(len(shape.signals))]
    panels += [
        _lines(shape, pair, words[1], look, note=number == 0) for number, pair in enumerate(pairs)
    ]
    return stacked(panels, look)


def _lines(
    shape: GatesShape, pair: Pair, words: PairWords, look: GatesLook, *, note: bool
) -> alt.LayerChart:
    """Both runs of one signal of the picked unit; the first panel says who it is."""
    ink = INKS[look.theme]
    fields = [pair.name, *([CHANGED + pair.name] if pair.changed else [])]
    labels = dict(zip(fields, (words.untouched, words.changed), strict=False))
    legend = alt.Legend(title=pair.label, labelExpr=f"{labels}[datum.value]", offset=LEGEND_OFFSET)
    (colour,) = signal_colours([pair.name], look.theme)
    colours, dashes = [ink.quiet, colour][: len(fields)], [[4, 3], [1, 0]][: len(fields)]
    hue, dash = by_line(fields, colours, dashes, legend)
    axis = alt.Axis(
        title=None, tickCount=3, labelFontSize=10, domain=False, ticks=False,
        minExtent=MARGIN, maxExtent=MARGIN,
    )  # fmt: skip
    lines = (
        unit_lines(shape, look, tuple(fields))
        .transform_fold(fields, as_=["line", "value"])
        .mark_line()
        .encode(
            x=alt.X("time:Q", scale=shape.time_scale(), axis=None),
            y=alt.Y("value:Q", scale=alt.Scale(zero=True), axis=axis),
            color=hue,
            strokeDash=dash,
        )
    )
    layers: list[Any] = [lines, frames(ink.accent), *hair_line(look)]
    if note:
        layers.append(_note(look.width))
    title = alt.TitleParams(" ", offset=10) if note else alt.TitleParams("")
    return layered(*layers, title=title, width=look.width, height=LINES_HEIGHT)


def _note(width: int) -> alt.Chart:
    """The sentence about the picked unit, where a title would stand."""
    return (
        Chart(alt.NamedData(ROWS))
        .transform_filter("datum.unit == pick.unit[0]")
        .mark_text(
            align="left", baseline="bottom", dy=-8, fontSize=15, fontWeight=600, limit=width + 200
        )
        .encode(x=alt.XValue(0), y=alt.YValue(0), text=alt.Text("note:N"))
    )
