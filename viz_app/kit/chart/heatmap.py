"""One heatmap of the gates chart: a picture, its legend, and guides over it."""

from typing import Any

import altair as alt

from viz_app.kit.chart.altair_fast import Chart, layered
from viz_app.kit.chart.axes import POWER
from viz_app.kit.chart.gates_data import ROWS, GatesShape, GatesWords, SignalStyle
from viz_app.kit.chart.gates_fit import heat_height, row_labels
from viz_app.kit.chart.gates_look import GatesLook
from viz_app.kit.chart.hover_cells import FADED
from viz_app.kit.chart.interaction import catcher, readout, unseen
from viz_app.kit.chart.raster import CASING, box, colour_key, image
from viz_app.kit.chart.scale_bar import KEEPER, ends, room, scale_bar
from viz_app.kit.chart.style import INKS, table

MARKS = "marks"
HEADING = "heading"
"""The style of a text mark that is its panel's title: a figure puts a letter before it."""

LEGEND_OFFSET = 64
MOST_MARKS = 120
LEAST_CASING = 2
"""Pixels around a rule of one pixel, and beyond it."""

OUTSIDE = 1.5
"""Pixels by which the outline of a row lies around it: however low the row is, it is seen whole."""

MARGIN = 30
"""Pixels left of every plot of a figure, so that all of them begin on one line."""


def heatmap(
    shape: GatesShape, number: int, words: GatesWords, look: GatesLook, *, scaled: bool = True
) -> alt.LayerChart:
    """Draw the signal of that number; the last one carries the time axis for all.

    In a window one that is not ``scaled`` has the colour scale of a heatmap above it.
    """
    signal, ink, high = shape.signals[number], INKS[look.theme], heat_height(shape, look)
    last = number == len(shape.signals) - 1
    axis = alt.Axis(
        title=words.time if last else None, labels=last, ticks=last, domain=False, grid=False,
        tickMinStep=1, tickCount=max(2, round(look.width / (4.6 * look.type_size))),
    )  # fmt: skip
    x = alt.X("x:Q", scale=shape.time_scale(), axis=axis)
    y = alt.Y("y:Q", scale=shape.row_scale(), axis=_units(shape, look))
    scale = _scale(shape, number, words, look) if scaled or not look.fitted else []
    layers: list[Any] = [
        image(alt.NamedData(image_name(signal)), x, y),
        *([_signs(signal)] if signal.kind == "state" else []),
        *scale,
    ]
    if look.fade and signal.name == shape.kept_in:
        layers.append(_fade(shape, ink.background))
    layers += [
        _casing(shape, look),
        frames(ink.accent),
        *hair_line(look, cased=True),
        *_picked_row(words, look),
    ]
    if look.hover:
        taken = room(signal, words, look) if scale else 0.0
        layers += [catcher(signal), readout(shape, number, words, look, taken)]
    if number == 0:
        layers += unseen(shape, hover=look.hover)
    title: Any = {"title": signal.label}
    if look.fitted:  # Vega lifts a title above all that stands over a plot: the scale, the readout
        layers.append(heading(_shortened(signal.label, signal, words, look), look))
        title = {}
    return layered(*layers, **title, width=look.width, height=high)


def _shortened(text: str, signal: SignalStyle, words: GatesWords, look: GatesLook) -> str:
    """A title as it has room beside the scale: without the signal, which panels above name too."""
    if look.title(text) + room(signal, words, look) <= look.width:
        return text
    return text.rpartition(": ")[2]


def heading(text: str, look: GatesLook) -> alt.Chart:
    """A title as a mark, on one line with what else stands above a plot."""
    return (
        Chart(alt.Data(values=[{}]))
        .mark_text(
            align="left", baseline="middle", fontSize=look.type_size + 2, fontWeight=600,
            y=look.heading, aria=False, style=HEADING,
        )
        .encode(x=alt.XValue(0), text=alt.TextValue(text))
    )  # fmt: skip


def image_name(signal: SignalStyle) -> str:
    """The dataset that holds a signal's picture."""
    return f"image_{signal.name}"


def signs_name(signal: SignalStyle) -> str:
    """The dataset that holds the lines through its values below zero."""
    return f"signs_{signal.name}"


