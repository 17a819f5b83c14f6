"""Lesson 3: the factor on the recurrent matrix at which the gradient neither dies nor explodes."""

import math
from collections.abc import Sequence
from typing import ClassVar

from viz_app.features import GradientFlow
from viz_app.features.lessons.builds import Verdict
from viz_app.features.lessons.builds.numbers import Knob, Numbers, State
from viz_app.kit.chart.lines import Panel
from viz_app.kit.panels import Texts
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.words import three_digits
from viz_app.text import say

RUN = "adding-rnn"
"""Whose network, as it is before training, is scaled."""

LEAST, MOST = 0.1, 10.0
"""The gradient at the first step, as a multiple of that at the last, of which this is said."""


class GradientFactor(Numbers):
    """The recurrent matrix of an untrained plain RNN is multiplied by one number."""

    alt_texts: ClassVar[Texts] = ("flow.alt", "flow.alt_line")

    def panels(self, state: State, recordings: Recordings = HERE) -> Sequence[Panel]:
        """The gradient norm at every step, as the page Gradient flow draws it."""
        return self.view(state).panels(recordings)

    def view(self, state: State) -> GradientFlow:
        """What is looked at."""
        return GradientFlow(RUN, (), gain=state[0])

    def check(self, state: State, recordings: Recordings = HERE) -> Verdict:
        """From the last step to the first the norm changes less than tenfold."""
        left = self.left(state, recordings)
        key = "reached" if LEAST <= left <= MOST else "dies" if left < LEAST else "explodes"
        said = say(f"builds.factor_{key}", left=three_digits(left))
        return Verdict(key == "reached", {"left": left}, said)

    def said(self, value: float) -> str:
        """With three digits."""
        return three_digits(value)

    def left(self, state: State, recordings: Recordings = HERE) -> float:
        """The gradient norm at the first step as a multiple of that at the last."""
        (flows,) = self.view(state).data(recordings).values()
        value = flows[-1].lines["hidden_state"].value
        return float(value[0] / value[-1]) if value[-1] > 0 else math.nan


BUILD = GradientFactor("factor", (Knob("factor", 0.5, 8, 0.1, 1.0, "factor"),), {"factor": 4.5})
