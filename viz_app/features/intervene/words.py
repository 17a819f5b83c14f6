"""Sentences about an intervention, each number and each verdict in them measured."""

import numpy as np
import pandas as pd
import xarray as xr

from gatescope import Task
from gatescope.analysis import Interval
from gatescope.experiments.lead import BASELINE, BEFORE, LEARNT, Band, Kept, by
from gatescope.intervention import Bias, Clamp, Intervention, Scale, SetState, ZeroUnit
from viz_app.features.intervene.compared import Compared
from viz_app.features.intervene.data import InterveneView, most_changed
from viz_app.features.intervene.questions import Scene, holder
from viz_app.kit.words import digits
from viz_app.text import name_of, say

OUTCOMES: tuple[Band, ...] = ("same", "part", "none", "worse")
"""What can be guessed; what makes a network better is no guess."""

MOVED = 0.01
"""A signal that differs by less than this is called unchanged."""

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
        facts |= {"unit": unit, "share": share}
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


def answered(key: str, kept: Kept, guess: Band) -> str:
    """The answers again, with what happened and what was guessed written beside them."""
    happened = {str(kept.outcome): [say("intervene.happened")]}
    if kept.outcome == "mixed" and kept.loss and kept.accuracy:
        happened = {
            str(by(kept.loss)): [say("intervene.happened_loss")],
            str(by(kept.accuracy)): [say("intervene.happened_accuracy")],
        }
    lines = []
    for found, text in guesses(key).items():
        guessed = [say("intervene.your_guess")] if found == guess else []
        beside = [*happened.get(found, []), *guessed]
        lines.append(f"- {text}" + (f" ← *{', '.join(beside)}*" if beside else ""))
    return "\n".join(lines)


def verdict(kept: Kept, guess: Band) -> tuple[bool | None, str]:
    """What was measured, and whether the guess was right; None where that is not decided."""
    told, outcome = measured(kept), kept.outcome
    if outcome is None:
        return None, say("intervene.nothing_to_lose", measured=told, part=LEARNT)
    if outcome == "undecided":
        return None, say("intervene.undecided", measured=told)
    if outcome == "mixed" and kept.loss and kept.accuracy:
        loss, accuracy = (
            say(f"intervene.outcome_{by(each)}") for each in (kept.loss, kept.accuracy)
        )
        return None, say("intervene.mixed", measured=told, loss=loss, accuracy=accuracy)
    found = say(f"intervene.outcome_{outcome}")
    if guess == outcome:
        return True, say("intervene.guessed_right", measured=told, outcome=found)
    other = say(f"intervene.outcome_{guess}")
    return False, say("intervene.guessed_wrong", measured=told, outcome=found, guess=other)


def measured(kept: Kept) -> str:
    """Both scores, and the fraction of its lead that the network keeps."""
    told = say(
        "intervene.measured", count=len(kept.before.answers), before=kept.before.accuracy,
        after=kept.after.accuracy, loss_before=digits(kept.before.loss),
        loss_after=digits(kept.after.loss),
    )  # fmt: skip
    if kept.outcome is None or kept.loss is None:
        return told
    if kept.accuracy is None:
        return f"{told} {say('intervene.kept_loss', loss=_part(kept.loss))}"
    return " ".join(
        [told, say("intervene.kept", loss=_part(kept.loss), accuracy=_part(kept.accuracy))]
    )


def _part(kept: Interval) -> str:
    """A fraction and its interval in per cent, with a true minus."""
    values = (kept.estimate, kept.low, kept.high)
    told, low, high = (f"{value:.0%}".replace("-", "−") for value in values)
    return say("intervene.kept_value", kept=told, low=low, high=high)


def rule(task: Task, kept: Kept) -> str:
    """How the answers are told apart."""
    return say(
        "intervene.rule_regression" if kept.by_loss else "intervene.rule",
        count=len(kept.before.answers),
        edge=BEFORE.smallest,
        none=BASELINE.smallest,
        baseline=digits(task.baseline_loss),
        **({} if kept.by_loss else {"guess": task.baseline_accuracy}),
    )


