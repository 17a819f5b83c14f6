"""Rows of a task as a person would read them: input, marks and target on one time axis each."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np

from viz_app.features.tasks.chart_lanes import (
    GAP,
    HEIGHTS,
    LABEL_ROOM,
    MARGIN,
    Lane,
    TaskRow,
    scaled,
)
from viz_app.features.tasks.chart_letters import frames, letters
from viz_app.kit.chart.altair_fast import Chart, layered, vconcat
from viz_app.kit.chart.raster import Raster
from viz_app.kit.chart.style import INKS, Ink, Theme, config, table
from viz_app.kit.chart.window import PAGE

AROUND, LAST = 56, 18
"""Pixels of a row's title and axis, with what parts it from the next; of the axis' own title.
In usual type."""


def height(row: TaskRow, size: float) -> float:
    """All that a row takes, in pixels."""
    return _tops(row, size)[1] + scaled(AROUND, size)


def task_rows(
    rows: Sequence[TaskRow], words: Mapping[str, str], theme: Theme, width: int,
    size: float = PAGE.type_size,
) -> alt.VConcatChart:  # fmt: skip
    """Draw examples of one task, with the same lanes and number of steps, one below the other.

    ``width`` is that of each plot in pixels, without what stands left of it; ``size`` is
    that of the type.
    """
    panels = [
        _panel(row, words, theme, width, size, last=number == len(rows) - 1)
        for number, row in enumerate(rows)
    ]
    return vconcat(*panels, spacing=14).configure(**config(theme, size))


def _panel(
    row: TaskRow, words: Mapping[str, str], theme: Theme, width: int, size: float,
    last: bool,
) -> alt.LayerChart:  # fmt: skip
    ink, steps = INKS[theme], len(row.scored)
    tops, height = _tops(row, size)
    axis = alt.Axis(
        title=words["tasks.time"] if last else None, domain=False, grid=False, tickMinStep=1,
        tickCount=min(steps, max(2, width // scaled(60, size))), format="d",
    )  # fmt: skip
    scale = alt.Scale(domain=[-0.5, steps - 0.5], nice=False, zero=False)
    x = alt.X("left:Q", scale=scale, axis=axis)
    y = alt.Y(
        "top:Q",
        scale=alt.Scale(domain=[0, height], reverse=True, nice=False),
        axis=_lane_names(row, tops, size),
    )
    tips = [
        alt.Tooltip("time:Q", title=words["tasks.step"]),
        alt.Tooltip("value:N", title=words["tasks.value"]),
    ]
    boxes = (
        Chart(alt.Data(values=_boxes(row, tops, theme)))
        .mark_rect()
        .encode(
            x=x,
            x2=alt.X2("right:Q"),
            y=y,
            y2=alt.Y2("bottom:Q"),
            color=alt.Color("paint:N", scale=None, legend=None),
            tooltip=tips,
        )
    )
    layers: list[Any] = [boxes, *frames(row, ink, width, size)]
    layers += letters(row, tops, ink, width, tips, size)
    placed = list(zip(row.lanes, tops, strict=True))
    layers += [_zero(lane, top, ink) for lane, top in placed if lane.kind in ("bars", "levels")]
    layers += [_line(lane, top, ink) for lane, top in placed if lane.held]
    if row.picture is not None:
        layers.append(_picture(row.picture, height, theme))
    title = alt.TitleParams(row.title, fontSize=size, offset=4)
    return layered(*layers, title=title, width=width, height=height)


def _tops(row: TaskRow, size: float) -> tuple[list[int], int]:
    """Where each lane begins, and the height of all, in pixels."""
    tops, at = [], scaled(LABEL_ROOM, size) if row.labelled else 0
    for lane in row.lanes:
        tops.append(at)
        at += HEIGHTS[lane.kind] + GAP
    return tops, at


def _lane_names(row: TaskRow, tops: list[int], size: float) -> alt.Axis:
    margin = scaled(MARGIN, size)
    centres = [top + HEIGHTS[lane.kind] / 2 for lane, top in zip(row.lanes, tops, strict=True)]
    labels = json.dumps([lane.label for lane in row.lanes], ensure_ascii=False)
    return alt.Axis(
        values=centres, labelExpr=f"{labels}[indexof({centres}, datum.value)]", title=None,
        labelFontSize=size, labelOverlap=False, labelPadding=10, domain=False, ticks=False,
        grid=False, minExtent=margin, maxExtent=margin, labelLimit=margin - 6,
    )  # fmt: skip


def _boxes(row: TaskRow, tops: list[int], theme: Theme) -> list[dict[str, Any]]:
    """Every rectangle: the ground of the steps that count, bars, pulses and ink."""
    ink, found = INKS[theme], []
    marked = {step for step, _ in row.marks}
    for lane, top in zip(row.lanes, tops, strict=True):
        height = HEIGHTS[lane.kind]
        for step, value in enumerate(lane.values):
            box = {"time": step, "left": step - 0.4, "right": step + 0.4, "value": value}
            box |= {"top": top, "bottom": top + height, "lane": lane.label}
            if lane.kind == "answers" and row.scored[step]:
                found.append(box | {"left": step - 0.5, "right": step + 0.5, "paint": ink.faint})
            elif lane.kind in ("bars", "levels") and value:
                place = _places(lane, top)
                paint = ink.accent if lane.kind == "levels" or step in marked else ink.quiet
                found.append(box | {"top": place(value), "bottom": place(0), "paint": paint})
            elif lane.kind == "ink":
                rgb = table("ink", theme).rgb(np.array(value, dtype=float))
                paint = "#" + "".join(f"{int(channel):02x}" for channel in rgb)
                found.append(box | {"left": step - 0.5, "right": step + 0.5, "paint": paint})
    return found


def _places(lane: Lane, top: int) -> Any:
    """From a value to its height on the chart."""
    height = HEIGHTS[lane.kind]
    air = 1.3 if lane.kind == "levels" else 1.0
    low, high = air * lane.low, air * lane.high
    return lambda value: round(top + height * (high - value) / (high - low), 3)


def _zero(lane: Lane, top: int, ink: Ink) -> alt.Chart:
    """The line from which bars go up or down."""
    rule = Chart(alt.Data(values=[{"top": _places(lane, top)(0)}])).mark_rule(color=ink.line)
    return rule.encode(x=alt.XValue(0), x2=alt.X2Value("width"), y=alt.Y("top:Q"))


def _line(lane: Lane, top: int, ink: Ink) -> alt.Chart:
    """The value that is to be held, as a line of steps; the value 0 is the lane's middle."""
    place = _places(lane, top)
    points = [
        {"at": step + half, "top": place(value), "time": step, "held": value}
        for step, value in enumerate(lane.held)
        for half in (-0.5, 0.5)
    ]
    line = Chart(alt.Data(values=points)).mark_line(color=ink.text, strokeWidth=1.6)
    return line.encode(x=alt.X("at:Q"), y=alt.Y("top:Q"))


def _picture(picture: np.ndarray, height: int, theme: Theme) -> alt.Chart:
    url = Raster(picture, 0, 1, table("ink", theme)).uri()
    mark = Chart(alt.Data(values=[{"url": url}])).mark_image(
        width=height, height=height, aspect=False, smooth=False, align="left", baseline="top",
        xOffset=10,
    )  # fmt: skip
    return mark.encode(x=alt.XValue("width"), y=alt.YValue(0), url=alt.Url("url:N"))
