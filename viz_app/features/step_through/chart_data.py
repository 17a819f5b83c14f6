"""What the step-through chart shows, and in which words."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from viz_app.features.step_through.chart_cell import numbers_of
from viz_app.features.step_through.chart_drawing import Way
from viz_app.features.step_through.chart_numbers import power_of_ten, rounded
from viz_app.features.step_through.chart_text import slots
from viz_app.kit.chart.gates_data import GatesData

MOST_NUMBERS = 400_000
"""More are not sent: then the rows of the picked unit alone."""

UNIT_STEP = ("unit", "time", "power")

Cases = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class StepWords:
    """The words on the chart; in sentences and equations numbers are slots, see `chart_text`.

    ``drawing`` has names of boxes and labels, formulas, buttons and the time axis by key;
    ``sentences`` what happens at this step, a line each: conditions over ``now``, and what is said
    then; ``equations`` each as its symbols, and with its numbers.
    """

    drawing: tuple[tuple[str, str], ...]
    sentences: tuple[Cases, ...]
    equations: tuple[tuple[str, str], ...]

    def named(self) -> dict[str, str]:
        """The names by key."""
        return dict(self.drawing)

    def slots(self) -> list[str]:
        """The names of all numbers in the words."""
        texts = [text for cases in self.sentences for _, text in cases]
        return [name for text in (*texts, *(t for _, t in self.equations)) for name in slots(text)]


@dataclass(frozen=True)
class StepData:
    """What the chart shows: terms (time, unit) by name, exact, units by number.

    ``gates`` are the gates chart's data of the same example: input, marks, signals.
    """

    cell: str
    way: Way
    words: StepWords
    terms: Mapping[str, np.ndarray]
    gates: GatesData

    def shape(self) -> tuple[int, int]:
        """Steps and units."""
        steps, units = self.terms["hidden_state"].shape
        return steps, units

    def names(self) -> list[str]:
        """Every number that stands somewhere on the chart."""
        lines = [signal.name for signal in self.gates.shape.signals]
        wanted = [*numbers_of(self.cell, self.way), *self.words.slots(), *lines]
        return [name for name in dict.fromkeys(wanted) if name not in UNIT_STEP]

    @property
    def is_large(self) -> bool:
        """Whether only one unit's rows are sent."""
        steps, units = self.shape()
        return steps * units * len(self.names()) > MOST_NUMBERS

    def frame(self, unit: int, *, alone: bool = False) -> pd.DataFrame:
        """One row a step and unit, step by step; where they are too many, of that unit alone."""
        steps, units = self.shape()
        kept = np.array([unit]) if alone or self.is_large else np.arange(units)
        ticks = rounded({name: values[:, kept] for name, values in self.terms.items()}, self.cell)
        columns = {
            "time": np.repeat(np.arange(steps, dtype="int32"), len(kept)),
            "unit": np.tile(kept.astype("int32"), steps),
        }
        for name in self.names():
            columns[name] = ticks[name].ravel().astype("float32")
        table = pd.DataFrame(columns)
        if "exponent" in ticks:
            table["power"] = [power_of_ten(int(k)) for k in ticks["exponent"].ravel()]
        return table
