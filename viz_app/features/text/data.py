"""A text that a network writes or reads: its characters on a unit's value, and its gates."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import torch
import xarray as xr

from gatescope import Batch, Run, record
from gatescope.writing import bits_of, labels_of
from viz_app.features.gates import data as gates
from viz_app.features.text.chart_bits_per_character import (
    BitsBar,
    BitsCurve,
    bits_chart,
    curve_chart,
)
from viz_app.features.text.chart_coloured_text import (
    LETTERS,
    WrittenText,
    WrittenWords,
    written_rows,
    written_spec,
)
from viz_app.features.text.shipped import Measured, ngrams, task_of
from viz_app.kit import units
from viz_app.kit.chart.style import Theme
from viz_app.kit.visible import Part
from viz_app.text import name_of, say

WINDOW = 110
"""Characters whose gates are in view: the last ones."""

BEST = "best"


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

    def layer(self, node: str | None = None) -> xr.Dataset:
        """One layer of the recording."""
        return units.layer_of(self.trace, node)

    def values(self, cell: Cell) -> np.ndarray:
        """(characters,), what one unit does."""
        found: np.ndarray = self.layer(cell.node)[cell.signal].values[:, 0, cell.unit]
        return found

    def batch(self) -> Batch:
        """The text as an example."""
        task = task_of(self.run)
        rows = task.encode(self.text)
        return Batch(
            inputs=rows,
            targets=torch.zeros(rows.shape[:2], dtype=torch.long),
            scored=torch.zeros(rows.shape[:2], dtype=torch.bool),
            marks=((),),
        )


def read(run: Run, text: str, given: int = 0) -> Reading:
    """Let a trained network read a text, with everything recorded."""
    model, task = run.model(), task_of(run)
    trace = record(model, task.encode(text))
    bits = np.full(len(text), np.nan)
    if len(text) > 1:
        bits[1:] = bits_of(model, task, text)
    return Reading(run, text, given, trace, bits)


def written(
    reading: Reading, cell: Cell, bounds: dict[str, float], meaning: str | None = None
) -> WrittenText:
    """What the chart of the text shows.

    Parameters
    ----------
    reading
        The text.
    cell
        Whose values colour it.
    bounds
        Where the colours of the states end.
    meaning
        Underline where this holds; one that is a number, or None, underlines nothing.
    """
    gate = cell.signal.endswith("_gate")
    bound = 1.0 if gate else bounds.get(cell.signal, 1.0)
    true = None
    if meaning is not None and not has_grades(meaning):
        true = labels_of(meaning, reading.text)
    return WrittenText(
        text=reading.text,
        values=reading.values(cell).astype(float),
        kind="gate" if gate else "state",
        bound=bound,
        open_ended=not gate and (cell.signal not in gates.WITHIN_ONE or bound < 1),
        title=title(cell, meaning if true is not None else None),
        true=true,
        given=reading.given,
        bits=reading.bits,
    )


def has_grades(meaning: str) -> bool:
    """Whether a meaning is a number rather than true or false."""
    return meaning in ("line", "word")


def title(cell: Cell, meaning: str | None) -> str:
    """Whose values colour the text, and what is underlined."""
    named = say("writing.coloured", signal=name_of("signal", cell.signal), unit=cell.unit)
    if meaning is None:
        return named
    return say("writing.underlined", coloured=named, what=say(f"writing.meaning_{meaning}"))


def words() -> WrittenWords:
    """The chart's own words, in the reader's language."""
    return WrittenWords(
        say("writing.column"), say("writing.character"), say("writing.step"),
        say("writing.value"), say("writing.bits"),
    )  # fmt: skip


def spec(data: WrittenText, theme: Theme) -> dict[str, Any]:
    """The text for a page, its rows beside it."""
    return written_spec(data, words(), theme)


def table(data: WrittenText) -> pd.DataFrame:
    """The numbers: one row a character."""
    rows = pd.DataFrame(written_rows(data, "light"))
    return rows[["step", "line", "column", "letter", "value", "bits", "given", "true"]]


def heatmaps(
    reading: Reading, node: str, order: Sequence[int], bounds: dict[str, float]
) -> gates.GatesView:
    """The gates over the last characters of a text."""
    last = len(reading.text) - 1
    part = Part((max(0, last - WINDOW + 1), last) if last else None, (), ("gates", "states"))
    return gates.view(
        reading.layer(node), reading.batch(), reading.run.task, order=order, bounds=bounds,
        part=part,
    )  # fmt: skip


def bars(networks: dict[str, tuple[Run, Measured]], chosen: str) -> list[BitsBar]:
    """Networks, by their name, beside counting the last characters."""
    found = [
        BitsBar(
            say("writing.network", cell=name_of("cell", run.config.cell),
                units=run.config.hidden_size),
            measured.bits, network=True, chosen=name == chosen,
        )
        for name, (run, measured) in networks.items()
    ]  # fmt: skip
    counted = [
        BitsBar(ngram_name(order), bits, network=False)
        for order, bits in enumerate(ngrams("test"), start=1)
    ]
    return found + counted


def ngram_name(order: int) -> str:
    """An n-gram model's name: how many characters before it knows."""
    return say("writing.ngram_one" if order == 1 else "writing.ngram", order=order, back=order - 1)


def bars_chart(
    found: Sequence[BitsBar], *, theme: Theme = "light", width: int | str = 760
) -> alt.LayerChart:
    """Draw bits per character."""
    return bits_chart(found, say("writing.bits_axis"), theme=theme, width=width)


def learning(run: Run, *, theme: Theme = "light", width: int | str = 760) -> alt.LayerChart:
    """Draw how a network learns to tell the next character, against counting."""
    bit = 1 / np.log(2)
    counted = ngrams("validation")
    best = int(np.argmin(counted)) + 1
    chosen = sorted({1, 2, 3, best})
    data = BitsCurve(
        steps=np.array([row.step for row in run.history]),
        bits=np.array([row.loss * bit for row in run.history]),
        levels=tuple((ngram_name(order), counted[order - 1]) for order in chosen),
        last=run.config.max_steps,
        step=say("train.step"),
        title=say("writing.bits_learning"),
    )
    return curve_chart(data, theme=theme, width=width)


__all__ = [
    "LETTERS", "Cell", "Reading", "bars", "bars_chart", "heatmaps",
    "learning", "ngram_name", "read", "spec", "table", "title", "words", "written",
]  # fmt: skip
