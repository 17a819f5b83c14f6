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

from viz_app.features.compare.chart_data import MEANS, CompareData, CompareShape, Heat, Lines
from viz_app.kit.chart.altair_fast import Chart
from viz_app.kit.chart.gates import filled, gates_rows, stacked
from viz_app.kit.chart.gates_data import ROWS, GatesWords
from viz_app.kit.chart.gates_fit import fit
from viz_app.kit.chart.gates_look import GatesLook
from viz_app.kit.chart.heatmap import heatmap
from viz_app.kit.chart.hover_cells import CELLS, TOLD, unit_lines
from viz_app.kit.chart.input_panel import strip_chart
from viz_app.kit.chart.interaction import selection, signals
from viz_app.kit.chart.lines import STYLES
from viz_app.kit.chart.style import INKS, by_line
from viz_app.kit.chart.unit_lines import folded, legend_beside, over_time, panel

LINES_HEIGHT, DIFFERENCE_HEIGHT = 84, 64
SIDE_DASHES = ([6, 3], [1, 0], [2, 2])
"""A dash for each side; its colour is that of the gradient lines in the same place."""

Picked = tuple[int, int]


def compare_chart(
    data: CompareData, words: GatesWords, look: GatesLook, picked: Picked
) -> alt.VConcatChart:
    """Draw the comparison as a still figure, its rows in ``datasets``; ``picked`` are unit and
    step.
    """
    still = fitted(data.shape, replace(look, hover=False))
    chart = _template(data.shape, words, still)
    rows = compare_rows(data, still, picked[0])
    return filled(chart, data.shape.tables[0], words, still, picked, rows)


def compare_spec(
    data: CompareData, words: GatesWords, look: GatesLook, picked: Picked
) -> dict[str, Any]:
    """The same as a Vega-Lite spec that answers the pointer."""
    look = fitted(data.shape, look)
    spec = _template_spec(data.shape, words, look)
    return spec | {
        "datasets": compare_rows(data, look, picked[0]),
        "config": spec["config"] | {"signals": compare_signals(data.shape, words, picked)},
        "params": [selection()] if data.shape.alike else [],
    }


def fitted(shape: CompareShape, look: GatesLook) -> GatesLook:
    """The look with the heights that fit its window: of all heatmaps and panels of lines."""
    heats = tuple(shape.style(each) for each in shape.panels if isinstance(each, Heat))
    most = max((table.units for table in shape.tables), key=len)
    whole = replace(shape.tables[0], signals=heats, units=most)
    return fit(whole, look, lines=len(shape.panels) - len(heats))


def compare_rows(data: CompareData, look: GatesLook, unit: int) -> dict[str, Any]:
    """The chart's data by name; cells are numbered by their table.

    No row is picked where units do not correspond.
    """
    rows: dict[str, Any] = {}
    for place, table in enumerate(data.tables):
        own = gates_rows(table, look, unit if data.shape.alike else table.shape.units[0])
        if not data.shape.alike:
            own[ROWS] = []
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
        told | {"update": f"hover.panel ? {_by_panel('hover.panel', panels, texts)} : ['']"},
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
def _template_spec(shape: CompareShape, words: GatesWords, look: GatesLook) -> dict[str, Any]:
    # validating takes longer than all the rest; the tests validate instead
    spec: dict[str, Any] = _template(shape, words, look).to_dict(validate=False)
    return spec


def _template(shape: CompareShape, words: GatesWords, look: GatesLook) -> alt.VConcatChart:
    first, last = shape.tables[0], shape.panels[-1]
    panels = [] if first.strip is None else [strip_chart(first, look)]
    gates_explained = False
    for each in shape.panels:
        if isinstance(each, Lines):
            panels.append(_lines(each, shape, look, words.time if each is last else None))
            continue
        gate = shape.style(each).kind == "gate"
        legend = each.legend and not (gate and gates_explained)
        gates_explained |= gate
        panels.append(_heat(each, shape, words, look, legend=legend))
    return stacked(panels, look)


def _heat(
    heat: Heat, shape: CompareShape, words: GatesWords, look: GatesLook, *, legend: bool
) -> alt.LayerChart:
    """A heatmap of the gates chart, with its table's rows, and without a time axis."""
    said = replace(words, state_scale=heat.scale or words.state_scale)
    drawn = heatmap(shape.tables[heat.table], heat.number, said, look, scaled=legend)
    for layer in drawn.layer:
        _adapt(layer, heat.table, legend)
    return drawn


def _adapt(layer: Any, table: int, legend: bool) -> None:
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


def _lines(drawn: Lines, shape: CompareShape, look: GatesLook, time: str | None) -> alt.LayerChart:
    """The sides' lines over one another; with the name of the time axis where they carry it."""
    labels = {name: shape.sides[side] for name, side in zip(drawn.fields, drawn.sides, strict=True)}
    named = json.dumps(labels, ensure_ascii=False)
    legend = legend_beside(named, look=look) if drawn.legend else None
    colours = [STYLES[side].colour(look.theme) for side in drawn.sides]
    dashes = [SIDE_DASHES[side] for side in drawn.sides]
    rows = (
        unit_lines(shape.tables[drawn.table], look, drawn.fields, behind(drawn.table))
        if drawn.source == "unit"
        else Chart(alt.NamedData(MEANS))
    )
    domain = alt.Undefined if drawn.domain is None else list(drawn.domain)
    axis = None if time is None else alt.Axis(
        title=time, domain=False, grid=False, tickMinStep=1, tickCount=max(2, look.width // 60)
    )  # fmt: skip
    lines = over_time(
        folded(rows, drawn.fields), shape.tables[0],
        alt.Scale(domain=domain, zero=True), by_line(drawn.fields, colours, dashes, legend),
        look=look, time=axis,
    )  # fmt: skip
    layers = [_zero(INKS[look.theme].quiet), lines] if drawn.difference else [lines]
    height = DIFFERENCE_HEIGHT if drawn.difference else LINES_HEIGHT
    return panel(layers, look, _title(drawn.title), height=height)


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
