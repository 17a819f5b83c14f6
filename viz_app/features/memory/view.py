"""Memory: how long networks remember, by six measures."""

from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from gatescope.experiments.memory import Curves
from viz_app.features.memory import data as memory
from viz_app.kit.chart.lines import Panel
from viz_app.kit.panels import OfLines, Texts
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.view_of_runs import Several
from viz_app.kit.words import two_digits


@dataclass(frozen=True)
class Memory(OfLines, Several):
    """Six measures of memory by lag, one panel a network.

    Attributes
    ----------
    run, others
        As in `viz_app.kit.view.Several`.
    log
        A log axis instead of one from 0 to 1.
    """

    name: ClassVar[str] = "memory"
    pixels: ClassVar[int] = 300
    alt_texts: ClassVar[Texts] = ("memory.alt", "memory.alt_line")

    log: bool = False

    def data(self, recordings: Recordings = HERE) -> dict[str, Curves]:
        """The measures, by cell."""
        return {
            recordings.run(run).config.cell: recordings.memory(run)
            for run in self.names(recordings)
        }

    def said(self, value: float) -> str:
        """With two digits."""
        return two_digits(value)

    def panels(self, recordings: Recordings = HERE) -> list[Panel]:
        """What is drawn: one panel a network."""
        return memory.panels(self.data(recordings), log=self.log)

    def table(self, *, recordings: Recordings = HERE) -> pd.DataFrame:
        """The numbers: one row a cell, measure and lag."""
        return memory.table(self.data(recordings))
