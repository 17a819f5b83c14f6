"""What is written on rows of a task: symbols, answers, and the marks' labels and rules."""

import altair as alt
import numpy as np

from viz_app.features.tasks.chart_lanes import HEIGHTS, LABEL_ROOM, Lane, TaskRow, scaled
from viz_app.kit.chart.altair_fast import Chart
from viz_app.kit.chart.style import Ink

SHRUNK = 0.75
"""A page may draw the plot as narrow as this share of its width, with letters as large."""
CLOSE = 34
"""Pixels below which two marks' labels would run into one another, in usual type."""
MOST_FRAMED = 4
"""Where more steps are marked, their colour alone says so."""


def frames(row: TaskRow, ink: Ink, width: int, size: float) -> list[alt.Chart]:
    """Thin rules at both sides of every marked step, and the marks' labels."""
    marks = row.marks if len(row.marks) <= MOST_FRAMED else ()
    top = scaled(LABEL_ROOM, size) if row.labelled else 0
    sides = [{"side": step + half} for step, _ in marks for half in (-0.5, 0.5)]
    rules = Chart(alt.Data(values=sides)).mark_rule(color=ink.accent, strokeWidth=1)
    found = [rules.encode(x=alt.X("side:Q"), y=alt.YValue(top), y2=alt.Y2Value("height"))]
    if row.labelled:
        found += _mark_labels(row, ink, width, size)
    return found


def _mark_labels(row: TaskRow, ink: Ink, width: int, size: float) -> list[alt.Chart]:
    """The marks' labels, turned away from a neighbour that is close."""
    steps = [step for step, _ in row.marks]
    near = scaled(CLOSE, size) * len(row.scored) / width
    found = []
    for step, label in row.marks:
        after = any(0 < other - step < near for other in steps)
        before = any(0 < step - other < near for other in steps)
        mark = Chart(alt.Data(values=[{"time": step, "label": label}])).mark_text(
            color=ink.accent, fontWeight=600, fontSize=size, baseline="top", dy=1,
            align="right" if after else "left" if before else "center",
            xOffset=6 if after else -6 if before else 0,
        )  # fmt: skip
        found.append(mark.encode(x=alt.X("time:Q"), y=alt.YValue(0), text=alt.Text("label:N")))
    return found


def letters(
    row: TaskRow, tops: list[int], ink: Ink, width: int, tips: list[alt.Tooltip], type_size: float
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
        least = 7 if longest == 1 else type_size
        size = float(np.clip(1.7 * room / (0.4 + 0.6 * longest), least, type_size + 2))
        crowded = len(written) > 1 and longest > 1
        every = int(np.ceil(0.58 * size * longest / (SHRUNK * room))) if crowded else 1
        shown = _with_room(lane, written, marked, every)
        for strong in (False, True):
            texts = [
                {"time": step, "top": top + HEIGHTS[lane.kind] / 2, "value": text,
                 "lane": lane.label}
                for step, text in shown
                if _strong(lane, step, text, marked) is strong
            ]  # fmt: skip
            colour = ink.accent if strong and lane.kind == "letters" else ink.text
            alone = lane.kind == "answers" and len(written) == 1
            mark = Chart(alt.Data(values=texts)).mark_text(
                fontSize=max(size, type_size) if strong and every == 1 else size,
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


def _with_room(
    lane: Lane, written: list[tuple[int, str]], marked: set[int], every: int
) -> list[tuple[int, str]]:
    """The marked letters, and of the others the last and every so manieth before it."""
    last = written[-1][0] if written else 0
    kept = marked if lane.kind == "letters" else set()
    return [
        (step, text)
        for step, text in written
        if step in kept
        or ((last - step) % every == 0 and not any(abs(step - one) < every for one in kept))
    ]


def _strong(lane: Lane, step: int, text: str, marked: set[int]) -> bool:
    """Whether a letter stands out: a marked input, or an answer that is not blank."""
    return step in marked if lane.kind == "letters" else text != "·"
