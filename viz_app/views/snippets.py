"""The few lines of Python that draw what a page shows."""

from viz_app.charts.gates_data import GatesLook
from viz_app.charts.style import Theme
from viz_app.views.gates import GatesView
from viz_app.views.library import RESULTS, folder_of, relative


def gates(
    name: str,
    checkpoint: int,
    layer: str,
    example: int,
    picked: tuple[int, int],
    view: GatesView,
    look: GatesLook,
) -> str:
    """The gates chart of a run."""
    bounds = {s.name: s.bound for s in view.data.shape.signals if s.kind == "state"}
    fade = ", fade=True" if look.fade else ""
    return f"""\
import gatescope
from viz_app import figures
from viz_app.views import gates

run = gatescope.load_run({relative(folder_of(name))!r})
batch = run.probe()
trace = gatescope.record(run.model({checkpoint}), batch.inputs)
chart = gates.chart(
    trace, batch, run.task, node={layer!r}, example={example}, unit={picked[0]}, step={picked[1]},
    order={list(view.data.shape.units)},
    bounds={bounds},
    look=gates.GatesLook(theme={look.theme!r}{fade}, hover=False),
)
figures.save(chart, "gates.svg")
"""


def step_through(
    name: str,
    checkpoint: int,
    layer: str,
    example: int,
    picked: tuple[int, int],
    way: str,
    theme: Theme,
) -> str:
    """One unit of a run at one step, with its numbers."""
    return f"""\
import gatescope
from gatescope.training import SummedLoss
from viz_app import figures
from viz_app.views import gates, step_through

run = gatescope.load_run({relative(folder_of(name))!r})
batch, model = run.probe(), run.model({checkpoint})
trace = gatescope.record(model, batch.inputs, SummedLoss(run.task, batch))
chart = step_through.chart(
    model, trace, batch, run.task, node={layer!r}, example={example}, way={way!r},
    unit={picked[0]}, step={picked[1]},
    look=gates.GatesLook(theme={theme!r}, width=1060, hover=False),
)
figures.save(chart, "step.svg")
"""


def gradients(names: list[str], gain: float | None, theme: Theme) -> str:
    """The gradient chart of some runs, as it starts, or with the recurrent matrix scaled."""
    scaled = "" if gain is None else f"gain={gain:g}, "
    return _of_runs(names, "gradients", f"compare(runs, {scaled}theme={theme!r})")


def learning(names: list[str], theme: Theme) -> str:
    """The gradient norms of some runs while they learn."""
    return _of_runs(names, "learning", f"chart(runs, theme={theme!r})")


def training(name: str, theme: Theme) -> str:
    """How a run went."""
    return f"""\
import gatescope
from viz_app import figures
from viz_app.views import training

run = gatescope.load_run({relative(folder_of(name))!r})
figures.save(training.chart(run, theme={theme!r}), "training.svg")
"""


def retention(theme: Theme) -> str:
    """The chart of the prepared retention experiment."""
    return f"""\
from gatescope.experiments import load_result
from viz_app import figures
from viz_app.views import retention

experiment, table = load_result({relative(RESULTS)!r})
chart = retention.chart(experiment, table, theme={theme!r})
figures.save(chart, "retention.svg")
"""


def memory(names: list[str], log: bool, theme: Theme) -> str:
    """Six measures of memory of some runs."""
    scale = "log=True, " if log else ""
    return _of_runs(names, "memory", f"compare(runs, {scale}theme={theme!r})")


def saturation(name: str, layer: str, checkpoint: int, theme: Theme) -> str:
    """Which gates of a run's layer are stuck."""
    return f"""\
import gatescope
from viz_app import figures
from viz_app.views import saturation

run = gatescope.load_run({relative(folder_of(name))!r})
chart = saturation.chart(run, {layer!r}, {checkpoint}, theme={theme!r})
figures.save(chart, "saturation.svg")
"""


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
