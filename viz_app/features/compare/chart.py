"""Two or three networks on one example: their heatmaps and lines under one another.

Input, heatmaps, marks and the pointer are those of the gates chart. Where the sides' units
correspond, a click picks the same unit in each; of different networks only what is worked out
over all units is drawn into one panel.
"""

import json
from dataclasses import replace
from functools import lru_cache
from typing import Any

import altair as alt

from viz_app.features.compare.chart_data import (
    MEANS,
    CompareData,
    CompareShape,
    CompareWords,
    Heat,
    Lines,
)
from viz_app.kit.chart.altair_fast import Chart, layered
from viz_app.kit.chart.gates import gates_rows, records, stacked
from viz_app.kit.chart.gates_data import ROWS, GatesLook, GatesWords
from viz_app.kit.chart.gradients import LINE_COLOURS
from viz_app.kit.chart.heatmap import LEGEND_OFFSET, MARGIN, frames, hair_line, heatmap
from viz_app.kit.chart.hover_cells import CELLS, TOLD, unit_lines
from viz_app.kit.chart.input_panel import strip_chart
from viz_app.kit.chart.interaction import constants, selection, signals
from viz_app.kit.chart.style import INKS, by_line

LINES_HEIGHT, DIFFERENCE_HEIGHT = 84, 64
SIDE_DASHES = ([6, 3], [1, 0], [2, 2])
"""A dash for each side; its colour is that of the gradient lines in the same place."""

Words = tuple[GatesWords, CompareWords]
Picked = tuple[int, int]


def compare_chart(
    data: CompareData, words: Words, look: GatesLook, picked: Picked
) -> alt.VConcatChart:
    """Draw the comparison as a still figure.

    Parameters
    ----------
    data, words, look
        What, in which words, and how.
    picked
        A unit and a step; where the sides' units correspond its lines are drawn.

    Returns
    -------
    altair.VConcatChart
        Its rows stand in ``datasets``.
    """
    still = replace(look, hover=False)
    chart = _template(data.shape, words, still)
    chart.params = constants(*picked)
    rows = compare_rows(data, still, picked[0])
    chart["datasets"] = {name: records(values) for name, values in rows.items()}
    return chart


def compare_spec(
    data: CompareData, words: Words, look: GatesLook, picked: Picked
) -> dict[str, Any]:
    """The same as a Vega-Lite spec that answers the pointer."""
    shape = data.shape
    spec = _template_spec(shape, words, look)
    return spec | {
        "datasets": compare_rows(data, look, picked[0]),
        "config": spec["config"] | {"signals": compare_signals(shape, words[0], picked)},
        "params": [selection()] if shape.alike else [],
    }


def compare_rows(data: CompareData, look: GatesLook, unit: int) -> dict[str, Any]:
    """The chart's data by name; cells are numbered by their table.

    No row is picked where units do not correspond.
    """
    rows: dict[str, Any] = {}
    for place, table in enumerate(data.tables):
        own = gates_rows(table, look, unit if data.alike else table.shape.units[0])
        if not data.alike:
            own[ROWS] = []
        if not data.alike:
            own.pop(CELLS, None)
        rows |= {name_of_table(name, place): values for name, values in own.items()}
    if data.means:
        start, fields = data.tables[0].shape.start, data.means
        rows[MEANS] = [
            {"time": start + step} | dict(zip(fields, map(float, values), strict=True))
            for step, values in enumerate(zip(*fields.values(), strict=True))
        ]
    return rows


def name_of_table(name: str, table: int) -> str:
    """A dataset's name, numbered where it is another one in each table."""
    return name + behind(table) if name in (CELLS, TOLD) else name


def behind(table: int) -> str:
    """What stands behind the names of what each table has of its own."""
    return f"_{table}" if table else ""


def compare_signals(shape: CompareShape, words: GatesWords, picked: Picked) -> list[dict[str, Any]]:
    """The pointer's signals: those of each table's own rows, chosen by the panel it is over."""
    found = [
        signals(table, words, *picked, behind(number)) for number, table in enumerate(shape.tables)
    ]
    hover, _, told, pick = found[0]
    panels = [[signal.name for signal in table.signals] for table in shape.tables]
    places = [one[0]["on"][0]["update"] for one in found]
    texts = [one[2]["update"] for one in found]
    moved = hover["on"][0] | {"update": _by_panel("event.item.datum.panel", panels, places)}
    return [
        hover | {"on": [moved, *hover["on"][1:]]},
        *(one[1] for one in found),
        told | {"update": _by_panel("hover.panel", panels, texts)},
        pick if shape.alike else {"name": pick["name"], "value": pick["value"]},
    ]


def _by_panel(panel: str, panels: list[list[str]], expressions: list[str]) -> str:
    """The expression of the table to which a panel belongs."""
    places = {name: table for table, names in enumerate(panels) for name in names}
    table = f"{json.dumps(places)}[{panel}]"
    *others, chosen = expressions
    for number, expression in reversed(list(enumerate(others))):
        chosen = f"({table} == {number} ? ({expression}) : ({chosen}))"
    return chosen


