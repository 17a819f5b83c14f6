"""Rows of a task as a person would read them: input, marks and target on one time axis each."""

import json
from dataclasses import dataclass, replace
from typing import Any, Literal

import altair as alt
import numpy as np

from viz_app.charts.raster import Raster
from viz_app.charts.style import INKS, Ink, Theme, config, table

Kind = Literal["bars", "letters", "levels", "ink", "answers"]

HEIGHTS: dict[Kind, int] = {"bars": 54, "letters": 26, "levels": 34, "ink": 30, "answers": 26}
MARGIN, GAP, LABEL_ROOM = 84, 4, 16
MOST_FRAMED = 4
"""Where more steps are marked, their colour alone says so."""


@dataclass(frozen=True)
class Lane:
    """One line of a row.

    Attributes
    ----------
    label
        What stands left of it.
    kind
        ``"bars"``: numbers from 0 up or down; ``"letters"``; ``"ink"``: grey values;
        ``"levels"``: pulses as bars with the held value as a line; ``"answers"``: what is asked,
        with the steps that count shaded.
    values
        (time,) numbers or letters; None where there is nothing.
    low, high
        The ends of bars and levels.
    held
        (time,) the line of levels.
    """

    label: str
    kind: Kind
    values: tuple[float | str | None, ...]
    low: float = 0.0
    high: float = 1.0
    held: tuple[float, ...] = ()


@dataclass(frozen=True)
class TaskRow:
    """One example.

    Attributes
    ----------
    title
        What stands above it.
    lanes
        Its lines from the top.
    marks
        The salient steps and their labels.
    scored
        (time,) whether the answer counts.
    labelled
        Write the marks' labels above; not wanted where they repeat the letters below.
    picture
        (rows, columns) of ink, drawn beside it.
    """

    title: str
    lanes: tuple[Lane, ...]
    marks: tuple[tuple[int, str], ...]
    scored: tuple[bool, ...]
    labelled: bool = False
    picture: np.ndarray | None = None


@dataclass(frozen=True)
class RowsWords:
    """The words on the chart, in the reader's language."""

    time: str
    step: str
    value: str


def task_rows(
    rows: tuple[TaskRow, ...], words: RowsWords, theme: Theme = "light", width: int = 900
) -> alt.VConcatChart:
    """Draw rows one below the other.

    Parameters
    ----------
    rows
        Examples of one task, with the same lanes and number of steps.
    words
        What stands at the axis and in the tooltips.
    theme, width
        Light or dark; pixels of each plot without what stands left of it.
    """
    panels = [
        _panel(row, words, theme, width, last=number == len(rows) - 1)
        for number, row in enumerate(rows)
    ]
    return alt.vconcat(*panels, spacing=14).configure(**config(theme))


