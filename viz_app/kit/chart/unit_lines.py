"""Lines over time below the heatmaps: of the picked unit, or over all units."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import altair as alt

from viz_app.kit.chart.altair_fast import Chart, layered
from viz_app.kit.chart.axes import POWER
from viz_app.kit.chart.gates_data import ROWS, GatesShape, GatesWords, SignalStyle
from viz_app.kit.chart.gates_fit import line_height, note_lines
from viz_app.kit.chart.gates_look import GatesLook
from viz_app.kit.chart.heatmap import LEGEND_OFFSET, frames, hair_line, kept_at_pick, value_axis
from viz_app.kit.chart.hover_cells import NORMS, unit_lines
from viz_app.kit.chart.style import INKS, by_line, signal_colours, signal_dashes

BESIDE: tuple[tuple[str, Literal["left", "right"], int], ...] = (
    ("<", "left", 12), (">=", "right", -12)
)  # fmt: skip
"""On which side of a step its label stands: before the middle of the plot, or after it."""


def legend_beside(
    labels: str | Mapping[str, str], title: str | None = None, look: GatesLook | None = None
) -> alt.Legend:
    """What lines are called, right of the plot, or in a window above it.

    ``labels`` are by the lines' names.
    """
    label = f"{labels}[datum.value]"
    if look is None or not look.fitted:
        return alt.Legend(title=title, labelExpr=label, offset=LEGEND_OFFSET)
    return alt.Legend(
        title=title, labelExpr=label, orient="top", direction="horizontal", offset=2, padding=0,
        columns=2 if look.narrow else 6, titleOrient="left", symbolSize=160,
        columnPadding=14,
    )  # fmt: skip


def folded(rows: alt.Chart, names: Sequence[str], field: str = "line") -> alt.Chart:
    """A row for each of some columns, which a field names."""
    return rows.transform_fold(list(names), as_=[field, "value"])


def over_time(
    rows: alt.Chart, shape: GatesShape, scale: alt.Scale,
    colour_and_dash: tuple[alt.Color, alt.StrokeDash],
    *, look: GatesLook, time: alt.Axis | None = None, **axis: Any,
) -> alt.Chart:  # fmt: skip
    """Lines of rows with the fields ``time`` and ``value``."""
    colour, dash = colour_and_dash
    return rows.mark_line().encode(
        x=alt.X("time:Q", scale=shape.time_scale(), axis=time),
        y=alt.Y("value:Q", scale=scale, axis=value_axis(look, tickCount=3, **axis)),
        color=colour,
        strokeDash=dash,
    )


def panel(
    layers: Sequence[Any], look: GatesLook, title: str | alt.TitleParams,
    *, height: int | None = None, note: bool = False,
) -> alt.LayerChart:  # fmt: skip
    """Lines below the marks and the hair line; the first of a unit's panels says who it is."""
    said = [_note(look)] if note and not look.fitted else []
    over = [frames(INKS[look.theme].accent), *hair_line(look), *said]
    high = line_height(look) if look.fitted or height is None else height
    return layered(*layers, *over, title=title, width=look.width, height=high)


def note_title(note: bool, shape: GatesShape, look: GatesLook) -> alt.TitleParams:
    """The title of a unit's panel: the sentence about the unit, or room for it, or nothing."""
    if not look.fitted or not note:
        return alt.TitleParams(" ", offset=10) if note else alt.TitleParams("")
    text = f"data('{ROWS}')[max(0, indexof({shape.expression('units')}, pick.unit[0]))].note"
    if note_lines(look) > 1:
        text = f"split({text}, ' · ')"
    return alt.TitleParams(alt.ExprRef(text), fontSize=look.type_size, offset=8)


def traces(shape: GatesShape, words: GatesWords, look: GatesLook) -> list[alt.LayerChart]:
    """One panel for the gates of the picked unit, one for its states."""
    panels: list[alt.LayerChart] = []
    for kind in ("gate", "state") if shape.lines else ():
        signals = [signal for signal in shape.signals if signal.kind == kind]
        if not signals:
            continue
        layers = [_lines(shape, signals, look)]
        if kind == "gate" and shape.kept_in:
            layers += _left(shape, words, look)
        first = not panels
        panels.append(panel(layers, look, note_title(first, shape, look), note=first))
    return panels