@lru_cache(maxsize=64)
def _template_spec(shape: CompareShape, words: Words, look: GatesLook) -> dict[str, Any]:
    # validating takes longer than all the rest; the tests validate instead
    spec: dict[str, Any] = _template(shape, words, look).to_dict(validate=False)
    return spec


def _template(shape: CompareShape, words: Words, look: GatesLook) -> alt.VConcatChart:
    first, last = shape.tables[0], len(shape.panels) - 1
    panels = [] if first.strip is None else [strip_chart(first, look)]
    gates_explained = False
    for number, panel in enumerate(shape.panels):
        if isinstance(panel, Lines):
            time = words[0].time if number == last else None
            panels.append(_lines(panel, shape, look, time))
            continue
        gate = shape.style(panel).kind == "gate"
        legend = panel.legend and not (gate and gates_explained)
        gates_explained |= gate
        panels.append(_heat(panel, shape, words, look, legend=legend))
    return stacked(panels, look)


def _heat(
    panel: Heat, shape: CompareShape, words: Words, look: GatesLook, *, legend: bool
) -> alt.LayerChart:
    """A heatmap of the gates chart, with its table's rows, and without a time axis."""
    said = replace(words[0], state_scale=words[1].difference) if panel.difference else words[0]
    drawn = heatmap(shape.tables[panel.table], panel.number, said, look)
    for layer in drawn.layer:
        _adapt(layer, panel.table, legend)
    return drawn


def _adapt(layer: alt.Chart, table: int, legend: bool) -> None:
    """Change a layer that was just made: a copy of all would take longer than drawing it."""
    if isinstance(layer.data, alt.NamedData):
        layer.data = alt.NamedData(name_of_table(layer.data.name, table))
    if layer.encoding is alt.Undefined:  # the pointer's card stands by pixels
        return
    x, colour = layer.encoding.x, layer.encoding.color
    if isinstance(x, alt.X) and x["axis"] is not alt.Undefined:
        x["axis"] = None
    if isinstance(colour, alt.Color) and not legend:
        colour["legend"] = None


def _lines(panel: Lines, shape: CompareShape, look: GatesLook, time: str | None) -> alt.LayerChart:
    """The sides' lines over one another; with the name of the time axis where they carry it."""
    ink, table = INKS[look.theme], shape.tables[0]
    labels = {name: shape.sides[side] for name, side in zip(panel.fields, panel.sides, strict=True)}
    names = json.dumps(labels, ensure_ascii=False)
    legend = alt.Legend(title=None, labelExpr=f"{names}[datum.value]", offset=LEGEND_OFFSET)
    colours = [LINE_COLOURS[look.theme][side] for side in panel.sides]
    dashes = [SIDE_DASHES[side] for side in panel.sides]
    hue, dash = by_line(panel.fields, colours, dashes, legend if panel.legend else None)
    domain = alt.Undefined if panel.domain is None else list(panel.domain)
    axis = alt.Axis(
        title=None, tickCount=3, labelFontSize=10, domain=False, ticks=False,
        minExtent=MARGIN, maxExtent=MARGIN,
    )  # fmt: skip
    rows = (
        unit_lines(shape.tables[panel.table], look, panel.fields, behind(panel.table))
        if panel.source == "unit"
        else Chart(alt.NamedData(MEANS))
    )
    lines = (
        rows.transform_fold(list(panel.fields), as_=["line", "value"])
        .mark_line()
        .encode(
            x=alt.X("time:Q", scale=table.time_scale(), axis=_time_axis(look, time)),
            y=alt.Y("value:Q", scale=alt.Scale(domain=domain, zero=True), axis=axis),
            color=hue,
            strokeDash=dash,
        )
    )
    layers: list[Any] = [lines, frames(ink.accent), *hair_line(look)]
    if panel.difference:
        layers.insert(0, _zero(ink.quiet))
    height = DIFFERENCE_HEIGHT if panel.difference else LINES_HEIGHT
    return layered(*layers, title=_title(panel.title), width=look.width, height=height)


def _time_axis(look: GatesLook, time: str | None) -> alt.Axis | None:
    if time is None:
        return None
    return alt.Axis(
        title=time, domain=False, grid=False, tickMinStep=1, tickCount=max(2, look.width // 60)
    )


def _zero(colour: str) -> alt.Chart:
    """Where both sides are the same."""
    return (
        Chart(alt.Data(values=[{"value": 0}]))
        .mark_rule(color=colour, strokeWidth=1)
        .encode(y=alt.Y("value:Q"))
    )


def _title(text: str) -> alt.TitleParams:
    """A title that names the picked unit, where it has a place for it."""
    before, found, after = text.partition("{unit}")
    if not found:
        return alt.TitleParams(text)
    before, after = (json.dumps(part, ensure_ascii=False) for part in (before, after))
    return alt.TitleParams(alt.ExprRef(f"{before} + pick.unit[0] + {after}"))
