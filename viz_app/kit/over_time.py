"""What views share that draw panels over time: heatmaps of units, and the lines of one of them."""

from typing import Any, Protocol

import altair as alt
import pandas as pd

from viz_app.kit.chart.gates_look import GatesLook
from viz_app.kit.chart.style import Theme
from viz_app.kit.chart.window import Look
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.view import View

Picked = tuple[int, int]
"""Unit and step."""


class Seen(Protocol):
    """One example, as it is drawn."""

    def spec(self, look: GatesLook, picked: Picked) -> dict[str, Any]:
        """The chart for a page."""

    def chart(self, look: GatesLook, picked: Picked) -> alt.VConcatChart:
        """The chart as a value of its own."""

    def table(self) -> pd.DataFrame:
        """The numbers."""


class OverTime(View):
    """A view of one example over time, one unit of it picked."""

    def data(self, recordings: Recordings = HERE) -> Seen:
        """The example that is seen."""
        raise NotImplementedError

    def picked(self, recordings: Recordings = HERE) -> Picked:
        """The unit and the step that are picked."""
        raise NotImplementedError

    def spec(self, look: GatesLook, recordings: Recordings) -> dict[str, Any]:
        """The finished chart for a page."""
        return recordings.get(
            ("spec over time", self.shown(recordings), look),
            lambda: self.data(recordings).spec(look, self.picked(recordings)),
        )

    def chart(
        self, theme: Theme = "light", *, width: int | None = None, recordings: Recordings = HERE
    ) -> alt.VConcatChart:
        """The chart, as a still figure; ``width`` is that of the plots in pixels."""
        return self.still(width or GatesLook.width, Look(theme), recordings)

    def still(self, width: int, look: Look, recordings: Recordings = HERE) -> alt.VConcatChart:
        """The chart of a figure, its panels as high as there is room for."""
        return self.data(recordings).chart(GatesLook.still(width, look), self.picked(recordings))

    def table(self, *, recordings: Recordings = HERE) -> pd.DataFrame:
        """The numbers, as `data` has them."""
        return self.data(recordings).table()
