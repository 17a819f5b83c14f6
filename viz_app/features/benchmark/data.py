"""The comparison bench as pictures: learning curves side by side, and what a network is called."""

from collections.abc import Sequence
from typing import Any, Literal

import altair as alt
import numpy as np

from gatescope import Task
from gatescope.experiments.comparison import Comparison, Reference, split
from gatescope.experiments.comparison.config import SIZE_OF
from viz_app.features.benchmark.chart import (
    BenchLine,
    BenchPanel,
    BenchWords,
    bench_chart,
    bench_panel,
    styles,
)
from viz_app.kit.chart.style import Theme, config
from viz_app.kit.words import digits
from viz_app.text import name_of, say

Axis = Literal["step", "seconds"]
AXES: tuple[Axis, ...] = ("step", "seconds")
NEAR = 0.06
"""Share of an axis below which two rules are so near that their names stand together."""


def variant_name(variant: str) -> str:
    """A variant as a person would say it: the cell, and how its gates start if not as usual."""
    cell, start = split(variant)
    if start == "default":
        return name_of("cell", cell)
    return say(
        "retention.variant",
        cell=name_of("cell", cell),
        initialization=say(f"retention.init_{start}"),
    )


def network_name(network: str) -> str:
    """A network as a person would say it; of one that is there in two sizes, with its units."""
    variant, _, units = network.partition(SIZE_OF)
    name = variant_name(variant)
    return say("bench.of_units", name=name, units=int(units)) if units else name


def reference_name(reference: Reference, task: Task) -> str:
    """What needs no recurrence, by its name in the field."""
    if reference.kind == "naive":
        return say("bench.naive_forecast" if task.nearer else "bench.naive")
    return say(f"bench.{reference.kind}_{task.kind}")


def score_name(task: Task) -> str:
    """What the score counts; it is not the same for all tasks."""
    if task.nearer:
        return say("bench.score_nearer")
    if task.kind == "regression":
        return say("bench.score_within", tolerance=task.tolerance)
    return say("bench.score_right")


def loss_name(task: Task) -> str:
    """What the loss is, with its unit."""
    return say(f"bench.loss_{task.kind}")


def score_text(value: float) -> str:
    """A score in per cent."""
    return f"{value:.1%}"


def short(value: float) -> str:
    """Three significant digits, without powers of ten."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def words() -> BenchWords:
    """The chart's words, in the reader's language."""
    return BenchWords(
        say("bench.network"), say("bench.step"), say("bench.median"), say("bench.band")
    )


def panels(result: Comparison, axis: Axis = "step") -> list[BenchPanel]:
    """Loss and score on the validation examples, with what needs no recurrence.

    Parameters
    ----------
    result
        A comparison with at least one finished run.
    axis
        Against the training step, or the processor's seconds.
    """
    task = result.config.make_task()
    curves = result.curves
    last = float(curves[axis].max())
    if not np.isfinite(last) or last <= 0:
        last = float(max(result.config.max_steps, 1))
    parts: list[tuple[str, Literal["share", "log"]]] = [("loss", "log"), ("score", "share")]
    titles = {"loss": loss_name(task), "score": score_name(task)}
    found = []
    for measure, scale in parts:
        lines = _lines(result, measure, axis)
        found.append(
            BenchPanel(
                title=say("bench.on_validation", what=titles[measure]),
                lines=lines,
                scale=scale,
                rules=_rules(result, task, measure, lines),
                x_title=say(f"bench.axis_{axis}"),
                last=last,
            )
        )
    return found


def chart(
    result: Comparison, *, axis: Axis = "step", theme: Theme = "light", width: int = 420
) -> alt.HConcatChart:
    """Draw the learning curves as one figure; ``width`` is that of one panel in pixels."""
    return bench_chart(panels(result, axis), words(), theme=theme, width=width)


def specs(found: Sequence[BenchPanel], theme: Theme) -> list[dict[str, Any]]:
    """The panels as specs for a page, each as wide as its place."""
    drawn = [bench_panel(panel, words(), theme=theme) for panel in found]
    return [panel.configure(**config(theme)).to_dict(validate=False) for panel in drawn]


def legend(found: Sequence[BenchPanel], theme: Theme) -> list[tuple[str, str, list[int]]]:
    """Name, colour and dash of every line."""
    names = {line.name: line.style for panel in found for line in panel.lines}
    looks = styles(1 + max(names.values(), default=0), theme)
    return [(name, *looks[style]) for name, style in names.items()]


def alternative(panel: BenchPanel) -> str:
    """What a panel shows, for who does not see it."""
    share = panel.scale == "share"
    told = []
    for line in panel.lines:
        there = line.middle[np.isfinite(line.middle)]
        if len(there):
            first, last = (score_text(v) if share else digits(v) for v in there[[0, -1]])
            told.append(say("bench.alt_line", line=line.name, first=first, last=last))
    return say("bench.alt", panel=panel.title, lines="; ".join(told))


def _lines(result: Comparison, measure: str, axis: Axis) -> tuple[BenchLine, ...]:
    """The median over the seeds at each evaluation, and the lowest and highest."""
    found = []
    for style, network in enumerate(result.config.networks()):
        rows = result.curves[result.curves["network"] == network]
        if rows.empty:
            continue
        finite = rows.assign(value=rows[measure].where(np.isfinite(rows[measure])))
        steps = finite.groupby("step")
        middle, low, high = (steps["value"].agg(name) for name in ("median", "min", "max"))
        found.append(
            BenchLine(
                name=network_name(network),
                style=style,
                x=steps[axis].median().to_numpy() if axis != "step" else middle.index.to_numpy(),
                middle=middle.to_numpy(),
                low=low.to_numpy(),
                high=high.to_numpy(),
                steps=middle.index.to_numpy(),
            )
        )
    return tuple(found)


def _rules(
    result: Comparison, task: Task, measure: str, lines: Sequence[BenchLine]
) -> tuple[tuple[float, str], ...]:
    """Each reference at its height; the names of those that lie together stand together."""
    heights = sorted(
        (getattr(reference, measure), reference_name(reference, task))
        for reference in result.references
        if np.isfinite(getattr(reference, measure))
    )
    if measure == "score" and task.nearer:  # no forecast is nearer than itself
        heights = [pair for pair in heights if pair[0] > 0]
    seen = [v for line in lines for v in line.middle if np.isfinite(v) and v > 0]
    reach = 1.0
    if measure == "loss":
        ends = [*seen, *(height for height, _ in heights if height > 0)]
        reach = float(np.log(max(ends) / min(ends))) if ends else 1.0
    groups: list[list[tuple[float, str]]] = []
    for height, name in heights:
        below = groups[-1][-1][0] if groups else None
        if below is not None and _gap(below, height, measure) < NEAR * reach:
            groups[-1].append((height, name))
        else:
            groups.append([(height, name)])
    return tuple(
        (height, ", ".join(name for _, name in group) if number == len(group) - 1 else "")
        for group in groups
        for number, (height, _) in enumerate(group)
    )


def _gap(low: float, high: float, measure: str) -> float:
    return high - low if measure == "score" else float(np.log(max(high, 1e-12) / max(low, 1e-12)))
