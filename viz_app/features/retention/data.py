"""How success falls with the delay: an experiment's table as rows of panels."""

from collections.abc import Callable
from dataclasses import replace
from typing import Literal, get_args

import altair as alt
import numpy as np
import pandas as pd

from gatescope.analysis import median_interval
from gatescope.experiments import RetentionConfig, split_variant
from gatescope.experiments.retention import BAND
from viz_app.kit.chart.axes import Axis, power_axis, share_axis
from viz_app.kit.chart.line_charts import figure
from viz_app.kit.chart.lines import STYLES, Level, Line, Panel, Points, Style, Tip
from viz_app.kit.chart.style import Theme
from viz_app.kit.words import percent, three_digits
from viz_app.text import name_of, say

Measure = Literal["accuracy", "solved_at", "half_life", "gate_left", "gradient_left"]
Rows = dict[Measure, list[Panel]]

MEASURES: tuple[Measure, ...] = get_args(Measure)
HEIGHTS: dict[Measure, int] = {
    "accuracy": 270, "solved_at": 220, "half_life": 230, "gate_left": 200, "gradient_left": 200
}  # fmt: skip
INITIALIZATIONS = dict(zip(("default", "forget_bias", "chrono"), STYLES, strict=False))
LEAST = 1e-12
"""Below it, what is left is drawn at the end of the axis."""

BESIDE = 1.25
"""The axis of delays goes on by this factor on both sides."""

ABOVE = -4
"""Pixels from the end of a rising line up to the foot of its name."""


def variant_name(variant: str) -> str:
    """A variant as a person would say it."""
    cell, initialization = split_variant(variant)
    start = say(f"retention.init_{initialization}")
    return say("retention.variant", cell=name_of("cell", cell), initialization=start)


def rows(experiment: RetentionConfig, table: pd.DataFrame) -> Rows:
    """A row of panels for each measure, a panel for each cell; the lines are its initializations.

    Parameters
    ----------
    experiment
        What was asked for.
    table
        What there is of it, as from ``gatescope.experiments.retention_table``; not empty.
    """
    cells = dict.fromkeys(split_variant(variant)[0] for variant in experiment.variants)
    drawn: Rows = {}
    for measure in MEASURES:
        panels = [_panel(experiment, table, cell, measure) for cell in cells]
        drawn[measure] = [panel for panel in panels if panel.lines]
    return {measure: panels for measure, panels in drawn.items() if panels}


def chart(
    experiment: RetentionConfig, table: pd.DataFrame, *, theme: Theme = "light", width: int = 250
) -> alt.HConcatChart | alt.VConcatChart:
    """All panels as one figure; ``width`` is that of one panel in pixels."""
    return figure(list(rows(experiment, table).values()), theme, width)


def said(measure: Measure) -> Callable[[float], str]:
    """How a measure's numbers are written."""
    return percent if measure == "accuracy" else three_digits


def _panel(experiment: RetentionConfig, table: pd.DataFrame, cell: str, measure: Measure) -> Panel:
    lines, runs = [], []
    for variant in experiment.variants:
        own_cell, initialization = split_variant(variant)
        own = table[table["variant"] == variant]
        if own_cell == cell and own[measure if measure != "solved_at" else "steps"].notna().any():
            name = say(f"retention.init_{initialization}")
            line = _line(own, measure, name, INITIALIZATIONS[initialization])
            if measure == "solved_at" and line.high is not None:  # more than the limit is not known
                cap = float(experiment.base.max_steps)
                line = replace(line, high=np.where(np.isinf(line.high), cap, line.high))
            lines.append(line)
            runs.append(_runs(own, measure, experiment.base.max_steps).assign(line=name))
    delays = sorted(experiment.delays)
    ends = delays[0] / BESIDE, delays[-1] * BESIDE
    y = _vertical(experiment, table, measure)
    return Panel(
        name_of("cell", cell),
        lines,
        Axis(say("retention.delay"), ends, log=True, look={"values": delays, "format": "d"}),
        y,
        tips=_tips(measure, Tip("band:N", say("retention.band"))),
        levels=_levels(experiment, measure, ends, y),
        points=_points(pd.concat(runs), measure) if runs else (),
        height=HEIGHTS[measure],
    )


def _tips(measure: Measure, last: Tip) -> tuple[Tip, ...]:
    return (
        Tip("line:N", say("retention.line")),
        Tip("x:Q", say("retention.delay")),
        Tip("value:Q", say(f"retention.{measure}"), ".0%" if measure == "accuracy" else ",.3~g"),
        last,
    )


