"""Text: what a network does while it reads a book, and the text that it writes on."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar, Self

import altair as alt
import pandas as pd

from gatescope import Run
from gatescope.tasks.characters import Characters
from gatescope.writing import write
from viz_app.features.text.chart_bits_per_character import BitsBar, bits_chart
from viz_app.features.text.chart_coloured_text import (
    WrittenText,
    written_chart,
    written_rows,
    written_spec,
)
from viz_app.features.text.measures import (
    PREPARED_RUNS,
    Measured,
    bars,
    measures_of,
    prepared,
    task_of,
)
from viz_app.features.text.reading import Cell, Reading, read
from viz_app.features.text.words import alternative
from viz_app.kit import export
from viz_app.kit.chart.gates_data import GatesShape
from viz_app.kit.chart.gates_look import GatesLook
from viz_app.kit.chart.style import Theme
from viz_app.kit.chart.window import Look
from viz_app.kit.choice import Among
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.units import shown
from viz_app.kit.view import OPEN, ViewError, kept
from viz_app.kit.view_of_runs import OfARun
from viz_app.text import say, words

PROMPT = "`Curiouser and curiouser!' cried Alice"
"""How a text begins: of the book, in every language."""

PLOT = 1060
"""Pixels of the still chart's plot."""

WRITING = ("run", "prompt", "temperature", "top_k", "length", "seed", "then")
"""The choices of how a text is written; the others are of what is looked at in it."""


