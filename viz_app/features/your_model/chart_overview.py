"""All steps of a long recording at a glance: units down, blocks of steps across, a mean a cell."""

from collections.abc import Mapping

import altair as alt
import numpy as np
import pandas as pd

from viz_app.kit.chart.altair_fast import Chart, layered
from viz_app.kit.chart.gates_data import SignalStyle
from viz_app.kit.chart.raster import Raster, box, image
from viz_app.kit.chart.style import INKS, config, table
from viz_app.kit.chart.window import PAGE, Look

HEIGHT = 200
"""Pixels where no window says how high it may be."""

MOST_CELLS = 4_000
"""Cells that answer the pointer; of more blocks several share one, of more units none does."""


def overview_chart(
    values: np.ndarray,
    edges: np.ndarray,
    units: np.ndarray,
    style: SignalStyle,
    in_view: tuple[int, int],
    words: Mapping[str, str],
    look: Look,
) -> alt.LayerChart:
    """Draw the means of one signal, a frame around the steps that are in view elsewhere.

    ``values`` are (low, mean and high; unit; block); ``edges`` the first step of each block, and
    one after the last.
    """
    colours, ink = table(style.kind, look.theme), INKS[look.theme]
    fitted = look.window.name != PAGE.name
    height, size = look.window.height if fitted else HEIGHT, look.window.type_size
    low, high = style.ends
    time, unit = words["gates.time"], words["gates.unit"]
    x = alt.X(
        "x:Q",
        scale=alt.Scale(domain=[int(edges[0]), int(edges[-1])], nice=False, zero=False),
        axis=alt.Axis(
            title=words["gates.time"], format=",d", grid=False, domain=False, tickCount=6
        ),
    )
    rows = len(units)
    y = alt.Y(
        "y:Q",
        scale=alt.Scale(domain=[-0.5, rows - 0.5], reverse=True, nice=False, zero=False),
        axis=alt.Axis(
            title=unit, grid=False, domain=False, tickMinStep=1,
            tickCount=min(rows, max(4, int(height / (3 * size)))),
            labelExpr=f"{[int(number) for number in units]}[datum.value]",
        ),
    )  # fmt: skip
    sides = {"x": int(edges[0]), "x2": int(edges[-1]), "y": -0.5, "y2": rows - 0.5}
    picture = sides | {"url": Raster(values[1], low, high, colours).uri()}
    ends = alt.Data(values=[{"value": low}, {"value": high}])
    legend = alt.Legend(
        title=words["long.scale"], values=[low, (low + high) / 2, high], gradientLength=150,
        gradientOpacity=1, orient="top", direction="horizontal", titleOrient="left",
        format=".1f" if style.bound >= 0.1 else ".1e",
    )  # fmt: skip
    colour = alt.Color("value:Q", scale=colours.scale(low, high), legend=legend)
    frame = {"left": in_view[0], "right": in_view[1] + 1, "top": -0.5, "bottom": rows - 0.5}
    told = [("left", time, ",d"), ("unit", unit, "d")]
    told += [(name, words[f"long.{name}"], ".3~g") for name in ("low", "mean", "high")]
    return layered(
        image(alt.InlineData(values=[picture]), x, y),
        Chart(ends).mark_point(opacity=0, size=0).encode(color=colour),
        Chart(alt.Data(values=[frame]))
        .mark_rect(fill=None, stroke=ink.text, strokeWidth=2)
        .encode(**box()),
        Chart(_cells(values, edges, units))
        .mark_rect(opacity=0)
        .encode(
            **box(),
            tooltip=[alt.Tooltip(f"{name}:Q", title=t, format=f) for name, t, f in told],
        ),
        title=style.label,
        width="container",
        height=height,
        config=alt.Config(**config(look.theme, size)),
        # axes and scale lie within the picture's width and height
        autosize=alt.AutoSizeParams(type="fit", contains="padding"),
    )


def _cells(values: np.ndarray, edges: np.ndarray, units: np.ndarray) -> pd.DataFrame:
    """What a pointer is told, a row a unit and some blocks."""
    if len(units) > MOST_CELLS:
        units = units[:0]
    blocks = len(edges) - 1
    some = max(1, -(-blocks * len(units) // MOST_CELLS))
    starts = np.arange(0, blocks, some)
    lengths = np.diff(edges).astype(float)
    values = values[:, : len(units)]
    sums = np.add.reduceat(values[1] * lengths, starts, axis=1)
    left, rows = edges[starts], np.arange(len(units))
    frame = {
        "left": np.tile(left, len(units)),
        "right": np.tile(np.append(left[1:], edges[-1]), len(units)),
        "top": np.repeat(rows - 0.5, len(starts)),
        "bottom": np.repeat(rows + 0.5, len(starts)),
        "unit": np.repeat(units, len(starts)),
        "low": np.fmin.reduceat(values[0], starts, axis=1).ravel(),
        "mean": (sums / np.add.reduceat(lengths, starts)).ravel(),
        "high": np.fmax.reduceat(values[2], starts, axis=1).ravel(),
    }
    return pd.DataFrame(frame)
