"""Two runs over the training steps: loss, gradient norm and learning rate on one axis."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from gatescope import Run
from gatescope.experiments.aids import Aid
from viz_app.features.techniques.data import best, column, side_name
from viz_app.kit.chart.axes import Axis, power_axis, power_ends
from viz_app.kit.chart.heatmap import MARGIN
from viz_app.kit.chart.lines import STYLES, Level, Line, Panel, Points, Style, Tip
from viz_app.kit.chart.window import Look
from viz_app.kit.panels import PanelRow, panel_row
from viz_app.kit.words import three_digits
from viz_app.text import say

TEXTS = ("train.alt", "train.alt_line")

WITH_RATES = ("plateau", "plateau_floor")
"""Aids of which the learning rate is drawn, also where it is a level line."""

WIDTH = 860
"""Pixels of the plots."""

BEGINNING = 0.1
"""The axis of the loss is made for what follows this share of the steps: at first it falls far."""

WIDE = 20.0
"""A loss that spans this factor is drawn on a log axis."""

SIDES = (STYLES[0]._replace(dash=(1, 0), width=4.5), STYLES[1]._replace(dash=(1, 0), width=1.8))
"""The first line is wide, below the other: where both are the same, both are seen."""

DASHED = tuple(style._replace(dash=(4, 3)) for style in SIDES)
"""The validation loss is drawn full, the training loss dashed."""

LOOK = {"tickCount": 4, "minExtent": MARGIN + 24, "maxExtent": MARGIN + 24}
"""The numbers of every panel's axis have the same room."""


def panels(aid: Aid, runs: Sequence[Run]) -> list[Panel]:
    """Loss, gradient norm and, where it changes or the aid is about it, learning rate.

    Parameters
    ----------
    aid
        The setting in which the runs differ: one of `AIDS`.
    runs
        Without the aid, and with it; or the first alone.
    """
    sides = {side_name(aid, run.config): run for run in runs}
    steps = 0.0, float(max(1, *(run.history[-1].step for run in runs)))
    shown = Axis(say("train.step"), steps, look={"tickMinStep": 1, "tickCount": 8, "format": ",d"})
    hidden = Axis("", steps, look={"labels": False, "ticks": False})
    drawn = [_loss(sides, shown), _norm(sides, shown)]
    rates = np.concatenate([column(run, "learning_rate") for run in runs])
    if aid in WITH_RATES or len(np.unique(rates)) > 1:
        drawn.append(_rate(sides, shown))
    return [*(replace(panel, x=hidden) for panel in drawn[:-1]), drawn[-1]]


def row(aid: Aid, runs: Sequence[Run], look: Look) -> PanelRow:
    """The panels for a page, fitted to its window; each has its own axis of steps."""
    drawn = panels(aid, runs)
    each = [replace(panel, x=drawn[-1].x) for panel in drawn]
    return panel_row(each, look, TEXTS, three_digits)


def _loss(sides: dict[str, Run], x: Axis) -> Panel:
    """On the validation set, with a dot at the lowest, and on the training set."""
    task = next(iter(sides.values())).task
    training = {say("aids.on_training", side=name): run for name, run in sides.items()}
    lines = _lines(sides, "loss") + _lines(training, "train_loss", DASHED)
    settled = np.concatenate([line.value[line.x >= BEGINNING * x.ends[1]] for line in lines])
    level = Level(
        task.held_out("validation").baseline_loss,
        say("aids.naive" if task.nearer else "train.baseline"),
    )
    y = _loss_axis(settled[np.isfinite(settled)], level.height)
    levels = [level] if y.ends[0] <= level.height <= y.ends[1] else []
    lowest = pd.DataFrame(
        [(name, *best(run)) for name, run in sides.items()], columns=["line", "x", "value"]
    ).dropna()
    dot = {"type": "point", "filled": True, "size": 110, "opacity": 1}
    points = [Points(lowest, dot, _tips("aids.best_at"), halo=True)] if len(lowest) else []
    return Panel(
        say(f"train.loss_{task.kind}"), lines, x, y, _tips(), levels, points, height=250, clip=True
    )


def _norm(sides: dict[str, Run], x: Axis) -> Panel:
    """The largest gradient norm since the last evaluation, and where it is clipped."""
    norms = [run.config.max_grad_norm for run in sides.values()]
    levels = [Level(norm, say("train.clip"), left=True) for norm in norms if norm is not None][-1:]
    lines = _lines(sides, "longest_gradient")
    heights = np.array([level.height for level in levels])
    y = _powers(power_ends([*(line.value for line in lines), heights]))
    return Panel(say("aids.norm"), lines, x, y, _tips(), levels, height=120)


def _rate(sides: dict[str, Run], x: Axis) -> Panel:
    """The learning rate from each step on."""
    lines = _lines(sides, "learning_rate")
    rates = np.concatenate([line.value for line in lines])
    low, high = float(rates.min()), float(rates.max())
    look = LOOK | {"values": sorted({low, high}), "format": ".2~g"}
    y = Axis("", (low / 1.5, high * 1.5), log=True, look=look)
    return Panel(say("aids.rate"), lines, x, y, _tips(), height=90, curve="step-after")


def _lines(runs: dict[str, Run], name: str, styles: Sequence[Style] = SIDES) -> list[Line]:
    """A number of each run's history, by what the line is called."""
    return [
        Line(called, column(run, "step"), column(run, name), style=style)
        for (called, run), style in zip(runs.items(), styles, strict=False)
    ]


def _tips(step: str = "train.step") -> tuple[Tip, ...]:
    return (
        Tip("line:N", say("aids.side")),
        Tip("x:Q", say(step), ","),
        Tip("value:Q", say("train.value"), ".4~g"),
    )


def _powers(ends: tuple[float, float]) -> Axis:
    axis = power_axis("", ends)
    return replace(axis, look={**LOOK, **axis.look})


def _loss_axis(losses: np.ndarray, baseline: float) -> Axis:
    """Linear from just below to just above all losses; logarithmic where they lie far apart."""
    look = LOOK | {"format": ".3~g"}
    if not len(losses):
        return Axis("", (0.0, 2 * baseline or 1.0), look=look)
    low, high = float(losses.min()), float(losses.max())
    if low > 0 and high / low > WIDE:
        return _powers(power_ends([losses]))
    room = 0.05 * (high - low) or 0.5
    return Axis("", (max(0.0, low - room), high + room), look=look)