def norms(shape: GatesShape, words: GatesWords, look: GatesLook) -> list[alt.LayerChart]:
    """How large each gradient is at each step, over all units; none without gradients."""
    labels = {signal.name: signal.label for signal in shape.signals if signal.kind == "gradient"}
    if not labels:
        return []
    plain = [name.removeprefix("grad_") for name in labels]
    looks = signal_colours(plain, look.theme), signal_dashes(plain)
    lines = over_time(
        Chart(alt.NamedData(NORMS)), shape, alt.Scale(type="log"),
        by_line(list(labels), *looks, legend_beside(labels, look=look)), look=look,
        labelExpr=POWER,
    )  # fmt: skip
    return [panel([lines], look, words.norms)]


def _lines(shape: GatesShape, signals: list[SignalStyle], look: GatesLook) -> alt.Chart:
    names = [signal.name for signal in signals]
    legend = legend_beside({signal.name: signal.label for signal in signals}, look=look)
    scale = alt.Scale(domain=[0, 1]) if signals[0].kind == "gate" else alt.Scale(zero=True)
    rows = folded(unit_lines(shape, look, tuple(names)), names, "signal")
    return over_time(rows, shape, scale, by_signal(names, look, legend), look=look)


def by_signal(
    names: Sequence[str], look: GatesLook, legend: alt.Legend
) -> tuple[alt.Color, alt.StrokeDash]:
    """Each signal's own colour and dash."""
    colours, dashes = signal_colours(names, look.theme), signal_dashes(names)
    return by_line(names, colours, dashes, legend, field="signal")


def _left(shape: GatesShape, words: GatesWords, look: GatesLook) -> list[alt.Chart]:
    """The product of the retention gates from the picked step on."""
    ink = INKS[look.theme]
    curve = (
        unit_lines(shape, look, ("log_kept",))
        .transform_calculate(at=kept_at_pick(shape))
        .transform_joinaggregate(start="min(at)")
        .transform_filter(f"datum.time {'<=' if shape.backward else '>='} pick.time[0]")
        .transform_calculate(left="exp(datum.log_kept - datum.start)")
    )
    x, y = alt.X("time:Q"), alt.Y("left:Q")
    label = words.left.replace("{step}", "' + datum.time + '")
    picked = (
        Chart(alt.Data(values=[{}]))
        .transform_calculate(time="pick.time[0]")
        .transform_calculate(label=f"'{label}'")
    )
    middle = f"({shape.expression('first')} + {shape.expression('past')}) / 2"
    low = line_height(look) / 2
    halos: tuple[dict[str, Any], ...] = (
        {"stroke": ink.background, "strokeWidth": 4, "opacity": 0.8}, {}
    )  # fmt: skip
    return [
        curve.mark_area(color=ink.quiet, opacity=0.16).encode(x=x, y=y),
        curve.mark_line(color=ink.quiet, strokeWidth=1.5).encode(x=x, y=y),
        *(
            picked.transform_filter(f"datum.time {side} {middle}")
            .mark_text(color=ink.text, align=align, dx=dx, dy=low, **halo)
            .encode(x=x, y=alt.YValue(0), text=alt.Text("label:N"))
            for side, align, dx in BESIDE
            for halo in halos
        ),
    ]


def _note(look: GatesLook) -> alt.Chart:
    """The sentence about the picked unit, where a title would stand."""
    picked = Chart(alt.NamedData(ROWS)).transform_filter("datum.unit == pick.unit[0]")
    text = picked.mark_text(
        align="left",
        baseline="bottom",
        dy=-8,
        fontSize=look.type_size + 2,
        fontWeight=600,
        limit=look.width + 200,
    )
    return text.encode(x=alt.XValue(0), y=alt.YValue(0), text=alt.Text("note:N"))
