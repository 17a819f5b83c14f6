"""The few lines of Python that draw what the page Sentiment shows."""

from collections.abc import Mapping, Sequence

from viz_app.charts.style import Theme
from viz_app.views.library import folder_of, relative


def sentence(name: str, text: str, bounds: Mapping[str, float], theme: Theme) -> str:
    """A sentence word by word."""
    return f"""\
import gatescope
from viz_app import figures
from viz_app.views import gates, sentiment

run = gatescope.load_run({relative(folder_of(name))!r})
chart = sentiment.chart(
    run, {text!r},
    bounds={dict(bounds)},
    look=gates.GatesLook(theme={theme!r}, hover=False),
)
figures.save(chart, "sentiment.svg")
"""


def scores(names: Sequence[str], chosen: str, theme: Theme) -> str:
    """ROC curves and a confusion matrix."""
    opened = "".join(
        f"    {name!r}: gatescope.load_run({relative(folder_of(name))!r}),\n" for name in names
    )
    return f"""\
import gatescope
from viz_app import figures
from viz_app.views import sentiment_scores

runs = {{
{opened}}}
chart = sentiment_scores.chart(runs, {chosen!r}, theme={theme!r})
figures.save(chart, "scores.svg")
"""
