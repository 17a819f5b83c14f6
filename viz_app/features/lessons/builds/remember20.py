"""Lesson 5: a unit that remembers for 20 steps, by the bias of its forget gate."""

import math

import numpy as np
import torch
import xarray as xr

from gatescope import SequenceModel, record
from gatescope.analysis import lag_below
from viz_app.features.lessons.builds import Verdict
from viz_app.features.lessons.builds.numbers import Knob, Numbers, State, style_of
from viz_app.kit.chart.axes import Axis, share_axis
from viz_app.kit.chart.lines import Level, Line, Panel, Style
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.words import decimals
from viz_app.text import say

STEPS = 300
"""So far the unit is followed."""

DRAWN = 60
"""So far it is drawn."""

GOAL, NEAR = 20, 2
"""The half-life, and how far from it one may be."""

AIM = Style("#5b6270", "#aab2c0", (2, 2))

BLOCK = 1
"""The forget gate's place among the blocks of PyTorch's weights."""


class RememberTwenty(Numbers):
    """One unit of an LSTM writes at step 0; half of that is to be left 20 steps later."""

    def panels(self, state: State, recordings: Recordings = HERE) -> list[Panel]:
        """What is left of the memory, and where half of it is gone."""
        gate, left = self.recorded(state)
        steps = np.arange(float(DRAWN + 1))
        lines = [
            Line(
                say("builds.remember20_left"),
                steps,
                left[: DRAWN + 1],
                style=style_of("cell_state"),
            ),
            Line(
                say("builds.remember20_gate"),
                steps,
                np.full(DRAWN + 1, gate),
                style=style_of("forget_gate"),
            ),
        ]
        height = share_axis(say("builds.remember20_height"))
        goal = Line(
            say("builds.remember20_goal", steps=GOAL),
            np.array([GOAL, GOAL]),
            np.array([0.0, 0.5]),
            style=AIM,
        )
        return [
            Panel(
                "", [*lines, goal], Axis(say("builds.time"), (0, DRAWN)), height,
                levels=[Level(0.5, say("builds.remember20_half"))],
            )
        ]  # fmt: skip

    def check(self, state: State, recordings: Recordings = HERE) -> Verdict:
        """The measured half-life is 20 steps, or near it."""
        gate, left = self.recorded(state)
        life = lag_below(left)
        values = {"gate": decimals(gate, 3), "goal": GOAL}
        reached, numbers = abs(life - GOAL) <= NEAR, {"gate": gate, "life": life}
        if math.isinf(life):
            said = say("builds.remember20_for_ever", steps=STEPS, **values)
            return Verdict(False, numbers, said)
        key = "reached" if reached else "short" if life < GOAL else "long"
        said = say(f"builds.remember20_{key}", life=decimals(life, 1), **values)
        return Verdict(reached, numbers, said)

    def recorded(self, state: State) -> tuple[float, np.ndarray]:
        """The forget gate, and the cell state relative to what it was at step 0."""
        layer = self._layer(state[0])
        cell = layer["cell_state"].values[:, 0, 0].astype(float)
        return float(layer["forget_gate"].values[-1, 0, 0]), cell / cell[0]

    def _layer(self, bias: float) -> xr.Dataset:
        """A unit that reads a 1 at step 0 and nothing after: all its weights are 0 but two."""
        model = SequenceModel("lstm", 1, 1, 1).double()
        inside = dict(model.recurrent.named_parameters())
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.zero_()
            inside["weight_ih_l0"][2] = 1.0  # the candidate sees the input
            inside["bias_ih_l0"][BLOCK] = bias
        inputs = torch.zeros(STEPS + 1, 1, 1, dtype=torch.float64)
        inputs[0] = 1.0
        (leaf,) = record(model, inputs).leaves
        return leaf.to_dataset()


BUILD = RememberTwenty(
    "remember20", (Knob("bias", -2, 8, 0.1, 0.0, "remember20_bias"),), {"bias": 3.4}
)
