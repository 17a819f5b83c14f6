"""Train: how a run went."""

from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from gatescope.errors import sentence_of
from viz_app.features.train import learning_curves
from viz_app.kit.chart.lines import Panel
from viz_app.kit.panels import OfLines, Texts
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.view import ViewError
from viz_app.kit.view_of_runs import OfARun
from viz_app.kit.words import three_digits


@dataclass(frozen=True)
class Training(OfLines, OfARun):
    """Loss, score and gradient norm of a run against the training step."""

    name: ClassVar[str] = "training"
    pixels: ClassVar[int] = 290
    alt_texts: ClassVar[Texts] = learning_curves.TEXTS

    def panels(self, recordings: Recordings = HERE) -> list[Panel]:
        """What is drawn; `ViewError` when the run has no history."""
        try:
            return learning_curves.panels(recordings.run(self.run))
        except ValueError as error:
            raise ViewError(sentence_of(error)) from error

    def said(self, value: float) -> str:
        """With three digits."""
        return three_digits(value)

    def table(self, *, recordings: Recordings = HERE) -> pd.DataFrame:
        """Its numbers: one row an evaluation."""
        return pd.DataFrame(recordings.run(self.run).history)