def _panel(row: TaskRow, words: RowsWords, theme: Theme, width: int, last: bool) -> alt.LayerChart:
    ink, steps = INKS[theme], len(row.scored)
    tops, height = _tops(row)
    axis = alt.Axis(
        title=words.time if last else None, domain=False, grid=False, tickMinStep=1,
        tickCount=min(steps, max(2, width // 60)), format="d",
    )  # fmt: skip
    scale = alt.Scale(domain=[-0.5, steps - 0.5], nice=False, zero=False)
    x = alt.X("left:Q", scale=scale, axis=axis)
    y = alt.Y(
        "top:Q",
        scale=alt.Scale(domain=[0, height], reverse=True, nice=False),
        axis=_lane_names(row, tops),
    )
    tips = [
        alt.Tooltip("time:Q", title=words.step),
        alt.Tooltip("value:N", title=words.value),
    ]
    boxes = (
        alt.Chart(alt.Data(values=_boxes(row, tops, theme)))
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
    layers: list[Any] = [boxes, *_frames(row, ink), *_letters(row, tops, ink, width, tips)]
    layers += [
        _line(lane, top, ink) for lane, top in zip(row.lanes, tops, strict=True) if lane.held
    ]
    if row.picture is not None:
        layers.append(_picture(row.picture, height, theme))
    title = alt.TitleParams(row.title, fontSize=13, offset=4)
    return alt.layer(*layers, title=title, width=width, height=height)


def _tops(row: TaskRow) -> tuple[list[int], int]:
    """Where each lane begins, and the height of all, in pixels."""
    tops, at = [], LABEL_ROOM if row.labelled else 0
    for lane in row.lanes:
        tops.append(at)
        at += HEIGHTS[lane.kind] + GAP
    return tops, at


def _lane_names(row: TaskRow, tops: list[int]) -> alt.Axis:
    centres = [top + HEIGHTS[lane.kind] / 2 for lane, top in zip(row.lanes, tops, strict=True)]
    labels = json.dumps([lane.label for lane in row.lanes], ensure_ascii=False)
    return alt.Axis(
        values=centres, labelExpr=f"{labels}[indexof({centres}, datum.value)]", title=None,
        labelFontSize=12, labelOverlap=False, domain=False, ticks=False, grid=False,
        minExtent=MARGIN, maxExtent=MARGIN, labelLimit=MARGIN - 6,
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
    height, span = HEIGHTS[lane.kind], lane.high - lane.low
    return lambda value: round(top + height * (lane.high - value) / span, 3)


def _frames(row: TaskRow, ink: Ink) -> list[alt.Chart]:
    """Thin rules at both sides of every marked step, and the marks' labels."""
    marks = row.marks if len(row.marks) <= MOST_FRAMED else ()
    sides = [{"side": step + half} for step, _ in marks for half in (-0.5, 0.5)]
    rules = alt.Chart(alt.Data(values=sides)).mark_rule(color=ink.accent, strokeWidth=1)
    found = [rules.encode(x=alt.X("side:Q"))]
    if row.labelled:
        names = [{"time": step, "label": label} for step, label in row.marks]
        labels = alt.Chart(alt.Data(values=names)).mark_text(
            color=ink.accent, fontWeight=600, fontSize=12, baseline="top", dy=1
        )
        found.append(labels.encode(x=alt.X("time:Q"), y=alt.YValue(0), text=alt.Text("label:N")))
    return found


def _letters(
    row: TaskRow, tops: list[int], ink: Ink, width: int, tips: list[alt.Tooltip]
) -> list[alt.Chart]:
    """What is written: symbols, and what is asked, as many as there is room for."""
    marked = {step for step, _ in row.marks}
    found = []
    for lane, top in zip(row.lanes, tops, strict=True):
        if lane.kind not in ("letters", "answers"):
            continue
        written = [
            (step, str(value)) for step, value in enumerate(lane.values) if value is not None
        ]
        room = width / len(row.scored)
        longest = max((len(text) for _, text in written), default=1)
        size = float(np.clip(1.7 * room / (0.4 + 0.6 * longest), 7, 15))
        every = 1 if len(written) == 1 else int(np.ceil(0.58 * size * longest / room))
        last = len(row.scored) - 1
        for strong in (False, True):
            texts = [
                {"time": step, "top": top + HEIGHTS[lane.kind] / 2, "value": text,
                 "lane": lane.label}
                for step, text in written
                if _strong(lane, step, text, marked) is strong
                and (strong or step == last or step % every == 0)
            ]  # fmt: skip
            colour = ink.accent if strong and lane.kind == "letters" else ink.text
            alone = lane.kind == "answers" and len(written) == 1
            mark = alt.Chart(alt.Data(values=texts)).mark_text(
                fontSize=max(size, 13) if strong and every == 1 else size,
                fontWeight=700 if strong else "normal",
                color=colour if strong else ink.quiet,
                align="right" if alone and longest > 1 else "center",
                xOffset=room / 2 - 2 if alone and longest > 1 else 0,
            )
            found.append(
                mark.encode(
                    x=alt.X("time:Q"), y=alt.Y("top:Q"), text=alt.Text("value:N"), tooltip=tips
                )
            )
    return found


def _strong(lane: Lane, step: int, text: str, marked: set[int]) -> bool:
    """Whether a letter stands out: a marked input, or an answer that is not blank."""
    return step in marked if lane.kind == "letters" else text != "·"


def _line(lane: Lane, top: int, ink: Ink) -> alt.Chart:
    """The value that is to be held, as a line of steps; the value 0 is the lane's middle."""
    place = _places(replace(lane, low=1.25 * lane.low, high=1.25 * lane.high), top)
    points = [
        {"at": step + half, "top": place(value), "time": step, "held": value}
        for step, value in enumerate(lane.held)
        for half in (-0.5, 0.5)
    ]
    line = alt.Chart(alt.Data(values=points)).mark_line(color=ink.text, strokeWidth=1.6)
    return line.encode(x=alt.X("at:Q"), y=alt.Y("top:Q"))


def _picture(picture: np.ndarray, height: int, theme: Theme) -> alt.Chart:
    url = Raster(picture, 0, 1, table("ink", theme)).uri()
    mark = alt.Chart(alt.Data(values=[{"url": url}])).mark_image(
        width=height, height=height, aspect=False, smooth=False, align="left", baseline="top",
        xOffset=10,
    )  # fmt: skip
    return mark.encode(x=alt.XValue("width"), y=alt.YValue(0), url=alt.Url("url:N"))
