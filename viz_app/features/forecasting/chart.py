"""Forecasts against what came: a stretch of the series, and the error by how far ahead."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from viz_app.kit.chart.altair_fast import Chart, layered
from viz_app.kit.chart.style import INKS, SIGNAL_COLOURS, Theme, by_line, config

HEIGHT, LEAD_HEIGHT = 300, 240
LINES = ("truth", "network", "linear", "naive")
"""What is drawn, in the order of the legend."""

DASHES = ([1, 0], [1, 0], [7, 3], [2, 3])
DATED: dict[str, Any] = {
    "tickCount": 9,
    "labelOverlap": True,
    "labelExpr": (
        "hours(datum.value) + minutes(datum.value) > 0"
        " ? [timeFormat(datum.value, '%H:%M'), timeFormat(datum.value, '%b %d')]"
        " : [timeFormat(datum.value, '%b %d'), timeFormat(datum.value, '%Y')]"
    ),
}
"""Every label says the day: the hour above it, or the year below."""

WIDTHS = {"truth": 1.4, "network": 2.6, "linear": 1.8, "naive": 1.8}


@dataclass(frozen=True)
class Stretch:
    """Some steps of a series, in its own unit; each array is (time,), NaN where there is nothing.

    Attributes
    ----------
    times
        Dates as ISO text, or step numbers.
    dated
        Whether they are dates.
    lines
        By a key of `LINES`.
    origin
        The last step that the chosen forecast has seen.
    first
        The first step of its window, or None where that lies before the stretch.
    """

    times: tuple[str, ...]
    dated: bool
    lines: dict[str, np.ndarray]
    origin: str
    first: str | None


Words = Mapping[str, str]
"""What stands on the charts; the lines' names by the keys of `LINES`."""


def colours(theme: Theme) -> list[str]:
    """One colour a line: what came in the ink of text, the network in that of a hidden state."""
    ink, signal = INKS[theme], SIGNAL_COLOURS[theme]
    return [ink.text, signal["hidden_state"], signal["input_gate"], ink.quiet]


def stretch_chart(data: Stretch, words: Words, *, theme: Theme, width: int | str) -> alt.LayerChart:
    """Draw what came and what was forecast; what the chosen forecast has seen is shaded."""
    kind = "T" if data.dated else "Q"
    rows = _rows(data.times, data.lines, words, dated=data.dated)
    axis = alt.Axis(title=words["time"], grid=False, **(DATED if data.dated else {}))
    x = alt.X(f"time:{kind}", axis=axis, scale=alt.Scale(nice=False))
    y = alt.Y("value:Q", title=words["value"], scale=alt.Scale(zero=False))
    colour, dash = _by_name(words, data.lines, theme)
    tips = [
        alt.Tooltip("line:N", title=words["line"]),
        alt.Tooltip(f"time:{kind}", title=words["time"], **_form(data.dated)),
        alt.Tooltip("value:Q", title=words["value"], format=".3~f"),
    ]
    widths = alt.Scale(domain=list(WIDTHS), range=list(WIDTHS.values()))
    thick = alt.StrokeWidth("key:N", legend=None, scale=widths)
    plot = Chart(rows)
    return layered(
        *_seen(data, words, kind, theme),
        plot.mark_line().encode(x=x, y=y, color=colour, strokeDash=dash, strokeWidth=thick),
        plot.mark_point(size=90, opacity=0).encode(x=x, y=y, tooltip=tips),
        *_single(plot, x, y, colour, data),
        width=width,
        height=HEIGHT,
        config=alt.Config(**config(theme)),
    )


def lead_chart(
    errors: dict[str, np.ndarray], words: Words, *, theme: Theme, width: int | str
) -> alt.LayerChart:
    """Draw the error against how many steps ahead; each array is (horizon,)."""
    ahead = tuple(str(step) for step in range(1, 1 + len(next(iter(errors.values())))))
    plot = Chart(_rows(ahead, errors, words, dated=False))
    colour, dash = _by_name(words, errors, theme)
    x = alt.X("time:Q", title=words["lead"], axis=alt.Axis(tickMinStep=1, grid=False, format="d"))
    y = alt.Y("value:Q", title=words["error"], scale=alt.Scale(zero=True))
    tips = [
        alt.Tooltip("line:N", title=words["line"]),
        alt.Tooltip("time:Q", title=words["lead"]),
        alt.Tooltip("value:Q", title=words["error"], format=".3~g"),
    ]
    return layered(
        plot.mark_line(strokeWidth=2.2).encode(x=x, y=y, color=colour, strokeDash=dash),
        plot.mark_point(size=30, filled=True).encode(x=x, y=y, color=colour, tooltip=tips),
        width=width,
        height=LEAD_HEIGHT,
        config=alt.Config(**config(theme)),
    )


def _form(dated: bool) -> dict[str, Any]:
    return {"format": "%Y-%m-%d %H:%M"} if dated else {}


def _by_name(words: Words, there: dict[str, Any], theme: Theme) -> tuple[Any, Any]:
    kept = [number for number, key in enumerate(LINES) if key in there]
    names = [words[LINES[k]] for k in kept]
    legend = alt.Legend(title=None, orient="bottom", symbolSize=400, symbolType="stroke")
    return by_line(names, [colours(theme)[k] for k in kept], [DASHES[k] for k in kept], legend)


def _rows(
    times: Sequence[str], lines: dict[str, np.ndarray], words: Words, *, dated: bool
) -> pd.DataFrame:
    at = pd.to_datetime(list(times)) if dated else pd.to_numeric(list(times))
    frames = [
        pd.DataFrame({"line": words[key], "key": key, "time": at, "value": lines[key]})
        for key in LINES
        if key in lines
    ]
    return pd.concat(frames, ignore_index=True).dropna()


def _single(plot: alt.Chart, x: Any, y: Any, colour: Any, data: Stretch) -> list[alt.Chart]:
    """Points where a line has one value only, and would not be seen."""
    few = [key for key, values in data.lines.items() if np.isfinite(values).sum() == 1]
    if not few:
        return []
    kept = plot.transform_filter(alt.FieldOneOfPredicate(field="key", oneOf=few))
    return [kept.mark_point(filled=True, size=70).encode(x=x, y=y, color=colour)]


def _seen(data: Stretch, words: Words, kind: str, theme: Theme) -> list[alt.Chart]:
    """What the chosen forecast has seen, shaded, and its last step as a thin labelled rule."""
    ink = INKS[theme]
    first = data.times[0] if data.first is None else data.first
    place = {"first": first, "last": data.origin, "label": words["seen"]}
    texts = [first, data.origin]
    ends = pd.to_datetime(texts) if data.dated else [float(text) for text in texts]
    rows = Chart(pd.DataFrame([place | {"first": ends[0], "last": ends[1]}]))
    return [
        rows.mark_rect(color=ink.faint, opacity=0.8).encode(
            x=alt.X(f"first:{kind}"), x2=alt.X2("last")
        ),
        rows.mark_rule(color=ink.accent, strokeWidth=1.2).encode(x=alt.X(f"last:{kind}")),
        rows.mark_text(color=ink.accent, align="right", dx=-5, fontSize=12, baseline="top").encode(
            x=alt.X(f"last:{kind}"), y=alt.YValue(4), text="label:N"
        ),
    ]
