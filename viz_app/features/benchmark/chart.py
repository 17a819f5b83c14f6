"""Learning curves of several networks on the same axes, beside what needs no recurrence."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any, Literal

import altair as alt
import numpy as np
import pandas as pd

from viz_app.kit.chart.altair_fast import Chart, hconcat, layered
from viz_app.kit.chart.style import INKS, Theme, by_line, config

HEIGHT = 330
COLOURS: dict[Theme, tuple[str, ...]] = {
    "light": ("#a86600", "#1f77d0", "#17864a", "#c2185b", "#8e3bb0", "#00838f", "#6d4c41"),
    "dark": ("#ffb84d", "#63b0ff", "#4fd08a", "#ff6fa5", "#d08cf0", "#4dd0e1", "#bcaaa4"),
}
DASHES = ([6, 3], [1, 0], [10, 3, 2, 3], [2, 2], [12, 4], [6, 2, 1, 2], [1, 3])
"""A colour and a dash for each line, in the order in which the lines come."""

STEPS_OF_TEN = (1, 2, 5)


@dataclass(frozen=True)
class BenchLine:
    """One network; each array is (evaluation,), NaN leaves one out.

    Attributes
    ----------
    name
        As a person reads it.
    style
        Which colour and dash it takes, the same in all panels.
    x, middle, low, high
        The line and its band.
    steps
        The training step of each evaluation.
    """

    name: str
    style: int
    x: np.ndarray
    middle: np.ndarray
    low: np.ndarray
    high: np.ndarray
    steps: np.ndarray


@dataclass(frozen=True)
class BenchPanel:
    """Lines on the same axes.

    Attributes
    ----------
    title
        What is shown, with its unit.
    lines
        One a network.
    scale
        ``"share"``: 0 to 100 %; ``"log"``: positive, on a log axis.
    rules
        Thin level lines to compare with: height and name.
    x_title, last
        Of the horizontal axis: its title with the unit, and its right end.
    """

    title: str
    lines: tuple[BenchLine, ...]
    scale: Literal["share", "log"]
    rules: tuple[tuple[float, str], ...]
    x_title: str
    last: float


@dataclass(frozen=True)
class BenchWords:
    """The words under the pointer, in the reader's language."""

    line: str
    step: str
    value: str
    band: str


def styles(count: int, theme: Theme) -> list[tuple[str, list[int]]]:
    """Colour and dash of so many lines."""
    pairs = zip(cycle(COLOURS[theme]), cycle(DASHES), strict=False)
    return [(colour, list(dash)) for colour, dash in islice(pairs, count)]


def bench_panel(
    panel: BenchPanel,
    words: BenchWords,
    *,
    theme: Theme,
    width: int | str = "container",
    legend: bool = False,
) -> alt.LayerChart:
    """Draw one panel; ``legend`` says whether it names its lines."""
    names = [line.name for line in panel.lines]
    every = styles(1 + max((line.style for line in panel.lines), default=0), theme)
    found = [every[line.style] for line in panel.lines]
    keys = alt.Legend(title=None, orient="top", columns=4, symbolType="stroke") if legend else None
    colour, dash = by_line(names, [c for c, _ in found], [d for _, d in found], keys)
    x = alt.X(
        "x:Q",
        scale=alt.Scale(domain=[0, panel.last], nice=False),
        axis=alt.Axis(title=panel.x_title, grid=False, tickCount=6, format=",~r"),
    )
    y = alt.Y("middle:Q", **_vertical(panel))
    form = ".1%" if panel.scale == "share" else ".3~r"
    tips = [
        alt.Tooltip("line:N", title=words.line),
        alt.Tooltip("step:Q", title=words.step, format=","),
        alt.Tooltip("x:Q", title=panel.x_title, format=",.3~r"),
        alt.Tooltip("middle:Q", title=words.value, format=form),
        alt.Tooltip("band:N", title=words.band),
    ]
    rows = Chart(_rows(panel))
    ends = {"y": alt.Y("low:Q"), "y2": alt.Y2("high:Q")}
    layers: list[Any] = [
        rows.mark_area(opacity=0.15, clip=True).encode(x=x, color=colour, **ends),
        *_rules(panel, INKS[theme].quiet),
        rows.mark_line(strokeWidth=2.4, clip=True).encode(x=x, y=y, color=colour, strokeDash=dash),
        rows.mark_point(size=140, opacity=0, clip=True).encode(x=x, y=y, tooltip=tips),
    ]
    return layered(*layers, title=panel.title, width=width, height=HEIGHT)


