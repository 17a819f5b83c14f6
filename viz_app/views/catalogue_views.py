"""The figures of the catalogue: each a function of runs and of what is chosen."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from gatescope import Run, record
from gatescope.experiments import load_result
from gatescope.training import SummedLoss
from viz_app import features
from viz_app.charts.style import Theme
from viz_app.figures import FigureError
from viz_app.kit.recordings import Recordings
from viz_app.kit.view import View
from viz_app.sharing import Store
from viz_app.views import (
    compare,
    compare_sides,
    connectivity,
    gates,
    gradients,
    learning,
    memory,
    retention,
    step_through,
    training,
)
from viz_app.views.catalogue_parts import Choice, Draw, Figure, origin
from viz_app.views.compare_words import sides_of
from viz_app.views.examples import longest
from viz_app.views.library import RESULTS
from viz_app.views.memory_shipped import curves_of


def step_figure(runs: Mapping[str, Run], choice: Choice) -> Figure:
    """One unit of the first run at one step, with its numbers."""
    name, run = next(iter(runs.items()))
    probe, model = run.probe(), run.model(choice.checkpoint)
    trace = record(model, probe.inputs, SummedLoss(run.task, probe))
    example = longest(probe) if choice.example is None else choice.example
    view = step_through.view(model, trace, probe, run.task, node=choice.layer, example=example)
    unit, step = view.picked()
    unit = unit if choice.unit is None else choice.unit
    step = step if choice.step is None else choice.step

    def draw(width: int, theme: Theme) -> Any:
        look = gates.GatesLook(theme=theme, width=width, hover=False)
        return view.chart("forward", look, (unit, step))

    checkpoint = run.steps[-1] if choice.checkpoint is None else choice.checkpoint
    said = Choice(checkpoint, choice.layer, example, unit, step)
    return Figure(draw, partial(view.table, unit), origin("step", {name: run}, said))


def of_a_view(kind: str, runs: Mapping[str, Run], choice: Choice) -> Figure:
    """The view of that name, of the first run."""
    view: type[View] = getattr(features, features.VIEWS[kind])
    query = {name: str(value) for name, value in vars(choice).items() if value is not None}
    found = view.from_query({"run": next(iter(runs)), **query})
    return found.figure(Recordings(runs.__getitem__, Store()))


def connectivity_figure(runs: Mapping[str, Run], choice: Choice) -> Figure:
    """Which input step mattered for which output step, one triangle a run."""
    first = next(iter(runs.values()))
    probe = first.probe()
    example = longest(probe) if choice.example is None else choice.example
    found = {run.config.cell: connectivity.of_run(run, example) for run in runs.values()}
    shown = connectivity.sequence(first.task, probe, example)
    step = connectivity.last_asked(probe, example)

    def draw(width: int, theme: Theme) -> Any:
        return connectivity.figure(found, shown, step, theme=theme, width=width)

    about = origin("connectivity", runs, Choice(example=example, step=step))
    return Figure(draw, partial(connectivity.table, found), about)


def compare_figure(runs: Mapping[str, Run], choice: Choice) -> Figure:
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


def gradients_figure(runs: Mapping[str, Run], choice: Choice) -> Figure:
    flows = gradients.panels({r.config.cell: gradients.flows_of(r, None) for r in runs.values()})
    draw = _of_runs(gradients.compare, runs)
    return Figure(draw, partial(gradients.table, flows), origin("gradients", runs))


def learning_figure(runs: Mapping[str, Run], choice: Choice) -> Figure:
    panels = learning.panels(list(runs.values()))
    draw = _of_runs(learning.chart, runs)
    return Figure(draw, partial(learning.table, panels), origin("learning", runs))


def memory_figure(runs: Mapping[str, Run], choice: Choice) -> Figure:
    found = {run.config.cell: curves_of(run) for run in runs.values()}

    def draw(width: int, theme: Theme) -> Any:
        return memory.figure(found, theme=theme, width=width)

    return Figure(draw, partial(memory.table, found), origin("memory", runs))


def training_figure(runs: Mapping[str, Run], choice: Choice) -> Figure:
    name, run = next(iter(runs.items()))
    try:
        training.panels(run)
    except ValueError as error:
        raise FigureError(str(error)) from error

    def draw(width: int, theme: Theme) -> Any:
        return training.chart(run, theme=theme, width=width)

    return Figure(draw, partial(training.table, run), origin("training", {name: run}))


def retention_figure(runs: Mapping[str, Run], choice: Choice) -> Figure:
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
