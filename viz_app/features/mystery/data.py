"""The picture of a round, with and without its name."""

from dataclasses import dataclass, replace
from typing import Any

import altair as alt

from gatescope import Run
from viz_app.features.gates import data as gates
from viz_app.features.mystery.chart import GuessWords, alone_spec, guess_bars
from viz_app.features.mystery.evidence import Evidence, evidence
from viz_app.features.mystery.rounds import Riddle
from viz_app.kit.chart.gates_data import GatesData, GatesLook, SignalStyle
from viz_app.kit.run_words import Theme
from viz_app.kit.visible import Part
from viz_app.text import say

HIDDEN = "mystery"
"""What the signal is called in the data as long as it is to be guessed."""

NO_ROW = -1
"""No unit has this number, so that none is framed."""


@dataclass(frozen=True)
class Mystery:
    """One heatmap whose name is asked for.

    Attributes
    ----------
    riddle
        What is asked, and the answer.
    run
        The run it is taken from.
    data
        The signal alone, under its own name.
    seen
        What is measured on it.
    """

    riddle: Riddle
    run: Run
    data: GatesData
    seen: Evidence

    def spec(self, look: GatesLook, title: str | None = None) -> dict[str, Any]:
        """The chart for a page; without a title nothing in it says what it shows."""
        shown = self.hidden() if title is None else self.named(title)
        unit, step = (None, 0) if title is None else self.telling()
        picked = (NO_ROW if unit is None else unit, step)
        return alone_spec(shown, gates.words(), look, picked)

    def hidden(self) -> GatesData:
        """The data without the signal's name, in its fields and in its labels."""
        (style,) = self.data.shape.signals
        return _with_style(self.data, replace(style, name=HIDDEN, label=say("mystery.hidden")))

    def named(self, title: str) -> GatesData:
        """The data under its name, with a title."""
        (style,) = self.data.shape.signals
        return _with_style(self.data, replace(style, label=title))

    def telling(self) -> tuple[int | None, int]:
        """The unit that gives the answer away, None where it is all of them, and a step."""
        units: dict[str, int | None] = {
            "input_gate": self.seen.rise.unit if self.seen.rise else None,
            "update_gate": self.seen.fall.unit if self.seen.fall else None,
            "trained": self.seen.moves[0],
            "chrono": self.seen.low[0],
        }
        if self.riddle.right == "lstm":
            return self.seen.peak[:2]
        untrained = self.riddle.kind.endswith("_start")
        step = self.data.marks[0][0] if self.data.marks else 0
        return None if untrained else units.get(self.riddle.right), step


def mystery(riddle: Riddle, run: Run, view: gates.GatesView) -> Mystery:
    """The picture of a riddle.

    Parameters
    ----------
    riddle
        What is asked.
    run
        Its run.
    view
        The riddle's example, all signals.
    """
    data = Part(units=riddle.units).of(view.data)
    shape = data.shape
    (number,) = (n for n, style in enumerate(shape.signals) if style.name == riddle.signal)
    alone = replace(
        data,
        shape=replace(shape, signals=(shape.signals[number],), kept_in="", lines=False),
        values=(data.values[number],),
        notes=tuple(f"{say('gates.unit')} {unit}" for unit in shape.units),
        norms=(),
        log_kept=None,
    )
    values = view.one()[riddle.signal].values
    return Mystery(riddle, run, alone, evidence(values, data.marks, riddle.units))


def guesses_chart(
    answers: tuple[str, ...], counts: tuple[int, ...], right: int | None, theme: Theme
) -> alt.LayerChart:
    """How many guessed what.

    Parameters
    ----------
    answers
        As a person reads them.
    counts
        Guesses of each.
    right
        Which is right; None as long as it is to be guessed.
    theme
        Light or dark.
    """
    words = GuessWords(say("mystery.guesses_axis"), say("mystery.is_right"))
    return guess_bars(answers, counts, right, words, theme)


def _with_style(data: GatesData, style: SignalStyle) -> GatesData:
    return replace(data, shape=replace(data.shape, signals=(style,)))
