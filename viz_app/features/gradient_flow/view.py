"""Gradient flow: how much of the error reaches each step."""

from dataclasses import dataclass
from typing import Any, ClassVar

import pandas as pd

from viz_app.features.gradient_flow import data as gradients
from viz_app.features.gradient_flow.data import Flow, FlowSpecs
from viz_app.kit.chart.gradients import flow_chart
from viz_app.kit.chart.style import Theme
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.view import OPEN, Several

PANEL = 230
"""Pixels of one panel."""


@dataclass(frozen=True)
class GradientFlow(Several):
    """Gradient norms at every step, before and after training, one panel a network and state.

    Attributes
    ----------
    run, others
        As in `viz_app.kit.view.Several`.
    gain
        Instead: untrained networks, their recurrent matrix scaled by this.
    """

    name: ClassVar[str] = "gradients"

    gain: float = OPEN

    def data(self, recordings: Recordings = HERE) -> dict[str, list[Flow]]:
        """What is drawn of each network, by its cell."""
        return {
            recordings.run(run).config.cell: recordings.get(
                ("flows", run, self.gain),
                lambda run=run: gradients.flows_of(recordings.run(run), self.gain),
            )
            for run in self.names(recordings)
        }

    def specs(self, theme: Theme, recordings: Recordings) -> FlowSpecs:
        """The finished panels for a page."""
        return recordings.get(
            ("flow specs", self, theme), lambda: gradients.specs(self.data(recordings), theme)
        )

    def chart(
        self, theme: Theme = "light", *, width: int | None = None, recordings: Recordings = HERE
    ) -> Any:
        """All panels; ``width`` is that of one in pixels."""
        panels = gradients.panels(self.data(recordings))
        return flow_chart(panels, gradients.words(), theme=theme, width=width or PANEL)

    def table(self, *, recordings: Recordings = HERE) -> pd.DataFrame:
        """The numbers: one row a panel, line and step."""
        return gradients.table(gradients.panels(self.data(recordings)))

    def file_name(self) -> str:
        """Of all networks."""
        return self.name if self.gain is None else f"{self.name}-scaled"
