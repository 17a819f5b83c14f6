"""Lines over time below the heatmaps: of the picked unit, or over all units."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from viz_app.kit.chart.altair_fast import Chart, layered
from viz_app.kit.chart.axes import POWER
from viz_app.kit.chart.gates_data import ROWS, GatesLook, GatesShape, GatesWords, SignalStyle
from viz_app.kit.chart.heatmap import LEGEND_OFFSET, frames, hair_line, kept_at_pick, value_axis
from viz_app.kit.chart.hover_cells import NORMS, unit_lines
from viz_app.kit.chart.style import INKS, by_line, signal_colours, signal_dashes

HEIGHT = 96


def legend_beside(labels: str | Mapping[str, str], title: str | None = None) -> alt.Legend:
    """What lines are called, right of the plot; ``labels`` by the lines' names."""
    return alt.Legend(title=title, labelExpr=f"{labels}[datum.value]", offset=LEGEND_OFFSET)


def folded(rows: alt.Chart, names: Sequence[str], field: str = "line") -> alt.Chart:
    """A row for each of some columns, which a field names."""
    return rows.transform_fold(list(names), as_=[field, "value"])


def over_time(
    rows: alt.Chart, shape: GatesShape, scale: alt.Scale,
    colour_and_dash: tuple[alt.Color, alt.StrokeDash],
    *, time: alt.Axis | None = None, **axis: Any,
) -> alt.Chart:  # fmt: skip
    """Lines of rows with the fields ``time`` and ``value``."""
    colour, dash = colour_and_dash
    return rows.mark_line().encode(
        x=alt.X("time:Q", scale=shape.time_scale(), axis=time),
        y=alt.Y("value:Q", scale=scale, axis=value_axis(tickCount=3, **axis)),
        color=colour,
        strokeDash=dash,
    )


def panel(
    layers: Sequence[Any], look: GatesLook, title: str | alt.TitleParams,
    *, height: int = HEIGHT, note: bool = False,
) -> alt.LayerChart:  # fmt: skip
    """Lines below the marks and the hair line; the first of a unit's panels says who it is."""
    over = [frames(INKS[look.theme].accent), *hair_line(look), *([_note(look)] if note else [])]
    return layered(*layers, *over, title=title, width=look.width, height=height)


def note_title(note: bool) -> alt.TitleParams:
    """The title of a unit's panel: room for the sentence about the unit, or nothing."""
    return alt.TitleParams(" ", offset=10) if note else alt.TitleParams("")


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
        title = alt.TitleParams(" " if first else "", offset=10)
        panels.append(panel(layers, look, title, note=first))
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
        by_line(list(labels), *looks, legend_beside(labels)), labelExpr=POWER,
    )  # fmt: skip
    return [panel([lines], look, words.norms)]


def _lines(shape: GatesShape, signals: list[SignalStyle], look: GatesLook) -> alt.Chart:
    names = [signal.name for signal in signals]
    legend = legend_beside({signal.name: signal.label for signal in signals})
    scale = alt.Scale(domain=[0, 1]) if signals[0].kind == "gate" else alt.Scale(zero=True)
    rows = folded(unit_lines(shape, look, tuple(names)), names, "signal")
    return over_time(rows, shape, scale, by_signal(names, look, legend))


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
    return [
        curve.mark_area(color=ink.quiet, opacity=0.16).encode(x=x, y=y),
        curve.mark_line(color=ink.quiet, strokeWidth=1.5).encode(x=x, y=y),
        Chart(alt.Data(values=[{}]))
        .transform_calculate(time="pick.time[0]")
        .transform_calculate(label=f"'{label}'")
        .mark_text(color=ink.text, align="left", dx=12, dy=HEIGHT - 9, fontSize=11)
        .encode(x=x, y=alt.YValue(0), text=alt.Text("label:N")),
    ]


def _note(look: GatesLook) -> alt.Chart:
    """The sentence about the picked unit, where a title would stand."""
    picked = Chart(alt.NamedData(ROWS)).transform_filter("datum.unit == pick.unit[0]")
    text = picked.mark_text(
        align="left", baseline="bottom", dy=-8, fontSize=15, fontWeight=600, limit=look.width + 200
    )
    return text.encode(x=alt.XValue(0), y=alt.YValue(0), text=alt.Text("note:N"))
