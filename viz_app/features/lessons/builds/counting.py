"""Lesson 2: weights by which the state of a plain RNN counts the ones in a row of bits."""

from collections.abc import Collection, Mapping

import numpy as np
import torch

from gatescope import Batch, SequenceModel, make_task, record
from viz_app.features.lessons.builds import Verdict
from viz_app.features.lessons.builds.numbers import Knob, Numbers, State
from viz_app.kit.chart.axes import Axis
from viz_app.kit.chart.lines import Line, Panel, Style
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.words import number, spoken
from viz_app.text import say

LENGTH, ROWS, SEED = 20, 10, 3
"""Of the rows on which the counting is judged; the first is drawn."""

TRUE = Style("#5b6270", "#aab2c0", (6, 3))
COUNTED = Style("#c23b22", "#ff8a73", (1, 0))

ENOUGH = 9
"""So many of them have to be counted right."""

KNOBS = (
    Knob("write", 0, 0.05, 0.001, words="count_write"),
    Knob("keep", 0, 1.2, 0.05, words="count_keep"),
    Knob("read", 0, 300, 5, words="count_read"),
)


class Counting(Numbers):
    """The ones of a row are counted by one number: h = tanh(write·x + keep·h), count = read·h.

    Parameters
    ----------
    goal
        Its name.
    solution
        All three numbers; those that are not blank are as they are here.
    blank
        Which of them have to be found.
    """

    def __init__(self, goal: str, solution: Mapping[str, float], blank: Collection[str]) -> None:
        super().__init__(
            goal, tuple(knob for knob in KNOBS if knob.name in blank),
            {knob: solution[knob] for knob in solution if knob in blank},
        )  # fmt: skip
        self.given = {knob: solution[knob] for knob in solution if knob not in blank}

    def panels(self, state: State, recordings: Recordings = HERE) -> list[Panel]:
        """The count of the network at each step of the first row, beside the true one."""
        true, counted = self._counts(state, recordings)
        top = float(true.max()) + 3
        steps = np.arange(float(LENGTH))
        lines = [
            Line(say("builds.count_true"), steps, true[:, 0], style=TRUE),
            Line(say("builds.count_said"), steps, counted[:, 0], style=COUNTED, dots=True),
        ]
        return [
            Panel(
                "", lines, Axis(say("builds.time"), (0, LENGTH - 1), look={"tickMinStep": 1}),
                Axis(say("builds.count_height"), (0, top), edge=True),
                curve="step-after",
            )
        ]  # fmt: skip

    def check(self, state: State, recordings: Recordings = HERE) -> Verdict:
        """So many of the rows are counted right at their end, rounded to whole numbers."""
        true, counted = self._counts(state, recordings)
        right = int((np.rint(counted[-1]) == true[-1]).sum())
        told = say(
            "builds.count_told", right=right, rows=ROWS, true=number(float(true[-1, 0])),
            said=number(round(float(counted[-1, 0]), 1)),
        )  # fmt: skip
        after = self._first_write(state, recordings)
        numbers = {"right": right, "first": after}
        if right >= ENOUGH:
            return Verdict(True, numbers, spoken(told, say("builds.count_reached")))
        missed = say("builds.count_missed", first=number(round(after, 3)))
        return Verdict(False, numbers, spoken(told, missed))

    def numbers(self, state: State) -> dict[str, float]:
        """All three, in their order: given or found."""
        every = self.given | self.named(state)
        return {knob.name: every[knob.name] for knob in KNOBS}

    def _counts(self, state: State, recordings: Recordings) -> tuple[np.ndarray, np.ndarray]:
        """How many ones there were, and what the network says: each (step, row)."""
        bits = _bits(recordings).inputs[..., 1:]
        model = self._model(state)
        with torch.no_grad():
            said = model(bits)[..., 0].double().numpy()
        return bits[..., 0].double().cumsum(0).numpy(), said

    def _first_write(self, state: State, recordings: Recordings) -> float:
        """By how much the first 1 of the first row lifts the answer."""
        bits = _bits(recordings).inputs[:, :1, 1:]
        model = self._model(state)
        (leaf,) = record(model, bits).leaves
        h = leaf.to_dataset()["hidden_state"].values[:, 0, 0]
        first = int(bits[:, 0, 0].argmax())
        return float(h[first]) * self.numbers(state)["read"]

    def _model(self, state: State) -> SequenceModel:
        """A plain RNN of one unit with these numbers, its biases 0."""
        model = SequenceModel("rnn", 1, 1, 1)
        write, keep, read = self.numbers(state).values()
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                place = name.rpartition(".")[2]
                value = {"weight_ih_l0": write, "weight_hh_l0": keep, "weight": read}
                parameter.fill_(value.get(place, 0.0))
        return model


def _bits(recordings: Recordings) -> Batch:
    """Rows of the parity task: whether a bit is 1 is its second feature."""
    task = make_task("parity", length=LENGTH)
    return recordings.get(("build bits", LENGTH, ROWS), lambda: task.sample(ROWS, SEED))
