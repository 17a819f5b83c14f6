"""Sentences of the game, each number in them taken from the picture that is shown."""

from collections.abc import Sequence
from urllib.parse import urlencode

import numpy as np

from gatescope import Run
from viz_app.features.mystery.evidence import HALF, OPEN, SHUT, SMOOTH, STILL
from viz_app.features.mystery.picture import Mystery
from viz_app.features.mystery.rounds import ANSWERS
from viz_app.kit.run_words import task_label
from viz_app.kit.words import commas, decimals, number, percent
from viz_app.text import name_of, say


def ask(mystery: Mystery) -> str:
    """What is asked about a picture, and what is told of its network."""
    riddle, run = mystery.riddle, mystery.run
    task = task_label(run.config.task, run.task.length)
    if riddle.kind == "cell":
        return say("mystery.ask_cell", task=task, count=len(riddle.units))
    cell = name_of("cell", run.config.cell)
    network = say("mystery.network", cell=cell, units=run.config.hidden_size)
    if riddle.kind == "weights":
        gate = name_of("signal", riddle.signal)
        return say("mystery.ask_weights", network=network, task=task, gate=gate)
    trained = riddle.kind.endswith("_gate")
    key = "mystery.ask_gate" if trained else "mystery.ask_start"
    return say(key, network=network, task=task)


def answers(kind: str, run: Run) -> tuple[str, ...]:
    """What is offered, as a person reads it."""
    return tuple(_answer(kind, key, run) for key in ANSWERS[kind])


def asked(mystery: Mystery) -> tuple[str, tuple[str, ...]]:
    """What a class is asked, without what is told besides, and what is offered."""
    return ask(mystery).split("**")[1], answers(mystery.riddle.kind, mystery.run)


def offered(mystery: Mystery) -> str:
    """What is offered, with the keys that guess it, a line each."""
    named = enumerate(answers(mystery.riddle.kind, mystery.run), start=1)
    return "  \n".join(
        say("mystery.class_offered", digit=digit, answer=answer) for digit, answer in named
    )


def right(mystery: Mystery) -> str:
    """The right answer, as a person reads it."""
    return _answer(mystery.riddle.kind, mystery.riddle.right, mystery.run)


def _answer(kind: str, key: str, run: Run) -> str:
    if kind == "cell":
        state = name_of("signal", "cell_state" if key == "lstm" else "hidden_state")
        return say("mystery.answer_cell", cell=name_of("cell", key), state=state)
    if kind != "weights":
        return name_of("signal", key)
    if key == "bias":
        gru = run.config.cell == "gru"
        return say(
            f"mystery.answer_bias{'_gru' if gru else ''}", bias=number(run.config.forget_bias)
        )
    return say(f"mystery.answer_{key}")


def picture(mystery: Mystery) -> str:
    """The title of a picture that is no longer a mystery."""
    if mystery.riddle.kind != "weights":
        return right(mystery)
    signal = name_of("signal", mystery.riddle.signal)
    return say("mystery.picture", signal=signal, answer=right(mystery))


def why(mystery: Mystery) -> str:
    """How one can tell, in one or two sentences with numbers of this picture."""
    bias = mystery.run.config.forget_bias
    measured = {name: _written(name, value) for name, value in mystery.seen.items()}
    reason = say(
        f"mystery.why_{mystery.riddle.kind}_{mystery.riddle.right}", **measured,
        **{name: number(value) for name, value in LIMITS.items()}, smooth=percent(SMOOTH),
        bias=number(bias), level=decimals(1 / (1 + np.exp(-bias))),
    )  # fmt: skip
    return reason[:1].upper() + reason[1:]  # it may begin with a share


LIMITS = {
    "wide": OPEN, "low_end": SHUT, "half_low": HALF[0], "half_high": HALF[1], "still": STILL,
}  # fmt: skip
SHARES = ("open", "half", "shut", "rough")


def _written(name: str, value: float) -> str:
    """A measured number: a unit or a step, a share, or a value."""
    if isinstance(value, int):
        return str(value)
    return percent(value) if name in SHARES else decimals(value)


def verdict(mystery: Mystery, guess: int | None) -> tuple[bool, str]:
    """Whether a guess was right, and a sentence that says so; without one, the answer."""
    answer = right(mystery)
    if guess is None:
        return False, say("mystery.told", answer=answer)
    if guess == mystery.answer:
        return True, say("mystery.right", answer=answer)
    guessed = answers(mystery.riddle.kind, mystery.run)[guess]
    return False, say("mystery.wrong", answer=answer, guess=guessed)


def alternative(mystery: Mystery, revealed: bool) -> str:
    """What the chart shows, for those who cannot see it; the answer only when it is revealed."""
    shape = mystery.data.shape
    sizes = {"units": len(shape.units), "steps": shape.steps}
    if revealed:
        return say("mystery.alt_shown", picture=picture(mystery), why=why(mystery), **sizes)
    low, high = shape.signals[0].ends
    steps = commas(str(step) for step, _ in mystery.data.marks)
    marks = say("mystery.alt_marks", steps=steps) if steps else say("mystery.alt_no_marks")
    return say("mystery.alt_hidden", low=number(low), high=number(high), marks=marks, **sizes)


def gates_address(mystery: Mystery) -> str:
    """Where the page Gates shows this very network, example, unit and step."""
    riddle, run = mystery.riddle, mystery.run
    unit, step = mystery.telling()
    first = mystery.data.shape.units[0]
    chosen = {
        "run": riddle.run, "example": riddle.example, "unit": first if unit is None else unit,
        "step": step,
        **({"units": ".".join(map(str, sorted(riddle.units)))} if riddle.units else {}),
        **({} if riddle.step == run.steps[-1] else {"checkpoint": riddle.step}),
    }  # fmt: skip
    return f"./gates?{urlencode(chosen)}"


def score(right_ones: Sequence[bool]) -> str:
    """One's own score: right of asked, and how many right ones in a row until now."""
    if not right_ones:
        return say("mystery.no_score")
    row = next((n for n, good in enumerate(reversed(right_ones)) if not good), len(right_ones))
    return say("mystery.score", right=sum(right_ones), asked=len(right_ones), row=row)