@dataclass(frozen=True)
class Text(OfARun):
    """A text that a network writes, read by it: each character on the colour of one unit.

    Attributes
    ----------
    run
        Its name, or outside the app its folder; of a network that learned ``characters``.
    prompt
        How the text begins.
    temperature, top_k
        How daring the network writes, see `gatescope.writing.write`.
    length
        How many characters it writes.
    seed
        Of its draws.
    then
        Where it goes on otherwise: from which character that it writes, at which temperature,
        and of how many likeliest characters.
    look
        What the unit stands for, a key of ``gatescope.writing.MEANINGS``; None is the first.
    signal, unit
        A unit of one's own choice instead, of the first layer.
    """

    name: ClassVar[str] = "text"

    run: str = PREPARED_RUNS[0]
    prompt: str = PROMPT
    temperature: float = 0.6
    top_k: int | None = None
    length: int = 400
    seed: int = 45
    then: tuple[tuple[int, float, int | None], ...] = ()
    look: str | None = None
    signal: str | None = None
    unit: int = OPEN

    def __post_init__(self) -> None:
        """Changes on the way come one after another."""
        starts = [0, *(start for start, *_ in self.then), self.length]
        if self.then and any(a >= b for a, b in pairwise(starts)):
            raise ViewError(say("figures.wrong_then", length=self.length, value=repr(self.then)))

    def among(self, recordings: Recordings = HERE) -> dict[str, Among]:
        """What a unit can stand for; or the first layer's signals and units."""
        if not self.own():
            meanings = [found.meaning for found in self.measured(recordings).found]
            return {"look": Among(meanings, meanings[0])}
        layer = recordings.layer(self.run, None, None)
        signals, units = shown(layer), range(layer.sizes["unit"])
        return {"signal": Among(signals, signals[-1]), "unit": Among(units, 0)}

    def own(self) -> bool:
        """Whether the unit is one of one's own choice."""
        return self.signal is not None or self.unit is not None

    def written(self, count: int, temperature: float, top_k: int | None) -> Self:
        """The same with so many characters more."""
        how = (temperature, top_k)
        last = self.then[-1][1:] if self.then else (self.temperature, self.top_k)
        longer = self.but(length=self.length + count)
        if not self.length:
            return longer.but(temperature=temperature, top_k=top_k)
        return longer if how == last or not count else longer.but(
            then=(*self.then, (self.length, *how))
        )  # fmt: skip

    @kept(*WRITING)
    def text(self, recordings: Recordings = HERE) -> str:
        """The beginning, and what is written.

        Raises
        ------
        ViewError
            When the run learned something else.
        ValueError
            When it cannot write this; the message says why.
        """
        run = self._run(recordings)
        model, task, text = run.model(), task_of(run), self.prompt
        parts = ((0, self.temperature, self.top_k), *self.then)
        ends = [*(start for start, *_ in self.then), self.length]
        for (start, temperature, top_k), end in zip(parts, ends, strict=True):
            text = write(
                model, task, text, end - start,
                temperature=temperature, top_k=top_k, seed=self.seed,
            )  # fmt: skip
        return text

    @kept(*WRITING)
    def reading(self, recordings: Recordings = HERE) -> Reading:
        """The text as the network reads it."""
        return read(recordings.run(self.run), self.text(recordings), len(self.prompt))

    @kept("run")
    def measured(self, recordings: Recordings = HERE) -> Measured:
        """The network's score, and what its units mean."""
        return measures_of(self._run(recordings))

    def cell(self, recordings: Recordings = HERE) -> Cell:
        """The unit that colours the text."""
        made = self.complete(recordings)
        if made.own():
            return Cell(recordings.layers(made.run)[0], str(made.signal), int(made.unit or 0))
        found = made.measured(recordings).of(str(made.look))
        assert found is not None
        return Cell(found.node, found.signal, found.unit)

    def data(self, recordings: Recordings = HERE) -> WrittenText:
        """The text, and what the unit does at each character."""
        made, cell = self.complete(recordings), self.cell(recordings)
        meaning = None if made.own() else made.look
        bounds = recordings.bounds(made.run, cell.node)
        return self.reading(recordings).coloured(cell, bounds, meaning)

    def alternative(self, recordings: Recordings = HERE) -> str:
        """What the unit does in the text, and the text."""
        look = None if self.own() else str(self.complete(recordings).look)
        found = None if look is None else self.measured(recordings).of(look)
        return alternative(self.reading(recordings), self.cell(recordings), found)

    @kept()
    def spec(self, look: Look, recordings: Recordings, appears: bool = False) -> dict[str, Any]:
        """The finished text for a page; what was written appears one by one where it is new."""
        return written_spec(self.data(recordings), words(), look, appears)

    def chart(
        self, theme: Theme = "light", *, width: int | None = None, recordings: Recordings = HERE
    ) -> alt.LayerChart:
        """The text, as a still figure; ``width`` is that of the plot in pixels."""
        return self.still(width or PLOT, Look(theme), recordings)

    def still(self, width: int, look: Look, recordings: Recordings = HERE) -> alt.LayerChart:
        """The text in a figure, in lines as long as there is room for."""
        return written_chart(self.data(recordings), words(), theme=look.theme, width=width)

    def table(self, *, recordings: Recordings = HERE) -> pd.DataFrame:
        """The numbers: one row a character."""
        rows = pd.DataFrame(written_rows(self.data(recordings), "light"))
        return rows[["step", "line", "column", "letter", "value", "bits", "given", "true"]]

    @kept()
    def gates(self, look: Look, recordings: Recordings) -> tuple[dict[str, Any], GatesShape]:
        """The finished gates over the last characters, and what they show: those of the unit, and
        of the others in its layer that mean something."""
        cell = self.cell(recordings)
        node = cell.node
        telling = {f.unit for f in self.measured(recordings).found if f.node == node}
        order, bounds = recordings.order(self.run, node), recordings.bounds(self.run, node)
        some = tuple(sorted(telling | {cell.unit}))
        seen = self.reading(recordings).gates(node, order, bounds, some, look.window)
        shape = seen.seen.shape
        gates_look = GatesLook.of(look)
        return seen.spec(gates_look, (cell.unit, shape.end - 1)), shape

    def networks(self, recordings: Recordings = HERE) -> dict[str, tuple[Run, Measured]]:
        """The prepared networks, and this one."""
        names = [*prepared(), *([] if self.run in PREPARED_RUNS else [self.run])]
        return {name: (recordings.run(name), Text(name).measured(recordings)) for name in names}

    def bars(self, recordings: Recordings = HERE) -> list[BitsBar]:
        """How well they do, beside counting."""
        return bars(self.networks(recordings), self.run)

    @kept("run")
    def bars_spec(self, look: Look, recordings: Recordings) -> dict[str, Any]:
        """The finished bars for a page."""
        title = say("writing.bits_axis")
        short = look.window.name == "phone"
        shown = bars(self.networks(recordings), self.run, short)
        return export.spec(bits_chart(shown, title, look))

    def _run(self, recordings: Recordings) -> Run:
        run = recordings.run(self.run)
        if not isinstance(run.task, Characters):
            raise ViewError(say("writing.not_one", run=self.run))
        return run

    def to_query(self) -> dict[str, str]:
        """As an address has it: how it is written is always said."""
        usual = {
            "run": self.run, "prompt": self.prompt, "temperature": f"{self.temperature:g}",
            "length": str(self.length), "seed": str(self.seed),
        }  # fmt: skip
        return usual | super().to_query()
