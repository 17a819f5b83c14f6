"""One output step: the input, drawn as letters or bars, shaded by how much each step mattered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from viz_app.features.connectivity.chart import MOST_FRAMED, rules
from viz_app.features.connectivity.chart_data import Shading, Triangle
from viz_app.kit.chart.altair_fast import Chart, layered
from viz_app.kit.chart.raster import CASING, Raster, box, centred, image
from viz_app.kit.chart.style import GATE_TABLE, INKS, Theme
from viz_app.kit.chart.window import PAGE, Window

LANE = 0.86
"""Height of a network's lane, of 1; the rest is the gap to the next."""
LEGIBLE = 0.75
"""Of the type's size; letters that would have to be smaller are not drawn, but those marked."""

LANE_HEIGHT = 46
"""Pixels from one lane to the next."""
PALE, DEEP = "#ffffff", "#10131a"
"""Ink over dark and over bright colours."""


@dataclass(frozen=True)
class Shown:
    """The input of one example, as it is drawn over the shading.

    ``texts`` are its letters, one a step; empty where it is drawn as ``bars`` (time, channel), each
    from -1 to 1, or from 0 to 1 with a single channel.
    """

    texts: tuple[str, ...]
    bars: np.ndarray
    marks: tuple[tuple[int, str], ...]


def row_chart(
    triangles: Sequence[Triangle], sequence: Shown, words: Mapping[str, str], shade: Shading, *,
    row: int, theme: Theme, width: int | str = "container", window: Window = PAGE,
) -> alt.LayerChart:  # fmt: skip
    """Draw one row of every network, counted from the top, over their common input.

    For a ``window`` it is as high as that allows, and as the number of networks asks for.
    """
    size = window.type_size
    ink, steps = INKS[theme], triangles[0].norms.shape[1]
    places = np.stack([shade.places(one)[row] for one in triangles])
    axis = alt.Axis(
        title=words["connectivity.input"], grid=False, domain=False, tickMinStep=1, tickCount=10
    )
    x = alt.X("x:Q", scale=centred(steps), axis=axis)
    labels = [one.title for one in triangles]
    top = -0.45 if sequence.marks else -0.05
    y = alt.Y(
        "y:Q",
        scale=alt.Scale(domain=[top, len(triangles)], reverse=True, nice=False, zero=False),
        axis=alt.Axis(
            title=None, values=[number + LANE / 2 for number in range(len(triangles))],
            labelExpr=f"{labels}[floor(datum.value)]", grid=False, domain=False, ticks=False,
        ),
    )  # fmt: skip
    pictures = [
        Raster(places[number : number + 1], 0, 1, GATE_TABLE).row()
        | {"y": number, "y2": number + LANE}
        for number in range(len(triangles))
    ]
    layers: list[Any] = [
        image(alt.InlineData(values=pictures), x, y),
        _letters(sequence, places, ink.quiet, window.width if width == "container" else width, size)
        if sequence.texts
        else _bars(sequence, places, ink.quiet),
        *_marks(sequence, len(triangles), ink.accent, ink.background),
        *([shade.legend(_scale(words, shade))] if width == "container" else []),
        _cells(triangles, row, words),
    ]
    lanes, axis_high = len(triangles) - top, round(6.2 * size + 18)  # the scale below with it
    height = round(LANE_HEIGHT * lanes)
    if width == "container":
        height = min(round(LANE * window.height / 4 * lanes), window.height - axis_high)
        height = min(height, round(7 * size * lanes)) + axis_high
    return layered(*layers, width=width, height=height)


def _scale(words: Mapping[str, str], shade: Shading) -> str:
    """What the colours stand for."""
    return words["connectivity.share" if shade.relative else "connectivity.norm"]


def _inks(places: np.ndarray, ground: str) -> np.ndarray:
    """The ink that is read over each cell's colour; over none, that of quiet text."""
    rgb = GATE_TABLE.rgb(np.nan_to_num(places)).astype(float)
    bright = rgb @ [0.299, 0.587, 0.114] > 120
    return np.where(np.isnan(places), ground, np.where(bright, DEEP, PALE))


