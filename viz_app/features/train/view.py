"""Train: how a run went."""

from dataclasses import dataclass
from typing import ClassVar

import altair as alt
import pandas as pd

from viz_app.features.train import learning_curves
from viz_app.kit.chart.style import Theme
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.view import OfARun, ViewError

PANEL = 290
"""Pixels of one panel."""


@dataclass(frozen=True)
class Training(OfARun):
    """Loss, score and gradient norm of a run against the training step."""

    name: ClassVar[str] = "training"

    def chart(
        self, theme: Theme = "light", *, width: int | None = None, recordings: Recordings = HERE
    ) -> alt.HConcatChart:
        """The chart; ``width`` is that of one panel in pixels.

        Raises
        ------
        ViewError
            When the run has no history.
        """
        try:
            return learning_curves.chart(
                recordings.run(self.run), theme=theme, width=width or PANEL
            )
        except ValueError as error:
            raise ViewError(str(error)) from error

    def table(self, *, recordings: Recordings = HERE) -> pd.DataFrame:
        """Its numbers: one row an evaluation."""
        return learning_curves.table(recordings.run(self.run))