def _vertical(experiment: RetentionConfig, table: pd.DataFrame, measure: Measure) -> Axis:
    """A measure's axis, the same in all its panels."""
    title = say(f"retention.{measure}")
    if measure == "accuracy":
        return share_axis(title)
    if measure == "solved_at":
        ends = 0.0, 1.08 * experiment.base.max_steps
        return Axis(title, ends, look={"format": ",d", "tickCount": 4})
    seen = table[measure][np.isfinite(table[measure])]
    if measure == "half_life":
        longest = 1.2 * seen.max() if len(seen) else 0.0
        ends = 0.5, float(max(2.0, 2 * max(experiment.delays), longest))
        look = {"format": ",~r", "tickCount": 4, "grid": False}
        return Axis(title, ends, log=True, edge=True, look=look)
    least = max(seen.min(), LEAST) if len(seen) else 0.1
    most = max(seen.max(), 1.0) if len(seen) else 1.0
    bottom, top = np.floor(np.log10(least)), np.ceil(np.log10(most))
    bottom = min(bottom, top - 1)
    if measure == "gradient_left":  # a decade for the level's name, above all that is drawn
        top += 1
    return power_axis(title, (float(10**bottom), float(10**top)), edge=True)


def _levels(
    experiment: RetentionConfig, measure: Measure, ends: tuple[float, float], y: Axis
) -> list[Level]:
    """What to compare with: guessing, the step limit, the delay itself, the gradient at the end."""
    if measure == "gate_left":
        return []
    name = say(f"retention.reference_{measure}")
    if measure == "half_life":
        return [Level(ends[0], name, to=ends[1], dy=ABOVE)]
    config = experiment.config(experiment.variants[0], experiment.delays[0], 0)
    heights = {
        "accuracy": config.make_task().baseline_accuracy,
        "solved_at": float(experiment.base.max_steps),
        "gradient_left": 1.0,
    }
    above = y.ends[1] / 10 if measure == "gradient_left" else None
    return [Level(heights[measure], name, left=True, named_at=above)]


def _line(own: pd.DataFrame, measure: Measure, name: str, style: Style) -> Line:
    """Median and its interval over the seeds at every delay.

    A run that has not solved its task counts as infinite in the median of steps; the line is left
    out where the median is not known, the band where the runs cannot tell an interval.
    """
    values = own[measure]
    if measure == "solved_at":
        values = values.where(own["solved"], np.inf)
    delays, ends = [], []
    for delay, group in values.groupby(own["delay"]):
        there = group.dropna()
        delays.append(float(delay))
        interval = None if there.empty else median_interval(there.to_numpy(), BAND)
        if interval is None or np.isinf(interval.estimate):
            ends.append((np.nan, np.nan, np.nan))
        elif np.isfinite(interval.low):
            ends.append((interval.estimate, interval.low, interval.high))
        else:
            ends.append((interval.estimate, np.nan, np.nan))
    middle, low, high = np.array(ends).T
    bands = [_band(*pair, said(measure)) for pair in zip(low, high, strict=True)]
    return Line(name, np.array(delays), middle, low, high, {"band": bands}, style)


def _band(low: float, high: float, said: Callable[[float], str]) -> str:
    """An interval; it may have no upper end, as too many runs were ended before."""
    if np.isnan(low):
        return "–"
    if np.isinf(high):
        return say("retention.at_least", low=said(low))
    return say("retention.from_to", low=said(low), high=said(high))


def _runs(own: pd.DataFrame, measure: Measure, cap: int) -> pd.DataFrame:
    """One row a run; one that has not solved its task is not ``reached``, at the cap on steps."""
    values, reached = own[measure], own[measure].notna()
    if measure == "solved_at":
        reached = own["solved"]
        values = values.where(reached, float(cap))
    columns = {"x": own["delay"], "value": values, "seed": own["seed"], "reached": reached}
    return pd.DataFrame(columns).dropna(subset=["value"])


def _points(runs: pd.DataFrame, measure: Measure) -> list[Points]:
    """A dot a run, and a cross a run that never came there."""
    tips = _tips(measure, Tip("seed:Q", say("retention.seed")))
    dot = {"type": "point", "filled": True, "size": 28, "opacity": 0.75}
    cross = {"type": "text", "text": "×", "fontSize": 15, "opacity": 0.8}
    kinds = ((runs[runs["reached"]], dot), (runs[~runs["reached"]], cross))
    return [Points(some, mark, tips) for some, mark in kinds if len(some)]
