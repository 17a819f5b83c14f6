"""Lesson 4: all 22 numbers of an LSTM with one unit, set by hand so that it adds."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch

from gatescope import Batch, SequenceModel, Task, make_task, record
from viz_app.features.lessons.builds import Verdict
from viz_app.features.lessons.builds.numbers import Knob, Numbers, State, style_of
from viz_app.kit.chart.axes import Axis
from viz_app.kit.chart.lines import Level, Line, Panel, Points
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.words import decimals, percent, spoken
from viz_app.text import name_of, say

LENGTH, ROWS, SEED = 50, 100, 4
"""Of the rows on which the network is judged; the first is drawn."""

FEW = {"tickCount": 6}

ENOUGH = 0.9
"""Of the sums so many have to be right."""

GATES = ("input_gate", "forget_gate", "output_gate")
BLOCKS = ("input_gate", "forget_gate", "cell_candidate", "output_gate")
"""In the order of PyTorch's weights."""

PARTS = {
    "value": ("weight_ih_l0", 0), "mark": ("weight_ih_l0", 1), "h": ("weight_hh_l0", 0),
    "bias": ("bias_ih_l0", 0), "bias_too": ("bias_hh_l0", 0),
}  # fmt: skip
"""What each block adds up: where its weight stands, and in which column."""


def _knobs() -> tuple[Knob, ...]:
    inside = [
        Knob(f"{block}_{part}", -20, 20, 0.1, words=f"adder22_{part}", group=f"adder22_{block}")
        for block in BLOCKS
        for part in PARTS
    ]
    answer = [
        Knob(f"answer_{part}", -40, 40, 0.1, words=f"adder22_answer_{part}", group="adder22_answer")
        for part in ("weight", "bias")
    ]
    return (*inside, *answer)


@dataclass(frozen=True)
class Added:
    """What the network does on all rows.

    Attributes
    ----------
    gates
        (step, row, gate) of `GATES`.
    cell
        The cell state, (step, row).
    answers
        What it would answer, (step, row).
    targets, right
        The sums, and whether they are met, (row,).
    left
        Of the cell state at the end, what was written at each step, (step, row).
    """

    gates: np.ndarray
    cell: np.ndarray
    answers: np.ndarray
    targets: np.ndarray
    right: np.ndarray
    left: np.ndarray


