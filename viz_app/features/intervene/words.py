"""Sentences about an intervention, each number and each verdict in them measured."""

from collections.abc import Collection

import numpy as np
import pandas as pd
import xarray as xr

from gatescope import Task
from gatescope.experiments.lead import BASELINE, BEFORE, LEARNT, Band, Kept, bands
from gatescope.intervention import Bias, Clamp, Intervention, Scale, SetState, ZeroUnit
from viz_app.features.intervene.compared import Compared
from viz_app.features.intervene.data import InterveneView, most_changed
from viz_app.features.intervene.questions import Scene, holder
from viz_app.kit.words import (
    brief,
    clauses,
    counted,
    decimals,
    digits,
    either,
    joined,
    percent,
    some,
    spoken,
    three_digits,
)
from viz_app.text import name_of, say

OUTCOMES: tuple[Band, ...] = ("same", "part", "none", "worse")
"""What can be guessed; what makes a network better is no guess."""

ANY = {"half": 0, "answered": 0, "state": "", "unit": 0, "share": ""}
"""For the details of a question, where they are left out."""

MOVED = 0.01
"""A signal that differs by less than this is called unchanged."""

LARGE = 1e4
"""From here on a size is written as a power of ten."""

STAYS = 1.05
"""A largest size stays about as it was up to this factor."""


def ask(key: str, scene: Scene) -> str:
    """The question, with the numbers of this layer in it."""
    facts: dict[str, object] = {
        "half": scene.steps // 2,
        "answered": scene.answered,
        "state": name_of("signal", scene.states[0]),
    }
    if key == "silenced":
        unit, share = holder(scene)
        facts |= {"unit": unit, "share": percent(share)}
    return say(f"intervene.question_{key}", **facts)


def guesses(key: str) -> dict[Band, str]:
    """The answers one can give to a question, with the reason for each."""
    return {
        found: say(
            "intervene.guess",
            outcome=say(f"intervene.outcome_{found}"),
            reason=say(f"intervene.{key}_{found}"),
        )
        for found in OUTCOMES
    }


def short(key: str) -> str:
    """A question without its details: what stands in bold."""
    return say(f"intervene.question_{key}", **ANY).split("**")[1]


def options(key: str) -> tuple[str, ...]:
    """The answers without their reasons, in the order of `OUTCOMES`."""
    named = guesses(key)
    return tuple(named[each].split("**")[1].rstrip("。.") for each in OUTCOMES)


def answered(key: str, kept: Kept, guess: Band | None) -> str:
    """The answers again, with what happened and what was guessed written beside them."""
    decided = kept.outcome not in (None, "undecided")
    beside = {str(kept.outcome): "happened"} if decided else dict.fromkeys(kept.reached, "possible")
    lines = []
    for found, text in guesses(key).items():
        notes = [say(f"intervene.{beside[found]}")] if found in beside else []
        notes += [say("intervene.your_guess")] if found == guess else []
        lines.append(f"- {text}" + (f" ← *{', '.join(notes)}*" if notes else ""))
    return "\n".join(lines)


def headline(kept: Kept, task: Task) -> str:
    """What became of the network, in one sentence."""
    scores, decides, outcome = _scores(kept, task), kept.decides, kept.outcome
    if outcome is None or decides is None:
        return say("intervene.headline_nothing", **scores)
    if outcome == "undecided":
        order = ("better", *OUTCOMES)
        there = [say(f"intervene.outcome_{band}") for band in order if band in kept.reached]
        names = [say("intervene.band", outcome=told) for told in there]
        share = percent(decides.estimate)
        return say("intervene.headline_undecided", bands=either(names), kept=share)
    told = say(f"intervene.outcome_{outcome}")
    if outcome in ("none", "worse"):
        return say("intervene.headline_score", outcome=told, **scores)
    if kept.by_loss and outcome == "part" and kept.accuracy and bands(decides) == {"same"}:
        shares = kept.before.accuracy, kept.after.accuracy, task.baseline_accuracy
        by = dict(zip(("before", "after", "baseline"), map(percent, shares), strict=True))
        return say("intervene.headline_both", outcome=told, **by)
    return say("intervene.headline_kept", outcome=told, kept=percent(decides.estimate))


