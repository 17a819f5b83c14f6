"""Forecasts against what came: a stretch of the series, and the error by how far ahead."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from viz_app.kit.chart.altair_fast import Chart, layered
from viz_app.kit.chart.style import INKS, SIGNAL_COLOURS, Theme, by_line, config
from viz_app.kit.chart.window import Look

HEIGHT, LEAD_HEIGHT, PARTS_HEIGHT = 300, 240, 260
"""Of plots in a figure that is made for no window."""

NARROW = 620
"""Pixels of a figure's plot in which not all names stand in one line."""

MOST_POINTS = 700
"""Buckets of a whole series that is drawn: of each the lowest and the highest value."""

PARTS = ("train", "validation", "test")
LINES = ("truth", "network", "linear", "naive")
"""What is drawn, in the order of the legend."""

DASHES = ([1, 0], [1, 0], [7, 3], [2, 3])
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


def stretch_chart(
    data: Stretch, words: Words, *, look: Look, width: int | str, height: int = HEIGHT
) -> alt.LayerChart:
    """Draw what was measured and what was forecast; what the chosen forecast has read is shaded."""
    theme = look.theme
    kind = "T" if data.dated else "Q"
    rows = _rows(data.times, data.lines, words, dated=data.dated)
    x = _time(words, kind, look)
    y = alt.Y("value:Q", title=words["value"], scale=alt.Scale(zero=False))
    few = look.window.narrow or (isinstance(width, int) and width < NARROW)
    columns = 1 if look.window.name == "phone" else 2 if few else 4
    colour, dash = _by_name(words, data.lines, theme, columns)
    tips = [
        alt.Tooltip("line:N", title=words["line"]),
        alt.Tooltip(f"time:{kind}", title=words["time"], **_form(data.dated)),
        alt.Tooltip("value:Q", title=words["value"], format=".3~f"),
    ]
    widths = alt.Scale(domain=list(WIDTHS), range=list(WIDTHS.values()))
    thick = alt.StrokeWidth("key:O", legend=None, scale=widths)
    plot = Chart(rows)
    return layered(
        *_seen(data, words, kind, look),
        plot.mark_line().encode(x=x, y=y, color=colour, strokeDash=dash, strokeWidth=thick),
        plot.mark_point(size=90, opacity=0).encode(x=x, y=y, tooltip=tips),
        *_single(plot, x, y, colour, data),
        width=width,
        height=height,
        config=alt.Config(**config(theme, _type(look))),
    )


def parts_chart(
    times: Sequence[str], dated: bool, values: np.ndarray, bounds: Mapping[str, tuple[int, int]],
    words: Words, *, look: Look, width: int | str, height: int = PARTS_HEIGHT,
) -> alt.LayerChart:  # fmt: skip
    """Draw a whole series, and where its training, validation and test sets lie.

    Parameters
    ----------
    times, dated
        As in `Stretch`.
    values
        (time,), in its own unit.
    bounds
        The first step of each of `PARTS`, and the one after its last.
    words, look, width, height
        As for the other charts; the parts' names by their keys.
    """
    ink, kind = INKS[look.theme], "T" if dated else "Q"
    places = _extremes(values)
    rows = _rows([times[k] for k in places], {"truth": values[places]}, words, dated=dated)
    starts = [times[bounds[part][0]] for part in PARTS]
    at = pd.to_datetime(starts) if dated else pd.to_numeric(starts)
    edges = Chart(pd.DataFrame({"time": at, "label": [words[part] for part in PARTS]}))
    x = _time(words, kind, look)
    y = alt.Y("value:Q", title=words["value"], scale=alt.Scale(zero=False))
    tips = [
        alt.Tooltip(f"time:{kind}", title=words["time"], **_form(dated)),
        alt.Tooltip("value:Q", title=words["value"], format=".3~f"),
    ]
    plot, few = Chart(rows), look.window.narrow
    halo: dict[str, Any] = {
        "stroke": ink.background,
        "strokeWidth": 4,
        "strokeJoin": "round",
        "aria": False,
    }
    names = [
        edges.mark_text(
            color=ink.text, align="left", dx=4, baseline="top", fontSize=_type(look),
            angle=90 if few else 0, **around,
        ).encode(x=x, y=alt.YValue(2), text="label:N")
        for around in (halo, {})
    ]  # fmt: skip
    return layered(
        plot.mark_line(color=ink.text, strokeWidth=1.2).encode(x=x, y=y),
        plot.mark_point(size=60, opacity=0).encode(x=x, y=y, tooltip=tips),
        edges.mark_rule(color=ink.accent, strokeDash=[4, 3]).encode(x=x),
        *names,
        width=width,
        height=height,
        config=alt.Config(**config(look.theme, _type(look))),
    )


