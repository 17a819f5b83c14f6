"""Empty axes on which a curve is drawn by hand."""

from collections.abc import Sequence

import altair as alt

from viz_app.kit.chart import style
from viz_app.kit.chart.style import Theme

HEIGHT = 190


def axes(
    at: Sequence[float], low: float, high: float, titles: tuple[str, str], width: int, theme: Theme
) -> alt.Chart:
    """Axes with a dashed rule wherever a point is asked for.

    Parameters
    ----------
    at
        Where.
    low, high
        Between which heights.
    titles
        Of the axis across, and of that upwards.
    width, theme
        In pixels, and the colours.
    """
    rows = [{"at": f"{each:g}", "low": low, "high": high} for each in at]
    across = alt.Axis(labelAngle=0, grid=False)
    scale = alt.Scale(domain=[low, high])
    return (
        alt.Chart(alt.Data(values=rows), width=width, height=HEIGHT)
        .mark_rule(strokeDash=[2, 4])
        .encode(
            x=alt.X("at:O", title=titles[0], axis=across, sort=None),
            y=alt.Y("low:Q", title=titles[1], scale=scale),
            y2="high:Q",
        )
        .configure(**style.config(theme))
    )
