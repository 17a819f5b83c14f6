"""Sentences about runs that differ in one training technique, each number taken from the runs."""

import math
from collections.abc import Sequence

import numpy as np

from gatescope import TASKS, Run
from gatescope.analysis import NEAR_ZERO, weight_sizes
from gatescope.experiments import Effect
from gatescope.experiments.aids import FIELDS, asks_to_lower
from gatescope.experiments.effects import RULE
from viz_app.features.techniques.data import Pair, best, column, largest_norm
from viz_app.kit.words import (
    counted,
    decimals,
    digits,
    joined,
    number,
    percent,
    relative_change,
    two_digits,
)
from viz_app.text import say

RISEN = 0.05
"""A loss this share above its lowest has risen."""

LATE = 0.9
"""A lowest loss after this share of the steps says nothing of what comes after it."""

FINITE = ("digits",)
"""Of the made tasks: those with a fixed set of examples, which can be learnt by heart."""

MOST_PLACES = 6
JUMP = 2.0
"""A loss this many times its lowest so far has jumped."""


def headline(pair: Pair, effect: Effect) -> str:
    """Whether the technique helped on the test set, by pairs of all seeds that are trained."""
    without, aided = (run.test_loss for run in pair.runs)
    first, second = pair.names
    if math.isnan(without) or math.isnan(aided):
        lost = [name for name, run in zip(pair.names, pair.runs, strict=True) if _lost(run)]
        return say("aids.lost", sides=joined(lost)) if lost else say("aids.still_training")
    if len(effect.seeds) < 2:
        return say(
            "aids.one_seed", first=first, second=second, without=digits(without),
            aided=digits(aided), least=RULE.n,
        )  # fmt: skip
    facts: dict[str, object] = {"count": len(effect.seeds), "first": first, "second": second}
    change = effect.change
    if not math.isfinite(change.estimate):
        return say("aids.lost_seeds", **facts)
    facts |= {
        "without": digits(_mean(effect.without)), "aided": digits(_mean(effect.aided)),
        "change": _change(change.estimate), "low": _change(change.low),
        "high": _change(change.high),
    }  # fmt: skip
    if change.n < RULE.n:
        return say("aids.few_seeds", least=RULE.n, **facts)
    other = "other_" if pair.aid in ("batch_size", "hidden_size") else ""
    return say(f"aids.{other}{effect.verdict}", **facts)


def look_for(pair: Pair) -> list[str]:
    """What the curves show: that of this aid first, then where the losses ended."""
    return [*SPECIAL[FIELDS[pair.aid]](pair), *_ends(pair)]


def jumps(run: Run) -> int:
    """Evaluations at which the loss was `JUMP` times its lowest so far, or no number."""
    losses = column(run, "loss")
    lowest = np.fmin.accumulate(losses)
    return int((~(losses[1:] < JUMP * lowest[:-1])).sum())


def _change(relative: float) -> str:
    """A relative change; of nearly all so many digits that it is not called all."""
    told, places = relative_change(relative), 1
    while told.startswith("−100") and -1 < relative < -0.99 and places < MOST_PLACES:
        places += 1
        told = f"−{decimals(-100 * relative, places)}%"
    return told


def _mean(losses: Sequence[float]) -> float:
    """The geometric mean, of which the change is the ratio."""
    return float(np.exp(np.log(np.asarray(losses)).mean()))


def _lost(run: Run) -> bool:
    return not math.isfinite(run.history[-1].loss)


def _ends(pair: Pair) -> list[str]:
    """Whether each side overfits, stays at its best, or neither."""
    lines = []
    for name, run in zip(pair.names, pair.runs, strict=True):
        step, lowest = best(run)
        last = run.history[-1]
        if _lost(run) or not step or step == last.step:
            continue
        then = next(row for row in run.history if row.step == step).train_loss
        rise = last.loss / lowest - 1
        anew = run.config.task in TASKS and run.config.task not in FINITE
        facts = {
            "side": name, "step": step, "lowest": digits(lowest), "last": digits(last.loss),
        }  # fmt: skip
        if rise < RISEN:
            lines.append(say("aids.holds", **facts))
        elif step >= LATE * last.step:
            lines.append(say("aids.late", rise=percent(rise), **facts))
        elif anew:
            lines.append(say("aids.rises_anew", rise=percent(rise), **facts))
        else:
            kind = "overfits" if last.train_loss < then else "rises"
            losses = {"then": digits(then), "now": digits(last.train_loss)}
            lines.append(say(f"aids.{kind}", rise=percent(rise), **losses, **facts))
    return lines