def judged(kept: Kept, guess: Band) -> tuple[bool | None, str]:
    """Whether a guess was right, and a sentence about it; None where that is not decided."""
    if kept.outcome == "undecided" and guess in kept.reached:
        return None, say("intervene.guessed_possible")
    if kept.outcome is None:
        return None, say("intervene.guessed_open")
    if guess == kept.outcome:
        return True, say("intervene.guessed_right")
    key = "excluded" if kept.outcome == "undecided" else "wrong"
    return False, say(f"intervene.guessed_{key}", guess=say(f"intervene.outcome_{guess}"))


def measured(kept: Kept, task: Task) -> str:
    """Both scores, what is left of the lead, and where it is wrong and sure of it."""
    scores, decides = _scores(kept, task), kept.decides
    if decides is None:
        return say("intervene.measured_nothing", **scores)
    ends = {"kept": decides.estimate, "low": decides.low, "high": decides.high}
    told = say("intervene.measured", **scores, **{key: percent(end) for key, end in ends.items()})
    good = bool(kept.reached & {"same", "part", "better"})
    if kept.by_loss or not good or not kept.after.loss > task.baseline_loss:
        return told
    loss, baseline = digits(kept.after.loss), digits(task.baseline_loss)
    return spoken(told, say("intervene.sure", loss=loss, baseline=baseline))


def _scores(kept: Kept, task: Task) -> dict[str, str]:
    """The measure that decides, without and with the change, and that of the baseline."""
    if kept.by_loss:
        losses = kept.before.loss, kept.after.loss, task.baseline_loss
        name, values = "loss", [digits(loss) for loss in losses]
    else:
        shares = kept.before.accuracy, kept.after.accuracy, task.baseline_accuracy
        name, values = "accuracy", [percent(share) for share in shares]
    told = dict(zip(("before", "after", "baseline"), values, strict=True))
    examples = counted("intervene.test_examples", len(kept.before.answers))
    return told | {"measure": say(f"intervene.measure_{name}"), "examples": examples}


def rule(kept: Kept, task: Task) -> str:
    """How the outcomes are told apart."""
    (none_low, none_high), (same_low, same_high) = BASELINE.undecided_band, BEFORE.undecided_band
    ends = {
        "none_low": none_low, "none_high": none_high, "same_low": same_low, "same_high": same_high,
        "part": LEARNT,
    }  # fmt: skip
    which = "regression" if kept.by_loss else "classification"
    edges = {name: percent(value) for name, value in ends.items()}
    told = say("intervene.rule", **_scores(kept, task), **edges)
    return spoken(say(f"intervene.rule_{which}"), told)


def scores(kept: Kept, task: Task) -> pd.DataFrame:
    """Accuracy and loss: of the original, changed, and of the no-memory baseline."""
    right, loss = say("intervene.column_right"), say("intervene.column_loss")
    table = [
        {right: percent(accuracy), loss: digits(value)}
        for accuracy, value in (
            (kept.before.accuracy, kept.before.loss),
            (kept.after.accuracy, kept.after.loss),
            (task.baseline_accuracy, task.baseline_loss),
        )
    ]
    names = ("untouched", "changed", "nothing_remembered")
    rows = pd.Index([say(f"intervene.{key}") for key in names], name=say("intervene.network"))
    return pd.DataFrame(table, index=rows)


def said_to(compared: Compared, place: int, asked: str, *, revealed: bool) -> str:
    """What the network answers to an example, without and with the change."""
    before, target = compared.before.answers[place], compared.before.targets[place]
    facts = {"asked": asked, "before": before, "target": target}
    if not revealed:
        return say("intervene.answered_untouched", **facts)
    told = say("intervene.answered", **facts, after=compared.after.answers[place])
    if place not in compared.right or not compared.spoilt:
        return told
    others = {"right": len(compared.right) - 1, "examples": len(compared.before.answers) - 1}
    return spoken(told, say("intervene.still_right", **others, other=compared.spoilt[0]))


def changes(seen: InterveneView, compared: Compared, touched: Collection[str]) -> list[str]:
    """What the intervention did: to this example's signals, and to the states of all.

    ``touched`` are the gates that it says it changes.
    """
    lines = [where(seen), _begins(seen)]
    states = [name for name in ("cell_state", "hidden_state") if name in compared.untouched]
    lines.append(_range(compared, states[0]))
    lines += _gates(compared, touched)
    return [line for line in lines if line]


