"""What a change does to a trained network: recordings and answers, and what it costs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
import xarray as xr

from gatescope import Batch, Run, record
from gatescope import intervene as run_twice
from gatescope.experiments.lead import Kept, each_example, kept_lead, parts_of
from gatescope.intervention import Intervention
from gatescope.training.build import PROBE_VALUES, values_per_example
from gatescope.training.scoring import HELD_OUT_EXAMPLES, TEST_SEED, held_out_examples
from viz_app.features.intervene.questions import QUESTIONS, Scene, holder
from viz_app.kit.answers import Answers, told
from viz_app.kit.units import layer_of


@dataclass(frozen=True)
class Compared:
    """A run's trained network on some examples, as it is and changed.

    The recordings ``untouched`` and ``changed`` are of the layer and direction ``node``; ``before``
    and ``after`` are what the network answers. ``spoilt`` are the examples that were right and no
    longer are, ``right`` those that still are.
    """

    node: str
    untouched: xr.Dataset
    changed: xr.Dataset
    before: Answers
    after: Answers
    right: tuple[int, ...] = ()
    spoilt: tuple[int, ...] = ()


def compare(
    run: Run, interventions: Intervention | Iterable[Intervention], *, node: str | None = None,
    batch: Batch | None = None,
) -> Compared:  # fmt: skip
    """Run a trained network twice on examples, its probe examples where none are given; without a
    ``node`` its first layer is seen.
    """
    probe = run.probe() if batch is None else batch
    both = run_twice(run.model(), probe.inputs, interventions)
    kept, spoilt = _right(run, probe, both.untouched_output, both.changed_output)
    node = next(iter(both.untouched.leaves)).path.strip("/") if node is None else node
    return Compared(
        node,
        layer_of(both.untouched, node),
        layer_of(both.changed, node),
        told(run.task, probe, both.untouched_output),
        told(run.task, probe, both.changed_output),
        kept,
        spoilt,
    )


def _right(
    run: Run, batch: Batch, before: torch.Tensor, after: torch.Tensor
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The examples of which every answer is right in both, and those in which one no longer is."""
    if not run.task.asks:
        return (), ()
    both = [each_example(run.task, outputs, batch) for outputs in (before, after)]
    was, still = ((one.right == one.answers).tolist() for one in both)
    places = [place for place, right in enumerate(was) if right]
    kept = tuple(place for place in places if still[place])
    return kept, tuple(place for place in places if not still[place])


def measure(run: Run, what: str | Sequence[Intervention], node: str) -> Kept:
    """Score a trained network with and without a change, on the test examples of its score.

    ``what`` is the key of a question that is asked of the layer ``node``, or interventions.
    """
    model, task, batch = run.model(), run.task.held_out("test"), examples(run)
    unit = _silent(run, node) if what == "silenced" else None
    size = max(1, PROBE_VALUES // values_per_example(run.config))
    outputs: list[list[torch.Tensor]] = [[], []]
    for part in parts_of(batch, size):
        if isinstance(what, str):
            scene = Scene(node, layer_of(record(model, part.inputs), node), part, unit)
            changes: Sequence[Intervention] = QUESTIONS[what].make(scene)
        else:
            changes = what
        both = run_twice(model, part.inputs, changes)
        outputs[0].append(both.untouched_output)
        outputs[1].append(both.changed_output)
    before, after = (each_example(task, torch.cat(each, dim=1), batch) for each in outputs)
    return kept_lead(before, after, task)


def examples(run: Run) -> Batch:
    """The test examples on which the run's score was measured; stretches of it where it is one."""
    whole = held_out_examples(run.task)
    if len(whole.marks) > 1:
        return whole
    return run.task.held_out("test").sample(HELD_OUT_EXAMPLES, TEST_SEED)


def _silent(run: Run, node: str) -> int:
    """The unit that falls silent: the one that the question names, on the probe examples."""
    probe = run.probe()
    return holder(Scene(node, layer_of(record(run.model(), probe.inputs), node), probe))[0]
