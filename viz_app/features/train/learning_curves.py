"""How a run goes, or went: loss, score and gradient norm against the training step."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from gatescope import Run
from viz_app.features.train.chart import CurveLine, CurvePanel, CurveWords, curve_chart, curve_panel
from viz_app.kit.chart.style import Theme, config
from viz_app.text import say


def words() -> CurveWords:
    """The chart's words, in the reader's language."""
    return CurveWords(say("train.step"), say("train.line"), say("train.value"))


def panels(run: Run) -> list[CurvePanel]:
    """Loss, right answers, and the gradient's norm, of a run that is finished or is training.

    Raises
    ------
    ValueError
        When it has no history.
    """
    if not run.history:
        raise ValueError(say("train.no_history"))
    task = run.task.held_out("validation")
    steps = np.array([row.step for row in run.history])
    last = int(steps[-1])

    def line(column: str) -> CurveLine:
        values = np.array([getattr(row, column) for row in run.history], dtype=float)
        return CurveLine(say(f"train.line_{column}"), steps, values)

    loss = say(f"train.loss_{task.kind}")
    score = say("train.accuracy")
    clip = run.config.clip
    return [
        CurvePanel(
            loss, (line("loss"), line("train_loss")), "log", task.baseline_loss,
            say("train.baseline"), last,
        ),
        CurvePanel(
            score, (line("accuracy"),), "share", task.baseline_accuracy or None,
            say("train.baseline"), last,
        ),
        CurvePanel(
            say("train.gradient_norm"), (line("gradient_norm"),), "log", clip,
            say("train.clip"), last,
        ),
    ]  # fmt: skip


def specs(found: Sequence[CurvePanel], theme: Theme) -> list[dict[str, Any]]:
    """The panels for a page, each as wide as its column."""
    charts = [
        curve_panel(panel, words(), theme=theme).configure(**config(theme)) for panel in found
    ]
    return [chart.to_dict(validate=False) for chart in charts]


def chart(run: Run, *, theme: Theme = "light", width: int = 290) -> alt.HConcatChart:
    """Draw how a run went.

    Parameters
    ----------
    run
        A run, finished or not.
    theme, width
        Light or dark, and the width of one panel in pixels.
    """
    return curve_chart(panels(run), words(), theme=theme, width=width)


def table(run: Run) -> pd.DataFrame:
    """The numbers: one row an evaluation."""
    return pd.DataFrame(run.history)


def alternative(panel: CurvePanel) -> str:
    """Where the first line of a panel begins and ends, for those who cannot see it."""
    line = panel.lines[0]
    values = line.values[np.isfinite(line.values)]
    if not len(values):
        return panel.title
    return say("train.alt", panel=panel.title, first=values[0], last=values[-1], step=panel.last)
