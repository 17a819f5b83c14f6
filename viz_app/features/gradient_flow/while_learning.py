"""Gradient flow: the gradient at every step while the networks learn."""

from dataclasses import dataclass
from typing import Any, ClassVar

import altair as alt
import pandas as pd

from viz_app.features.gradient_flow import gradient_history
from viz_app.features.gradient_flow.chart_history import map_chart
from viz_app.features.gradient_flow.gradient_history import MapPanel
from viz_app.kit.chart.style import Theme
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.view import Several

PANEL = 230
"""Pixels of one panel."""


@dataclass(frozen=True)
class WhileLearning(Several):
    """Gradient norms at every step and checkpoint, one panel a network and state."""

    name: ClassVar[str] = "learning"

    def data(self, recordings: Recordings = HERE) -> list[MapPanel]:
        """What is drawn."""
        runs = self.names(recordings)
        return recordings.get(
            ("learning", runs),
            lambda: gradient_history.panels([recordings.run(run) for run in runs]),
        )

    def specs(self, theme: Theme, recordings: Recordings) -> list[dict[str, Any]]:
        """The finished panels for a page."""
        return recordings.get(
            ("learning specs", self, theme),
            lambda: gradient_history.specs(self.data(recordings), theme),
        )

    def chart(
        self, theme: Theme = "light", *, width: int | None = None, recordings: Recordings = HERE
    ) -> alt.HConcatChart:
        """All panels; ``width`` is that of one in pixels."""
        words = gradient_history.words()
        return map_chart(self.data(recordings), words, theme=theme, width=width or PANEL)

    def table(self, *, recordings: Recordings = HERE) -> pd.DataFrame:
        """The numbers: one row a panel, checkpoint and step."""
        return gradient_history.table(self.data(recordings))

    def file_name(self) -> str:
        """Of all networks."""
        return "gradients-learning"
