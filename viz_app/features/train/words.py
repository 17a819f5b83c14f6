"""Sentences about a run, finished or in training, every number in them taken from it."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import xarray as xr

from gatescope import Run
from viz_app.features.train.chart import AnswersData
from viz_app.kit.words import (
    counted,
    decimals,
    digits,
    number,
    percent,
    spoken,
    three_digits,
    two_digits,
)
from viz_app.text import name_of, say

HALF = 0.5
"""The network has begun to remember where the loss is below this fraction of the baseline's."""

NO_BETTER = 0.9
"""Above this fraction of the baseline's loss a network does hardly better than the baseline, if at
all: so far one validation set of 500 examples differs from another."""

BEGINS, CLEAR = 0.1, 0.3
"""A gate begins to answer the marks, and answers them clearly, where it moves by so much there."""


class Opening(NamedTuple):
    """What the unit does whose telling gate answers the marks most, on the example shown.

    Attributes
    ----------
    gate
        Its name in the recording.
    unit, at, off
        The unit, and its gate's mean at the marks and elsewhere.
    direction
        1 for a gate that opens at the marks, -1 for one that shuts there.
    """

    gate: str
    unit: int
    at: float
    off: float
    direction: int

    @property
    def moved(self) -> float:
        """How far the gate moves at the marks, in its direction."""
        return self.direction * (self.at - self.off)


def opening(
    one: xr.Dataset, marks: Sequence[tuple[int, str]], telling: str, direction: int
) -> Opening | None:
    """The unit whose gate answers the marks most; None without gates or marks, or with all marked.

    Parameters
    ----------
    one
        One example's recording, (time, unit).
    marks
        Its salient steps.
    telling, direction
        As from `viz_app.kit.units.telling_gate`.
    """
    values = one[telling].values
    marked = np.zeros(len(values), dtype=bool)
    marked[[step for step, _ in marks]] = True
    if not direction or not marked.any() or marked.all():
        return None
    at, off = values[marked].mean(axis=0), values[~marked].mean(axis=0)
    moved = direction * (at - off)
    if not np.isfinite(moved).all():
        return None
    unit = int(moved.argmax())
    return Opening(
        telling, int(one["unit"].values[unit]), float(at[unit]), float(off[unit]), direction
    )


def headline(run: Run, found: Opening | None, finished: bool) -> str:
    """What happens now: the loss against the baseline's, and which gate begins to answer where."""
    if not run.history:
        return say("train.begins")
    last, baseline = run.history[-1], run.task.held_out("validation").baseline_loss
    if not math.isfinite(last.loss):
        return say("train.diverged", step=last.step)
    words = {"step": last.step, "loss": digits(last.loss), "baseline": digits(baseline)}
    if not last.step:
        return say("train.before", **words)
    level = _level(last.loss, baseline)
    first = say(f"train.{'ended' if finished else 'now'}_{level}", **words)
    return spoken(first, _gate(found, finished))


def _level(loss: float, baseline: float) -> str:
    """How a loss is called beside the baseline's; one that reads the same is no better."""
    if loss > NO_BETTER * baseline:
        below = loss < baseline and digits(loss) != digits(baseline)
        return "hardly_better" if below else "no_better"
    return "better" if loss > HALF * baseline else "remembers"


def named(run: Run, found: Opening | None) -> int | None:
    """The unit that `headline` names, if it names one."""
    if found is None or found.moved < BEGINS or not run.history:
        return None
    last = run.history[-1]
    return found.unit if last.step and math.isfinite(last.loss) else None


def _gate(found: Opening | None, finished: bool) -> str:
    if found is None:
        return ""
    key = "quiet" if found.moved < BEGINS else "stirs" if found.moved < CLEAR else "answers"
    turn = "opens" if found.direction > 0 else "shuts"
    still = "still" if finished else "yet"
    return say(
        f"train.gate_quiet_{still}" if key == "quiet" else f"train.gate_{key}_{turn}",
        gate=name_of("signal", found.gate), unit=found.unit,
        at=decimals(found.at), off=decimals(found.off),
    )  # fmt: skip


def sentences(run: Run) -> list[str]:
    """What has happened so far: leaving the baseline, success, and clipping."""
    return [line for line in (_left(run), _solved(run), _clipped(run)) if line]


def _left(run: Run) -> str:
    """At which training step the loss fell below half the baseline's."""
    baseline = run.task.held_out("validation").baseline_loss
    left = [row.step for row in run.history if row.loss < HALF * baseline]
    return say("train.left", step=left[0]) if left and left[0] else ""


def _solved(run: Run) -> str:
    """When it reached its aim at two evaluations in a row."""
    aim = run.config.stop_accuracy
    if aim is None:
        return ""
    for before, now in zip(run.history, run.history[1:], strict=False):
        if before.accuracy >= aim and now.accuracy >= aim:
            return say("train.solved", step=now.step, aim=percent(aim))
    return ""


def _clipped(run: Run) -> str:
    """How often the gradient was clipped, and its largest norm."""
    norms = [row.gradient_norm for row in run.history if not math.isnan(row.gradient_norm)]
    if not norms:
        return ""
    words = {"largest": two_digits(max(norms))}
    clip = run.config.max_grad_norm
    if clip is None:
        return say("train.unclipped", **words)
    over = sum(norm > clip for norm in norms)
    if not over:
        return say("train.never_clipped", **words)
    return counted("train.clipped", len(norms), over=over, clip=number(clip), **words)


def loss_alternative(run: Run, finished: bool) -> str:
    """What the picture of the loss shows; of one that grows always the same, or the browser would
    draw it anew."""
    baseline = run.task.held_out("validation").baseline_loss
    if not finished or not run.history:
        return say("train.loss_alt_grows", baseline=digits(baseline))
    first, last = run.history[0], run.history[-1]
    return say(
        "train.loss_alt", first=three_digits(first.loss), last=three_digits(last.loss),
        step=last.step, baseline=three_digits(baseline),
    )  # fmt: skip


def answers_alternative(found: AnswersData, finished: bool) -> str:
    """How near the answers that are drawn come to the right ones; see `loss_alternative`."""
    if not finished:
        return say("train.answers_alt_grow")
    if found.classes:
        right = found.said.argmax(axis=1) == found.right
        return counted("train.answers_alt_classes", len(right), right=int(right.sum()))
    off = np.abs(found.said - found.right)
    spread = float(found.said.max() - found.said.min())
    return counted(
        "train.answers_alt_numbers", len(off), mean=three_digits(float(off.mean())),
        spread=three_digits(spread),
    )  # fmt: skip
