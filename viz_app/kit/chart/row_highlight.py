"""A frame around one row of a heatmap, which a page moves without making the chart anew."""

from typing import Any

import altair as alt

from viz_app.kit.chart.altair_fast import Chart
from viz_app.kit.chart.box import box

PICKED = "picked"
"""The parameter that says which row is framed, counted from the top."""


def frame(left: float, right: float, row: int, colour: str) -> alt.Chart:
    """Draw the frame from one end of the axis to the other, at first around ``row``."""
    return (
        Chart(alt.Data(values=[{"left": left, "right": right}]))
        .transform_calculate(top=f"{PICKED} - 0.5", bottom=f"{PICKED} + 0.5")
        .mark_rect(fill=None, stroke=colour, strokeWidth=1.5)
        .encode(**box())
        .add_params(alt.param(name=PICKED, value=row))
    )


def framed(spec: dict[str, Any], row: int) -> dict[str, Any]:
    """A finished spec with that row framed; the one that all readers share stays as it is."""
    params = [
        param | {"value": row} if param["name"] == PICKED else param for param in spec["params"]
    ]
    return spec | {"params": params}
