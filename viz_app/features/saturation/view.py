"""Saturation: which gates of a layer are stuck open or shut, and how that came."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import altair as alt
import pandas as pd
import xarray as xr

from viz_app.features.saturation import data as saturation
from viz_app.features.saturation import words as saturation_words
from viz_app.kit.chart.style import Theme
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.view import OPEN, OfARun

PANEL = 260
"""Pixels of one panel."""


@dataclass(frozen=True)
class Saturation(OfARun):
    """Shares of the steps in which each unit of a layer is stuck at an end.

    Attributes
    ----------
    run
        Its name, or outside the app its folder.
    checkpoint
        Training step; None is the last.
    layer
        Layer and direction, as ``"recurrent/l0"``; None is the first.
    """

    name: ClassVar[str] = "saturation"

    checkpoint: int = OPEN
    layer: str = OPEN

    def data(self, recordings: Recordings = HERE) -> dict[str, xr.Dataset]:
        """By signal: shares and values at every checkpoint.

        Raises
        ------
        ValueError
            When nothing of the network can be stuck.
        """
        run = recordings.run(self.run)
        saturation.require_ends(run)
        node = self.complete(recordings).layer

        def measured() -> dict[str, xr.Dataset]:
            return saturation.over_training(
                {step: recordings.layer(self.run, step, node) for step in run.steps}
            )

        return recordings.get(("shares", Saturation(self.run, layer=node)), measured)

    def now(self, recordings: Recordings = HERE) -> dict[str, xr.Dataset]:
        """The shares at the checkpoint."""
        step = self.complete(recordings).checkpoint
        return {name: one.sel(checkpoint=step) for name, one in self.data(recordings).items()}

    def scatters(self, theme: Theme, recordings: Recordings) -> tuple[dict[str, Any], ...]:
        """The finished scatters for a page, one a signal."""
        view = self.complete(recordings)
        assert view.checkpoint is not None
        step = view.checkpoint
        return recordings.get(
            ("scatters", view, theme),
            lambda: saturation.scatter_specs(self.data(recordings), step, theme),
        )

    def maps(self, theme: Theme, recordings: Recordings) -> tuple[dict[str, Any], ...]:
        """The finished maps of values by checkpoint; `framed` says which one is framed."""
        over = replace(self.complete(recordings), checkpoint=None)
        return recordings.get(
            ("maps", over, theme), lambda: saturation.map_specs(self.data(recordings), theme)
        )

    def chart(
        self, theme: Theme = "light", *, width: int | None = None, recordings: Recordings = HERE
    ) -> alt.HConcatChart:
        """The chart, as a still figure; ``width`` is that of one panel in pixels."""
        step = self.complete(recordings).checkpoint
        assert step is not None
        return saturation.figure(self.data(recordings), step, theme=theme, width=width or PANEL)

    def table(self, *, recordings: Recordings = HERE) -> pd.DataFrame:
        """Its numbers: one row a signal, checkpoint and unit."""
        return saturation.table(self.data(recordings))

    def sentences(self, recordings: Recordings) -> list[str]:
        """Which units are stuck, and how that came."""
        view = self.complete(recordings)
        assert view.checkpoint is not None
        step = view.checkpoint
        return recordings.get(
            ("words", view), lambda: saturation_words.sentences(self.data(recordings), step)
        )
