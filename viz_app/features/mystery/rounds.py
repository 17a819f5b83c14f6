"""The rounds of the game: pictures of prepared runs whose names can be told from what is seen."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import xarray as xr

from gatescope import Run
from viz_app.features.mystery.evidence import FITS, evidence, is_told
from viz_app.kit.units import layer_of, order_units

MOST_ROUNDS = 999

SHUFFLE = 8420
"""Another number deals other rounds; with this one the first is an input gate that was learned."""

ROWS = 16
"""Units that are drawn where the cell is asked for: their number would tell it."""

OFTEN = 3
"""How many times as often trained gates come as untrained ones."""

SETS = (("lstm_gate", "gru_gate", "lstm_start", "gru_start"), ("cell",), ("weights",))
"""Kinds of questions by what is asked: which gate, which cell, which weights."""


@dataclass(frozen=True, order=True)
class Riddle:
    """A picture, the kind of question that is asked about it, one of `ANSWERS`, and what is right.

    It is taken from a run at a checkpoint: a signal of a layer (its node in the trace) on one of
    the run's probe examples; of some ``units``, none means all.
    """

    kind: str
    right: str
    run: str
    step: int
    node: str
    signal: str
    example: int
    units: tuple[int, ...] = ()

    @property
    def answers(self) -> tuple[str, ...]:
        """What is offered, in order."""
        return ANSWERS[self.kind]


ANSWERS: dict[str, tuple[str, ...]] = {
    "lstm_gate": ("input_gate", "forget_gate", "output_gate"),
    "gru_gate": ("reset_gate", "update_gate"),
    "lstm_start": ("input_gate", "forget_gate", "output_gate"),
    "gru_start": ("reset_gate", "update_gate"),
    "cell": ("rnn", "lstm", "gru"),
    "weights": ("bias", "chrono", "trained"),
}

Trace = Callable[[str, int], xr.DataTree]
"""From a run's name and a checkpoint to its recording."""


def asked_of(run: Run, step: int, marked: bool) -> Iterator[tuple[str, str, str]]:
    """Kind, right answer and signal of all that could be asked of a checkpoint.

    Which of them are asked of an example is decided by its picture. Trained gates are asked about
    only where every example is ``marked``.
    """
    cell, trained = run.config.cell, step == run.steps[-1]
    chrono = run.config.initialization == "chrono"
    if cell in ("lstm", "gru"):
        gates = ANSWERS[f"{cell}_gate"]
        if trained and marked:
            yield from ((f"{cell}_gate", gate, gate) for gate in gates)
        if not trained and chrono:
            yield from ((f"{cell}_start", gate, gate) for gate in gates)
        kept = "forget_gate" if cell == "lstm" else "update_gate"
        if trained or run.config.initialization in ("forget_bias", "chrono"):
            yield "weights", "trained" if trained else "chrono" if chrono else "bias", kept
    if trained and cell in ANSWERS["cell"]:
        yield "cell", cell, "cell_state" if cell == "lstm" else "hidden_state"


Pool = dict[tuple[str, str], list[Riddle]]
"""Pictures by kind of question and right answer."""


def riddles(runs: dict[str, Run], kinds: tuple[str, ...], trace: Trace) -> Pool:
    """All pictures of some kinds of questions that give their answer away.

    They are taken before the first and after the last training step, in the first layer.
    """
    found: Pool = {}
    for name, run in runs.items():
        batch = run.probe()
        for step in (run.steps[0], run.steps[-1]):
            asked = [each for each in asked_of(run, step, all(batch.marks)) if each[0] in kinds]
            for kind, right, signal in asked:
                tree = trace(name, step)
                node = next(iter(tree.leaves)).path.strip("/")
                layer = layer_of(tree, node)
                units = tuple(order_units(layer, batch)[:ROWS]) if kind == "cell" else ()
                for example, marks in enumerate(batch.marks):
                    values = layer[signal].values[:, example]
                    if is_told(kind, right, evidence(values, marks, units)):
                        riddle = Riddle(kind, right, name, step, node, signal, example, units)
                        found.setdefault((kind, right), []).append(riddle)
    return found


def kinds_of(number: int) -> tuple[str, ...]:
    """The set of questions from which a round's is taken; the sets take turns."""
    return SETS[(number - 1) % len(SETS)]


def riddle_of(number: int, pool: Pool) -> Riddle:
    """The riddle of a round, of the pool of its kinds: always the same one for that number.

    Each kind with its answers is as likely as the others, however many pictures it has; only what
    training made is asked about more often.
    """
    asked, draw = sorted(pool), random.Random(number + SHUFFLE)
    weights = [1 if kind.endswith("_start") else OFTEN for kind, _ in asked]
    (choice,) = draw.choices(asked, weights)
    return draw.choice(pool[choice])


def following(number: int) -> int:
    """The round after a round."""
    return number % MOST_ROUNDS + 1


assert set(ANSWERS) == set(FITS) == {kind for group in SETS for kind in group}
