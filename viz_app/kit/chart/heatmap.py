"""One heatmap of the gates chart: a picture, its legend, and guides over it."""

from typing import Any

import altair as alt
import numpy as np

from viz_app.kit.chart.altair_fast import Chart, layered
from viz_app.kit.chart.axes import POWER
from viz_app.kit.chart.gates_data import ROWS, GatesLook, GatesShape, GatesWords, SignalStyle
from viz_app.kit.chart.hover_cells import FADED
from viz_app.kit.chart.interaction import card, catcher, unseen
from viz_app.kit.chart.raster import box, colour_key, image
from viz_app.kit.chart.style import INKS, table

MARKS = "marks"
LEGEND_OFFSET = 64
MOST_MARKS = 120
MARGIN = 30
"""Pixels left of every plot, so that all of them begin on one line."""


def heatmap(shape: GatesShape, number: int, words: GatesWords, look: GatesLook) -> alt.LayerChart:
    """Draw the signal of that number; the last one carries the time axis for all."""
    signal, ink = shape.signals[number], INKS[look.theme]
    last = number == len(shape.signals) - 1
    axis = alt.Axis(
        title=words.time if last else None, labels=last, ticks=last, domain=False, grid=False,
        tickMinStep=1, tickCount=max(2, look.width // 60),
    )  # fmt: skip
    x = alt.X("x:Q", scale=shape.time_scale(), axis=axis)
    y = alt.Y("y:Q", scale=shape.row_scale(), axis=_units(shape))
    layers: list[Any] = [
        image(alt.NamedData(image_name(signal)), x, y),
        _legend(shape, number, words, look),
    ]
    if look.fade and signal.name == shape.kept_in:
        layers.append(_fade(shape, ink.background))
    layers += [frames(ink.accent), *hair_line(look), *_picked_row(words, ink.accent)]
    if look.hover:
        layers += [catcher(signal), *card(shape, number, look.theme, height(shape))]
    if number == 0:
        layers += unseen(shape, hover=look.hover)
    return layered(*layers, title=signal.label, width=look.width, height=height(shape))


def image_name(signal: SignalStyle) -> str:
    """The dataset that holds a signal's picture."""
    return f"image_{signal.name}"


def height(shape: GatesShape) -> int:
    """Pixels for all rows of a heatmap."""
    most = 168 if len(shape.signals) > 2 else 320
    return int(np.clip(7 * len(shape.units), 84, most))


def mark_rows(marks: tuple[tuple[int, str], ...]) -> list[dict[str, Any]]:
    """Both sides of every marked step; none where they are so many that they would hide it all."""
    if len(marks) > MOST_MARKS:
        return []
    return [
        {"step": step, "label": label, "side": step + half}
        for step, label in marks
        for half in (-0.5, 0.5)
    ]


def frames(colour: str) -> alt.Chart:
    """Thin rules at both sides of every marked step."""
    rules = Chart(alt.NamedData(MARKS)).mark_rule(color=colour, strokeWidth=1)
    return rules.encode(x=alt.X("side:Q"))


def hair_line(look: GatesLook) -> list[alt.Chart]:
    """A rule that becomes visible at the step under the pointer; none in a still figure."""
    if not look.hover:
        return []
    return [
        Chart(alt.Data(values=[{}]))
        .transform_calculate(time="isDefined(hover.time) ? hover.time[0] : 0")
        .mark_rule(
            color=INKS[look.theme].text, strokeWidth=1, clip=True,
            opacity=alt.ExprRef("isDefined(hover.time) ? 0.6 : 0"),
        )
        .encode(x=alt.X("time:Q"))
    ]  # fmt: skip


def value_axis(size: int = 10, **settings: Any) -> alt.Axis:
    """A value axis that takes the common left margin."""
    return alt.Axis(
        title=None, labelFontSize=size, domain=False, ticks=False,
        minExtent=MARGIN, maxExtent=MARGIN, **settings,
    )  # fmt: skip


def _units(shape: GatesShape) -> alt.Axis:
    """Row labels: the units' numbers, as many as there is room for."""
    rows = len(shape.units)
    every = int(np.ceil(rows * 11 / height(shape)))
    shown = list(range(0, rows, every))
    return alt.Axis(
        values=shown, tickCount=len(shown),
        labelExpr=f"{shape.expression('units')}[datum.value]", labelFontSize=10,
        labelOverlap=False, title=None, ticks=False, domain=False, grid=False, labelPadding=4,
        minExtent=MARGIN, maxExtent=MARGIN,
    )  # fmt: skip


def _legend(shape: GatesShape, number: int, words: GatesWords, look: GatesLook) -> alt.Chart:
    """The colour scale, made of the same table as the pixels; invisible points carry it.

    Gates share one legend, which stands beside the first of them, and so do gradients; each
    state has its own.
    """
    signal = shape.signals[number]
    low, high = signal.ends
    first = [other.kind for other in shape.signals].index(signal.kind)
    shown = signal.kind == "state" or first == number
    legend = alt.Legend(
        title=getattr(words, f"{signal.kind}_scale"), values=[low, (low + high) / 2, high],
        labelExpr=_ends(signal), gradientLength=height(shape) - 22, gradientThickness=12,
        gradientOpacity=1, offset=LEGEND_OFFSET,
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


def _picked_row(words: GatesWords, colour: str) -> list[alt.Chart]:
    """An outline around the picked unit's row, and its number beside it."""
    row = (
        Chart(alt.NamedData(ROWS))
        .transform_filter("datum.unit == pick.unit[0]")
        .transform_calculate(
            top="datum.row - 0.5", bottom="datum.row + 0.5", name=f"'{words.unit} ' + datum.unit"
        )
    )
    y, y2 = alt.Y("top:Q"), alt.Y2("bottom:Q")
    outline = row.mark_rect(fill=None, stroke=colour, strokeWidth=1.5).encode(
        x=alt.XValue(0), x2=alt.X2Value("width"), y=y, y2=y2
    )
    number = row.mark_text(align="left", dx=5, color=colour, fontWeight=600, fontSize=11).encode(
        x=alt.XValue("width"), y=alt.Y("row:Q"), text=alt.Text("name:N")
    )
    return [outline, number]
