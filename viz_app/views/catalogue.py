"""Every view that can be had as a figure: what it draws, its numbers, and where they come from.

The page Figures, ``gatescope figure view`` and a notebook all come here, so the same figure is the
same file. To add a view, write a function and give it a line in `VIEWS`.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pandas as pd
import xarray as xr

from gatescope import Run, __version__, record
from gatescope.experiments import load_result
from viz_app.charts.style import Theme
from viz_app.figures import About, FigureError, Sized
from viz_app.layout import Layout, fit
from viz_app.text import say
from viz_app.views import (
    compare,
    compare_sides,
    gates,
    gradients,
    learning,
    memory,
    retention,
    training,
    units,
)
from viz_app.views.compare_words import sides_of
from viz_app.views.examples import longest
from viz_app.views.library import RESULTS
from viz_app.views.memory_shipped import curves_of

Draw = Callable[[int, Theme], Any]


@dataclass(frozen=True)
class Figure:
    """A view of some runs.

    Attributes
    ----------
    draw
        From a width of its panels in pixels, and a theme, to the chart.
    table
        Its numbers.
    about
        Where they come from, for a file's metadata.
    """

    draw: Draw
    table: Callable[[], pd.DataFrame]
    about: About = field(default_factory=dict)

    def set(self, layout: Layout) -> Sized:
        """The figure of that width, with type of that size."""
        return fit(lambda width: self.draw(width, layout.theme), layout)

    def arrays(self) -> xr.Dataset:
        """Its numbers as arrays over the row, with where they come from as attributes."""
        found = xr.Dataset.from_dataframe(self.table().reset_index(drop=True))
        return found.rename(index="row").assign_attrs(self.about)


@dataclass(frozen=True)
class Choice:
    """What of a run is looked at; None leaves it to the view.

    Attributes
    ----------
    checkpoint
        Training step.
    layer, example, unit, step
        As on the page Gates.
    """

    checkpoint: int | None = None
    layer: str | None = None
    example: int | None = None
    unit: int | None = None
    step: int | None = None


def figure(view: str, runs: Mapping[str, Run], choice: Choice | None = None) -> Figure:
    """A view of some runs.

    Parameters
    ----------
    view
        A key of `VIEWS`.
    runs
        By name; a view of one run takes the first.
    choice
        What of it is looked at.

    Raises
    ------
    FigureError
        When there is no such view, or there is no run.
    """
    if view not in VIEWS:
        raise FigureError(f"there is no view {view!r}; there are {', '.join(VIEWS)}")
    if not runs and view not in WITHOUT_RUNS:
        raise FigureError(f"the view {view!r} needs a run: name one")
    return VIEWS[view](runs, choice or Choice())


def origin(view: str, runs: Mapping[str, Run], choice: Choice | None = None) -> dict[str, str]:
    """Where a figure of these runs comes from."""
    first = next(iter(runs.values()), None)
    said = {"Software": f"GateScope {__version__}", "view": view, "run": ", ".join(runs)}
    if first is not None:
        configs = {name: run.config.model_dump(mode="json") for name, run in runs.items()}
        said["seed"] = ", ".join(str(run.config.seed) for run in runs.values())
        said["step"] = ", ".join(str(run.steps[-1]) for run in runs.values())
        said["config"] = json.dumps(configs, sort_keys=True)
    if choice is not None:
        chosen = {name: value for name, value in vars(choice).items() if value is not None}
        said |= {"step" if name == "checkpoint" else f"shown_{name}": str(value)
                 for name, value in chosen.items()}  # fmt: skip
    return said


def _gates(runs: Mapping[str, Run], choice: Choice) -> Figure:
    name, run = next(iter(runs.items()))
    probe, last = run.probe(), run.steps[-1]
    trained = units.layer_of(record(run.model(last), probe.inputs), choice.layer)
    checkpoint = last if choice.checkpoint is None else choice.checkpoint
    now = units.layer_of(record(run.model(checkpoint), probe.inputs), choice.layer)
    view = gates.view(
        now, probe, run.task,
        example=longest(probe) if choice.example is None else choice.example,
        order=units.order_units(trained, probe),
        bounds=units.colour_bounds(trained),
    )  # fmt: skip
    picked = view.picked(choice.unit, choice.step)

    def draw(width: int, theme: Theme) -> Any:
        return view.chart(gates.GatesLook(theme=theme, width=width, hover=False), picked)

    said = Choice(checkpoint, choice.layer, view.example, *picked)
    return Figure(draw, view.table, origin("gates", {name: run}, said))


def _compare(runs: Mapping[str, Run], choice: Choice) -> Figure:
    """Up to three runs at their end; one alone before and after its training."""
    some = dict(list(runs.items())[: compare_sides.MOST])
    found = compare_sides.compare(sides_of(some), node=choice.layer)
    view = compare.view(found, example=choice.example)
    picked = view.picked(choice.unit)

    def draw(width: int, theme: Theme) -> Any:
        return view.chart(gates.GatesLook(theme=theme, width=width, hover=False), picked)

    said = Choice(None, choice.layer, view.example, picked[0] if found.alike else None)
    about = origin("compare", some, said)
    about["step"] = ", ".join(str(side.step) for side in found.sides)
    return Figure(draw, view.table, about)


def _gradients(runs: Mapping[str, Run], choice: Choice) -> Figure:
    flows = gradients.panels({r.config.cell: gradients.flows_of(r, None) for r in runs.values()})
    draw = _of_runs(gradients.compare, runs)
    return Figure(draw, partial(gradients.table, flows), origin("gradients", runs))


def _learning(runs: Mapping[str, Run], choice: Choice) -> Figure:
    panels = learning.panels(list(runs.values()))
    draw = _of_runs(learning.chart, runs)
    return Figure(draw, partial(learning.table, panels), origin("learning", runs))


def _memory(runs: Mapping[str, Run], choice: Choice) -> Figure:
    found = {run.config.cell: curves_of(run) for run in runs.values()}

    def draw(width: int, theme: Theme) -> Any:
        return memory.figure(found, theme=theme, width=width)

    return Figure(draw, partial(memory.table, found), origin("memory", runs))


def _training(runs: Mapping[str, Run], choice: Choice) -> Figure:
    name, run = next(iter(runs.items()))

    def draw(width: int, theme: Theme) -> Any:
        return training.chart(run, theme=theme, width=width)

    return Figure(draw, partial(training.table, run), origin("training", {name: run}))


def _retention(runs: Mapping[str, Run], choice: Choice) -> Figure:
    experiment, table = load_result(RESULTS)

    def draw(width: int, theme: Theme) -> Any:
        return retention.chart(experiment, table, theme=theme, width=width)

    about = origin("retention", {}) | {"config": experiment.model_dump_json()}
    return Figure(draw, lambda: table, about)


def _of_runs(chart: Callable[..., Any], runs: Mapping[str, Run]) -> Draw:
    """A chart of several runs, as a function of width and theme."""

    def draw(width: int, theme: Theme) -> Any:
        return chart(list(runs.values()), theme=theme, width=width)

    return draw


VIEWS: dict[str, Callable[[Mapping[str, Run], Choice], Figure]] = {
    "gates": _gates,
    "compare": _compare,
    "gradients": _gradients,
    "learning": _learning,
    "memory": _memory,
    "training": _training,
    "retention": _retention,
}
WITHOUT_RUNS = ("retention",)
OF_ONE_RUN = ("gates", "training")
"""Views of a single run; the others stand runs of one task side by side."""


def title_of(view: str) -> str:
    """A view's name as a person reads it."""
    return say(f"figures.view_{view}")
