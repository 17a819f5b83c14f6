"""Gradient flow: the gradient at every step while the networks learn."""

from dataclasses import dataclass
from typing import Any, ClassVar

import altair as alt
import pandas as pd

from viz_app.charts.gradient_map import map_chart
from viz_app.charts.style import Theme
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.view import Several
from viz_app.views import learning
from viz_app.views.learning import MapPanel

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
            ("learning", runs), lambda: learning.panels([recordings.run(run) for run in runs])
        )

    def specs(self, theme: Theme, recordings: Recordings) -> list[dict[str, Any]]:
        """The finished panels for a page."""
        return recordings.get(
            ("learning specs", self, theme), lambda: learning.specs(self.data(recordings), theme)
        )

    def chart(
        self, theme: Theme = "light", *, width: int | None = None, recordings: Recordings = HERE
    ) -> alt.HConcatChart:
        """All panels; ``width`` is that of one in pixels."""
        words = learning.words()
        return map_chart(self.data(recordings), words, theme=theme, width=width or PANEL)

    def table(self, *, recordings: Recordings = HERE) -> pd.DataFrame:
        """The numbers: one row a panel, checkpoint and step."""
        return learning.table(self.data(recordings))

    def file_name(self) -> str:
        """Of all networks."""
        return "gradients-learning"
