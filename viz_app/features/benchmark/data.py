"""The comparison bench as pictures: learning curves side by side, and what a network is called."""

from collections.abc import Sequence
from itertools import cycle
from typing import Literal

import numpy as np

from gatescope import Task
from gatescope.experiments.comparison import Comparison, Reference, split
from gatescope.experiments.comparison.config import SIZE_OF
from viz_app.kit.chart.axes import Axis, share_axis
from viz_app.kit.chart.lines import Level, Line, Panel, Style, Tip
from viz_app.kit.chart.window import Look
from viz_app.kit.panels import PanelRow, alternative, panel_row
from viz_app.kit.words import commas, number, some, three_digits
from viz_app.text import name_of, say

Against = Literal["step", "seconds"]
Measure = Literal["loss", "score"]
AXES: tuple[Against, ...] = ("step", "seconds")
STYLES = (
    Style("#a86600", "#ffb84d", (6, 3)),
    Style("#1f77d0", "#63b0ff", (1, 0)),
    Style("#17864a", "#4fd08a", (10, 3, 2, 3)),
    Style("#c2185b", "#ff6fa5", (2, 2)),
    Style("#8e3bb0", "#d08cf0", (12, 4)),
    Style("#00838f", "#4dd0e1", (6, 2, 1, 2)),
    Style("#6d4c41", "#bcaaa4", (1, 3)),
)
"""For each network, in the order in which they come."""

TEXTS = ("bench.alt", "bench.alt_line")
NEAR = 0.06
"""Share of an axis below which two levels are so near that their names stand together."""


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
    return say("bench.of_units", name=name, units=some("units", int(units))) if units else name


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
        return say("bench.score_within", tolerance=number(task.tolerance))
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


def panels(result: Comparison, against: Against = "step") -> list[Panel]:
    """Loss and score on the validation examples, with what needs no recurrence.

    Parameters
    ----------
    result
        A comparison with at least one finished run.
    against
        The training step, or the processor's seconds.
    """
    last = float(result.curves[against].max())
    if not np.isfinite(last) or last <= 0:
        last = float(max(result.config.base.max_steps, 1))
    x = Axis(say(f"bench.axis_{against}"), (0, last), look={"tickCount": 6, "format": ",~r"})
    return [_panel(result, "loss", against, x), _panel(result, "score", against, x)]


def row(drawn: Sequence[Panel], look: Look) -> PanelRow:
    """The learning curves for a page."""
    return panel_row(drawn, look, TEXTS)._replace(alternatives=alternatives(drawn))


def alternatives(drawn: Sequence[Panel]) -> list[str]:
    """What each of them shows, for those who cannot see it."""
    return [
        alternative(panel, TEXTS, three_digits if panel.y.log else score_text) for panel in drawn
    ]


def _panel(result: Comparison, measure: Measure, against: Against, x: Axis) -> Panel:
    task = result.config.make_task()
    score = measure == "score"
    lines = _lines(result, measure, against)
    levels = _levels(result, task, measure, lines)
    return Panel(
        say("bench.on_validation", what=score_name(task) if score else loss_name(task)),
        lines,
        x,
        share_axis() if score else round_axis(lines, levels),
        tips=(
            Tip("line:N", say("bench.network")),
            Tip("step:Q", say("bench.step"), ","),
            Tip("x:Q", x.title, ",.3~r"),
            Tip("value:Q", say("bench.median"), ".1%" if score else ".3~r"),
            Tip("band:N", say("bench.band")),
        ),
        levels=levels,
        height=330,
        clip=True,
    )


def _lines(result: Comparison, measure: Measure, against: Against) -> list[Line]:
    """The median over the seeds at each evaluation, and the lowest and highest."""
    form = ".1%" if measure == "score" else ".3g"
    lines = []
    for network, style in zip(result.config.networks(), cycle(STYLES), strict=False):
        rows = result.curves[result.curves["network"] == network]
        if rows.empty:
            continue
        values = rows[measure].where(np.isfinite(rows[measure])).groupby(rows["step"])
        middle, low, high = values.median(), values.min(), values.max()
        steps = middle.index.to_numpy()
        bands = [
            say("bench.band_of", low=f"{least:{form}}", high=f"{most:{form}}")
            if least < most
            else "–"
            for least, most in zip(low, high, strict=True)
        ]
        lines.append(
            Line(
                network_name(network),
                rows.groupby("step")[against].median().to_numpy() if against != "step" else steps,
                middle.to_numpy(), low.to_numpy(), high.to_numpy(),
                {"step": steps, "band": bands}, style,
            )
        )  # fmt: skip
    return lines


def round_axis(lines: Sequence[Line], levels: Sequence[Level]) -> Axis:
    """A log axis around all that is drawn, its ends 1, 2 or 5 times a power of ten."""
    arrays = [array for line in lines for array in (line.value, line.low, line.high)]
    heights = np.array([level.height for level in levels])
    drawn = np.concatenate([heights, *(array for array in arrays if array is not None)])
    seen = drawn[np.isfinite(drawn) & (drawn > 0)]
    least, most = (seen.min(), seen.max()) if len(seen) else (0.1, 1.0)
    powers = range(int(np.floor(np.log10(least))), int(np.ceil(np.log10(most))) + 1)
    rounds = {float(f"{digit}e{power}"): digit for power in powers for digit in (1, 2, 5)}
    low = max(value for value in rounds if value <= least * (1 + 1e-9))
    high = min(value for value in rounds if value >= most * (1 - 1e-9))
    if low == high:
        low, high = low / 2, high * 2
    few = len(powers) <= 4
    ticks = [v for v, digit in rounds.items() if low <= v <= high and (few or digit == 1)]
    return Axis("", (low, high), log=True, look={"values": ticks, "format": ".2~g"})


def _levels(result: Comparison, task: Task, measure: Measure, lines: Sequence[Line]) -> list[Level]:
    """Each reference at its height; the names of those that lie together stand together."""
    heights = sorted(
        (float(getattr(reference, measure)), reference_name(reference, task))
        for reference in result.references
        if np.isfinite(getattr(reference, measure))
    )
    if measure == "score" and task.nearer:  # no forecast is nearer than itself
        heights = [pair for pair in heights if pair[0] > 0]
    seen = [v for line in lines for v in line.value if np.isfinite(v) and v > 0]
    reach = 1.0
    if measure == "loss":
        ends = [*seen, *(height for height, _ in heights if height > 0)]
        reach = float(np.log(max(ends) / min(ends))) if ends else 1.0
    groups: list[list[tuple[float, str]]] = []
    for height, name in heights:
        if groups and _gap(groups[-1][-1][0], height, measure) < NEAR * reach:
            groups[-1].append((height, name))
        else:
            groups.append([(height, name)])
    return [
        Level(height, commas(name for _, name in group) if place == len(group) - 1 else "")
        for group in groups
        for place, (height, _) in enumerate(group)
    ]


def _gap(low: float, high: float, measure: Measure) -> float:
    return high - low if measure == "score" else float(np.log(max(high, 1e-12) / max(low, 1e-12)))
