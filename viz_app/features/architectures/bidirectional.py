"""Architectures: what both halves of a bidirectional network have seen."""

from dataclasses import dataclass
from typing import ClassVar

import altair as alt
import pandas as pd

from viz_app.features.architectures import bidirectional_data
from viz_app.features.gradient_flow import data as gradients
from viz_app.features.gradient_flow.data import FlowSpecs
from viz_app.kit.chart.gradients import FlowPanel
from viz_app.kit.chart.style import Theme
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.view import View, ViewError

PANEL = 290
"""Pixels of one panel."""

Seen = tuple[tuple[FlowPanel, ...], tuple[str, ...]]


@dataclass(frozen=True)
class Halves(View):
    """How far both halves move, and their gradients, with the answer read in two ways.

    Attributes
    ----------
    run
        A bidirectional run that reads the answer at the last step.
    others
        One on the same task that reads it at both ends.
    """

    name: ClassVar[str] = "halves"

    run: str = bidirectional_data.LAST
    others: tuple[str, ...] = (bidirectional_data.ENDS,)

    def names(self, recordings: Recordings = HERE) -> tuple[str, ...]:
        """Both runs."""
        return (self.run, *self.others)

    def data(self, recordings: Recordings = HERE) -> Seen:
        """The panels, and sentences on what was measured.

        Raises
        ------
        ViewError
            When these are not two runs, or one does not read backward.
        """
        if len(self.others) != 1:
            raise ViewError(f"the view 'halves' takes two runs, got {len(self.names())}")

        def seen() -> Seen:
            last, ends = (bidirectional_data.Halves(recordings.run(name)) for name in self.names())
            return tuple(bidirectional_data.panels(last, ends)), tuple(
                bidirectional_data.sentences(last, ends)
            )

        try:
            return recordings.get(("halves", self), seen)
        except ValueError as error:
            raise ViewError(str(error)) from error

    def specs(self, theme: Theme, recordings: Recordings) -> FlowSpecs:
        """The finished panels for a page."""
        return recordings.get(
            ("halves specs", self, theme),
            lambda: bidirectional_data.specs(self.data(recordings)[0], theme),
        )

    def chart(
        self, theme: Theme = "light", *, width: int | None = None, recordings: Recordings = HERE
    ) -> alt.HConcatChart:
        """All panels; ``width`` is that of one in pixels."""
        return bidirectional_data.figure(self.data(recordings)[0], theme, width or PANEL)

    def table(self, *, recordings: Recordings = HERE) -> pd.DataFrame:
        """The numbers: one row a panel, half and step."""
        return gradients.table(self.data(recordings)[0])

    def file_name(self) -> str:
        """After what it shows."""
        return "backward-half"
