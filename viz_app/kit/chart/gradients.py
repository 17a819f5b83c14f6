"""Gradient flow: how large the gradient is at each time step, on a log scale.

A line is the median over examples, its band the 10th to 90th percentile. What a log scale cannot
show is not dropped: a median that is exactly zero stands on the floor as a triangle, and one
below the smallest normal number as a ring.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from viz_app.kit.chart.altair_fast import Chart, hconcat, layered, vconcat
from viz_app.kit.chart.style import INKS, Theme, by_line, config

LOWEST, HIGHEST = 1e-45, 1e45
POWER = "'10' + " + reduce(
    lambda text, pair: f"replace({text}, regexp('{pair[0]}', 'g'), '{pair[1]}')",
    zip("0123456789−-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻", strict=True),
    "format(log(datum.value) / LN10, '.0f')",
)
"""A power of ten as people write it, in Vega's expression language."""

LINE_COLOURS: dict[Theme, tuple[str, ...]] = {
    "light": ("#5b6270", "#1f77d0", "#17864a", "#c2185b"),
    "dark": ("#aab2c0", "#63b0ff", "#4fd08a", "#ff6fa5"),
}
LINE_DASHES = ([6, 3], [2, 2], [10, 3, 2, 3], [1, 0])
"""One colour and one dash for each line, in the order in which the lines come."""

IN_A_ROW = 4
"""Panels of a figure that stand side by side at most."""


@dataclass(frozen=True)
class FlowLine:
    """One network's gradient norms; each array is (time,).

    Attributes
    ----------
    name
        What the line stands for: an initialization, or 'after training'.
    median, low, high
        Over examples.
    zeros, subnormal
        Share of examples that are exactly zero, or too small to keep their digits.
    times
        The numbers of the steps; None counts them from 0.
    """

    name: str
    median: np.ndarray
    low: np.ndarray
    high: np.ndarray
    zeros: np.ndarray
    subnormal: np.ndarray
    times: np.ndarray | None = None

    @property
    def steps(self) -> np.ndarray:
        """The number of each step."""
        return np.arange(len(self.median)) if self.times is None else self.times


@dataclass(frozen=True)
class FlowPanel:
    """The lines of one cell and state."""

    title: str
    lines: tuple[FlowLine, ...]
    marks: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class FlowWords:
    """The words on the chart, in the reader's language."""

    time: str
    norm: str
    line: str
    median: str
    band: str
    zeros: str
    zero: str
    subnormal: str


def flow_panel(
    panel: FlowPanel,
    names: Sequence[str],
    words: FlowWords,
    *,
    theme: Theme,
    domain: tuple[float, float],
    width: int | str = "container",
    height: int = 300,
    legend: bool = False,
    axis: bool = True,
) -> alt.LayerChart:
    """Draw one panel.

    Parameters
    ----------
    panel
        What to draw.
    names
        All lines that there are in any panel, in order: each keeps its colour and dash.
    words
        The words on it.
    theme
        Light or dark.
    domain
        The norm's axis, as from `norm_domain`, the same for panels that stand side by side.
    width, height
        In pixels.
    legend, axis
        Whether this panel carries the legend, and the title of the norm's axis.
    """
    ink = INKS[theme]
    rows = Chart(_rows(panel, domain[0], words))
    count = len(names)
    # a stroke, not the symbol of an area: it shows the dash
    strokes = {"symbolType": "stroke", "symbolSize": 900, "symbolOpacity": 1}
    keys = alt.Legend(title=None, orient="top", columns=count, **strokes) if legend else None
    colour, dash = by_line(names, LINE_COLOURS[theme][:count], LINE_DASHES[:count], keys)
    first = min(int(line.steps[0]) for line in panel.lines)
    last = max(int(line.steps[-1]) for line in panel.lines)
    x = alt.X(
        "time:Q",
        scale=alt.Scale(domain=[first, last], nice=False),
        axis=alt.Axis(title=words.time, grid=False),
    )
    scale = alt.Scale(type="log", domain=list(domain), clamp=True, nice=False)
    title = words.norm if axis else None
    y_axis = alt.Axis(title=title, labelExpr=POWER, values=powers(domain))
    y = alt.Y("median:Q", scale=scale, axis=y_axis)
    tips = [
        alt.Tooltip("line:N", title=words.line),
        alt.Tooltip("time:Q", title=words.time),
        alt.Tooltip("median:Q", title=words.median, format=".2e"),
        alt.Tooltip("band:N", title=words.band),
        alt.Tooltip("zeros:Q", title=words.zeros, format=".0%"),
    ]
    there = rows.transform_filter("datum.kind != 'zero'")
    layers: list[Any] = [
        there.mark_area(opacity=0.15).encode(
            x=x, y=alt.Y("low:Q", scale=scale, axis=y_axis), y2=alt.Y2("high:Q"), color=colour
        ),
        there.mark_line(strokeWidth=2.2).encode(
            x=x, y=y, color=colour, strokeDash=dash, detail=alt.Detail("run:N")
        ),
        there.transform_filter("datum.alone")
        .mark_point(filled=True, size=36, opacity=1)
        .encode(x=x, y=y, color=colour),
        _marked(rows, "zero", "triangle-down", words.zero, x, y, colour),
        _marked(rows, "subnormal", "circle", words.subnormal, x, y, colour),
        rows.mark_point(size=120, opacity=0).encode(x=x, y=y, tooltip=tips),
    ]
    if panel.marks:
        sides = [{"side": step} for step, _ in panel.marks]
        rule = Chart(alt.Data(values=sides)).mark_rule(color=ink.line, strokeWidth=1)
        layers.insert(0, rule.encode(x=alt.X("side:Q")))
    return layered(*layers, title=panel.title, width=width, height=height)


