"""What a change costs a trained network, measured on its test examples."""

from collections.abc import Sequence

import torch

from gatescope import Batch, Run, record
from gatescope import intervene as run_twice
from gatescope.experiments.lead import Kept, each_example, kept_lead, parts_of
from gatescope.intervention import Intervention
from gatescope.training.build import PROBE_VALUES, values_per_example
from gatescope.training.scoring import HELD_OUT_EXAMPLES, TEST_SEED, held_out_examples
from viz_app.features.intervene.questions import QUESTIONS, Scene, holder
from viz_app.kit.units import layer_of


def measure(run: Run, what: str | Sequence[Intervention], node: str) -> Kept:
    """Score a trained network with and without a change, on the test examples of its score.

    Parameters
    ----------
    run
        A trained run.
    what
        The key of a question, or interventions.
    node
        The layer that the question is asked of, as ``"recurrent/l0"``.
    """
    model, task, batch = run.model(), run.task.held_out("test"), examples(run)
    unit = _silent(run, node) if what == "silenced" else None
    size = max(1, PROBE_VALUES // values_per_example(run.config))
    outputs: list[list[torch.Tensor]] = [[], []]
    for part in parts_of(batch, size):
        changes = what
        if isinstance(what, str):
            scene = Scene(node, layer_of(record(model, part.inputs), node), part, unit)
            changes = QUESTIONS[what].make(scene)
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