def _extremes(values: np.ndarray) -> list[int]:
    """Places that draw a series as well as all of them: each bucket's lowest and highest value."""
    if len(values) <= 2 * MOST_POINTS:
        return list(range(len(values)))
    ends = np.linspace(0, len(values), MOST_POINTS + 1).astype(int)
    places = {0, len(values) - 1}
    for first, end in pairwise(ends):
        part = values[first:end]
        places |= {first + int(part.argmin()), first + int(part.argmax())}
    return sorted(places)


def _time(words: Words, kind: str, look: Look) -> alt.X:
    """The axis of time: row numbers begin where the stretch does, not at zero."""
    few = {"tickCount": 4} if look.window.narrow else {}
    look_of = _dated(words) if kind == "T" else {"format": "d", "tickMinStep": 1}
    axis = alt.Axis(title=words["time"], grid=False, **(look_of | few))
    scale = alt.Scale(nice=False) if kind == "T" else alt.Scale(nice=False, zero=False)
    return alt.X(f"time:{kind}", axis=axis, scale=scale)


def _dated(words: Words) -> dict[str, Any]:
    """Every label says the day: the hour above it, or the year below; as the words write them."""
    day, year = (f"timeFormat(datum.value, {json.dumps(words[key])})" for key in ("day", "year"))
    return {
        "tickCount": 9,
        "labelOverlap": True,
        "labelExpr": (
            "hours(datum.value) + minutes(datum.value) > 0"
            f" ? [timeFormat(datum.value, '%H:%M'), {day}] : [{day}, {year}]"
        ),
    }


def _type(look: Look) -> float:
    return look.window.type_size


def lead_chart(
    errors: dict[str, np.ndarray], words: Words, *, look: Look, width: int | str,
    height: int = LEAD_HEIGHT,
) -> alt.LayerChart:  # fmt: skip
    """Draw the error against how many steps ahead; each array is (horizon,)."""
    theme = look.theme
    ahead = tuple(str(step) for step in range(1, 1 + len(next(iter(errors.values())))))
    plot = Chart(_rows(ahead, errors, words, dated=False))
    colour, dash = _by_name(words, errors, theme, 1 if look.window.name == "phone" else 3)
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
        height=height,
        config=alt.Config(**config(theme, _type(look))),
    )


def _form(dated: bool) -> dict[str, Any]:
    return {"format": "%Y-%m-%d %H:%M"} if dated else {}


def _by_name(
    words: Words, there: dict[str, Any], theme: Theme, columns: int = 4
) -> tuple[Any, Any]:
    kept = [number for number, key in enumerate(LINES) if key in there]
    names = [words[LINES[k]] for k in kept]
    legend = alt.Legend(
        title=None, orient="bottom", symbolSize=400, symbolType="stroke", columns=columns
    )
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


def _seen(data: Stretch, words: Words, kind: str, look: Look) -> list[alt.Chart]:
    """What the chosen forecast has read, shaded, and its last step as a thin labelled rule."""
    ink = INKS[look.theme]
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
        rows.mark_text(
            color=ink.accent, align="right", dx=-5, fontSize=_type(look), baseline="top"
        ).encode(x=alt.X(f"last:{kind}"), y=alt.YValue(4), text="label:N"),
    ]
