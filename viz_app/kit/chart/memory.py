"""Memory over the lag: up to six measures on one axis, told apart by colour, dash and number."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from viz_app.kit.chart.altair_fast import Chart, hconcat, layered
from viz_app.kit.chart.axes import POWER, powers
from viz_app.kit.chart.style import INKS, Theme, by_line, config

COLOURS: dict[Theme, tuple[str, ...]] = {
    "light": ("#17864a", "#c2185b", "#8e3bb0", "#1f77d0", "#a86600", "#5b6270"),
    "dark": ("#4fd08a", "#ff6fa5", "#d08cf0", "#63b0ff", "#ffb84d", "#aab2c0"),
}
DASHES = ([12, 3], [2, 2], [1, 0], [6, 4], [1, 0], [10, 3, 2, 3])
"""One colour and one dash for each measure, in the order in which they come."""

TOP = 1.06
"""Where the linear axis ends; what is above 1 stands on this edge."""

FLOOR = 1e-8
"""Where the log axis ends; what is below, zero too, stands on this edge."""


@dataclass(frozen=True)
class MemoryLine:
    """One measure over the lag; each array is (lag,).

    Attributes
    ----------
    number
        Its place among the measures, from 0: decides colour, dash and the number on the line.
    name
        What it is called.
    lags
        In steps.
    value
        1 means all is there, 0 nothing; some measures rise above 1.
    spread
        What the tooltip says about the spread, one text a lag.
    points
        Whether the values are few, and stand as points too.
    """

    number: int
    name: str
    lags: np.ndarray
    value: np.ndarray
    spread: tuple[str, ...]
    points: bool = False


@dataclass(frozen=True)
class MemoryPanel:
    """The measures of one network."""

    title: str
    lines: tuple[MemoryLine, ...]


@dataclass(frozen=True)
class MemoryWords:
    """The words on the chart, in the reader's language."""

    lag: str
    axis: str
    line: str
    value: str
    spread: str


def memory_panel(
    panel: MemoryPanel,
    names: Sequence[tuple[int, str]],
    words: MemoryWords,
    *,
    theme: Theme,
    last: float,
    domain: tuple[float, float],
    width: int | str = "container",
    height: int = 340,
    legend: bool = False,
    axis: bool = True,
) -> alt.LayerChart:
    """Draw one network's measures.

    Parameters
    ----------
    panel
        What to draw.
    names
        Number and name of each measure that there is in any panel.
    words
        The words on it.
    theme
        Light or dark.
    last
        Where the lag's axis ends.
    domain
        The other axis, as from `value_domain`; a log axis where it does not begin at 0.
    width, height
        In pixels.
    legend, axis
        Whether this panel carries the legend, and the title of the axis.
    """
    log = domain[0] > 0
    rows = Chart(_rows(panel, domain))
    strokes = {"symbolType": "stroke", "symbolSize": 900, "symbolStrokeWidth": 2.4}
    keys = alt.Legend(title=None, orient="top", columns=3, **strokes) if legend else None
    colour, dash = by_line(
        [name for _, name in names],
        [COLOURS[theme][number] for number, _ in names],
        [DASHES[number] for number, _ in names],
        keys,
    )
    x = alt.X(
        "lag:Q",
        scale=alt.Scale(domain=[0, last], nice=False),
        axis=alt.Axis(title=words.lag, grid=False),
    )
    kind: dict[str, Any] = {"type": "log"} if log else {}
    labels = {"labelExpr": POWER, "values": powers(domain)} if log else {"format": ".0%"}
    y = alt.Y(
        "drawn:Q",
        scale=alt.Scale(domain=list(domain), clamp=True, nice=False, **kind),
        axis=alt.Axis(title=words.axis if axis else None, tickCount=6, **labels),
    )
    tips = [
        alt.Tooltip("line:N", title=words.line),
        alt.Tooltip("lag:Q", title=words.lag, format=".0f"),
        alt.Tooltip("value:Q", title=words.value, format=".3~g"),
        alt.Tooltip("spread:N", title=words.spread),
    ]
    numbered = rows.transform_filter("datum.number != null")
    text = {"fontSize": 13, "fontWeight": 700, "dy": -9}
    halo = {"stroke": INKS[theme].background, "strokeWidth": 4, "strokeJoin": "round"}
    layers: list[Any] = [
        rows.mark_line(strokeWidth=2.2).encode(x=x, y=y, color=colour, strokeDash=dash),
        rows.transform_filter("datum.point").mark_point(size=34, filled=True, opacity=1).encode(
            x=x, y=y, color=colour
        ),
        numbered.mark_text(**text, **halo).encode(x=x, y=y, text="number:N"),
        numbered.mark_text(**text).encode(x=x, y=y, text="number:N", color=colour),
        rows.mark_point(size=90, opacity=0).encode(x=x, y=y, tooltip=tips),
    ]  # fmt: skip
    return layered(*layers, title=panel.title, width=width, height=height)


def memory_chart(
    panels: Sequence[MemoryPanel],
    words: MemoryWords,
    *,
    log: bool = False,
    theme: Theme = "light",
    width: int = 300,
) -> alt.HConcatChart:
    """All panels side by side on one scale, for a figure; ``width`` is that of one panel."""
    names, last, domain = line_names(panels), last_lag(panels), value_domain(panels, log)
    drawn = [
        memory_panel(
            panel, names, words, theme=theme, last=last, domain=domain, width=width,
            legend=place == 0, axis=place == 0,
        )
        for place, panel in enumerate(panels)
    ]  # fmt: skip
    chart = hconcat(*drawn, config=alt.Config(**config(theme)))
    return chart.resolve_legend(color="shared", strokeDash="shared")


def line_names(panels: Sequence[MemoryPanel]) -> list[tuple[int, str]]:
    """Number and name of every measure in any panel, once, in order."""
    return sorted({(line.number, line.name) for panel in panels for line in panel.lines})


def last_lag(panels: Sequence[MemoryPanel]) -> float:
    """The longest lag that is drawn."""
    return max(float(line.lags[-1]) for panel in panels for line in panel.lines)


def value_domain(panels: Sequence[MemoryPanel], log: bool) -> tuple[float, float]:
    """From 0 to 1 and a little; with ``log`` whole powers of ten around all, from `FLOOR` on."""
    if not log:
        return 0.0, TOP
    values = np.concatenate([line.value for panel in panels for line in panel.lines])
    seen = values[np.isfinite(values) & (values > 0)]
    low = 10.0 ** np.floor(np.log10(max(seen.min(), FLOOR)))
    return float(low), float(max(10.0 ** np.ceil(np.log10(seen.max())), 1.0))


def _rows(panel: MemoryPanel, domain: tuple[float, float]) -> pd.DataFrame:
    """One row a measure and lag; what lies beyond the axis is drawn on its edge."""
    frames = []
    for line in panel.lines:
        number = np.full(len(line.lags), None, dtype=object)
        # each line carries its number in a place of its own, so that they do not lie together
        number[int((line.number + 0.5) / len(DASHES) * len(line.lags))] = str(line.number + 1)
        frames.append(
            pd.DataFrame(
                {
                    "line": line.name,
                    "lag": line.lags,
                    "value": line.value,
                    "drawn": np.clip(line.value, *domain),
                    "spread": line.spread,
                    "number": number,
                    "point": line.points,
                }
            )
        )
    return pd.concat(frames, ignore_index=True)
