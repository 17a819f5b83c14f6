"""How well two classes are told apart: a confusion matrix."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np

from viz_app.kit.chart.altair_fast import Chart, layered
from viz_app.kit.chart.lines import SIX_STYLES
from viz_app.kit.chart.style import INKS, Theme

SIDE = 340


def confusion_panel(
    confusion: np.ndarray, words: Mapping[str, str], *, theme: Theme,
    width: int | str = "container", size: float = 13,
) -> alt.LayerChart:  # fmt: skip
    """Draw counts (truth, answer), each with its share of that truth; right ones stronger.

    ``size`` is that of its type.
    """
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
    numbers = rows.mark_text(
        fontSize=1.8 * size, fontWeight=600, dy=-0.6 * size, color=ink.text
    ).encode(x=x, y=y, text=alt.Text("count:Q", format=",d"))
    shares = rows.mark_text(fontSize=size + 1, dy=1.4 * size, color=ink.text).encode(
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
