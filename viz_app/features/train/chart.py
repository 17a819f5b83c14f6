"""Two pictures of a network that learns: its loss so far, and its answers against the right ones.

Their rows stand in named tables, and their axes do not move with each frame: while it trains the
browser keeps the chart and is sent rows alone.
"""

from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np

from viz_app.kit.chart.altair_fast import Chart, layered
from viz_app.kit.chart.axes import power_axis, power_ends
from viz_app.kit.chart.style import GATE_TABLE, INKS, SIGNAL_COLOURS, config
from viz_app.kit.chart.window import Look

LOSS, ANSWERS = "loss", "answers"
"""The tables."""

MOST_ROWS = 400
"""Evaluations that are drawn; of more, every second one, or third."""

DECADES = 100
"""So far below the baseline the loss's axis reaches from the start, so that it seldom moves."""

MOST_CLASSES = 40
"""Of answers that are drawn."""


@dataclass(frozen=True)
class LossData:
    """A run's loss so far.

    Attributes
    ----------
    steps, losses
        (evaluation,).
    last
        Training step at which the axis ends.
    baseline
        The no-memory baseline.
    """

    steps: np.ndarray
    losses: np.ndarray
    last: int
    baseline: float


@dataclass(frozen=True)
class AnswersData:
    """What a network answers to some examples.

    Attributes
    ----------
    right, said
        Numbers: (answer,). Of classes: their numbers, (answer,), and the probability of each,
        (answer, class).
    classes
        One label a class; empty for numbers.
    ends
        The axes of numbers.
    shown
        Which answers are those of the example that is shown, (answer,).
    """

    right: np.ndarray
    said: np.ndarray
    classes: tuple[str, ...]
    ends: tuple[float, float]
    shown: np.ndarray


@dataclass(frozen=True)
class LearningWords:
    """The words on both pictures."""

    loss: str
    step: str
    baseline: str
    answers: str
    right: str
    said: str
    probability: str


def loss_spec(data: LossData, words: LearningWords, look: Look, height: int) -> dict[str, Any]:
    """The loss against the training step, and its last value as a dot with its number."""
    theme, ink = look.theme, INKS[look.theme]
    colour = SIGNAL_COLOURS[theme]["input_gate"]
    below = np.array([data.baseline / DECADES, data.baseline])
    axis = power_axis("", power_ends([data.losses, below]))
    x = alt.X(
        "step:Q",
        title=words.step,
        scale=alt.Scale(domain=[0, max(data.last, 1)], nice=False),
        axis=alt.Axis(tickCount=4, tickMinStep=1, format=",d", grid=False),
    )
    y = alt.Y("loss:Q", **axis.drawn(titled=False))
    level = Chart(alt.Data(values=[{"loss": data.baseline, "name": words.baseline}]))
    named = level.mark_text(
        align="right", baseline="bottom", dy=-3, color=ink.quiet, fontSize=look.window.type_size,
        stroke=ink.background, strokeWidth=0,
    )  # fmt: skip
    rows = Chart(alt.NamedData(LOSS))
    layers = [
        level.mark_rule(color=ink.quiet, strokeDash=[4, 3]).encode(y=y),
        named.encode(y=y, x=alt.value("width"), text="name:N"),
        rows.mark_line(color=colour, strokeWidth=2.4, clip=True).encode(x=x, y=y),
        rows.transform_joinaggregate(last="max(step)")
        .transform_filter("datum.step == datum.last")
        .mark_point(filled=True, size=90, opacity=1, color=colour)
        .encode(x=x, y=y),
    ]
    return _finished(layers, words.loss, look, height, {LOSS: loss_rows(data)})


def loss_rows(data: LossData) -> list[dict[str, Any]]:
    """One row an evaluation whose loss can stand on a log axis."""
    there = np.flatnonzero(np.isfinite(data.losses) & (data.losses > 0))
    if not len(there):
        return []
    every = -(-len(there) // MOST_ROWS)
    few = sorted({*there[::every].tolist(), int(there[-1])})
    return [{"step": int(data.steps[k]), "loss": float(data.losses[k])} for k in few]


def answers_spec(
    data: AnswersData, words: LearningWords, look: Look, height: int
) -> dict[str, Any]:
    """What is answered against what is right: numbers as dots, classes as a table of chances."""
    layers = _classes(data, words, look) if data.classes else _numbers(data, words, look)
    return _finished(layers, words.answers, look, height, {ANSWERS: answers_rows(data)})


def answers_rows(data: AnswersData) -> list[dict[str, Any]]:
    """One row an answer; of classes one a pair of them, with the mean probability."""
    if not data.classes:
        said = np.clip(np.nan_to_num(data.said, nan=data.ends[0]), *data.ends)
        return [
            {"right": float(right), "said": float(answer), "shown": bool(here)}
            for right, answer, here in zip(data.right, said, data.shown, strict=True)
        ]
    return [
        {"right": name, "said": other, "share": float(share)}
        for number, name in enumerate(data.classes)
        if (data.right == number).any()
        for other, share in zip(
            data.classes, np.nan_to_num(data.said[data.right == number].mean(axis=0)), strict=True
        )
    ]


def _numbers(data: AnswersData, words: LearningWords, look: Look) -> list[alt.Chart]:
    ink, colour = INKS[look.theme], SIGNAL_COLOURS[look.theme]["input_gate"]
    scale = alt.Scale(domain=list(data.ends), nice=False)
    axis = alt.Axis(tickCount=4, grid=False)
    x = alt.X("right:Q", title=words.right, scale=scale, axis=axis)
    y = alt.Y("said:Q", title=words.said, scale=scale, axis=axis)
    ends = Chart(alt.Data(values=[{"right": end, "said": end} for end in data.ends]))
    rows = Chart(alt.NamedData(ANSWERS))
    one = rows.transform_filter("datum.shown")
    return [
        ends.mark_line(color=ink.quiet, strokeWidth=1, strokeDash=[4, 3]).encode(x=x, y=y),
        rows.mark_point(filled=True, size=40, opacity=0.75, color=colour).encode(x=x, y=y),
        one.mark_point(filled=False, size=150, strokeWidth=2.4, opacity=1, color=ink.accent).encode(
            x=x, y=y
        ),
    ]


def _classes(data: AnswersData, words: LearningWords, look: Look) -> list[alt.Chart]:
    few = len(data.classes) <= 12
    axis = alt.Axis(labels=few, ticks=False, labelAngle=0, labelLimit=60)
    names = list(data.classes)
    colour = alt.Color(
        "share:Q", scale=GATE_TABLE.scale(0, 1), legend=None, title=words.probability
    )
    tips = [
        alt.Tooltip("right:N", title=words.right),
        alt.Tooltip("said:N", title=words.said),
        alt.Tooltip("share:Q", title=words.probability, format=".2f"),
    ]
    return [
        Chart(alt.NamedData(ANSWERS))
        .mark_rect()
        .encode(
            x=alt.X("right:N", title=words.right, sort=names, axis=axis,
                    scale=alt.Scale(domain=names)),
            y=alt.Y("said:N", title=words.said, sort=names, axis=axis,
                    scale=alt.Scale(domain=names)),
            color=colour, tooltip=tips,
        )
    ]  # fmt: skip


def _finished(
    layers: list[alt.Chart], title: str, look: Look, height: int, rows: dict[str, Any]
) -> dict[str, Any]:
    chart = layered(*layers, width="container", height=height, title=title)
    spec: dict[str, Any] = chart.configure(**config(look.theme, look.window.type_size)).to_dict(
        validate=False
    )  # the tests validate instead
    return spec | {"datasets": rows}
