"""A trained network as it is and with interventions: both recordings, both answers."""

from collections.abc import Iterable
from dataclasses import dataclass

import xarray as xr

from gatescope import Run
from gatescope import intervene as run_twice
from gatescope.intervention import Intervention
from viz_app.kit.answers import Answers, told
from viz_app.kit.units import layer_of


@dataclass(frozen=True)
class Compared:
    """A run's trained network on its probe examples, as it is and changed.

    Attributes
    ----------
    node
        A layer and direction.
    untouched, changed
        That layer's recordings.
    before, after
        What the network answers.
    """

    node: str
    untouched: xr.Dataset
    changed: xr.Dataset
    before: Answers
    after: Answers


def compare(
    run: Run, interventions: Intervention | Iterable[Intervention], *, node: str | None = None
) -> Compared:
    """Run a trained network twice on its probe examples.

    Parameters
    ----------
    run
        A trained run.
    interventions
        As in ``gatescope.intervene``.
    node
        The layer to look at, as ``"recurrent/l0"``; None takes the first.
    """
    probe = run.probe()
    found = run_twice(run.model(), probe.inputs, interventions)
    chosen = next(iter(found.untouched.leaves)).path.strip("/") if node is None else node
    return Compared(
        chosen,
        layer_of(found.untouched, chosen),
        layer_of(found.changed, chosen),
        told(run.task, probe, found.untouched_output),
        told(run.task, probe, found.changed_output),
    )
