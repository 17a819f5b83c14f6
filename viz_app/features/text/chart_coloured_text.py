"""A text, character by character, each on the colour of one unit's value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np

from viz_app.kit.chart.altair_fast import Chart, layered
from viz_app.kit.chart.raster import FAINT, box
from viz_app.kit.chart.style import INKS, MONO, ColourTable, Theme, config, table
from viz_app.kit.chart.window import PAGE, Look, Window

COLUMNS = 72
"""Characters in the book's longest line; what is longer is broken there."""

WIDE, HIGH, LEAST = 0.62, 1.65, 1.3
"""Of a letter's size: its width, a line's height, and the least that a line can have."""

LEGEND = 56
"""Pixels of the legend: on a page a chart's height is that of all of it."""

PER_TICK, TICK = 4, 16
"""Characters that appear at a time, and milliseconds between two times."""

LETTERS = "written"
INK = ("#11151c", "#ffffff")
"""What is written on light, and on dark colours."""


@dataclass(frozen=True)
class WrittenText:
    """A text and what is known of each of its characters.

    Attributes
    ----------
    text
        The characters; a line break ends a line and is drawn as ``breaks``.
    values
        (characters,), the unit's value after each.
    kind, bound, open_ended
        ``"gate"``: colours over [0, 1]; ``"state"``: over [-bound, bound], and whether there may
        be values beyond.
    title
        Whose values they are.
    true
        (characters,), where what the unit stands for holds, to be underlined; None draws nothing.
    given
        How many characters at the beginning were given and not written; they are drawn bold.
    bits
        (characters,), how surprised the network was by each; NaN where nothing is known.
    """

    text: str
    values: np.ndarray
    kind: str
    bound: float
    open_ended: bool
    title: str
    true: np.ndarray | None
    given: int
    bits: np.ndarray
    breaks: str = "⏎"

    @property
    def low(self) -> float:
        """The lower end of the colours."""
        return 0.0 if self.kind == "gate" else -self.bound


@dataclass(frozen=True)
class Setting:
    """How a text is set: characters in a line, size of a letter, height of a line, and how many
    of its first lines have no room."""

    columns: int = COLUMNS
    size: float = 15
    line: float = 25
    left_out: int = 0


def setting(text: str, window: Window) -> Setting:
    """How a text is set for a window: whole, if need be with lines close together; of one that is
    longer still, the end."""
    least = 1.2 * window.type_size
    columns = min(COLUMNS, int(window.width / (WIDE * least)))
    room, lines = window.height - LEGEND, _lines(text, columns)
    most = min(1.7 * window.type_size, window.width / columns / WIDE)
    size = max(least, min(most, room / lines / HIGH))
    height = max(min(HIGH * size, room / lines), LEAST * size)
    return Setting(columns, size, height, max(0, lines - int(room / height)))


def places(text: str, columns: int = COLUMNS) -> list[tuple[int, int]]:
    """Line and column of each character; a word that does not fit begins a line."""
    found, line, column = [], 0, 0
    for place, character in enumerate(text):
        starts = place and text[place - 1] in " \n" and character not in " \n"
        length = len(text[place : place + columns].split(maxsplit=1)[0]) if starts else 1
        if column and column + length > columns + (character in " \n"):
            line, column = line + 1, 0
        found.append((line, column))
        line, column = (line + 1, 0) if character == "\n" else (line, column + 1)
    return found


def _lines(text: str, columns: int) -> int:
    return 1 + max((line for line, _ in places(text, columns)), default=0)


def written_rows(data: WrittenText, theme: Theme, how: Setting = Setting()) -> list[dict[str, Any]]:
    """One row per character that there is room for."""
    colours = table(data.kind, theme)
    shares = (data.values - data.low) / (data.bound - data.low)
    inks = _inks(colours, shares)
    true = np.zeros(len(data.text)) if data.true is None else data.true
    return [
        {
            "left": column - 0.5,
            "right": column + 0.5,
            "top": line - 0.5,
            "bottom": line + 0.5,
            "under": line + 0.44,
            "column": column,
            "line": line,
            "letter": data.breaks if character == "\n" else character,
            "step": step,
            "value": float(data.values[step]),
            "bits": None if np.isnan(data.bits[step]) else float(data.bits[step]),
            "ink": inks[step],
            "given": step < data.given,
            "true": bool(true[step]),
        }
        for step, (character, (line, column)) in enumerate(
            zip(data.text, places(data.text, how.columns), strict=True)
        )
        if line >= how.left_out
    ]


def written_chart(
    data: WrittenText, words: Mapping[str, str], *, theme: Theme = "light", width: int | str = 1060
) -> alt.LayerChart:
    """Draw the text; its rows stand in the dataset `LETTERS`."""
    how = Setting()
    if isinstance(width, int):
        size = PAGE.type_size
        how = Setting(min(COLUMNS, int(width / (WIDE * size))), size, HIGH * size)
    title = f"{data.title} · {words['writing.below']}" if data.low < 0 else data.title
    chart = _drawn(data, words, how, theme, PAGE.type_size, width=width, title=title)
    chart["datasets"] = {LETTERS: written_rows(data, theme, how)}
    return chart


def written_spec(
    data: WrittenText, words: Mapping[str, str], look: Look, appears: bool = False
) -> dict[str, Any]:
    """The same as a Vega-Lite spec for a page: altair does not go through its rows.

    Parameters
    ----------
    data, words
        The text.
    look
        In which colours, and for which window.
    appears
        Whether the characters that were written appear one after another.
    """
    how, theme = setting(data.text, look.window), look.theme
    chart = _drawn(data, words, how, theme, look.window.type_size)
    spec: dict[str, Any] = chart.to_dict(validate=False)
    if appears:
        spec = _appearing(spec, max(data.given, 1), len(data.text))
    return spec | {"datasets": {LETTERS: written_rows(data, theme, how)}}


