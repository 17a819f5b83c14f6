"""Memory: how long networks remember, by six measures."""

from dataclasses import dataclass
from typing import ClassVar

import altair as alt
import pandas as pd

from gatescope.experiments.memory import Curves
from viz_app.features.memory import data as memory
from viz_app.features.memory.data import MemorySpecs
from viz_app.kit.chart.style import Theme
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.view import Several

PANEL = 300
"""Pixels of one panel."""


@dataclass(frozen=True)
class Memory(Several):
    """Six measures of memory by lag, one panel a network.

    Attributes
    ----------
    run, others
        As in `viz_app.kit.view.Several`.
    log
        A log axis instead of one from 0 to 1.
    """

    name: ClassVar[str] = "memory"

    log: bool = False

    def data(self, recordings: Recordings = HERE) -> dict[str, Curves]:
        """The measures, by cell."""
        return {
            recordings.run(run).config.cell: recordings.memory(run)
            for run in self.names(recordings)
        }

    def specs(self, theme: Theme, recordings: Recordings) -> MemorySpecs:
        """The finished panels for a page."""
        return recordings.get(
            ("memory specs", self, theme),
            lambda: memory.specs(self.data(recordings), log=self.log, theme=theme),
        )

    def chart(
        self, theme: Theme = "light", *, width: int | None = None, recordings: Recordings = HERE
    ) -> alt.HConcatChart:
        """All panels; ``width`` is that of one in pixels."""
        found = self.data(recordings)
        return memory.figure(found, log=self.log, theme=theme, width=width or PANEL)

    def table(self, *, recordings: Recordings = HERE) -> pd.DataFrame:
        """The numbers: one row a cell, measure and lag."""
        return memory.table(self.data(recordings))
