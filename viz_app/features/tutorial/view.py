"""The tutorial, tested: do its statements replicate here?"""

from dataclasses import dataclass
from typing import Any, ClassVar

import altair as alt
import pandas as pd

from viz_app.features.tutorial import data as tutorial
from viz_app.features.tutorial import evidence as tutorial_evidence
from viz_app.features.tutorial.evidence import Evidence, Finding
from viz_app.kit.chart.style import Theme
from viz_app.kit.choice import Among
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.view import View

PLOT = 520
"""Pixels of the plot."""

TRAINED = {entry.key: entry.experiment for entry in tutorial.ENTRIES if entry.experiment}
"""The entries that trained runs answer, and by which experiment."""


@dataclass(frozen=True)
class Tutorial(View):
    """The runs behind one of the tutorial's answers.

    Attributes
    ----------
    entry
        A statement, or a fault in a listing; None is the first that runs are behind.
    """

    name: ClassVar[str] = "tutorial"

    entry: str | None = None

    def among(self, recordings: Recordings = HERE) -> dict[str, Among]:
        """What runs are behind."""
        return {"entry": Among(tuple(TRAINED), next(iter(TRAINED)))}

    def data(self, recordings: Recordings = HERE) -> Evidence:
        """What all answers are computed from.

        Raises
        ------
        ValueError
            When something of it is missing.
        """
        return recordings.get(("tutorial",), tutorial_evidence.evidence)

    def findings(self, recordings: Recordings = HERE) -> dict[str, Finding]:
        """Every entry's answer."""

        def found() -> dict[str, Finding]:
            evidence = self.data(recordings)
            return {entry.key: entry.finding(evidence) for entry in tutorial.ENTRIES}

        return recordings.get(("tutorial findings",), found)

    def experiment(self) -> str:
        """The experiment behind the entry."""
        return TRAINED[str(self.complete().entry)]

    def spec(self, theme: Theme, recordings: Recordings) -> dict[str, Any]:
        """The finished chart for a page."""
        experiment = self.experiment()

        def drawn() -> dict[str, Any]:
            spec: dict[str, Any] = self.chart(theme, recordings=recordings).to_dict()
            return spec

        return recordings.get(("tutorial spec", experiment, theme), drawn)

    def chart(
        self, theme: Theme = "light", *, width: int | None = None, recordings: Recordings = HERE
    ) -> alt.LayerChart:
        """A dot a seed, and a line at the mean; ``width`` is that of the plot in pixels."""
        rows = self.data(recordings).rows
        return tutorial.chart(self.experiment(), rows, theme=theme, width=width or PLOT)

    def table(self, *, recordings: Recordings = HERE) -> pd.DataFrame:
        """The runs, with what the chart shows of each."""
        return tutorial.rows_of(self.experiment(), self.data(recordings).rows)

    def file_name(self) -> str:
        """Of the entry."""
        return f"{self.name}-{self.complete().entry}"
