"""Gradient norms while a network learns: time steps across, training steps down, colour by size."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import altair as alt
import numpy as np
import pandas as pd

from viz_app.kit.chart.altair_fast import Chart, hconcat, layered
from viz_app.kit.chart.axes import power_ends
from viz_app.kit.chart.raster import Raster, box, centred, image, power_key
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


def map_chart(
    panels: Sequence[MapPanel], words: Mapping[str, str], *, theme: Theme, width: int
) -> alt.HConcatChart:
    """All panels side by side, each so many pixels wide, for a figure."""
    return hconcat(*map_panels(panels, words, width), config=alt.Config(**config(theme)))


def map_panels(
    panels: Sequence[MapPanel], words: Mapping[str, str], width: int | None = None,
    *, height: int = 320, type_size: float = 10,
) -> list[alt.LayerChart]:  # fmt: skip
    """All panels with common colours, the first with a name at the axis of training steps.

    Without ``width`` they are for a page: they take that of their column, and ``height`` is that
    of the whole panel, title and legend included.
    """
    ends = power_ends([panel.norms for panel in panels])
    return [
        _panel(panel, words, ends, place == 0, type_size).properties(
            title=panel.title,
            width=width or "container",
            height=14 * len(panel.checkpoints) if width else height,
        )
        for place, panel in enumerate(panels)
    ]


def _panel(
    panel: MapPanel, words: Mapping[str, str], domain: tuple[float, float], titled: bool,
    type_size: float,
) -> alt.LayerChart:  # fmt: skip
    rows, steps = panel.norms.shape
    with np.errstate(divide="ignore"):
        logs = np.where(panel.norms > 0, np.log10(panel.norms), np.nan)
    low, high = np.log10(domain)
    picture = Raster(logs, low, high, GATE_TABLE)
    x = alt.X(
        "x:Q",
        scale=centred(steps),
        axis=alt.Axis(title=words["flow.time"], grid=False, domain=False),
    )
    y = alt.Y(
        "y:Q",
        scale=centred(rows, reverse=True),
        axis=alt.Axis(
            title=words["flow.checkpoint"] if titled else None, values=list(range(rows)),
            tickCount=rows, labelExpr=f"format({list(panel.checkpoints)}[datum.value], ',')",
            labelFontSize=type_size, labelOverlap=True, grid=False, ticks=False, domain=False,
        ),
    )  # fmt: skip
    tips = [
        alt.Tooltip("time:Q", title=words["flow.time"]),
        alt.Tooltip("checkpoint:Q", title=words["flow.checkpoint"], format=","),
        alt.Tooltip("norm:Q", title=words["flow.norm"], format=".1e"),
    ]
    cells = Chart(_cells(panel)).transform_calculate(
        left="datum.time - 0.5", right="datum.time + 0.5",
        top="datum.row - 0.5", bottom="datum.row + 0.5",
    )  # fmt: skip
    return layered(
        image(alt.InlineData(values=[picture.row()]), x, y),
        power_key(words["flow.norm"], domain),
        cells.mark_rect(opacity=0).encode(**box(), tooltip=tips),
    )


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