def bench_chart(
    panels: Sequence[BenchPanel], words: BenchWords, *, theme: Theme = "light", width: int = 420
) -> alt.HConcatChart:
    """All panels side by side as one figure with a legend; ``width`` is that of one panel."""
    drawn = [
        bench_panel(panel, words, theme=theme, width=width, legend=number == 0)
        for number, panel in enumerate(panels)
    ]
    return hconcat(*drawn, config=alt.Config(**config(theme)))


def log_ends(panel: BenchPanel) -> tuple[float, float]:
    """The ends of a log axis: 1, 2 or 5 times a power of ten, around all that is drawn."""
    parts = [array for line in panel.lines for array in (line.middle, line.low, line.high)]
    found = np.concatenate([*parts, np.array([height for height, _ in panel.rules])])
    seen = found[np.isfinite(found) & (found > 0)]
    if not len(seen):
        return 0.1, 1.0
    low = max(value for value in _round(seen.min()) if value <= seen.min() * (1 + 1e-9))
    high = min(value for value in _round(seen.max()) if value >= seen.max() * (1 - 1e-9))
    return (low, high) if low < high else (low / 2, high * 2)


def _round(near: float) -> list[float]:
    """Round numbers around one."""
    power = int(np.floor(np.log10(near)))
    return [float(f"{k}e{p}") for p in range(power - 1, power + 3) for k in STEPS_OF_TEN]


def _vertical(panel: BenchPanel) -> dict[str, Any]:
    if panel.scale == "share":
        scale = alt.Scale(domain=[0, 1], nice=False)
        return {"scale": scale, "axis": alt.Axis(title=None, format=".0%", tickCount=5)}
    low, high = log_ends(panel)
    powers = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    kept = STEPS_OF_TEN if len(powers) <= 4 else (1,)
    ticks = [float(f"{k}e{p}") for p in powers for k in kept]
    scale = alt.Scale(type="log", domain=[low, high], nice=False, clamp=True)
    within = [tick for tick in ticks if low <= tick <= high]
    return {"scale": scale, "axis": alt.Axis(title=None, values=within, format=".2~g")}


def _rules(panel: BenchPanel, colour: str) -> list[alt.Chart]:
    """Thin lines over the whole width, each with its name above it at the right end."""
    if not panel.rules:
        return []
    y = alt.Y("middle:Q")
    data = Chart(alt.Data(values=[{"middle": height} for height, _ in panel.rules]))
    texts = Chart(
        alt.Data(values=[{"middle": height, "label": name} for height, name in panel.rules if name])
    )
    return [
        data.mark_rule(color=colour, strokeWidth=1.2, strokeDash=[3, 3]).encode(y=y),
        texts.mark_text(
            color=colour, align="right", baseline="bottom", dx=-3, dy=-3, fontSize=12
        ).encode(x=alt.XValue("width"), y=y, text=alt.Text("label:N")),
    ]


def _rows(panel: BenchPanel) -> pd.DataFrame:
    form = ".1%" if panel.scale == "share" else ".3g"
    frames = [
        pd.DataFrame(
            {
                "line": line.name, "step": line.steps, "x": line.x, "middle": line.middle,
                "low": line.low, "high": line.high,
                "band": [
                    f"{low:{form}} … {high:{form}}" if low < high else "–"
                    for low, high in zip(line.low, line.high, strict=True)
                ],
            }
        )
        for line in panel.lines
    ]  # fmt: skip
    rows = pd.concat(frames, ignore_index=True).dropna(subset=["x", "middle"])
    positive = rows[["low", "middle"]].gt(0).all(axis=1) | (panel.scale == "share")
    return rows[np.isfinite(rows["high"]) & positive]
