"""A claim's result as panels of lines, and what they are called."""

import os
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from gatescope import CELLS
from gatescope.experiments import split_variant
from gatescope.experiments.claims import Claim, ClaimResult, Place, claim_of, load_claim
from gatescope.training import TrainConfig
from viz_app.kit.chart.axes import Axis, power_axis, share_axis
from viz_app.kit.chart.lines import STYLES, Level, Line, Panel, Tip
from viz_app.kit.chart.window import Look
from viz_app.kit.library import PREPARED
from viz_app.kit.panels import PanelRow, alternative, panel_row
from viz_app.kit.words import digits, number, percent, three_digits
from viz_app.text import has, name_of, say

FOLDER = PREPARED.parent / "claims"
"""The results that come with the app, made by ``assets/make_claims.py``."""

PLACES = {
    "rnn": 0, "lstm:forget_bias": 1, "lstm:chrono": 2, "gru": 3, "lstm_no_forget": 3,
    "cell": 3, "total": 0, "closed_form": 1, "before": 3, "after": 2, "promised": 0,
}  # fmt: skip
"""Which of the styles a line has."""

TEXTS = ("claims.alt", "claims.alt_line")
LOWEST_KEPT = 1e-12
"""Where the axis of what is left ends."""

BESIDE = 1.25
"""A log axis goes on by this factor beyond what is drawn."""

BELOW, ABOVE = 24, -12
"""Pixels from a level to the foot of its name, clear of the lines: losses fall from it, right
answers rise."""


def prepared(key: str, folder: str | os.PathLike[str] = FOLDER) -> ClaimResult:
    """The result that comes with the app.

    Raises
    ------
    ResultError
        When there is none of today's budget.
    """
    return load_claim(claim_of(key), os.path.join(folder, f"{key}.json"))


def line_name(line: str) -> str:
    """A variant, a quantile or a line of a chart as a person would say it."""
    if has(f"claims.line_{line}"):
        return say(f"claims.line_{line}")
    cell, start = split_variant(line)
    if CELLS[cell].retention_gate is None:
        return name_of("cell", cell)
    return say("claims.line", cell=name_of("cell", cell), start=say(f"claims.start_{start}"))


def panels(claim: Claim, result: ClaimResult) -> list[Panel]:
    """One panel a ``panel`` of the curves; empty while there are none."""
    makers = {"gradient_decay": _decay, "chrono_timescales": _timescales, "distractors": _against}
    make = makers.get(claim.key, _learning)
    groups = result.curves.groupby("panel", sort=False)
    return [make(claim, str(name), rows) for name, rows in groups]


def row(drawn: Sequence[Panel], look: Look) -> PanelRow:
    """Panels for a page."""
    return panel_row(drawn, look, TEXTS)._replace(alternatives=alternatives(drawn))


def alternatives(drawn: Sequence[Panel]) -> list[str]:
    """What each of them shows, for those who cannot see it."""
    named = any(panel.title for panel in drawn)
    texts = TEXTS if named else ("claims.alt_one", TEXTS[1])
    shares = [panel.y.look.get("format") == ".0%" for panel in drawn]
    return [
        alternative(panel, texts, percent if share else three_digits)
        for panel, share in zip(drawn, shares, strict=True)
    ]


def task_at(claim: Claim, at: int) -> Any:
    """The task of a claim at one of its values, whose baselines stand beside the lines."""
    budget = claim.budget
    return budget.config(Place(budget.variants[0], at, budget.seeds[0])).make_task()


def usual(claim: Claim) -> TrainConfig:
    """The settings that all runs share, as those have them that have none of their own."""
    budget = claim.budget
    places = [place for place in budget.places().values() if place.line not in budget.own]
    return budget.config(places[0])


