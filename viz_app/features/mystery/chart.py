"""A heatmap that stands alone."""

from copy import deepcopy
from typing import Any

import numpy as np

from viz_app.kit.chart.gates import gates_spec
from viz_app.kit.chart.gates_data import GatesData, GatesWords
from viz_app.kit.chart.gates_look import GatesLook
from viz_app.kit.chart.interaction import DRAG

CELL, LOWEST, HIGHEST = 15, 240, 340
"""Pixels for each row of the heatmap, and for all of them at least and at most."""

SCALE = 220
"""Pixels of the colour scale, which lies below the heatmap: beside it a phone has no room."""

NUMBERED = 11
"""Pixels that the number of a row needs."""


def alone_spec(
    data: GatesData, words: GatesWords, look: GatesLook, picked: tuple[int, int]
) -> dict[str, Any]:
    """The gates chart of one signal, below its input, larger than where several share a page.

    The data are without the lines of the picked unit.
    """
    spec = deepcopy(gates_spec(data, words, look, picked))  # the panels belong to all gates charts
    for part in spec["vconcat"]:
        part["layer"] = [layer for layer in part["layer"] if layer["data"] != DRAG]
    if look.fitted:  # its scale stands in the title's line
        return spec
    panel, rows = spec["vconcat"][-1], len(data.shape.units)
    tall = int(np.clip(CELL * rows, LOWEST, HIGHEST))
    panel["height"] = tall
    (scale,) = (layer for layer in panel["layer"] if "color" in layer.get("encoding", {}))
    panel["layer"] = [layer for layer in panel["layer"] if layer is not scale]
    axis = panel["layer"][0]["encoding"]["y"]["axis"]
    if tall >= NUMBERED * rows:
        axis |= {"values": list(range(rows)), "tickCount": rows}
    # in a panel of its own: Vega would move the heatmap's title up by the height of a legend below
    scale["encoding"]["color"]["legend"] |= {
        "orient": "bottom", "direction": "horizontal", "gradientLength": SCALE, "offset": 0,
    }  # fmt: skip
    spec["vconcat"].append(scale | {"width": look.width, "height": 1})
    return spec
