"""The input above the heatmaps, drawn as a person would draw it."""

import re
from typing import Any

import altair as alt
import numpy as np

from viz_app.kit.chart.altair_fast import Chart, layered
from viz_app.kit.chart.gates_data import MOST_PLACES, GatesData, GatesShape
from viz_app.kit.chart.gates_fit import SQUARE, strip_height
from viz_app.kit.chart.gates_look import GatesLook
from viz_app.kit.chart.heatmap import MARKS, frames, hair_line, heading, value_axis
from viz_app.kit.chart.interaction import dragged
from viz_app.kit.chart.raster import Raster, box, image
from viz_app.kit.chart.style import INKS, table

STRIP, STRIP_IMAGE, PICTURE = "strip", "image_input", "picture"
PICTURE_SIZE = 76
LEGIBLE = 0.75
"""Of the type's size: smaller letters of an input are not drawn in a window."""


def strip_chart(shape: GatesShape, look: GatesLook) -> alt.LayerChart:
    """Draw the input; the marks' labels stand above it, once for all panels."""
    ink = INKS[look.theme]
    assert shape.strip is not None
    draw = {
        "marked_values": _bars, "symbols": _letters, "channels": _pulses, "pixels": _pixels,
        "series": _bars, "words": _words,
    }[shape.strip]  # fmt: skip
    layers: list[Any] = [*draw(shape, look), frames(ink.accent), *hair_line(look)]
    labels = (
        Chart(alt.NamedData(MARKS))
        .transform_filter("datum.side > datum.step")
        .mark_text(color=ink.accent, fontWeight=600, baseline="bottom", dy=-3)
        .encode(x=alt.X("step:Q"), y=alt.YValue(0), text=alt.Text("label:N"))
    )
    marked = shape.strip != "pixels"
    title: Any = alt.TitleParams(_title(shape, look), offset=18 if marked else 6)
    if look.fitted and marked:
        title = alt.TitleParams(_title(shape, look), offset=4)
    elif look.fitted:  # the picture stands at the end of the title's line
        layers.append(heading(_title(shape, look), look))
        title = None
    return layered(
        *layers,
        *([labels] if marked else []),
        *(dragged(look.theme) if look.hover and shape.movable else []),
        title=title,
        width=look.width,
        height=strip_height(shape, look),
    )


def strip_rows(data: GatesData, look: GatesLook) -> dict[str, Any]:
    """The strip's datasets."""
    if data.shape.strip == "pixels":
        ink = table("ink", look.theme)
        row = Raster(np.array([data.inputs], dtype=float), 0, 1, ink)
        pixels = row.stretched(data.shape.start, data.shape.steps, 1)
        picture = [] if data.picture is None else [{"url": Raster(data.picture, 0, 1, ink).uri()}]
        return {STRIP_IMAGE: [pixels], PICTURE: picture}
    marked = {step for step, _ in data.marks}
    if data.shape.strip == "channels":
        inputs: Any = data.inputs
        pulses = [
            {"time": t, "lane": lane, "value": value}
            for t, values in enumerate(inputs, start=data.shape.start)
            for lane, value in enumerate(values)
            if value
        ]
        return {STRIP: pulses}
    rows = [
        {"time": t, "value": value, "marked": t in marked}
        for t, value in enumerate(data.inputs, start=data.shape.start)
    ]
    return {STRIP: _few(rows, data.shape)}


def _few(rows: list[dict[str, Any]], shape: GatesShape) -> list[dict[str, Any]]:
    """All steps, or of a long window those that are marked and the largest number of each block.

    Letters of a long window would lie over one another: only those that are marked are kept.
    """
    size = _every(len(rows))
    if size == 1:
        return rows
    if shape.strip in ("symbols", "words"):
        return [row for row in rows if row["marked"]]
    blocks = (rows[first : first + size] for first in range(0, len(rows), size))
    largest = [max(block, key=lambda row: abs(row["value"])) for block in blocks]
    kept = {row["time"]: row for row in [*largest, *(row for row in rows if row["marked"])]}
    return [kept[time] for time in sorted(kept)]


