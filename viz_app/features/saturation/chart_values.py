"""How a signal's values are spread while its network learns: a row a checkpoint."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from viz_app.kit.chart.altair_fast import Chart, layered
from viz_app.kit.chart.raster import (
    CASING,
    Raster,
    bar_below,
    box,
    centred,
    colour_key,
    frame,
    image,
)
from viz_app.kit.chart.style import GATE_TABLE, INKS, Theme

AROUND = 9.5
"""Sizes of its type that the title, the axis and the legend of a panel take."""


@dataclass(frozen=True)
class ValueMap:
    """One signal's values by checkpoint, the first on top.

    ``shares`` (checkpoint, bin) are those of all values in each bin; bins without one are left
    blank. Outside of the ``thresholds`` a value counts as saturated. The row of the ``chosen``
    checkpoint is framed.
    """

    title: str
    checkpoints: tuple[int, ...]
    shares: np.ndarray
    edges: np.ndarray
    thresholds: tuple[float, float]
    chosen: int

    @property
    def top(self) -> float:
        """Where the colours end: the largest share, rounded up to a tenth."""
        return max(0.1, float(np.ceil(np.nanmax(self.shares) * 10 - 1e-9) / 10))


def value_map(
    drawn: ValueMap, words: Mapping[str, str], *, theme: Theme, top: float,
    width: int | str = "container", height: int = 380, axis: bool = True, size: float = 13,
) -> alt.LayerChart:  # fmt: skip
    """Draw one signal.

    ``top`` is where the colours end, the same for signals that stand together. On a page ``height``
    is that of the whole panel, legend included, and ``axis`` says whether it names training steps;
    ``size`` is that of its type.
    """
    ink, rows = INKS[theme], len(drawn.checkpoints)
    low, high = float(drawn.edges[0]), float(drawn.edges[-1])
    plot = height - AROUND * size if width == "container" else height
    shown = list(range(0, rows, -(-int(rows * 1.1 * size) // int(plot))))
    seen = np.where(drawn.shares > 0, np.sqrt(drawn.shares), np.nan)
    picture = Raster(seen, 0, np.sqrt(top), GATE_TABLE).row() | {"x": low, "x2": high}
    x = alt.X(
        "x:Q",
        scale=alt.Scale(domain=[low, high], nice=False, zero=False),
        axis=alt.Axis(title=words["saturation.value"], grid=False, domain=False, tickCount=5),
    )
    y = alt.Y(
        "y:Q",
        scale=centred(rows, reverse=True),
        axis=alt.Axis(
            title=words["saturation.checkpoint"] if axis else None, values=shown,
            tickCount=len(shown), labelExpr=f"format({list(drawn.checkpoints)}[datum.value], ',')",
            labelOverlap=False, grid=False, ticks=False, domain=False,
        ),
    )  # fmt: skip
    rules: tuple[tuple[str, dict[str, Any]], ...] = (
        (ink.background, {"strokeWidth": CASING}),
        (ink.text, {"strokeWidth": 1.5, "strokeDash": [3, 3]}),
    )
    ends = alt.Data(values=[{"threshold": value} for value in drawn.thresholds])
    return layered(
        image(alt.InlineData(values=[picture]), x, y),
        _legend(words["saturation.share"], top),
        *(
            Chart(ends).mark_rule(color=colour, **line).encode(x=alt.X("threshold:Q"))
            for colour, line in rules
        ),
        *frame(low, high, drawn.checkpoints.index(drawn.chosen), ink.text, ink.background),
        Chart(_cells(drawn)).mark_rect(opacity=0).encode(
            **box(),
            tooltip=[
                alt.Tooltip("span:N", title=words["saturation.span"]),
                alt.Tooltip("checkpoint:Q", title=words["saturation.checkpoint"], format=","),
                alt.Tooltip("share:Q", title=words["saturation.share"], format=".1%"),
            ],
        ),
        title=drawn.title,
        width=width,
        height=height,
    )  # fmt: skip


def _legend(title: str, top: float) -> alt.Chart:
    """The colours, on the square-root scale on which the pixels are painted."""
    stops = np.linspace(0, np.sqrt(top), len(GATE_TABLE.colours)) ** 2
    scale = alt.Scale(
        type="sqrt", domain=[float(f"{stop:.6g}") for stop in stops],
        range=list(GATE_TABLE.colours), interpolate="rgb", clamp=True,
    )  # fmt: skip
    return colour_key(0, top, scale, bar_below(title, [0, top / 4, top], format=".0%"))


def _cells(drawn: ValueMap) -> pd.DataFrame:
    """Every bin at every checkpoint, for the pointer."""
    rows, bins = drawn.shares.shape
    low, high = drawn.edges[:-1], drawn.edges[1:]
    spans = [f"{a:.2f} … {b:.2f}" for a, b in zip(low, high, strict=True)]
    at = np.repeat(np.arange(rows), bins)
    return pd.DataFrame(
        {
            "left": np.tile(low, rows),
            "right": np.tile(high, rows),
            "top": at - 0.5,
            "bottom": at + 0.5,
            "span": np.tile(spans, rows),
            "checkpoint": np.repeat(drawn.checkpoints, bins),
            "share": drawn.shares.ravel(),
        }
    )
