"""One unit over time: its gates, what is left of a step, and its states."""

from typing import Any

import altair as alt

from viz_app.kit.chart.altair_fast import Chart, layered
from viz_app.kit.chart.gates_data import ROWS, GatesLook, GatesShape, GatesWords, SignalStyle
from viz_app.kit.chart.gradients import POWER
from viz_app.kit.chart.heatmap import LEGEND_OFFSET, MARGIN, frames, hair_line, kept_at_pick
from viz_app.kit.chart.hover_cells import NORMS, unit_lines
from viz_app.kit.chart.style import INKS, by_line, signal_colours, signal_dashes

HEIGHT = 96


def traces(shape: GatesShape, words: GatesWords, look: GatesLook) -> list[alt.LayerChart]:
    """One panel for the gates of the picked unit, one for its states; the first says who it is."""
    ink = INKS[look.theme]
    panels: list[alt.LayerChart] = []
    for kind in ("gate", "state") if shape.lines else ():
        signals = [signal for signal in shape.signals if signal.kind == kind]
        if not signals:
            continue
        layers: list[Any] = [_lines(shape, signals, look)]
        if kind == "gate" and shape.kept_in:
            layers += _left(shape, words, look)
        layers += [frames(ink.accent), *hair_line(look)]
        first = not panels
        if first:
            layers.append(_note(look))
        panels.append(
            layered(
                *layers,
                title=alt.TitleParams(" " if first else "", offset=10),
                width=look.width,
                height=HEIGHT,
            )
        )
    return panels


def norms(shape: GatesShape, words: GatesWords, look: GatesLook) -> list[alt.LayerChart]:
    """How large each gradient is at each step, over all units; none without gradients."""
    names = [signal.name for signal in shape.signals if signal.kind == "gradient"]
    if not names:
        return []
    labels = {signal.name: signal.label for signal in shape.signals}
    legend = alt.Legend(title=None, labelExpr=f"{labels}[datum.line]", offset=LEGEND_OFFSET)
    plain = [name.removeprefix("grad_") for name in names]
    colour, dash = by_line(
        names,
        signal_colours(plain, look.theme),
        signal_dashes(plain),
        legend,
    )
    lines = (
        Chart(alt.NamedData(NORMS))
        .mark_line()
        .encode(
            x=alt.X("time:Q", scale=shape.time_scale(), axis=None),
            y=alt.Y("value:Q", scale=alt.Scale(type="log"), axis=_axis(labelExpr=POWER)),
            color=colour,
            strokeDash=dash,
        )
    )
    ink = INKS[look.theme]
    return [
        layered(
            lines,
            frames(ink.accent),
            *hair_line(look),
            title=words.norms,
            width=look.width,
            height=HEIGHT,
        )
    ]


def _axis(**settings: Any) -> alt.Axis:
    """A value axis that takes the common left margin."""
    return alt.Axis(
        title=None, tickCount=3, labelFontSize=10, domain=False, ticks=False,
        minExtent=MARGIN, maxExtent=MARGIN, **settings,
    )  # fmt: skip


def _lines(shape: GatesShape, signals: list[SignalStyle], look: GatesLook) -> alt.Chart:
    names = [signal.name for signal in signals]
    labels = {signal.name: signal.label for signal in signals}
    legend = alt.Legend(title=None, labelExpr=f"{labels}[datum.value]", offset=LEGEND_OFFSET)
    scale = alt.Scale(domain=[0, 1]) if signals[0].kind == "gate" else alt.Scale(zero=True)
    dashes = signal_dashes(names)
    return (
        unit_lines(shape, look, tuple(names))
        .transform_fold(names, as_=["signal", "value"])
        .mark_line()
        .encode(
            x=alt.X("time:Q", scale=shape.time_scale(), axis=None),
            y=alt.Y("value:Q", scale=scale, axis=_axis()),
            color=alt.Color(
                "signal:N",
                scale=alt.Scale(domain=names, range=signal_colours(names, look.theme)),
                legend=legend,
            ),
            strokeDash=alt.StrokeDash(
                "signal:N", scale=alt.Scale(domain=names, range=dashes), legend=legend
            ),
        )
    )


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
    return (
        Chart(alt.NamedData(ROWS))
        .transform_filter("datum.unit == pick.unit[0]")
        .mark_text(
            align="left",
            baseline="bottom",
            dy=-8,
            fontSize=15,
            fontWeight=600,
            limit=look.width + 200,
        )
        .encode(x=alt.XValue(0), y=alt.YValue(0), text=alt.Text("note:N"))
    )
