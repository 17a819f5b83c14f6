"""How well two classes are told apart: ROC curves, and a confusion matrix."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from viz_app.kit.chart.altair_fast import Chart, hconcat, layered
from viz_app.kit.chart.memory import COLOURS, DASHES
from viz_app.kit.chart.style import INKS, Theme, by_line, config

SIDE = 340
MOST_POINTS = 250
"""Points of a curve that are drawn: more lie closer together than a pixel."""


@dataclass(frozen=True)
class RocLine:
    """One classifier.

    Attributes
    ----------
    name
        As a person reads it.
    false_rate, true_rate
        (point,), the curve.
    at
        The point at which the classifier answers.
    """

    name: str
    false_rate: np.ndarray
    true_rate: np.ndarray
    at: tuple[float, float]


@dataclass(frozen=True)
class ClassificationWords:
    """The words on the charts, in the reader's language; ``classes`` negative before positive."""

    roc: str
    false_rate: str
    true_rate: str
    line: str
    confusion: str
    truth: str
    answer: str
    count: str
    share: str
    classes: tuple[str, str]


def roc_panel(
    lines: Sequence[RocLine],
    words: ClassificationWords,
    *,
    theme: Theme,
    width: int | str = "container",
    legend: bool = False,
) -> alt.LayerChart:
    """Draw ROC curves over the diagonal of guessing; a dot stands where each classifier answers."""
    ink = INKS[theme]
    keys = alt.Legend(title=None, orient="bottom", columns=1, labelLimit=400, symbolType="stroke")
    names, colours, dashes = (list(each) for each in zip(*line_styles(lines, theme), strict=True))
    colour, dash = by_line(names, colours, dashes, keys if legend else None)
    axis = {"format": ".0%", "tickCount": 5}
    scale = alt.Scale(domain=[0, 1], nice=False)
    x = alt.X("false_rate:Q", scale=scale, axis=alt.Axis(title=words.false_rate, **axis))
    y = alt.Y("true_rate:Q", scale=scale, axis=alt.Axis(title=words.true_rate, **axis))
    tips = [
        alt.Tooltip("line:N", title=words.line),
        alt.Tooltip("false_rate:Q", title=words.false_rate, format=".1%"),
        alt.Tooltip("true_rate:Q", title=words.true_rate, format=".1%"),
    ]
    diagonal = Chart(alt.Data(values=[{"false_rate": k, "true_rate": k} for k in (0, 1)]))
    rows = Chart(curve_rows(lines))
    dots = [
        {"line": line.name, "false_rate": line.at[0], "true_rate": line.at[1]} for line in lines
    ]
    return layered(
        diagonal.mark_line(color=ink.quiet, strokeWidth=1, strokeDash=[3, 3]).encode(x=x, y=y),
        rows.mark_line(interpolate="linear").encode(x=x, y=y, color=colour, strokeDash=dash),
        Chart(alt.Data(values=dots))
        .mark_point(filled=True, size=110, opacity=1, stroke=ink.background)
        .encode(x=x, y=y, color=colour, tooltip=tips),
        title=words.roc,
        width=width,
        height=SIDE,
    )


def curve_rows(lines: Sequence[RocLine]) -> pd.DataFrame:
    """The curves' points, in order, thinned out evenly where there are many."""
    frames = []
    for line in lines:
        count = len(line.false_rate)
        kept = np.unique(np.linspace(0, count - 1, min(count, MOST_POINTS)).round().astype(int))
        frames.append(
            pd.DataFrame(
                {
                    "line": line.name,
                    "false_rate": line.false_rate[kept].round(4),
                    "true_rate": line.true_rate[kept].round(4),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def confusion_panel(
    confusion: np.ndarray,
    words: ClassificationWords,
    *,
    theme: Theme,
    width: int | str = "container",
) -> alt.LayerChart:
    """Draw counts (truth, answer), each with its share of that truth; right ones stronger."""
    ink = INKS[theme]
    x = alt.X(
        "answer:N", sort=list(words.classes),
        axis=alt.Axis(title=words.answer, labelAngle=0, domain=False, ticks=False, orient="top"),
        scale=alt.Scale(padding=0.03),
    )  # fmt: skip
    y = alt.Y(
        "truth:N", sort=list(words.classes),
        axis=alt.Axis(title=words.truth, domain=False, ticks=False), scale=alt.Scale(padding=0.03),
    )  # fmt: skip
    rows = Chart(alt.Data(values=confusion_rows(confusion, words)))
    tips: list[Any] = [
        alt.Tooltip("truth:N", title=words.truth),
        alt.Tooltip("answer:N", title=words.answer),
        alt.Tooltip("count:Q", title=words.count, format=",d"),
        alt.Tooltip("share:Q", title=words.share, format=".1%"),
    ]
    cells = rows.mark_rect().encode(
        x=x, y=y, tooltip=tips,
        color=alt.condition("datum.right", alt.value(COLOURS[theme][0]), alt.value(ink.accent)),
        opacity=alt.Opacity("share:Q", scale=alt.Scale(domain=[0, 1], range=[0.05, 0.55]),
                            legend=None),
    )  # fmt: skip
    numbers = rows.mark_text(fontSize=24, fontWeight=600, dy=-8, color=ink.text).encode(
        x=x, y=y, text=alt.Text("count:Q", format=",d")
    )
    shares = rows.mark_text(fontSize=14, dy=18, color=ink.text).encode(
        x=x, y=y, text=alt.Text("told:N")
    )
    return layered(cells, numbers, shares, title=words.confusion, width=width, height=SIDE)


def confusion_rows(confusion: np.ndarray, words: ClassificationWords) -> list[dict[str, Any]]:
    """One row a cell of the matrix."""
    found = []
    for truth, counts in enumerate(confusion):
        for answer, count in enumerate(counts):
            share = float(count / counts.sum())
            found.append(
                {
                    "truth": words.classes[truth], "answer": words.classes[answer],
                    "count": int(count), "share": round(share, 4), "told": f"{share:.0%}",
                    "right": truth == answer,
                }
            )  # fmt: skip
    return found


def classification_chart(
    lines: Sequence[RocLine],
    confusion: np.ndarray,
    words: ClassificationWords,
    *,
    theme: Theme = "light",
    width: int = 360,
) -> alt.HConcatChart:
    """Both side by side; ``width`` is that of one."""
    chart = hconcat(
        roc_panel(lines, words, theme=theme, width=width, legend=True),
        confusion_panel(confusion, words, theme=theme, width=width),
        config=alt.Config(**config(theme)),
    )
    return chart.resolve_scale(color="independent", strokeDash="independent", opacity="independent")


def line_styles(lines: Sequence[RocLine], theme: Theme) -> list[tuple[str, str, list[int]]]:
    """Each curve's name, colour and dash, for a legend beside the chart."""
    names = [line.name for line in lines]
    colours, dashes = (_repeated(styles, len(names)) for styles in (COLOURS[theme], DASHES))
    return list(zip(names, colours, dashes, strict=True))


def _repeated(styles: Sequence[Any], count: int) -> list[Any]:
    return [styles[k % len(styles)] for k in range(count)]