def flow_chart(
    panels: Sequence[FlowPanel], words: FlowWords, *, theme: Theme = "light", width: int = 230
) -> alt.HConcatChart | alt.VConcatChart:
    """All panels on one scale, for a figure; ``width`` is that of one panel.

    They stand side by side; where there are more than `IN_A_ROW`, in rows.
    """
    names = line_names(panels)
    domain = norm_domain(panels)
    drawn = [
        flow_panel(
            panel, names, words, theme=theme, domain=domain, width=width,
            legend=number == 0, axis=number % IN_A_ROW == 0,
        )
        for number, panel in enumerate(panels)
    ]  # fmt: skip
    rows = [hconcat(*drawn[k : k + IN_A_ROW]) for k in range(0, len(drawn), IN_A_ROW)]
    chart = rows[0] if len(rows) == 1 else vconcat(*rows)
    chart = chart.resolve_legend(color="shared", strokeDash="shared")
    return chart.properties(config=alt.Config(**config(theme)))


def line_names(panels: Sequence[FlowPanel]) -> list[str]:
    """Every line's name, once, in the order of the fullest panel."""
    fullest_first = sorted(panels, key=lambda panel: -len(panel.lines))
    return list(dict.fromkeys(line.name for panel in fullest_first for line in panel.lines))


def norm_domain(panels: Sequence[FlowPanel]) -> tuple[float, float]:
    """Whole powers of ten around all that is drawn, with a floor for what is zero."""
    values = [
        array[np.isfinite(array) & (array > 0)]
        for panel in panels
        for line in panel.lines
        for array in (line.median, line.low, line.high)
    ]
    seen = np.concatenate(values) if values else np.array([1.0])
    if not len(seen):
        return 1e-3, 1.0
    low = 10.0 ** (np.floor(np.log10(seen.min())) - 1)
    high = 10.0 ** np.ceil(np.log10(seen.max()))
    return float(max(low, LOWEST)), float(min(max(high, 10 * low), HIGHEST))


def powers(domain: tuple[float, float]) -> list[float]:
    """Whole powers of ten for the ticks of a log axis, seven at most: others have no such name."""
    low, high = (round(float(np.log10(end))) for end in domain)
    return [float(10.0**power) for power in range(low, high + 1, 1 + (high - low) // 7)]


def _rows(panel: FlowPanel, floor: float, words: FlowWords) -> pd.DataFrame:
    """One row a line and step; zeros are put on the floor and say so."""
    frames = []
    for line in panel.lines:
        bands = zip(line.low, line.high, strict=True)
        zero = line.median == 0
        kind = np.where(zero, "zero", np.where(line.subnormal > 0.5, "subnormal", ""))
        beside = np.concatenate([[True], zero, [True]])
        frames.append(
            pd.DataFrame(
                {
                    "line": line.name,
                    "time": line.steps,
                    "median": np.where(line.median > 0, line.median, floor),
                    "low": np.maximum(line.low, floor),
                    "high": np.maximum(line.high, floor),
                    "band": [f"{low:.1e} … {high:.1e}" for low, high in bands],
                    "zeros": line.zeros,
                    "kind": kind,
                    "run": np.cumsum(np.diff(zero, prepend=False) != 0),
                    # a line of one step has no length
                    "alone": ~zero & beside[:-2] & beside[2:],
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def _marked(
    rows: alt.Chart, kind: str, shape: str, word: str, x: alt.X, y: alt.Y, colour: alt.Color
) -> alt.Chart:
    """Points where a median is zero, or has lost its digits."""
    return (
        rows.transform_filter(f"datum.kind == '{kind}'")
        .transform_calculate(word=f"'{word}'")
        .mark_point(shape=shape, size=36, filled=kind == "zero")
        .encode(x=x, y=y, color=colour, tooltip=alt.Tooltip("word:N", title=" "))
    )