def _every(count: int) -> int:
    """How many steps share a place."""
    return -(-count // MOST_PLACES)


def _bars(shape: GatesShape, look: GatesLook) -> list[alt.Chart]:
    ink = INKS[look.theme]
    low, high = shape.strip_range
    half = shape.expression("half")
    bars = (
        Chart(alt.NamedData(STRIP))
        .transform_calculate(left=f"datum.time - {half}", right=f"datum.time + {half}", bottom="0")
        .mark_rect()
        .encode(
            **box()
            | {
                "x": alt.X("left:Q", scale=shape.time_scale(), axis=None),
                "y": alt.Y(
                    "value:Q",
                    scale=alt.Scale(domain=[low, high]),
                    axis=value_axis(look, values=[low, (low + high) / 2, high]),
                ),
            },
            color=alt.condition("datum.marked", alt.value(ink.accent), alt.value(ink.quiet)),
        )
    )
    return [bars]


def _letters(shape: GatesShape, look: GatesLook) -> list[alt.Chart]:
    ink = INKS[look.theme]
    size = shape.expression("letter", look.width)
    rows = Chart(alt.NamedData(STRIP))
    x = alt.X("time:Q", scale=shape.time_scale(), axis=None)
    # letters that nobody could read are dots
    small = f"{look.fitted:d} && {size} < {LEGIBLE * look.type_size}"
    shown = rows.transform_calculate(value=f"{small} && !datum.marked ? '·' : datum.value")
    plain = shown.transform_filter("!datum.marked").mark_text(
        fontSize=alt.ExprRef(f"{small} ? {look.type_size} : {size}"), color=ink.quiet
    )
    bold = rows.transform_filter("datum.marked").mark_text(
        fontSize=alt.ExprRef(f"max({size}, {look.type_size})"), fontWeight=700, color=ink.accent
    )
    text = alt.Text("value:N")
    return [plain.encode(x=x, text=text), bold.encode(x=alt.X("time:Q"), text=text)]


def _words(shape: GatesShape, look: GatesLook) -> list[alt.Chart]:
    return words_above(shape, look, strip_height(shape, look))


def words_above(shape: GatesShape, look: GatesLook, height: int) -> list[alt.Chart]:
    """Words at the foot of a panel of that height: upright where all in view have room, else
    slanted, so that each has the width of its step."""
    size, letter = look.type_size, letter_of(look)
    rows = (
        Chart(alt.NamedData(STRIP))
        .transform_calculate(letters="length(datum.value)")
        .transform_joinaggregate(longest="max(letters)", count="count()")
        .transform_calculate(slanted=f"datum.longest * {letter} > {look.width} / datum.count")
    )
    x = alt.X("time:Q", scale=shape.time_scale(), axis=None)
    kinds: dict[str, dict[str, Any]] = {
        "!datum.slanted": {"fontSize": size + 3, "align": "center"},
        "datum.slanted": {"fontSize": size, "align": "left", "angle": 300},
    }
    return [
        rows.transform_filter(kind)
        .mark_text(color=INKS[look.theme].text, fontWeight=600, baseline="middle", **settings)
        .encode(x=x, y=alt.YValue(height - 10), text=alt.Text("value:N"))
        for kind, settings in kinds.items()
    ]


def letter_of(look: GatesLook) -> float:
    """Pixels of a letter that stands upright."""
    return round(0.62 * (look.type_size + 3), 1)


def _pulses(shape: GatesShape, look: GatesLook) -> list[alt.Chart]:
    """A lane for each channel, its pulses up or down."""
    lanes = list(range(shape.strip_lanes))
    y = alt.Y(
        "top:Q",
        scale=alt.Scale(domain=[-0.5, shape.strip_lanes - 0.5], reverse=True, nice=False),
        axis=value_axis(look, values=lanes, format="d", grid=True),
    )
    bars = (
        Chart(alt.NamedData(STRIP))
        .transform_calculate(
            left="datum.time - 0.4",
            right="datum.time + 0.4",
            top="datum.lane - 0.42 * datum.value",
            bottom="datum.lane",
        )
        .mark_rect(color=INKS[look.theme].quiet)
        .encode(**box() | {"x": alt.X("left:Q", scale=shape.time_scale(), axis=None), "y": y})
    )
    return [bars]


def _pixels(shape: GatesShape, look: GatesLook) -> list[alt.Chart]:
    x = alt.X("x:Q", scale=shape.time_scale(), axis=None)
    scale = alt.Scale(domain=[-0.5, 0.5], nice=False)
    y = alt.Y("y:Q", scale=scale, axis=value_axis(look, labels=False, grid=False))
    pixels = image(alt.NamedData(STRIP_IMAGE), x, y)
    frame = (
        Chart(alt.Data(values=[{}]))
        .mark_rect(fill=None, stroke=INKS[look.theme].line, strokeWidth=1)
        .encode(x=alt.XValue(0), x2=alt.X2Value("width"), y=alt.YValue(0), y2=alt.Y2Value("height"))
    )
    return [pixels, frame, _picture(shape, look)]


def _picture(shape: GatesShape, look: GatesLook) -> alt.Chart:
    """The image itself: beside the pixels in a figure, above their end in a window."""
    high = strip_height(shape, look)
    side, right, foot = (PICTURE_SIZE, 14.0, high) if not look.fitted else (
        SQUARE * look.type_size, -SQUARE * look.type_size, -5
    )  # fmt: skip
    return (
        Chart(alt.NamedData(PICTURE))
        .mark_image(
            width=side, height=side, aspect=False, smooth=False, align="left", baseline="bottom",
            xOffset=right,
        )
        .encode(x=alt.XValue("width"), y=alt.YValue(foot), url=alt.Url("url:N"))
    )  # fmt: skip


def _title(shape: GatesShape, look: GatesLook) -> str:
    """The input's title; without what the network is asked in a figure, which has a caption, and on
    a phone, where it has no room."""
    asked = look.hover and 1.2 * look.letters(shape.strip_label) <= look.width
    if look.fitted and not asked:
        return re.split(": |：", shape.strip_label)[0]
    return shape.strip_label
