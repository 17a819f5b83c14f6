"""What the backward half has seen where the answer is read."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from gatescope import Run, record
from gatescope.analysis import Moved, band, influence_of_other_steps
from gatescope.training import SummedLoss
from viz_app.features.architectures.data import layers_of, numbers
from viz_app.features.gradient_flow import data as gradients
from viz_app.kit.chart.lines import Line, Panel
from viz_app.kit.words import digits
from viz_app.text import say

LAST, ENDS = "both-ways-last", "both-ways-ends"
"""The prepared runs: the answer read at the last step, and each half at its own last step."""


HEIGHT = 240
"""Pixels of a panel."""


class Halves:
    """A bidirectional run, and what its two halves have seen.

    Attributes
    ----------
    run
        The run.
    moved
        How far the states move when every input but the last is another example's.
    gradients
        By half: the gradient of each example's loss with respect to its hidden states.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        probe = run.probe()
        model = run.model()
        self.moved: Moved = influence_of_other_steps(model, probe.inputs)
        trace = record(model, probe.inputs, SummedLoss(run.task, probe))
        forward, backward = list(layers_of(trace).values())[-2:]
        names = [say("architectures.forward"), say("architectures.backward")]
        self.gradients = [
            gradients.flow_of(layer, name)["hidden_state"]
            for layer, name in zip((forward, backward), names, strict=True)
        ]
        self.names = names

    def distances(self) -> list[Line]:
        """How far both halves move, at every step."""
        halves = (self.moved.forward, self.moved.backward)
        return [
            gradients.line_of(name, np.arange(distance.sizes["time"]), band(distance))
            for name, distance in zip(self.names, halves, strict=True)
        ]

    def moved_at_last(self) -> tuple[float, float]:
        """At the last step: how far the forward half moves (median), and the backward (most)."""
        forward, backward = (half.values[-1] for half in (self.moved.forward, self.moved.backward))
        return float(np.median(forward)), float(backward.max())

    def dark_steps(self) -> int:
        """Steps at which the loss does not depend on the backward half's state, in any example."""
        return int((np.asarray(self.gradients[1].told["zeros"]) == 1).sum())


def panels(last: Halves, ends: Halves) -> list[Panel]:
    """How far the halves move; on a scale of their own their gradients, read at the last step, and
    at both ends."""
    moved = {say("architectures.moved_title"): last.distances()}
    norms = {
        say("architectures.grad_last_title"): last.gradients,
        say("architectures.grad_ends_title"): ends.gradients,
    }
    distance = say("architectures.distance")
    return [
        *gradients.panels_of(moved, quantity=distance, height=HEIGHT),
        *gradients.panels_of(norms, height=HEIGHT),
    ]


def sentences(last: Halves, ends: Halves) -> list[str]:
    """What was measured on both."""
    forward, backward = last.moved_at_last()
    count, steps = len(last.run.probe().marks), last.run.task.length
    moved = "architectures.moved_exact" if backward == 0 else "architectures.moved_some"
    lines = [say(moved, forward=digits(forward), backward=digits(backward), count=count)]
    dark, read = last.dark_steps(), ends.dark_steps()
    lines.append(say("architectures.dark", dark=dark, steps=steps, last=steps - 1))
    lines.append(say("architectures.mended", dark=read, steps=steps))
    facts = {
        "last": f"{last.run.test_accuracy:.0%}", "ends": f"{ends.run.test_accuracy:.0%}",
        "guess": f"{last.run.task.baseline_accuracy:.0%}", "steps": last.run.history[-1].step,
    }  # fmt: skip
    better = ends.run.test_accuracy > last.run.test_accuracy
    lines.append(say("architectures.pays" if better else "architectures.pays_not", **facts))
    return lines


def scores(runs: Sequence[Run]) -> pd.DataFrame:
    """Both networks beside one another: size, accuracy and loss."""
    return numbers(runs).iloc[:, :3]
