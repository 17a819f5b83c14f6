"""How a run goes: a number against the training step, one panel a number."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import altair as alt
import numpy as np
import pandas as pd

from viz_app.kit.chart.altair_fast import Chart, hconcat, layered
from viz_app.kit.chart.gradients import LINE_COLOURS, POWER
from viz_app.kit.chart.style import INKS, Theme, by_line, config

HEIGHT = 230
DASHES = ([1, 0], [3, 3])
COLOURS = (1, 0)
"""The line that counts is drawn full and in colour, the one beside it dashed and grey."""


@dataclass(frozen=True)
class CurveLine:
    """One number over the training steps; NaN leaves a step out."""

    name: str
    steps: np.ndarray
    values: np.ndarray


@dataclass(frozen=True)
class CurvePanel:
    """Some lines on one axis.

    Attributes
    ----------
    title
        What is shown.
    lines
        One or two.
    kind
        ``"share"``: 0 to 100 %; ``"log"``: positive, on a log axis.
    reference, label
        A thin level line and its name.
    last
        The right end of the axis, in training steps.
    """

    title: str
    lines: tuple[CurveLine, ...]
    kind: Literal["share", "log"]
    reference: float | None
    label: str
    last: int


@dataclass(frozen=True)
class CurveWords:
    """The words on the chart, in the reader's language."""

    step: str
    line: str
    value: str


def curve_panel(
    panel: CurvePanel, words: CurveWords, *, theme: Theme, width: int | str = "container"
) -> alt.LayerChart:
    """Draw one panel; its lines are named at its foot."""
    names = [line.name for line in panel.lines]
    count = len(names)
    colours = [LINE_COLOURS[theme][k] for k in COLOURS[:count]]
    legend = alt.Legend(title=None, orient="bottom") if count > 1 else None
    colour, dash = by_line(names, colours, DASHES[:count], legend)
    x = alt.X(
        "step:Q",
        scale=alt.Scale(domain=[0, max(panel.last, 1)], nice=False),
        axis=alt.Axis(title=words.step, grid=False, tickCount=5, tickMinStep=1, format=",d"),
    )
    form = ".0%" if panel.kind == "share" else ".3~g"
    rows = Chart(_rows(panel))
    tips = [
        alt.Tooltip("line:N", title=words.line),
        alt.Tooltip("step:Q", title=words.step, format=","),
        alt.Tooltip("value:Q", title=words.value, format=form),
    ]
    y = alt.Y("value:Q", **_vertical(panel))
    layers: list[Any] = [
        *_reference(panel, INKS[theme].quiet),
        rows.mark_line(strokeWidth=2.2).encode(x=x, y=y, color=colour, strokeDash=dash),
        rows.mark_point(size=120, opacity=0).encode(x=x, y=y, tooltip=tips),
    ]
    if all(len(line.values) < 2 for line in panel.lines):  # a line of one point is not seen
        layers.append(rows.mark_point(filled=True, size=40).encode(x=x, y=y, color=colour))
    return layered(*layers, title=panel.title, width=width, height=HEIGHT)


def curve_chart(
    panels: Sequence[CurvePanel], words: CurveWords, *, theme: Theme = "light", width: int = 290
) -> alt.HConcatChart:
    """All panels side by side; ``width`` is that of one."""
    drawn = [curve_panel(panel, words, theme=theme, width=width) for panel in panels]
    chart = hconcat(*drawn, config=alt.Config(**config(theme)))
    return chart.resolve_scale(color="independent", strokeDash="independent")


def _vertical(panel: CurvePanel) -> dict[str, Any]:
    if panel.kind == "share":
        scale = alt.Scale(domain=[0, 1], nice=False)
        return {"scale": scale, "axis": alt.Axis(title=None, format=".0%", tickCount=5)}
    low, high = _powers(panel)
    powers = [10.0**k for k in range(round(np.log10(low)), round(np.log10(high)) + 1)]
    scale = alt.Scale(type="log", domain=[low, high], nice=False, clamp=True)
    every = 1 + len(powers) // 6
    axis = alt.Axis(title=None, values=powers[::every], labelExpr=POWER)
    return {"scale": scale, "axis": axis}


def _powers(panel: CurvePanel) -> tuple[float, float]:
    """Whole powers of ten around all values and the reference."""
    found = np.concatenate([line.values for line in panel.lines])
    seen = [*found[np.isfinite(found) & (found > 0)], panel.reference or np.nan]
    if np.isnan(seen).all():
        return 0.1, 1.0
    low, high = np.floor(np.log10(np.nanmin(seen))), np.ceil(np.log10(np.nanmax(seen)))
    return float(10**low), float(10 ** max(high, low + 1))


def _reference(panel: CurvePanel, colour: str) -> list[alt.Chart]:
    if panel.reference is None:
        return []
    data = Chart(alt.Data(values=[{"value": panel.reference, "label": panel.label}]))
    y = alt.Y("value:Q")
    return [
        data.mark_rule(color=colour, strokeWidth=1, strokeDash=[3, 3]).encode(y=y),
        data.mark_text(
            color=colour, align="right", baseline="bottom", dx=-2, dy=-3, fontSize=11
        ).encode(x=alt.XValue("width"), y=y, text=alt.Text("label:N")),
    ]


def _rows(panel: CurvePanel) -> pd.DataFrame:
    frames = [
        pd.DataFrame({"line": line.name, "step": line.steps, "value": line.values})
        for line in panel.lines
    ]
    rows = pd.concat(frames, ignore_index=True).dropna()
    return rows[np.isfinite(rows["value"]) & ((panel.kind == "share") | (rows["value"] > 0))]
