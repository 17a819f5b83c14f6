"""A trained network as it is and with interventions: both recordings, both scores."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import xarray as xr

from gatescope import Run, Task
from gatescope import intervene as run_twice
from gatescope.intervention import Intervention
from viz_app.views.examples import Answers, told
from viz_app.views.settings import LEARNT_SHARE
from viz_app.views.units import layer_of

Outcome = Literal["same", "part", "guess", "wild"]
OUTCOMES: tuple[Outcome, ...] = ("same", "part", "guess", "wild")
SAME_SHARE, WILD_FACTOR = 0.95, 1.5
"""Above the first share of its lead over guessing a network is as good as before; what has lost
its lead is worse than remembering nothing when its loss is above this times that one's."""


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


def outcome(compared: Compared, task: Task) -> Outcome | None:
    """What became of the score; None where the network had not learnt the task to begin with.

    ``same``: it keeps `SAME_SHARE` of its lead over guessing. ``part``: it keeps a quarter or
    more. Else it is ``wild`` when its loss is `WILD_FACTOR` times that of the best answer that
    remembers nothing, and ``guess`` when it is not.
    """
    guess = task.baseline_accuracy
    lead = compared.before.accuracy - guess
    if lead < LEARNT_SHARE * (1 - guess):
        return None
    kept = (compared.after.accuracy - guess) / lead
    if kept >= SAME_SHARE:
        return "same"
    if kept >= LEARNT_SHARE:
        return "part"
    return "wild" if compared.after.loss > WILD_FACTOR * task.baseline_loss else "guess"