def _panel(
    title: str,
    rows: pd.DataFrame,
    order: Iterable[str],
    x: Axis,
    y: Axis,
    form: str,
    level: Level | None = None,
    *,
    dots: bool = False,
) -> Panel:
    """One line a run, those of a name alike; ``form`` writes its values, as D3 has it."""
    written = form.replace("~r", "g")  # the same in Python
    lines = []
    for name in order:
        for run, curve in rows[rows["line"] == name].groupby("run"):
            at, value, low, high = curve[["x", "value", "low", "high"]].to_numpy(float).T
            bands = [
                say("claims.from_to", low=f"{least:{written}}", high=f"{most:{written}}")
                if least < most
                else "–"
                for least, most in zip(low, high, strict=True)
            ]
            banded = bool((low < high).any())
            lines.append(
                Line(
                    line_name(name), at, value, low if banded else None, high if banded else None,
                    {"run": ["–" if run < 0 else str(int(run))] * len(at), "band": bands},
                    STYLES[PLACES[name]], dots,
                )
            )  # fmt: skip
    tips = (
        Tip("line:N", say("claims.network")),
        Tip("run:N", say("claims.seed")),
        Tip("x:Q", x.title, ",.3~r" if x.log else ",~f"),
        Tip("value:Q", y.title, form),
        Tip("band:N", say("claims.band")),
    )
    levels = [] if level is None else [level]
    return Panel(title, lines, x, y, tips, levels, clip=True)


def _steps(title: str, last: float, ticks: Sequence[float] = ()) -> Axis:
    """From 0 to the last, in whole numbers."""
    values = {"values": list(ticks)} if ticks else {}
    return Axis(title, (0.0, last), look={"format": ",~f", "tickCount": 5} | values)


def _log(title: str, ends: tuple[float, float], ticks: Sequence[float] = ()) -> Axis:
    """A log axis in numbers of three digits."""
    values = {"values": list(ticks)} if ticks else {}
    look = {"format": ",.3~r", "tickCount": 5, "grid": False} | values
    return Axis(title, ends, log=True, look=look)


def _accuracy() -> Axis:
    return share_axis(say("claims.axis_accuracy"))


def _guess(accuracy: float) -> Level:
    return Level(accuracy, say("claims.level_guess", value=number(100 * accuracy)), dy=BELOW)


def _learning(claim: Claim, panel: str, rows: pd.DataFrame) -> Panel:
    """A score over the training steps, one line a run."""
    at, budget = int(panel), claim.budget
    task = task_at(claim, at)
    steps = _steps(say("claims.axis_steps"), float(usual(claim).max_steps))
    title = say("claims.panel_copy", at=at) if len(budget.values) > 1 else ""
    if claim.key == "temporal_order":
        level = _guess(task.baseline_accuracy)
        return _panel(title, rows, budget.variants, steps, _accuracy(), ".0%", level)
    lowest = max(float(rows["value"].min()) / 1.3, 1e-5)
    y = _log(
        say("claims.axis_mse" if claim.key == "adding" else "claims.axis_nats"),
        (lowest, max(3 * task.baseline_loss, 0.5)),
    )
    baseline = say("claims.level", value=digits(task.baseline_loss))
    level = Level(task.baseline_loss, baseline, dy=ABOVE)
    return _panel(title, rows, budget.variants, steps, y, ",.3~r", level)


def _decay(claim: Claim, panel: str, rows: pd.DataFrame) -> Panel:
    """What is left over the lag, one panel a start."""
    lag = _steps(say("claims.axis_lag"), float(rows["x"].max()))
    left = power_axis(say("claims.axis_kept"), (LOWEST_KEPT, 1.0))
    return _panel(line_name(panel), rows, ("cell", "total", "closed_form"), lag, left, ".2e")


def _timescales(claim: Claim, panel: str, rows: pd.DataFrame) -> Panel:
    """Half-lives against T_max, both on log axes."""
    ticks = sorted(set(rows["x"]))
    ends = ticks[0] / BESIDE, ticks[-1] * BESIDE
    longest = _log(say("claims.axis_longest"), ends, ticks)
    top = max(2.0, BESIDE * float(rows["high"].max()))
    half_life = _log(say("claims.axis_half_life"), (1.0, top))
    return _panel("", rows, ("before", "after", "promised"), longest, half_life, ",.3~r", dots=True)


def _against(claim: Claim, panel: str, rows: pd.DataFrame) -> Panel:
    """Accuracy against what was varied."""
    values = claim.budget.values
    level = _guess(task_at(claim, min(values)).baseline_accuracy)
    varied = _steps(say("claims.axis_distractors"), float(max(values)), values)
    return _panel("", rows, claim.budget.variants, varied, _accuracy(), ".0%", level, dots=True)