class Adder(Numbers):
    """The numbers of ``SequenceModel("lstm", 2, 1, 1)``, each 0 at first."""

    def panels(self, state: State, recordings: Recordings = HERE) -> list[Panel]:
        """The gates on the first row, and below what is held and answered."""
        done = self.done(state, recordings)
        time = Axis(say("builds.time"), (0, LENGTH - 1), look={"tickMinStep": 1})
        steps = np.arange(float(LENGTH))
        gates = [
            Line(name_of("signal", name), steps, done.gates[:, 0, place], style=style_of(name))
            for place, name in enumerate(GATES)
        ]
        target = float(done.targets[0])
        held = [
            Line(name_of("signal", "cell_state"), steps, done.cell[:, 0],
                 style=style_of("cell_state")),
            Line(say("builds.adder22_says"), steps, done.answers[:, 0]),
        ]  # fmt: skip
        aim = Level(target, say("builds.adder22_target", target=decimals(target)), left=True)
        marks = [mark.step for mark in _rows(recordings)[1].marks[0]]
        arrows = pd.DataFrame({"line": gates[0].name, "x": marks, "value": 0.0})
        title = say("builds.adder22_marks", first=marks[0], second=marks[1])
        return [
            Panel(
                title, gates, time, Axis(say("builds.adder22_gates"), (0.0, 1.0), look=FEW),
                points=[Points(arrows, {"type": "point", "shape": "triangle-up", "filled": True,
                                        "size": 120, "opacity": 1})],
            ),
            Panel(
                say("builds.adder22_held"), held, time,
                Axis(say("builds.adder22_held_height"), (-0.5, 2.5), edge=True, look=FEW),
                levels=[aim],
            ),
        ]  # fmt: skip

    def check(self, state: State, recordings: Recordings = HERE) -> Verdict:
        """Nine of ten sums are right, as the task judges them; and what each gate does."""
        done = self.done(state, recordings)
        _, batch = _rows(recordings)
        right = say(
            "builds.adder22_right", right=int(done.right.sum()), rows=ROWS,
            tolerance=decimals(self.tolerance(recordings)),
        )  # fmt: skip
        numbers = {"right": float(done.right.mean())}
        if done.right.mean() >= ENOUGH:
            used = sum(value != 0 for value in state)
            reached = say("builds.adder22_reached", used=used)
            return Verdict(True, numbers | {"used": used}, spoken(right, reached))
        held = done.left[:, 0]
        marked = batch.inputs[..., 1].numpy() == 1
        write, keep = done.gates[..., 0], done.gates[..., 1]
        at, other = float(write[marked].mean()), float(write[~marked].mean())
        first, _ = (mark.step for mark in batch.marks[0])
        told = say(
            "builds.adder22_missed", at=decimals(at), other=decimals(other),
            left=percent(float(np.prod(keep[first + 1 :, 0]))),
            count=int((~marked[:, 0]).sum()), marked=decimals(float(held[marked[:, 0]].sum())),
            rest=decimals(float(held[~marked[:, 0]].sum())),
            answer=decimals(float(done.answers[-1, 0])), target=decimals(float(done.targets[0])),
        )  # fmt: skip
        return Verdict(False, numbers | {"write": at, "else": other}, spoken(right, told))

    def done(self, state: State, recordings: Recordings = HERE) -> Added:
        """What the network does on all rows: recorded, and judged by its task."""
        task, batch = _rows(recordings)
        model = self.model(state)
        (leaf,) = record(model, batch.inputs).leaves
        layer = leaf.to_dataset().isel(unit=0)
        write, keep, candidate = (
            layer[name].values.astype(float)
            for name in ("input_gate", "forget_gate", "cell_candidate")
        )
        later = np.concatenate([keep[1:], np.ones_like(keep[:1])])
        with torch.no_grad():
            outputs = model(batch.inputs)
        return Added(
            np.stack([layer[gate].values.astype(float) for gate in GATES], axis=-1),
            layer["cell_state"].values.astype(float),
            outputs[..., 0].double().numpy(),
            batch.targets[batch.end, :, 0].double().numpy(),
            task.correct(outputs, batch).numpy(),
            write * candidate * np.cumprod(later[::-1], axis=0)[::-1],
        )

    def tolerance(self, recordings: Recordings = HERE) -> float:
        """How far from a sum an answer may be."""
        return float(_rows(recordings)[0].tolerance)

    def model(self, state: State) -> SequenceModel:
        """The network with these numbers."""
        values = self.named(state)
        model = SequenceModel("lstm", 2, 1, 1)
        inside = dict(model.recurrent.named_parameters())
        with torch.no_grad():
            for row, block in enumerate(BLOCKS):
                for part, (weights, column) in PARTS.items():
                    inside[weights].view(len(BLOCKS), -1)[row, column] = values[f"{block}_{part}"]
            model.readout.weight.fill_(values["answer_weight"])
            model.readout.bias.fill_(values["answer_bias"])
        return model


def _rows(recordings: Recordings) -> tuple[Task, Batch]:
    task = make_task("adding", length=LENGTH)
    return task, recordings.get(("build sums", LENGTH, ROWS), lambda: task.sample(ROWS, SEED))


BUILD = Adder(
    "adder22", _knobs(),
    {
        "input_gate_mark": 20.0, "input_gate_bias": -10.0, "forget_gate_bias": 12.0,
        "cell_candidate_value": 0.1, "answer_weight": 20.0,
    },
)  # fmt: skip
