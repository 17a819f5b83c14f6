"""How success falls with the delay: an experiment's table as panels, chart and legend."""

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from gatescope.analysis import median_interval
from gatescope.experiments import RetentionConfig, split_variant
from gatescope.experiments.retention import BAND, DEFAULT_VARIANTS
from viz_app.features.retention.chart import (
    Measure,
    RetentionLine,
    RetentionPanel,
    RetentionWords,
    line_names,
    retention_chart,
    retention_panel,
)
from viz_app.kit.chart.gradients import LINE_COLOURS, LINE_DASHES
from viz_app.kit.chart.style import Theme, config
from viz_app.text import name_of, say

VARIANTS = DEFAULT_VARIANTS
INITIALIZATIONS = ("default", "forget_bias", "chrono")
MEASURES: tuple[Measure, ...] = (
    "accuracy", "solved_at", "half_life", "gate_left", "gradient_left"
)  # fmt: skip
LEAST = 1e-12
"""Below it, what is left is drawn at the end of the axis."""

Panels = list[list[RetentionPanel]]


def words() -> RetentionWords:
    """The chart's words, in the reader's language."""
    return RetentionWords(
        **{name: say(f"retention.{name}") for name in RetentionWords.__dataclass_fields__}
    )


def variant_name(variant: str) -> str:
    """A variant as a person would say it."""
    cell, initialization = split_variant(variant)
    start = say(f"retention.init_{initialization}")
    return say("retention.variant", cell=name_of("cell", cell), initialization=start)


def panels(experiment: RetentionConfig, table: pd.DataFrame) -> Panels:
    """One row of panels a measure, one panel a cell; the lines are its initializations.

    Parameters
    ----------
    experiment
        What was asked for.
    table
        What there is of it, as from ``gatescope.experiments.retention_table``; not empty.
    """
    cells = list(dict.fromkeys(split_variant(variant)[0] for variant in experiment.variants))
    rows = []
    for measure in MEASURES:
        row = [_panel(experiment, table, cell, measure) for cell in cells]
        rows.append([panel for panel in row if panel.lines])
    return [row for row in rows if row]


def chart(
    experiment: RetentionConfig, table: pd.DataFrame, *, theme: Theme = "light", width: int = 250
) -> alt.VConcatChart:
    """All panels as one figure; ``width`` is that of one panel in pixels."""
    return retention_chart(panels(experiment, table), words(), theme=theme, width=width)


def specs(found: Panels, theme: Theme) -> list[list[dict[str, Any]]]:
    """The panels as specs for a page, each as wide as its place."""
    return [
        [
            retention_panel(panel, words(), theme=theme, axis=number == 0)
            .configure(**config(theme))
            .to_dict(validate=False)  # the tests validate instead: it is half the time
            for number, panel in enumerate(row)
        ]
        for row in found
    ]


def legend(found: Panels, theme: Theme) -> list[tuple[str, str, list[int]]]:
    """Name, colour and dash of every line."""
    return [
        (name, LINE_COLOURS[theme][style], list(LINE_DASHES[style]))
        for name, style in line_names(found).items()
    ]


def alternative(panel: RetentionPanel) -> str:
    """What a panel shows, for who does not see it."""
    lines = []
    for line in panel.lines:
        there = ~np.isnan(line.middle)
        if there.any():
            first, last = np.flatnonzero(there)[[0, -1]]
            form = (lambda v: f"{v:.0%}") if panel.measure == "accuracy" else (lambda v: f"{v:.3g}")
            lines.append(
                say(
                    "retention.alt_line",
                    line=line.name,
                    first=form(line.middle[first]),
                    first_delay=int(line.delays[first]),
                    last=form(line.middle[last]),
                    last_delay=int(line.delays[last]),
                )
            )
    name = say(f"retention.{panel.measure}")
    return say("retention.alt", panel=panel.title, measure=name, lines="; ".join(lines))


def _panel(
    experiment: RetentionConfig, table: pd.DataFrame, cell: str, measure: Measure
) -> RetentionPanel:
    lines = []
    for variant in experiment.variants:
        own_cell, initialization = split_variant(variant)
        rows = table[table["variant"] == variant]
        if own_cell == cell and rows[measure if measure != "solved_at" else "steps"].notna().any():
            name = say(f"retention.init_{initialization}")
            style = INITIALIZATIONS.index(initialization)
            lines.append(_line(rows, measure, name, style, experiment.max_steps))
    task = experiment.config(experiment.variants[0], experiment.delays[0], 0).make_task()
    references = {
        "accuracy": task.baseline_accuracy,
        "solved_at": float(experiment.max_steps),
        "half_life": 1.0,
        "gradient_left": 1.0,
    }
    bottom, top = _ends(experiment, table, measure)
    return RetentionPanel(
        title=name_of("cell", cell),
        measure=measure,
        lines=tuple(lines),
        delays=tuple(sorted(experiment.delays)),
        top=top,
        bottom=bottom,
        reference=references.get(measure),
    )


def _ends(
    experiment: RetentionConfig, table: pd.DataFrame, measure: Measure
) -> tuple[float, float]:
    """The ends of a measure's axis, the same in all its panels."""
    if measure == "accuracy":
        return 0.0, 1.0
    if measure == "solved_at":
        return 0.0, 1.08 * experiment.max_steps
    seen = table[measure][np.isfinite(table[measure])]
    if measure == "half_life":
        longest = 1.2 * seen.max() if len(seen) else 0.0
        return 0.5, float(max(2.0, 2 * max(experiment.delays), longest))
    least = max(seen.min(), LEAST) if len(seen) else 0.1
    most = max(seen.max(), 1.0) if len(seen) else 1.0
    bottom, top = np.floor(np.log10(least)), np.ceil(np.log10(most))
    return float(10 ** min(bottom, top - 1)), float(10**top)


def _line(rows: pd.DataFrame, measure: Measure, name: str, style: int, cap: int) -> RetentionLine:
    """Median and its interval over the seeds at every delay.

    A run that has not solved its task counts as infinite in the median of steps, and is drawn as a
    cross at the cap; the line is left out where the median is not known.
    """
    steps = measure == "solved_at"
    reached = rows["solved"] if steps else rows[measure].notna()
    values = rows[measure].where(reached, np.inf if steps else np.nan)
    ends = []
    for delay, group in values.groupby(rows["delay"]):
        there = group.dropna()
        found = None if there.empty else median_interval(there.to_numpy(), BAND)
        if found is None or np.isinf(found.estimate):
            ends.append((delay, np.nan, np.nan, np.nan))
        else:
            ends.append((delay, found.estimate, found.low, found.high))
    points = pd.DataFrame(
        {
            "delay": rows["delay"], "value": values.where(reached, float(cap) if steps else np.nan),
            "seed": rows["seed"], "reached": reached,
        }
    )  # fmt: skip
    return RetentionLine(name, style, *np.array(ends, dtype=float).T, points)