def scores(kept: Kept, compared: Compared, task: Task, example: int) -> pd.DataFrame:
    """Score, loss and one answer: as it is, changed, and of remembering nothing."""
    right, loss, answer = (
        say("intervene.column_right", count=len(kept.before.answers)),
        say("intervene.column_loss"),
        say("intervene.column_answer", example=example, target=compared.before.targets[example]),
    )
    table = [
        {right: f"{found.accuracy:.0%}", loss: digits(found.loss), answer: said.answers[example]}
        for found, said in ((kept.before, compared.before), (kept.after, compared.after))
    ]
    table.append(
        {right: f"{task.baseline_accuracy:.0%}", loss: digits(task.baseline_loss), answer: "–"}
    )
    names = ("untouched", "changed", "nothing_remembered")
    rows = pd.Index([say(f"intervene.{key}") for key in names], name=say("intervene.network"))
    return pd.DataFrame(table, index=rows)


def changes(seen: InterveneView, compared: Compared) -> list[str]:
    """What the intervention did: to this example's signals, and to the states of all."""
    lines = [_where(seen), _begins(seen)]
    states = [name for name in ("cell_state", "hidden_state") if name in compared.untouched]
    lines.append(_range(compared, states[0]))
    lines += _gates(compared)
    return [line for line in lines if line]


def _where(seen: InterveneView) -> str:
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
        before=before,
        after=after,
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
        return say("intervene.begins_backward", step=int(moved[-1]), end=float(difference[0]))
    return say("intervene.begins", step=int(moved[0]), last=last, end=float(difference.values[-1]))


def _range(compared: Compared, state: str) -> str:
    """How large the state gets, over all examples."""
    before, after = compared.untouched[state], compared.changed[state]
    largest, now = float(abs(before).max()), float(abs(after).max())
    key = "grows" if now > STAYS * largest else "shrinks" if now < largest / STAYS else "stays"
    return say(f"intervene.state_{key}", state=name_of("signal", state), before=largest, after=now)


def _gates(compared: Compared) -> list[str]:
    """The gate whose mean moves most besides one that was held, over all examples."""
    moved = {
        str(name): (float(values.mean()), float(compared.changed[name].mean()))
        for name, values in compared.untouched.data_vars.items()
        if str(name).endswith("_gate") and not _held(values, compared.changed[name])
    }
    if not moved:
        return []
    name = max(moved, key=lambda key: abs(moved[key][1] - moved[key][0]))
    before, after = moved[name]
    if abs(after - before) < MOVED:
        return []
    return [say("intervene.gate_moves", gate=name_of("signal", name), before=before, after=after)]


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
            return say("intervene.does_clamp", signal=name_of("signal", signal), value=value)
        case Clamp(signal):
            return say("intervene.does_clamp_in_part", signal=name_of("signal", signal))
        case Scale(signal, factor):
            return say("intervene.does_scale", signal=name_of("signal", signal), value=factor)
        case ZeroUnit(units):
            return say("intervene.does_zero", units=", ".join(map(str, np.atleast_1d(units))))  # type: ignore[arg-type]
        case SetState(signal, value, step):
            return say(
                "intervene.does_set", signal=name_of("signal", signal), value=value, step=step
            )
        case Bias(gate, add):
            return say("intervene.does_bias", signal=name_of("signal", gate), value=add)


def alternative(seen: InterveneView, cell: str, done: list[Intervention]) -> str:
    """What the chart shows, for those who cannot see it."""
    shape = seen.data.gates.shape
    told = "; ".join(describe(each) for each in done)
    return say(
        "intervene.alt",
        signals=", ".join(style.label for style in shape.signals),
        cell=name_of("cell", cell),
        units=len(shape.units),
        steps=shape.steps,
        done=told if seen.changed is not None else say("intervene.alt_untouched"),
    )
