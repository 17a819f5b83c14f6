"""A text that a network writes or reads: its characters on a unit's value, and its gates."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import xarray as xr

from gatescope import Batch, Run, record
from gatescope.writing import bits_of, labels_of
from viz_app.features.gates import data as gates
from viz_app.features.text.chart_coloured_text import WrittenText
from viz_app.features.text.measures import task_of
from viz_app.kit import units
from viz_app.kit.chart.window import LAPTOP, Window
from viz_app.kit.visible import Part
from viz_app.text import name_of, say

LETTER = 0.8
"""Of the type's size: the width of a character whose gates are in view, so that it is as large as
all type. Those that have room are the last ones."""

NARROW = ("input_gate", "forget_gate", "update_gate", "cell_state", "hidden_state")
"""Signals that are drawn where there is little room, three of them at most."""


@dataclass(frozen=True)
class Cell:
    """Which of a network's states or gates is looked at: layer, signal and unit."""

    node: str
    signal: str
    unit: int


@dataclass(frozen=True)
class Reading:
    """A text as a network reads it.

    Attributes
    ----------
    run, text
        Which network, which text.
    given
        How many characters at its beginning were not written by the network.
    trace
        Every gate and state at each character.
    bits
        (characters,), how surprised the network was by each; NaN at the first.
    """

    run: Run
    text: str
    given: int
    trace: xr.DataTree
    bits: np.ndarray

    def values(self, cell: Cell) -> np.ndarray:
        """(characters,), what one unit does."""
        signal = units.layer_of(self.trace, cell.node)[cell.signal]
        values: np.ndarray = signal.values[:, 0, cell.unit]
        return values

    def coloured(
        self, cell: Cell, bounds: dict[str, float], meaning: str | None = None
    ) -> WrittenText:
        """What the chart of the text shows: a unit's values, a state's colours ending at its bound.

        Where the meaning holds is underlined; of one that is a number, or None, nothing is.
        """
        gate = cell.signal.endswith("_gate")
        bound = 1.0 if gate else bounds.get(cell.signal, 1.0)
        underlined = meaning is not None and not has_grades(meaning)
        title = say("writing.coloured", signal=name_of("signal", cell.signal), unit=cell.unit)
        if underlined:
            what = say(f"writing.meaning_{meaning}")
            title = say("writing.underlined", coloured=title, what=what)
        return WrittenText(
            text=self.text,
            values=self.values(cell).astype(float),
            kind="gate" if gate else "state",
            bound=bound,
            open_ended=not gate and (cell.signal not in gates.WITHIN_ONE or bound < 1),
            title=title,
            true=labels_of(str(meaning), self.text) if underlined else None,
            given=self.given,
            bits=self.bits,
        )

    def gates(
        self, node: str, order: Sequence[int], bounds: dict[str, float],
        some: tuple[int, ...] = (), window: Window = LAPTOP,
    ) -> gates.GatesView:  # fmt: skip
        """The gates of one layer over the last characters, of some units or of all."""
        layer = units.layer_of(self.trace, node)
        inputs = task_of(self.run).encode(self.text)
        targets = torch.zeros(inputs.shape[:2], dtype=torch.long)
        batch = Batch(inputs, targets, scored=targets.bool(), marks=((),))
        last = len(self.text) - 1
        room = int(window.width / LETTER / window.type_size)
        seen = (max(0, last - room + 1), last) if last else None
        few = tuple(name for name in NARROW if name in layer)[:3]
        return gates.view(
            layer, batch, self.run.task, order=order, bounds=bounds,
            part=Part(
                seen, some, ("gates", "states"), few if window.name == "phone" else None
            ),
        )  # fmt: skip


def read(run: Run, text: str, given: int = 0) -> Reading:
    """Let a trained network read a text, with everything recorded."""
    model, task = run.model(), task_of(run)
    trace = record(model, task.encode(text))
    bits = np.full(len(text), np.nan)
    if len(text) > 1:
        bits[1:] = bits_of(model, task, text)
    return Reading(run, text, given, trace, bits)


def has_grades(meaning: str) -> bool:
    """Whether a meaning is a number rather than true or false."""
    return meaning in ("line", "word")
