"""Architectures: what both halves of a bidirectional network have seen where the answer is read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from gatescope import Run, record
from gatescope.analysis import Moved, band, influence_of_other_steps
from gatescope.errors import sentence_of
from gatescope.training import SummedLoss
from viz_app.features.architectures.data import layers_of, numbers
from viz_app.features.gradient_flow import data as gradients
from viz_app.kit.chart.lines import Line, Panel
from viz_app.kit.panels import OfLines, Texts
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.view import ViewError
from viz_app.kit.words import digits, three_digits
from viz_app.text import say

LAST, ENDS = "both-ways-last", "both-ways-ends"
"""The prepared runs: the answer read at the last step, and each half at its own last step."""

HEIGHT = 240
"""Pixels of a panel."""

Seen = tuple[tuple[Panel, ...], tuple[str, ...]]


@dataclass(frozen=True)
class Halves(OfLines):
    """How far both halves move, and their gradients, with the answer read in two ways.

    Attributes
    ----------
    run
        A bidirectional run that reads the answer at the last step.
    others
        One on the same task that reads it at both ends.
    """

    name: ClassVar[str] = "halves"
    pixels: ClassVar[int] = 290
    alt_texts: ClassVar[Texts] = gradients.TEXTS

    run: str = LAST
    others: tuple[str, ...] = (ENDS,)

    def said(self, value: float) -> str:
        """With three digits."""
        return three_digits(value)

    def names(self, recordings: Recordings = HERE) -> tuple[str, ...]:
        """Both runs."""
        return (self.run, *self.others)

    def data(self, recordings: Recordings = HERE) -> Seen:
        """The panels, and sentences on what was measured.

        Raises
        ------
        ViewError
            When these are not two runs, or one does not read backward.
        """
        if len(self.others) != 1:
            raise ViewError(say("figures.wrong_runs", view=self.name, count=len(self.names())))

        def seen() -> Seen:
            last, ends = (Measured(recordings.run(name)) for name in self.names())
            return tuple(panels(last, ends)), tuple(sentences(last, ends))

        try:
            return recordings.get(("halves", self), seen)
        except ValueError as error:
            raise ViewError(sentence_of(error)) from error

    def panels(self, recordings: Recordings = HERE) -> tuple[Panel, ...]:
        """What is drawn."""
        return self.data(recordings)[0]

    def table(self, *, recordings: Recordings = HERE) -> pd.DataFrame:
        """The numbers: one row a panel, half and step."""
        return gradients.table(self.panels(recordings))

    def file_name(self) -> str:
        """After what it shows."""
        return "backward-half"


class Measured:
    """A bidirectional run, and what its two halves have seen.

    ``moved`` is how far the states move when every input but the last is another example's;
    ``gradients`` are, by half, of each example's loss with respect to its hidden states.
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


def panels(last: Measured, ends: Measured) -> list[Panel]:
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


def sentences(last: Measured, ends: Measured) -> list[str]:
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
