"""Gradient norms while a network learns: time steps across, training steps down, colour by size."""

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
import numpy as np
import pandas as pd

from viz_app.kit.chart.altair_fast import Chart, hconcat, layered
from viz_app.kit.chart.gradients import POWER
from viz_app.kit.chart.raster import Raster, box, image
from viz_app.kit.chart.style import GATE_TABLE, Theme, config


@dataclass(frozen=True)
class MapPanel:
    """One cell and state.

    Attributes
    ----------
    title
        What it is.
    checkpoints
        The training steps, one a row, the first on top.
    norms
        (checkpoint, time), medians over examples; an exact zero is left blank.
    """

    title: str
    checkpoints: tuple[int, ...]
    norms: np.ndarray


@dataclass(frozen=True)
class MapWords:
    """The words on the chart, in the reader's language."""

    time: str
    checkpoint: str
    norm: str


def map_panel(
    panel: MapPanel,
    words: MapWords,
    *,
    domain: tuple[float, float],
    width: int | str = "container",
    height: int = 320,
    axis: bool = True,
) -> alt.LayerChart:
    """Draw one panel; ``domain`` is that of the norm, the same for panels that stand together.

    ``axis`` says whether the panel names the axis of training steps; every panel has a legend.
    On a page ``height`` is that of the whole panel, title and legend included.
    """
    steps, rows = panel.norms.shape[1], len(panel.checkpoints)
    with np.errstate(divide="ignore"):
        logs = np.where(panel.norms > 0, np.log10(panel.norms), np.nan)
    low, high = np.log10(domain[0]), np.log10(domain[1])
    picture = Raster(logs, low, high, GATE_TABLE)
    x = alt.X(
        "x:Q",
        scale=alt.Scale(domain=[-0.5, steps - 0.5], nice=False, zero=False),
        axis=alt.Axis(title=words.time, grid=False, domain=False),
    )
    y = alt.Y(
        "y:Q",
        scale=alt.Scale(domain=[-0.5, rows - 0.5], reverse=True, nice=False, zero=False),
        axis=alt.Axis(
            title=words.checkpoint if axis else None,
            values=list(range(rows)),
            tickCount=rows,
            labelExpr=f"format({list(panel.checkpoints)}[datum.value], ',')",
            labelFontSize=10,
            labelOverlap=False,
            grid=False,
            ticks=False,
            domain=False,
        ),
    )
    ends = alt.Data(values=[{"value": domain[0]}, {"value": domain[1]}])
    stops = np.logspace(low, high, len(GATE_TABLE.colours))
    scale = alt.Scale(
        type="log", domain=[float(stop) for stop in stops], range=list(GATE_TABLE.colours)
    )
    legend = (
        Chart(ends)
        .mark_point(opacity=0, size=0)
        .encode(
            color=alt.Color(
                "value:Q",
                scale=scale,
                legend=alt.Legend(
                    title=words.norm,
                    orient="bottom",
                    gradientLength=140,
                    gradientOpacity=1,
                    labelExpr=POWER,
                    tickCount=3,
                    values=[domain[0], 10.0 ** round((low + high) / 2), domain[1]],
                ),
            )
        )
    )
    cells = (
        Chart(_cells(panel))
        .transform_calculate(
            left="datum.time - 0.5",
            right="datum.time + 0.5",
            top="datum.row - 0.5",
            bottom="datum.row + 0.5",
        )
        .mark_rect(opacity=0)
        .encode(
            **box(),
            tooltip=[
                alt.Tooltip("time:Q", title=words.time),
                alt.Tooltip("checkpoint:Q", title=words.checkpoint, format=","),
                alt.Tooltip("norm:Q", title=words.norm, format=".1e"),
            ],
        )
    )
    drawn = image(alt.InlineData(values=[picture.row()]), x, y)
    return layered(drawn, legend, cells, title=panel.title, width=width, height=height)


def map_chart(
    panels: Sequence[MapPanel], words: MapWords, *, theme: Theme = "light", width: int = 230
) -> alt.HConcatChart:
    """All panels side by side with common colours, for a figure."""
    domain = map_domain(panels)
    drawn = [
        map_panel(
            panel, words, domain=domain, width=width,
            height=14 * len(panel.checkpoints), axis=number == 0,
        )
        for number, panel in enumerate(panels)
    ]  # fmt: skip
    return hconcat(*drawn, config=alt.Config(**config(theme)))


def map_domain(panels: Sequence[MapPanel]) -> tuple[float, float]:
    """Whole powers of ten around all norms that are not zero."""
    seen = np.concatenate([panel.norms[panel.norms > 0] for panel in panels])
    low, high = np.floor(np.log10(seen.min())), np.ceil(np.log10(seen.max()))
    return float(10**low), float(10 ** max(high, low + 1))


def _cells(panel: MapPanel) -> pd.DataFrame:
    rows, steps = panel.norms.shape
    return pd.DataFrame(
        {
            "time": np.tile(np.arange(steps), rows),
            "row": np.repeat(np.arange(rows), steps),
            "checkpoint": np.repeat(panel.checkpoints, steps),
            "norm": panel.norms.ravel(),
        }
    )
