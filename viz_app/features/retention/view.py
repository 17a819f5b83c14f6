"""Retention: how success falls with the delay."""

from dataclasses import dataclass
from typing import ClassVar

import altair as alt
import pandas as pd

from gatescope.experiments import RetentionConfig, load_result
from viz_app.features.retention import data as retention
from viz_app.kit.chart.style import Theme
from viz_app.kit.library import RESULTS
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.view import View

PANEL = 250
"""Pixels of one panel."""


@dataclass(frozen=True)
class Retention(View):
    """The prepared experiment: five measures against the delay, one panel a cell."""

    name: ClassVar[str] = "retention"

    def data(self, recordings: Recordings = HERE) -> tuple[RetentionConfig, pd.DataFrame]:
        """What was asked for, and what was found."""
        return recordings.get(("retention",), lambda: load_result(RESULTS))

    def chart(
        self, theme: Theme = "light", *, width: int | None = None, recordings: Recordings = HERE
    ) -> alt.VConcatChart:
        """All panels; ``width`` is that of one in pixels."""
        return retention.chart(*self.data(recordings), theme=theme, width=width or PANEL)

    def table(self, *, recordings: Recordings = HERE) -> pd.DataFrame:
        """Its numbers: one row a run."""
        return self.data(recordings)[1]

    def about(self, recordings: Recordings = HERE) -> dict[str, str]:
        """With the experiment's settings."""
        return super().about(recordings) | {"config": self.data(recordings)[0].model_dump_json()}
