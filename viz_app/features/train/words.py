"""Sentences about a run, finished or in training, every number in them taken from its history."""

import math

from gatescope import Run
from viz_app.kit.words import digits
from viz_app.text import say

HALF = 0.5
"""The loss has left the baseline when it is below this share of it."""


def sentences(run: Run) -> list[str]:
    """What has happened so far: the plateau, success, and clipping."""
    return [line for line in (_learnt(run), _solved(run), _clipped(run)) if line]


def _learnt(run: Run) -> str:
    """When the loss left that of remembering nothing, or that it has not."""
    last, baseline = run.history[-1], run.task.held_out("validation").baseline_loss
    if not math.isfinite(last.loss):
        return say("train.diverged", step=last.step)
    words = {"step": last.step, "loss": digits(last.loss), "baseline": digits(baseline)}
    left = [row.step for row in run.history if row.loss < HALF * baseline]
    if not left:
        return say("train.at_baseline" if last.loss > 0.9 * baseline else "train.below", **words)
    return say("train.left", left=left[0], **words)


def _solved(run: Run) -> str:
    """When it reached its aim at two evaluations in a row."""
    aim = run.config.stop_accuracy
    if aim is None:
        return ""
    for before, now in zip(run.history, run.history[1:], strict=False):
        if before.accuracy >= aim and now.accuracy >= aim:
            return say("train.solved", step=now.step, aim=aim)
    return ""


def _clipped(run: Run) -> str:
    """How often the gradient was longer than the clip, and its longest."""
    norms = [row.gradient_norm for row in run.history if math.isfinite(row.gradient_norm)]
    if not norms:
        return ""
    words = {"count": len(norms), "longest": digits(max(norms))}
    clip = run.config.max_grad_norm
    if clip is None:
        return say("train.unclipped", **words)
    return say("train.clipped", over=sum(norm > clip for norm in norms), clip=clip, **words)
