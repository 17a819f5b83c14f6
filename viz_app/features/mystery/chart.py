"""A heatmap that stands alone, and how many in a class guessed what it is."""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

import altair as alt
import numpy as np

from viz_app.kit.chart.altair_fast import Chart, layered
from viz_app.kit.chart.gates import gates_spec
from viz_app.kit.chart.gates_data import GatesData, GatesLook, GatesWords
from viz_app.kit.chart.interaction import DRAG
from viz_app.kit.chart.style import INKS, config
from viz_app.kit.chart.window import Look

CELL, LOWEST, HIGHEST = 15, 240, 340
"""Pixels for each row of the heatmap, and for all of them at least and at most."""

SCALE = 220
"""Pixels of the colour scale, which lies below the heatmap: beside it a phone has no room."""

NUMBERED = 11
"""Pixels that the number of a row needs."""

NAMES = 16
"""Pixels of an answer's letters at least: this is read from afar, whatever the window."""

ROW = 44
"""Pixels for each answer."""

FEWEST = 5
"""The axis reaches so far at least: one early guess is not a full bar."""

LIMIT = 260
"""Pixels for an answer's name."""


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


def guess_bars(
    answers: Sequence[str],
    counts: Sequence[int],
    right: int | None,
    *,
    axis: str,
    right_one: str,
    look: Look,
) -> alt.LayerChart:
    """Draw a bar an answer, in the order in which they are offered.

    The right one has another colour and ``right_one`` beside its count; None tells none. ``axis``
    is what is counted.
    """
    ink, total = INKS[look.theme], sum(counts)
    size = look.window.type_size
    letters = max(NAMES, size)
    rows = [
        {
            "answer": answer,
            "count": count,
            "note": " · ".join(
                [
                    f"{count} ({count / total:.0%})" if total else f"{count}",
                    *([right_one] if number == right else []),
                ]
            ),
            "ink": ink.accent if number == right else ink.quiet,
        }
        for number, (answer, count) in enumerate(zip(answers, counts, strict=True))
    ]
    y = alt.Y(
        "answer:N",
        sort=list(answers),
        axis=alt.Axis(
            title=None, labelFontSize=letters, labelColor=ink.text, labelLimit=LIMIT, ticks=False,
            domain=False, labelPadding=8,
        ),
    )  # fmt: skip
    x = alt.X(
        "count:Q",
        # room for the number at the end of the longest bar
        scale=alt.Scale(domain=[0, 1.25 * max(FEWEST, *counts)], nice=False),
        axis=alt.Axis(title=axis, tickMinStep=1, tickCount=6, format="d", grid=True),
    )
    base = Chart(alt.Data(values=rows)).encode(x=x, y=y)
    bars = base.mark_bar(height={"band": 0.62}).encode(color=alt.Color("ink:N", scale=None))
    notes = base.mark_text(align="left", dx=6, fontSize=letters, fontWeight=600)
    return layered(
        bars, notes.encode(text="note:N"), width="container", height=ROW * len(rows),
        config=alt.Config(**config(look.theme, size)),
    )  # fmt: skip
