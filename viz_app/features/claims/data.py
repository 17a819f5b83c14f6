"""A claim's result as panels, chart and tables."""

import os
from collections.abc import Iterable
from typing import Any

import altair as alt
import pandas as pd

from gatescope import CELLS
from gatescope.experiments import split_variant
from gatescope.experiments.claims import CLAIMS, Claim, ClaimResult, Place, claim_of, load_claim
from gatescope.experiments.results import ResultError
from gatescope.files import ASSETS
from gatescope.training import TrainConfig
from viz_app.features.claims.chart import (
    ClaimAxis,
    ClaimLine,
    ClaimPanel,
    ClaimWords,
    claim_chart,
    claim_panel,
    line_names,
)
from viz_app.kit.chart.gradients import LINE_COLOURS, LINE_DASHES
from viz_app.kit.chart.style import Theme, config
from viz_app.kit.words import digits
from viz_app.text import has, name_of, say

__all__ = ["CLAIMS", "Claim", "ClaimResult", "ResultError", "claim_of"]

FOLDER = ASSETS / "claims"
"""The results that come with the app, made by ``assets/make_claims.py``."""

STYLES = {
    "rnn": 0, "lstm:forget_bias": 1, "lstm:chrono": 2, "gru": 3, "lstm_no_forget": 3,
    "cell": 3, "total": 0, "closed_form": 1, "before": 3, "after": 2, "promised": 0,
}  # fmt: skip
Panels = list[ClaimPanel]

LOWEST_KEPT = 1e-12
"""Where the axis of what is left ends."""


def prepared(key: str, folder: str | os.PathLike[str] = FOLDER) -> ClaimResult:
    """The result that comes with the app.

    Raises
    ------
    ResultError
        When there is none of today's budget.
    """
    return load_claim(claim_of(key), os.path.join(folder, f"{key}.json"))


def words() -> ClaimWords:
    """The chart's words, in the reader's language."""
    return ClaimWords(say("claims.network"), say("claims.seed"), say("claims.band"))


def line_name(line: str) -> str:
    """A variant, a quantile or a line of a chart as a person would say it."""
    if has(f"claims.line_{line}"):
        return say(f"claims.line_{line}")
    cell, start = split_variant(line)
    if CELLS[cell].retention_gate is None:
        return name_of("cell", cell)
    return say("claims.line", cell=name_of("cell", cell), start=say(f"claims.start_{start}"))


def panels(claim: Claim, result: ClaimResult) -> Panels:
    """One panel a ``panel`` of the curves; empty while there are none."""
    makers = {"gradient_decay": _decay, "chrono_timescales": _timescales, "distractors": _against}
    make = makers.get(claim.key, _learning)
    groups = result.curves.groupby("panel", sort=False)
    return [make(claim, str(name), rows) for name, rows in groups]


def chart(
    claim: Claim, result: ClaimResult, *, theme: Theme = "light", width: int = 360
) -> alt.HConcatChart:
    """All panels as one figure; ``width`` is that of one panel in pixels."""
    return claim_chart(panels(claim, result), words(), theme=theme, width=width)


def specs(found: Panels, theme: Theme) -> list[dict[str, Any]]:
    """The panels as specs for a page, each as wide as its place."""
    names = line_names(found)
    return [
        claim_panel(panel, names, words(), theme=theme, axis=number == 0)
        .configure(**config(theme))
        .to_dict(validate=False)  # the tests validate instead: it is half the time
        for number, panel in enumerate(found)
    ]


def legend(found: Panels, theme: Theme) -> list[tuple[str, str, list[int]]]:
    """Name, colour and dash of every line."""
    return [
        (name, LINE_COLOURS[theme][style], list(LINE_DASHES[style]))
        for name, style in line_names(found)
    ]


def alternative(panel: ClaimPanel) -> str:
    """What a panel shows, for who does not see it."""
    told = "; ".join(
        say(
            "claims.alt_line", line=line.name, first=digits(line.value[0]), begin=f"{line.x[0]:g}",
            last=digits(line.value[-1]), end=f"{line.x[-1]:g}",
        )
        for line in panel.lines
    )  # fmt: skip
    axes = {"x": panel.x.title, "y": panel.y.title}
    return say("claims.alt", title=panel.title, lines=told, **axes).removeprefix(": ")