def mark_rows(marks: tuple[tuple[int, str], ...]) -> list[dict[str, Any]]:
    """Both sides of every marked step; none where they are so many that they would hide it all."""
    if len(marks) > MOST_MARKS:
        return []
    return [
        {"step": step, "label": label, "side": step + half}
        for step, label in marks
        for half in (-0.5, 0.5)
    ]


def frames(colour: str, **settings: Any) -> alt.Chart:
    """Thin rules at both sides of every marked step."""
    rules = Chart(alt.NamedData(MARKS)).mark_rule(color=colour, **{"strokeWidth": 1} | settings)
    return rules.encode(x=alt.X("side:Q"))


def _casing(shape: GatesShape, look: GatesLook) -> alt.Chart:
    """The ground around them, away from the step, and where steps are of few pixels no wider than
    half of one: so neither the step nor the ones beside it are hidden."""
    first, past = shape.expression("first"), shape.expression("past")
    wide = f"clamp({look.width / 2:g} / ({past} - {first}), {LEAST_CASING}, {CASING})"
    return frames(
        INKS[look.theme].background, strokeWidth=alt.ExprRef(wide),
        xOffset=alt.ExprRef(f"({wide} / 2 - 0.5) * (datum.side < datum.step ? -1 : 1)"),
    )  # fmt: skip


def hair_line(look: GatesLook, *, cased: bool = False) -> list[alt.Chart]:
    """A rule that becomes visible at the step under the pointer; none in a still figure.

    Over a heatmap it is ``cased`` by the ground, so that it is seen on every colour.
    """
    if not look.hover:
        return []
    ink = INKS[look.theme]
    place = Chart(alt.Data(values=[{}])).transform_calculate(
        time="isDefined(hover.time) ? hover.time[0] : 0"
    )
    return [
        place.mark_rule(
            color=colour, strokeWidth=width, clip=True,
            opacity=alt.ExprRef(f"isDefined(hover.time) ? {opacity} : 0"),
        ).encode(x=alt.X("time:Q"))
        for colour, width, opacity in (
            *([(ink.background, CASING, 0.9)] if cased else []), (ink.text, 1, 1 if cased else 0.6),
        )
    ]  # fmt: skip


def value_axis(look: GatesLook, **settings: Any) -> alt.Axis:
    """A value axis that takes the common left margin."""
    return alt.Axis(
        title=None, domain=False, ticks=False, minExtent=look.margin, maxExtent=look.margin,
        **settings,
    )  # fmt: skip


def _signs(signal: SignalStyle) -> alt.Chart:
    """The lines through what is below zero."""
    return image(alt.NamedData(signs_name(signal)), alt.X("x:Q"), alt.Y("y:Q"))


def _units(shape: GatesShape, look: GatesLook) -> alt.Axis:
    """Row labels: the units' numbers, as many as there is room for."""
    shown = row_labels(shape, look)
    label = f"{shape.expression('units')}[datum.value]"
    if look.fitted:  # those that the picked row's own number would touch give way
        there = f"indexof({shape.expression('units')}, pick.unit[0])"
        picked = f"(length(data('{ROWS}')) > 0 ? {there} : -1)"
        near = 1.15 * look.type_size * len(shape.units) / heat_height(shape, look)
        label = f"{picked} >= 0 && abs(datum.value - {picked}) < {near:.4g} ? '' : {label}"
    return alt.Axis(
        values=shown, tickCount=len(shown),
        labelExpr=label,
        labelOverlap=False, title=None, ticks=False, domain=False, grid=False, labelPadding=4,
        minExtent=look.margin, maxExtent=look.margin,
    )  # fmt: skip


def _scale(shape: GatesShape, number: int, words: GatesWords, look: GatesLook) -> list[alt.Chart]:
    """The colour scale: in a window at the end of the title's line, in a figure beside the plot.

    Gates share one, which stands at the first of them, and so do gradients; each state has its
    own, and a gate that keeps where the others open.
    """
    signal = shape.signals[number]
    alike = [(other.kind, other.name == KEEPER) for other in shape.signals]
    shown = signal.kind == "state" or alike.index(alike[number]) == number
    if not look.fitted:
        return [_legend(shape, number, words, look, shown=shown)]
    return scale_bar(signal, words, look) if shown else []


