"""The picture of a round, with and without its name."""

from dataclasses import dataclass, replace
from typing import Any

from gatescope import Run
from viz_app.features.gates import data as gates
from viz_app.features.mystery.chart import alone_spec
from viz_app.features.mystery.evidence import Evidence, evidence
from viz_app.features.mystery.rounds import Riddle
from viz_app.kit.chart.gates_data import GatesData
from viz_app.kit.chart.gates_look import GatesLook
from viz_app.kit.visible import Part
from viz_app.text import say

HIDDEN = "mystery"
"""What the signal is called in the data as long as it is to be guessed."""

NO_ROW = -1
"""No unit has this number, so that none is framed."""


TELLING = {
    "input_gate": "rise_unit",
    "update_gate": "fall_unit",
    "trained": "moves_unit",
    "chrono": "low_unit",
}
"""The unit that gives an answer away, by its name in the evidence; others are given away by all."""


@dataclass(frozen=True)
class Mystery:
    """One heatmap whose name is asked for.

    ``data`` is the signal alone, under its own name; ``seen`` what is measured on it.
    """

    riddle: Riddle
    run: Run
    data: GatesData
    seen: Evidence

    @property
    def answer(self) -> int:
        """The place of the right answer among those that are offered."""
        return self.riddle.answers.index(self.riddle.right)

    def spec(self, look: GatesLook, title: str | None = None) -> dict[str, Any]:
        """The chart for a page; without a title nothing in it says what it shows."""
        (style,) = self.data.shape.signals
        if title is None:  # neither in the data's fields nor in the labels
            (unit, step), style = (
                (None, 0),
                replace(style, name=HIDDEN, label=say("mystery.hidden")),
            )
        else:
            (unit, step), style = self.telling(), replace(style, label=title)
        shown = replace(self.data, shape=replace(self.data.shape, signals=(style,)))
        return alone_spec(shown, gates.words(), look, (NO_ROW if unit is None else unit, step))

    def telling(self) -> tuple[int | None, int]:
        """The unit that gives the answer away, None where it is all of them, and a step."""
        seen, right = self.seen, self.riddle.right
        if right == "lstm":
            return int(seen["peak_unit"]), int(seen["peak_step"])
        step = self.data.marks[0][0] if self.data.marks else 0
        untrained = self.riddle.kind.endswith("_start")
        return (None if untrained or right not in TELLING else int(seen[TELLING[right]])), step


def mystery(riddle: Riddle, run: Run, view: gates.GatesView) -> Mystery:
    """The picture of a riddle of a run, of its example with all signals."""
    data = Part(units=riddle.units).of(view.data)
    shape = data.shape
    (number,) = (n for n, style in enumerate(shape.signals) if style.name == riddle.signal)
    alone = replace(
        data,
        shape=replace(shape, signals=(shape.signals[number],), kept_in="", lines=False),
        values=(data.values[number],),
        notes=tuple(say("gates.numbered", unit=unit) for unit in shape.units),
        norms=(),
        log_kept=None,
    )
    values = view.one()[riddle.signal].values
    return Mystery(riddle, run, alone, evidence(values, data.marks, riddle.units))