def where(seen: InterveneView) -> str:
    """Where the shown signals differ most on this example."""
    assert seen.changed is not None
    unit, step, name = most_changed(seen)
    before, after = (float(one[name].values[step, unit]) for one in (seen.untouched, seen.changed))
    if abs(after - before) < MOVED:
        return say("intervene.hardly")
    return say(
        "intervene.where",
        unit=unit,
        step=step,
        signal=name_of("signal", name),
        before=brief(before),
        after=brief(after),
    )


def _begins(seen: InterveneView) -> str:
    """From which step on the hidden state is another, and whether it still is at the end."""
    assert seen.changed is not None
    difference = abs(seen.changed["hidden_state"] - seen.untouched["hidden_state"]).max("unit")
    moved = np.flatnonzero(difference.values > MOVED)
    if not len(moved):
        return ""
    last = len(difference) - 1
    if seen.data.gates.shape.backward:
        end = decimals(float(difference.values[0]))
        return say("intervene.begins_backward", step=int(moved[-1]), end=end)
    end = decimals(float(difference.values[-1]))
    return say("intervene.begins", step=int(moved[0]), last=last, end=end)


def _range(compared: Compared, state: str) -> str:
    """How large the state gets, over all examples."""
    before, after = compared.untouched[state], compared.changed[state]
    largest, now = float(abs(before).max()), float(abs(after).max())
    key = "grows" if now > STAYS * largest else "shrinks" if now < largest / STAYS else "stays"
    write = three_digits if max(largest, now) >= LARGE else decimals
    ends = {"before": write(largest), "after": write(now)}
    return say(f"intervene.state_{key}", state=name_of("signal", state), **ends)


def _gates(compared: Compared, touched: Collection[str]) -> list[str]:
    """The gate whose mean moves most besides those that were changed, over all examples."""
    moved = {
        str(name): (float(values.mean()), float(compared.changed[name].mean()))
        for name, values in compared.untouched.data_vars.items()
        if str(name).endswith("_gate")
        and str(name) not in touched
        and not _held(values, compared.changed[name])
    }
    if not moved:
        return []
    name = max(moved, key=lambda key: abs(moved[key][1] - moved[key][0]))
    before, after = moved[name]
    if abs(after - before) < MOVED:
        return []
    ends = {"before": decimals(before), "after": decimals(after)}
    return [say("intervene.gate_moves", gate=name_of("signal", name), **ends)]


def _held(before: xr.DataArray, after: xr.DataArray) -> bool:
    """Whether a gate stands at one value somewhere that it did not have: it was put there."""
    values, counts = np.unique(after.values, return_counts=True)
    often = values[counts.argmax()]
    same = int((before.values == often).sum())
    return bool(counts.max() > max(0.01 * after.size, same))


def describe(intervention: Intervention) -> str:
    """What is done, in a few words, for the picture's alternative text."""
    match intervention:
        case Clamp(signal, value) if np.ndim(value) == 0:
            return say(
                "intervene.does_clamp", signal=name_of("signal", signal), value=_number(value)
            )
        case Clamp(signal):
            return say("intervene.does_clamp_in_part", signal=name_of("signal", signal))
        case Scale(signal, factor):
            value = _number(factor)
            return say("intervene.does_scale", signal=name_of("signal", signal), value=value)
        case ZeroUnit(units):
            return say("intervene.does_zero", units=joined([str(u) for u in np.atleast_1d(units)]))  # type: ignore[arg-type]
        case SetState(signal, value, step):
            name = name_of("signal", signal)
            return say("intervene.does_set", signal=name, value=_number(value), step=step)
        case Bias(gate, add):
            return say("intervene.does_bias", signal=name_of("signal", gate), value=_number(add))


def _number(value: object) -> str:
    return f"{value:g}".replace("-", "−")


def alternative(seen: InterveneView, cell: str, done: list[Intervention]) -> str:
    """What the chart shows, for those who cannot see it."""
    shape = seen.data.gates.shape
    facts = {
        "signals": joined([style.label for style in shape.signals]),
        "cell": name_of("cell", cell),
        "units": some("units", len(shape.units)),
        "steps": some("time_steps", shape.steps),
    }
    if seen.changed is None:
        note = seen.data.gates.notes[shape.units.index(seen.picked()[0])]
        return say("intervene.alt_untouched", **facts, note=note)
    told = clauses(describe(each) for each in done)
    return say("intervene.alt", **facts, done=told, where=where(seen))