def _clipping(pair: Pair) -> list[str]:
    without, aided = pair.runs
    first, second = pair.names
    norms, clip = column(aided, "longest_gradient")[1:], aided.config.max_grad_norm
    over = int((norms > (clip or np.inf)).sum())
    lines = [
        say(
            "aids.unclipped", side=first, largest=two_digits(largest_norm(without)),
            count=len(without.history) - 1, jumps=jumps(without), factor=number(JUMP),
        ),
        say(
            "aids.clipped" if over else "aids.never_clipped", side=second,
            largest=two_digits(largest_norm(aided)), over=over, count=len(norms),
            jumps=jumps(aided), factor=number(JUMP),
        ),
    ]  # fmt: skip
    if without.config.optimizer == "sgd" and clip is not None:
        rate = without.config.learning_rate
        far, near = two_digits(rate * largest_norm(without)), two_digits(rate * clip)
        lines.append(say("aids.strides", first=first, second=second, far=far, near=near))
    return lines


def _weights(pair: Pair) -> list[str]:
    without, aided = (weight_sizes(run.checkpoints[run.steps[-1]]) for run in pair.runs)
    first, second = pair.names
    return [
        say(
            "aids.weights", first=first, second=second, bound=number(NEAR_ZERO),
            mean_without=digits(without.mean), mean_aided=digits(aided.mean),
            near_without=percent(without.near_zero), near_aided=percent(aided.near_zero),
        )
    ]  # fmt: skip


def _dropout(pair: Pair) -> list[str]:
    last = pair.aided.history[-1]
    kind = "above" if last.train_loss > last.loss else "below"
    words = {"train": digits(last.train_loss), "loss": digits(last.loss)}
    return [say(f"aids.dropped_{kind}", side=pair.names[1], **words)]


def _stopping(pair: Pair) -> list[str]:
    step, lowest = best(pair.aided)
    config, last = pair.aided.config, pair.aided.history[-1]
    other = pair.without.history[-1]
    early = last.step < config.max_steps
    return [
        say(
            "aids.stopped" if early else "aids.never_stopped", at=last.step, most=config.max_steps,
            patience=config.stop_patience, step=step, lowest=digits(lowest),
            other=digits(other.loss), saved=percent(1 - last.step / max(other.step, 1)),
        )
    ]  # fmt: skip


def _plateau(pair: Pair) -> list[str]:
    rows, due = pair.aided.history, asks_to_lower(pair.aided)
    lowered = [k for k in range(1, len(rows)) if rows[k].learning_rate < rows[k - 1].learning_rate]
    config = pair.aided.config
    facts = {"patience": config.plateau_patience, "rate": number(config.learning_rate)}
    if lowered:
        return [
            counted(
                "aids.lowered", len(lowered), step=rows[lowered[0]].step,
                end=number(rows[-1].learning_rate), **facts,
            )
        ]  # fmt: skip
    if not due:
        return [say("aids.never_due", **facts)]
    same = [row.loss for row in rows] == [row.loss for row in pair.without.history]
    sentence = counted(
        "aids.never_acts", len(due), step=due[0], floor=number(config.plateau_min_rate), **facts
    )  # fmt: skip
    return [sentence, *([say("aids.identical", count=len(rows))] if same else [])]


def _batch(pair: Pair) -> list[str]:
    lines = [
        say(
            "aids.seen", side=name, step=run.history[-1].step,
            examples=run.history[-1].step * run.config.batch_size,
            largest=two_digits(largest_norm(run)),
            middle=two_digits(float(np.nanmedian(column(run, "longest_gradient")[1:]))),
        )
        for name, run in zip(pair.names, pair.runs, strict=True)
    ]  # fmt: skip
    return lines


def _units(pair: Pair) -> list[str]:
    return [
        say("aids.size", first=pair.names[0], second=pair.names[1],
            less=pair.without.parameters, more=pair.aided.parameters)
    ]  # fmt: skip


SPECIAL = {
    "max_grad_norm": _clipping,
    "l1": _weights,
    "l2": _weights,
    "readout_dropout": _dropout,
    "recurrent_dropout": _dropout,
    "stop_patience": _stopping,
    "plateau_patience": _plateau,
    "batch_size": _batch,
    "hidden_size": _units,
}
"""What is said of an aid, by the setting that holds it."""
