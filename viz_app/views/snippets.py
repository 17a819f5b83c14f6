"""The few lines of Python that draw what a page shows."""

from viz_app.charts.style import Theme
from viz_app.views.halves import ENDS, LAST
from viz_app.views.library import folder_of, relative


def aids(aid: str, names: tuple[str, str], theme: Theme) -> str:
    """Two runs without and with a training aid."""
    return _of_runs(list(names), "aids", f"chart({aid!r}, runs, theme={theme!r})")


def architectures(name: str, example: int, signal: str, theme: Theme) -> str:
    """Every layer and direction of a run on one example."""
    return f"""\
import gatescope
from viz_app import figures
from viz_app.views import architectures

run = gatescope.load_run({relative(folder_of(name))!r})
chart = architectures.chart(run, {example}, {signal!r}, theme={theme!r})
figures.save(chart, "architectures.svg")
"""


def halves(theme: Theme) -> str:
    """What both halves of the prepared bidirectional networks have seen."""
    return _of_runs([LAST, ENDS], "halves", f"chart(runs, theme={theme!r})")


def _of_runs(names: list[str], view: str, call: str) -> str:
    paths = "".join(f"    {relative(folder_of(name))!r},\n" for name in names)
    return f"""\
import gatescope
from viz_app import figures
from viz_app.views import {view}

runs = [gatescope.load_run(folder) for folder in (
{paths})]
chart = {view}.{call}
figures.save(chart, "{view}.svg")
"""