def _legend(
    shape: GatesShape, number: int, words: GatesWords, look: GatesLook, *, shown: bool
) -> alt.Chart:
    """The same as a legend, made of the same table as the pixels; invisible points carry it."""
    signal = shape.signals[number]
    low, high = signal.ends
    title = ", ".join(ends(signal, words)) if signal.name == KEEPER else ""
    legend = alt.Legend(
        title=(title or getattr(words, f"{signal.kind}_scale")).split("\n"),
        values=[low, (low + high) / 2, high],
        labelExpr=_ends(signal), gradientLength=heat_height(shape, look) - 22,
        gradientThickness=12, gradientOpacity=1, offset=LEGEND_OFFSET,
    )  # fmt: skip
    scale = table(signal.kind, look.theme).scale(low, high)
    return colour_key(low, high, scale, legend if shown else None)


def _ends(signal: SignalStyle) -> str:
    """The legend's labels: the ends of an open scale are at most and at least."""
    if signal.kind == "gradient":
        power = POWER.replace("log(datum.value) / LN10", "datum.value")
        return f"(datum.value <= {signal.ends[0] + 1e-6} ? '≤ ' : '') + {power}"
    label = f"format(datum.value, '{'.1f' if signal.bound >= 0.1 else '.2~g'}')"
    if not signal.open_ended:
        return label
    return f"(datum.value < 0 ? '≤ ' : datum.value > 0 ? '≥ ' : '') + {label}"


def _fade(shape: GatesShape, ground: str) -> alt.Chart:
    """Cover each later cell by as much of the picked step as the gates have let go."""
    return (
        Chart(alt.NamedData(FADED))
        .transform_calculate(at=kept_at_pick(shape))
        .transform_joinaggregate(start="min(at)", groupby=["unit"])
        .transform_filter(f"datum.time {'<' if shape.backward else '>'} pick.time[0]")
        .transform_calculate(
            gone="0.94 * (1 - exp(datum.log_kept - datum.start))",
            left="datum.time - 0.5",
            right="datum.time + 0.5",
            top="datum.row - 0.5",
            bottom="datum.row + 0.5",
        )
        .mark_rect(color=ground, aria=False)
        .encode(**box(), opacity=alt.Opacity("gone:Q", scale=None))
    )


def kept_at_pick(shape: GatesShape) -> str:
    """An expression for the logarithm of what is kept, up to the picked step.

    Its minimum is the one at that step, or of a long window at the last before it that is sent.
    """
    return f"datum.time {'>=' if shape.backward else '<='} pick.time[0] ? datum.log_kept : null"


def _picked_row(words: GatesWords, look: GatesLook) -> list[alt.Chart]:
    """An outline around the picked unit's row, and its number: in a figure beside the row, in a
    window, where there is room for nothing beside it, in place of the labels near it."""
    ink = INKS[look.theme]
    row = (
        Chart(alt.NamedData(ROWS))
        .transform_filter("datum.unit == pick.unit[0]")
        .transform_calculate(
            top="datum.row - 0.5", bottom="datum.row + 0.5", name=f"'{words.unit} ' + datum.unit"
        )
    )
    y, y2 = alt.Y("top:Q"), alt.Y2("bottom:Q")
    outlines = [
        row.mark_rect(
            fill=None, stroke=colour, strokeWidth=width, yOffset=-OUTSIDE, y2Offset=OUTSIDE
        ).encode(x=alt.XValue(0), x2=alt.X2Value("width"), y=y, y2=y2)
        for colour, width in ((ink.background, 2 * OUTSIDE), (ink.text, 1.5))
    ]  # fmt: skip
    middle = alt.Y("row:Q")
    if not look.fitted:
        number = row.mark_text(align="left", dx=5, color=ink.text, fontWeight=600).encode(
            x=alt.XValue("width"), y=middle, text=alt.Text("name:N")
        )
        return [*outlines, number]
    label = row.mark_text(align="right", color=ink.text, fontWeight=700).encode(
        x=alt.XValue(-5), y=middle, text=alt.Text("unit:N")
    )
    return [*outlines, label]
