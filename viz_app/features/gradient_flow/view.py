"""Gradient flow: how much of the error reaches each step."""

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import pandas as pd

from viz_app.features.gradient_flow import data as gradients
from viz_app.features.gradient_flow.data import Flow
from viz_app.kit.chart.lines import Panel
from viz_app.kit.panels import OfLines, Texts
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.view import OPEN
from viz_app.kit.view_of_runs import Several
from viz_app.kit.words import three_digits


@dataclass(frozen=True)
class GradientFlow(OfLines, Several):
    """Gradient norms at every step, before and after training, one panel a network and state.

    Attributes
    ----------
    run, others
        As in `viz_app.kit.view.Several`.
    gain
        Instead: untrained networks, their recurrent matrix scaled by this.
    """

    name: ClassVar[str] = "gradients"
    pixels: ClassVar[int] = gradients.WIDTH
    alt_texts: ClassVar[Texts] = gradients.TEXTS

    gain: float = OPEN

    def said(self, value: float) -> str:
        """With three digits."""
        return three_digits(value)

    def data(self, recordings: Recordings = HERE) -> dict[str, list[Flow]]:
        """What is drawn of each network, by its cell."""
        return {
            run.config.cell: recordings.get(
                ("flows", name, self.gain), partial(gradients.flows_of, run, self.gain)
            )
            for name in self.names(recordings)
            for run in [recordings.run(name)]
        }

    def panels(self, recordings: Recordings = HERE) -> list[Panel]:
        """What is drawn: one panel a network and state."""
        return gradients.panels(self.data(recordings))

    def table(self, *, recordings: Recordings = HERE) -> pd.DataFrame:
        """The numbers: one row a panel, line and step."""
        return gradients.table(self.panels(recordings))

    def file_name(self) -> str:
        """Of all networks."""
        return self.name if self.gain is None else f"{self.name}-scaled"
