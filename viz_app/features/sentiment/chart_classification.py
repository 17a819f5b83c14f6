"""How well two classes are told apart: ROC curves, and a confusion matrix."""

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from viz_app.kit.chart.altair_fast import Chart, hconcat, layered
from viz_app.kit.chart.lines import SIX_STYLES
from viz_app.kit.chart.style import INKS, Theme, by_line, config

SIDE = 340
MOST_POINTS = 250
"""Points of a curve that are drawn: more lie closer together than a pixel."""


def roc_panel(
    curves: pd.DataFrame,
    words: Mapping[str, str],
    *,
    theme: Theme,
    width: int | str = "container",
    legend: bool = False,
) -> alt.LayerChart:
    """Draw ROC curves over the diagonal of guessing; a dot stands where each classifier answers.

    ``curves`` is what `curve_rows` gives of each, one after another.
    """
    ink = INKS[theme]
    keys = alt.Legend(title=None, orient="bottom", columns=1, labelLimit=400, symbolType="stroke")
    styles = line_styles(list(dict.fromkeys(curves["line"])), theme)
    names, colours, dashes = (list(each) for each in zip(*styles, strict=True))
    colour, dash = by_line(names, colours, dashes, keys if legend else None)
    axis: dict[str, Any] = {"format": ".0%", "tickCount": 5}
    scale = alt.Scale(domain=[0, 1], nice=False)
    false, true = words["sentiment.false_rate"], words["sentiment.true_rate"]
    x = alt.X("false_rate:Q", scale=scale, axis=alt.Axis(title=false, **axis))
    y = alt.Y("true_rate:Q", scale=scale, axis=alt.Axis(title=true, **axis))
    tips = [
        alt.Tooltip("line:N", title=words["sentiment.line"]),
        alt.Tooltip("false_rate:Q", title=false, format=".1%"),
        alt.Tooltip("true_rate:Q", title=true, format=".1%"),
    ]
    drawn = ["line", "false_rate", "true_rate"]
    dots = curves.loc[curves["answers"], drawn].to_dict("records")
    diagonal = Chart(alt.Data(values=[{"false_rate": k, "true_rate": k} for k in (0, 1)]))
    rows = Chart(curves.loc[~curves["answers"], drawn].reset_index(drop=True))
    return layered(
        diagonal.mark_line(color=ink.quiet, strokeWidth=1, strokeDash=[3, 3]).encode(x=x, y=y),
        rows.mark_line(interpolate="linear").encode(x=x, y=y, color=colour, strokeDash=dash),
        Chart(alt.Data(values=dots))
        .mark_point(filled=True, size=110, opacity=1, stroke=ink.background)
        .encode(x=x, y=y, color=colour, tooltip=tips),
        title=words["sentiment.roc"],
        width=width,
        height=SIDE,
    )


def curve_rows(
    name: str, false_rate: np.ndarray, true_rate: np.ndarray, answers: tuple[float, float]
) -> pd.DataFrame:
    """A curve's points in order, thinned out evenly where there are many, and where it answers."""
    count = len(false_rate)
    some = np.unique(np.linspace(0, count - 1, min(count, MOST_POINTS)).round().astype(int))
    return pd.DataFrame(
        {
            "line": name,
            "false_rate": [*false_rate[some].round(4), answers[0]],
            "true_rate": [*true_rate[some].round(4), answers[1]],
            "answers": [*[False] * len(some), True],
        }
    )


def confusion_panel(
    confusion: np.ndarray, words: Mapping[str, str], *, theme: Theme, width: int | str = "container"
) -> alt.LayerChart:
    """Draw counts (truth, answer), each with its share of that truth; right ones stronger."""
    ink, classes = INKS[theme], [words["sentiment.blame"], words["sentiment.praise"]]
    axis: dict[str, Any] = {"domain": False, "ticks": False}
    x = alt.X(
        "answer:N", sort=classes, scale=alt.Scale(padding=0.03),
        axis=alt.Axis(title=words["sentiment.answer"], labelAngle=0, orient="top", **axis),
    )  # fmt: skip
    y = alt.Y(
        "truth:N", sort=classes, scale=alt.Scale(padding=0.03),
        axis=alt.Axis(title=words["sentiment.truth"], **axis),
    )  # fmt: skip
    rows = Chart(alt.Data(values=confusion_rows(confusion, classes)))
    tips: list[Any] = [
        alt.Tooltip("truth:N", title=words["sentiment.truth"]),
        alt.Tooltip("answer:N", title=words["sentiment.answer"]),
        alt.Tooltip("count:Q", title=words["sentiment.count"], format=",d"),
        alt.Tooltip("share:Q", title=words["sentiment.share"], format=".1%"),
    ]
    right = SIX_STYLES[0].colour(theme)
    cells = rows.mark_rect().encode(
        x=x, y=y, tooltip=tips,
        color=alt.condition("datum.right", alt.value(right), alt.value(ink.accent)),
        opacity=alt.Opacity("share:Q", scale=alt.Scale(domain=[0, 1], range=[0.05, 0.55]),
                            legend=None),
    )  # fmt: skip
    numbers = rows.mark_text(fontSize=24, fontWeight=600, dy=-8, color=ink.text).encode(
        x=x, y=y, text=alt.Text("count:Q", format=",d")
    )
    shares = rows.mark_text(fontSize=14, dy=18, color=ink.text).encode(
        x=x, y=y, text=alt.Text("told:N")
    )
    return layered(
        cells, numbers, shares, title=words["sentiment.confusion"], width=width, height=SIDE
    )


def confusion_rows(confusion: np.ndarray, classes: Sequence[str]) -> list[dict[str, Any]]:
    """One row a cell of the matrix."""
    shares = confusion / confusion.sum(axis=1, keepdims=True)
    return [
        {
            "truth": classes[truth], "answer": classes[answer], "count": int(count),
            "share": round(float(shares[truth, answer]), 4),
            "told": f"{shares[truth, answer]:.0%}", "right": truth == answer,
        }
        for (truth, answer), count in np.ndenumerate(confusion)
    ]  # fmt: skip


def classification_chart(
    curves: pd.DataFrame,
    confusion: np.ndarray,
    words: Mapping[str, str],
    *,
    theme: Theme,
    width: int,
) -> alt.HConcatChart:
    """Both side by side; ``width`` is that of one."""
    chart = hconcat(
        roc_panel(curves, words, theme=theme, width=width, legend=True),
        confusion_panel(confusion, words, theme=theme, width=width),
        config=alt.Config(**config(theme)),
    )
    return chart.resolve_scale(color="independent", strokeDash="independent", opacity="independent")


def line_styles(names: Sequence[str], theme: Theme) -> list[tuple[str, str, list[int]]]:
    """Each curve's name, colour and dash, for a legend beside the chart."""
    looks = zip(names, cycle(SIX_STYLES), strict=False)
    return [(name, look.colour(theme), list(look.dash)) for name, look in looks]
