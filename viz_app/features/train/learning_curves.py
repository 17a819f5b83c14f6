"""How a run goes, or went: loss, score and gradient norm against the training step."""

import numpy as np

from gatescope import Run
from viz_app.kit.chart.axes import Axis, power_axis, power_ends, share_axis
from viz_app.kit.chart.lines import STYLES, Level, Line, Panel, Tip
from viz_app.kit.chart.window import Look
from viz_app.kit.panels import PanelRow, panel_row
from viz_app.kit.words import three_digits
from viz_app.text import say

TEXTS = ("train.alt", "train.alt_line")
HEIGHT = 230
COUNTS = STYLES[1]._replace(dash=(1, 0))
BESIDE = STYLES[0]._replace(dash=(3, 3))
"""The line that counts is drawn full and in colour, the one beside it dashed and grey."""


def panels(run: Run) -> list[Panel]:
    """Loss, right answers, and the gradient's norm, of a run that is finished or is training.

    Raises
    ------
    ValueError
        When it has no history.
    """
    if not run.history:
        raise ValueError(say("train.no_history"))
    task, clip = run.task.held_out("validation"), run.config.max_grad_norm
    guess = task.baseline_accuracy
    return [
        _panel(
            run, say(f"train.loss_{task.kind}"), ("loss", "train_loss"),
            Level(task.baseline_loss, say("train.baseline")),
        ),
        _panel(
            run, say("train.accuracy"), ("accuracy",),
            Level(guess, say("train.baseline")) if guess else None,
            share=True,
        ),
        _panel(
            run, say("train.gradient_norm"), ("gradient_norm",),
            None if clip is None else Level(clip, say("train.clip")),
        ),
    ]  # fmt: skip


def _panel(
    run: Run, title: str, columns: tuple[str, ...], level: Level | None, *, share: bool = False
) -> Panel:
    """Some columns of a run's history: shares, or numbers on a log axis."""
    steps = np.array([row.step for row in run.history])
    lines = [
        Line(
            say(f"train.line_{column}"),
            steps,
            np.array([getattr(row, column) for row in run.history], dtype=float),
            style=style,
        )
        for column, style in zip(columns, (COUNTS, BESIDE), strict=False)
    ]
    levels = [] if level is None else [level]
    drawn = [*(line.value for line in lines), *(np.array(level.height) for level in levels)]
    return Panel(
        title,
        lines,
        Axis(
            say("train.step"), (0, max(int(steps[-1]), 1)),
            look={"tickCount": 5, "tickMinStep": 1, "format": ",d"},
        ),
        share_axis() if share else power_axis("", power_ends(drawn)),
        tips=(
            Tip("line:N", say("train.line")),
            Tip("x:Q", say("train.step"), ","),
            Tip("value:Q", say("train.value"), ".0%" if share else ".3~g"),
        ),
        levels=levels,
        height=HEIGHT,
    )  # fmt: skip


def row(run: Run, look: Look) -> PanelRow:
    """The panels for a page, each as wide as its column."""
    return panel_row(panels(run), look, TEXTS, three_digits)
