"""What all browsers share: runs, recordings and finished specs, each computed once and bounded."""

from typing import Any

import xarray as xr

from gatescope import Run, record
from gatescope.analysis import Update
from gatescope.training import SummedLoss
from viz_app.app_pages.cached_jobs import kept
from viz_app.packed import arrow
from viz_app.sharing import shared
from viz_app.views import gates, gradients, learning, units
from viz_app.views.examples import Answers, answer
from viz_app.views.library import Library, open_library
from viz_app.views.part import DEFAULT, Part
from viz_app.views.settings import Theme


@shared
def library() -> Library:
    """All runs, read once."""
    return open_library()


def run_of(name: str) -> Run:
    """A run of the library, or one that was trained from a page."""
    found = library().runs.get(name)
    return kept(name) if found is None else found


@shared
def trace(run: str, step: int, with_loss: bool = False) -> xr.DataTree:
    """A run's recording at a checkpoint, on its probe examples."""
    chosen = run_of(run)
    probe = chosen.probe()
    loss = SummedLoss(chosen.task, probe) if with_loss else None
    return record(chosen.model(step), probe.inputs, loss)


def layers(run: str) -> list[str]:
    """The layers and directions of a run's network."""
    steps = run_of(run).steps
    return [leaf.path.strip("/") for leaf in trace(run, steps[-1]).leaves]


@shared
def unit_order(run: str, node: str, sort: str) -> list[int]:
    """The order of a layer's units, by the trained network."""
    chosen = run_of(run)
    layer = units.layer_of(trace(run, chosen.steps[-1]), node)
    return units.order_units(layer, chosen.probe(), sort)


@shared
def bounds(run: str, node: str) -> dict[str, float]:
    """Where the colours of a layer's states end, by the trained network, at every checkpoint."""
    return units.colour_bounds(units.layer_of(trace(run, run_of(run).steps[-1]), node))


@shared
def gates_view(
    run: str, step: int, node: str, example: int, sort: str, with_loss: bool
) -> gates.GatesView:
    """One example at one checkpoint, all of it; with its gradients only where they are wanted."""
    chosen = run_of(run)
    panels = (*DEFAULT, *(["gradients"] if with_loss else []))
    return gates.view(
        units.layer_of(trace(run, step, with_loss), node),
        chosen.probe(),
        chosen.task,
        example=example,
        order=unit_order(run, node, sort),
        bounds=bounds(run, node),
        part=Part(panels=panels),
    )


def gates_part(
    run: str, step: int, node: str, example: int, sort: str, part: Part
) -> gates.GatesView:
    """A part of an example at one checkpoint."""
    whole = gates_view(run, step, node, example, sort, "gradients" in part.panels)
    return whole.within(part)


@shared
def gates_spec(
    run: str,
    step: int,
    node: str,
    example: int,
    sort: str,
    look: gates.GatesLook,
    part: Part,
) -> dict[str, Any]:
    """The finished chart, large data as Arrow; `picked_spec` says what is picked."""
    view = gates_part(run, step, node, example, sort, part)
    spec = view.spec(look, (view.seen.shape.units[0], 0))
    return spec | {"datasets": {name: arrow(rows) for name, rows in spec["datasets"].items()}}


def picked_spec(
    spec: dict[str, Any],
    view: gates.GatesView,
    look: gates.GatesLook,
    unit: int,
    asked: tuple[int, int, int],
) -> dict[str, Any]:
    """A shared spec with what this reader picked; the shared one stays as it is.

    Parameters
    ----------
    spec, view, look
        The chart, what it was made of, and how.
    unit
        Whose lines are sent where there are too many cells for all of them.
    asked
        The unit and step that the chart is asked to pick, and how often it was asked before.
    """
    *picked, count = asked
    (seen,) = view.in_view(look, (picked[0], picked[1]))
    own = {"view": arrow([seen | {"count": count}])}
    if view.seen.shape.blocked:
        own |= {name: arrow(rows) for name, rows in view.of_unit(unit, look).items()}
    return spec | {"datasets": spec["datasets"] | own}


@shared
def answers(run: str, step: int) -> Answers:
    """What the network says to the probe examples."""
    return answer(run_of(run), step)


@shared
def flows(run: str, gain: float | None) -> list[gradients.Flow]:
    """A run's gradient norms at each initialisation and after training, or with a gain."""
    return gradients.flows_of(run_of(run), gain)


def flows_by_cell(runs: tuple[str, ...], gain: float | None) -> dict[str, list[gradients.Flow]]:
    """The same of several runs, by their cell."""
    return {run_of(run).config.cell: flows(run, gain) for run in runs}


@shared
def flow_specs(runs: tuple[str, ...], gain: float | None, theme: Theme) -> gradients.FlowSpecs:
    """The finished panels."""
    return gradients.specs(flows_by_cell(runs, gain), theme)


@shared
def update(run: str, gain: float, clip: float | None) -> Update:
    """One step of gradient descent, tried on a copy."""
    return gradients.update(run_of(run), gain, clip)


@shared
def learning_panels(runs: tuple[str, ...]) -> list[learning.MapPanel]:
    """Gradient norms at each checkpoint of some runs."""
    return learning.panels([run_of(run) for run in runs])


@shared
def learning_specs(runs: tuple[str, ...], theme: Theme) -> list[dict[str, Any]]:
    """The finished panels."""
    return learning.specs(learning_panels(runs), theme)
