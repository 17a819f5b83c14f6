"""What all browsers share: runs, recordings and finished specs, each computed once and bounded."""

from typing import Any

from gatescope import Run
from gatescope.analysis import Update
from viz_app.app_pages.cached_jobs import kept
from viz_app.kit.recordings import Recordings
from viz_app.packed import arrow
from viz_app.sharing import STORE, shared
from viz_app.views import gates, gradients, learning
from viz_app.views.examples import Answers, answer
from viz_app.views.library import Library, open_library
from viz_app.views.settings import Theme


@shared
def library() -> Library:
    """All runs, read once."""
    return open_library()


def run_of(name: str) -> Run:
    """A run of the library, or one that was trained from a page."""
    found = library().runs.get(name)
    return kept(name) if found is None else found


recordings = Recordings(run_of, STORE)
"""Those of all runs that a reader of the app can see."""

trace, layers, unit_order, bounds = (
    recordings.trace, recordings.layers, recordings.order, recordings.bounds,
)  # fmt: skip


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