def _appearing(spec: dict[str, Any], given: int, count: int) -> dict[str, Any]:
    """A spec whose characters appear after those that were given, by a clock in the browser."""
    shown = {
        "name": "shown", "value": given,
        "on": [{"events": {"type": "timer", "throttle": TICK},
                "update": f"min(shown + {PER_TICK}, {count})"}],
    }  # fmt: skip
    for layer in spec["layer"]:
        if "opacity" not in layer["mark"]:
            layer["encoding"]["opacity"] = {
                "condition": {"test": "datum.step < shown", "value": 1}, "value": 0,
            }  # fmt: skip
    return spec | {"config": spec["config"] | {"signals": [shown]}}


def _drawn(
    data: WrittenText, words: Mapping[str, str], how: Setting, theme: Theme, type_size: float,
    *, width: int | str = "container", title: str = "",
) -> alt.LayerChart:  # fmt: skip
    lines, page = _lines(data.text, how.columns), width == "container"
    rows = Chart(alt.NamedData(LETTERS))
    axis = alt.Axis(title=words["writing.column"], grid=False, domain=False, tickCount=8)
    x = alt.X(
        "left:Q",
        scale=alt.Scale(domain=[-0.5, how.columns + 0.5], nice=False, zero=False),
        axis=None if page else axis,
    )
    y = alt.Y(
        "top:Q",
        scale=alt.Scale(
            domain=[how.left_out - 0.5, lines - 0.5], reverse=True, nice=False, zero=False
        ),
        axis=None,
    )
    sides = box() | {"x": x, "y": y}
    tips = [
        alt.Tooltip("letter:N", title=words["writing.character"]),
        alt.Tooltip("step:Q", title=words["writing.step"]),
        alt.Tooltip("value:Q", title=words["writing.value"], format=".2f"),
        alt.Tooltip("bits:Q", title=words["writing.bits"], format=".1f"),
    ]
    there: dict[str, Any] = {"axis": None} if page else {}
    at = {
        "x": alt.X("column:Q", **there), "y": alt.Y("line:Q", axis=None),
        "text": alt.Text("letter:N"),
    }  # fmt: skip
    ink = alt.Color("ink:N", scale=None)
    weights: dict[str, Any] = {"datum.given": 800, "!datum.given": 500}
    layers: list[Any] = [
        rows.mark_rect().encode(**sides, color=_colour(data, theme)),
        *[
            rows.transform_filter(test)
            .mark_text(font=MONO, fontSize=how.size, fontWeight=weight, baseline="middle")
            .encode(**at, color=ink)
            for test, weight in weights.items()
        ],
        *([] if page or data.low == 0 else [_below(rows, data, INKS[theme].text)]),
        rows.transform_filter("datum.true")
        .mark_rule(strokeWidth=3, color=INKS[theme].accent)
        .encode(x=alt.X("left:Q", **there), x2=alt.X2("right:Q"), y=alt.Y("under:Q", axis=None)),
        rows.mark_rect(opacity=0).encode(**sides, tooltip=tips),
    ]
    return layered(
        *layers, **({"title": title} if title else {}), width=width,
        height=how.line * (lines - how.left_out) + (LEGEND if page else 0),
        config=alt.Config(**config(theme, type_size)),
    )  # fmt: skip


def _below(rows: alt.Chart, data: WrittenText, ink: str) -> alt.Chart:
    """A thin line above what is below zero: in print without colours the sign is seen by it."""
    lined = rows.transform_filter(f"datum.value < {-FAINT * data.bound}")
    return lined.mark_rule(strokeWidth=1.2, color=ink, yOffset=1.5).encode(
        x=alt.X("left:Q"), x2=alt.X2("right:Q"), y=alt.Y("top:Q", axis=None)
    )


def _colour(data: WrittenText, theme: Theme) -> alt.Color:
    low, high = data.low, data.bound
    label = f"format(datum.value, '{'.1f' if high >= 0.1 else '.1e'}')"
    if data.open_ended:
        label = f"(datum.value < 0 ? '≤ ' : datum.value > 0 ? '≥ ' : '') + {label}"
    legend = alt.Legend(
        title=None, orient="top", direction="horizontal", gradientLength=260, gradientOpacity=1,
        gradientThickness=12, values=[low, (low + high) / 2, high], labelExpr=label,
    )  # fmt: skip
    scale = table(data.kind, theme).scale(low, high)
    return alt.Color("value:Q", scale=scale, legend=legend)


def _inks(colours: ColourTable, shares: np.ndarray) -> list[str]:
    """Dark or white for each character, whichever stands out more (WCAG's contrast)."""
    light = luminance(colours.rgb(np.clip(shares, 0, 1)))
    dark, white = (luminance(np.array(_rgb(ink))) for ink in INK)
    on_dark = (white + 0.05) / (light + 0.05) > (light + 0.05) / (dark + 0.05)
    return [INK[int(white_is_better)] for white_is_better in on_dark]


def luminance(rgb: np.ndarray) -> np.ndarray:
    """Relative luminance of colours in 0 to 255, (..., 3) to (...), by WCAG 2."""
    shares = rgb / 255
    linear = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    found: np.ndarray = linear @ np.array([0.2126, 0.7152, 0.0722])
    return found


def _rgb(colour: str) -> Sequence[int]:
    return [int(colour[place : place + 2], 16) for place in (1, 3, 5)]