def _letters(
    sequence: Shown, places: np.ndarray, ground: str, width: int | str, least: float
) -> alt.Chart:
    steps = len(sequence.texts)
    room = (900 if isinstance(width, str) else width) / steps
    longest = max(map(len, sequence.texts))
    rows = pd.DataFrame(
        {
            "time": np.tile(np.arange(steps), len(places)),
            "lane": np.repeat(np.arange(len(places)) + LANE / 2, steps),
            "letter": np.tile(sequence.texts, len(places)),
            "ink": _inks(places, ground).ravel(),
        }
    )
    fits = 1.5 * room / (0.4 + 0.6 * longest)
    size = float(np.clip(fits, least, max(17, least)))
    if fits < LEGIBLE * least:  # they would lie over one another
        rows = rows[rows["time"].isin([step for step, _ in sequence.marks])]
    letters = Chart(rows).mark_text(fontSize=size, fontWeight=600)
    return letters.encode(
        x=alt.X("time:Q"), y=alt.Y("lane:Q"), text=alt.Text("letter:N"),
        color=alt.Color("ink:N", scale=None),
    )  # fmt: skip


def _bars(sequence: Shown, places: np.ndarray, ground: str) -> alt.Chart:
    """A bar a step and channel, up from the lane's floor, or from the channel's middle."""
    channels = sequence.bars.shape[1]
    signed = channels > 1 or sequence.bars.min() < 0
    room = LANE / channels
    inks = _inks(places, ground)
    rows = []
    for lane in range(len(places)):
        for time, channel in np.argwhere(sequence.bars != 0).tolist():
            value = float(sequence.bars[time, channel])
            base = lane + room * (channel + (0.5 if signed else 1))
            tip = base - value * room * (0.45 if signed else 0.92)
            rows.append(
                {
                    "left": time - 0.32, "right": time + 0.32, "top": min(base, tip),
                    "bottom": max(base, tip), "ink": str(inks[lane, time]),
                }
            )  # fmt: skip
    columns = ["left", "right", "top", "bottom", "ink"]
    bars = Chart(pd.DataFrame(rows, columns=columns)).mark_rect()
    return bars.encode(**box(), color=alt.Color("ink:N", scale=None))


def _marks(sequence: Shown, lanes: int, colour: str, ground: str) -> list[alt.Chart]:
    """Thin rules at both sides of every marked step through all lanes, and its label above."""
    if len(sequence.marks) > MOST_FRAMED:
        return []
    ends = dict.fromkeys((step for step, _ in sequence.marks), (-0.02, lanes - 1 + LANE))
    names = [{"time": step, "word": label, "top": -0.06} for step, label in sequence.marks]
    told = Chart(alt.Data(values=names)).mark_text(color=colour, fontWeight=600, baseline="bottom")
    return [
        rules(ends, ground, CASING),
        rules(ends, colour, 1.5),
        told.encode(x=alt.X("time:Q"), y=alt.Y("top:Q"), text=alt.Text("word:N")),
    ]


def _cells(triangles: Sequence[Triangle], row: int, words: Mapping[str, str]) -> alt.Chart:
    """Invisible cells for the pointer."""
    steps = triangles[0].norms.shape[1]
    rows = pd.concat(
        pd.DataFrame(
            {
                "network": one.title,
                "time": np.arange(steps),
                "lane": lane,
                "norm": one.norms[row],
                "share": one.shares()[row],
            }
        )
        for lane, one in enumerate(triangles)
    )
    cells = Chart(rows).transform_calculate(
        left="datum.time - 0.5", right="datum.time + 0.5", top="datum.lane",
        bottom=f"datum.lane + {LANE}",
    )  # fmt: skip
    return cells.mark_rect(opacity=0).encode(
        **box(),
        tooltip=[
            alt.Tooltip("network:N", title=words["connectivity.network"]),
            alt.Tooltip("time:Q", title=words["connectivity.input"]),
            alt.Tooltip("norm:Q", title=words["connectivity.norm"], format=".2e"),
            alt.Tooltip("share:Q", title=words["connectivity.share"], format=".3f"),
        ],
    )