def task_at(claim: Claim, at: int) -> Any:
    """The task of a claim at one of its values, whose baselines stand beside the lines."""
    budget = claim.budget
    return budget.config(Place(budget.variants[0], at, budget.seeds[0])).make_task()


def usual(claim: Claim) -> TrainConfig:
    """The settings that all runs share, as those have them that have none of their own."""
    budget = claim.budget
    places = [place for place in budget.places().values() if place.line not in budget.own]
    return budget.config(places[0])


def _lines(rows: pd.DataFrame, order: Iterable[str]) -> tuple[ClaimLine, ...]:
    found = []
    for name in order:
        for run, line in rows[rows["line"] == name].groupby("run"):
            columns = (line[column].to_numpy(float) for column in ("x", "value", "low", "high"))
            seed = "" if run < 0 else str(int(run))
            found.append(ClaimLine(line_name(name), STYLES[name], seed, *columns))
    return tuple(found)


def _learning(claim: Claim, panel: str, rows: pd.DataFrame) -> ClaimPanel:
    """A score over the training steps, one line a run."""
    at, budget = int(panel), claim.budget
    task = task_at(claim, at)
    right = claim.key == "temporal_order"
    if right:
        y = ClaimAxis(say("claims.axis_accuracy"), "share", (0.0, 1.0))
        level = _guess(task.baseline_accuracy)
    else:
        title = say("claims.axis_mse" if claim.key == "adding" else "claims.axis_nats")
        lowest = max(float(rows["value"].min()) / 1.3, 1e-5)
        y = ClaimAxis(title, "log", (lowest, max(3 * task.baseline_loss, 0.5)))
        baseline = say("claims.level", value=digits(task.baseline_loss))
        level = (task.baseline_loss, baseline)
    steps = ClaimAxis(say("claims.axis_steps"), "linear", (0.0, float(usual(claim).max_steps)))
    title = say("claims.panel_copy", at=at) if len(budget.values) > 1 else ""
    return ClaimPanel(title, _lines(rows, budget.variants), steps, y, level)


def _guess(accuracy: float) -> tuple[float, str]:
    """The level of guessing and its name."""
    return accuracy, say("claims.level_guess", value=100 * accuracy)


def _decay(claim: Claim, panel: str, rows: pd.DataFrame) -> ClaimPanel:
    """What is left over the lag, one panel a start."""
    last = float(rows["x"].max())
    return ClaimPanel(
        line_name(panel),
        _lines(rows, ("cell", "total", "closed_form")),
        ClaimAxis(say("claims.axis_lag"), "linear", (0.0, last)),
        ClaimAxis(say("claims.axis_kept"), "powers", (LOWEST_KEPT, 1.0)),
    )


def _timescales(claim: Claim, panel: str, rows: pd.DataFrame) -> ClaimPanel:
    """Half-lives against T_max, both on log axes."""
    ticks = tuple(sorted(set(rows["x"])))
    return ClaimPanel(
        "",
        _lines(rows, ("before", "after", "promised")),
        ClaimAxis(say("claims.axis_longest"), "log", (min(ticks) / 1.25, max(ticks) * 1.25), ticks),
        ClaimAxis(
            say("claims.axis_half_life"), "log", (1.0, max(2.0, 1.25 * float(rows["high"].max())))
        ),
        points=True,
    )


def _against(claim: Claim, panel: str, rows: pd.DataFrame) -> ClaimPanel:
    """Accuracy against what was varied."""
    values = claim.budget.values
    guess = task_at(claim, min(values)).baseline_accuracy
    return ClaimPanel(
        "",
        _lines(rows, claim.budget.variants),
        ClaimAxis(say("claims.axis_distractors"), "linear", (0.0, float(max(values))), values),
        ClaimAxis(say("claims.axis_accuracy"), "share", (0.0, 1.0)),
        _guess(guess),
        points=True,
    )
