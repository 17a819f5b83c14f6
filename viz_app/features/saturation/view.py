"""Saturation: which gates of a layer are stuck open or shut, and how that came."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import altair as alt
import numpy as np
import pandas as pd
import xarray as xr

from viz_app.features.saturation.chart import UnitShares, saturation_chart, scatter
from viz_app.features.saturation.chart_values import ValueMap, value_map
from viz_app.features.saturation.data import ENDS, SPANS, kind_of, over_training, require_ends
from viz_app.features.saturation.words import alternative, map_alternative, sentences
from viz_app.kit import export
from viz_app.kit.chart.fit import Fit, fit, one_or_all
from viz_app.kit.chart.style import Theme, config
from viz_app.kit.chart.window import Look
from viz_app.kit.panels import PanelRow
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.view import OPEN
from viz_app.kit.view_of_runs import OfARun
from viz_app.kit.words import spoken
from viz_app.text import name_of, say, words

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
        require_ends(run)
        node = self.complete(recordings).layer

        def measured() -> dict[str, xr.Dataset]:
            return over_training({k: recordings.layer(self.run, k, node) for k in run.steps})

        return recordings.get(("shares", Saturation(self.run, layer=node)), measured)

    def now(self, recordings: Recordings = HERE) -> dict[str, xr.Dataset]:
        """The shares at the checkpoint."""
        step = self.complete(recordings).checkpoint
        return {name: one.sel(checkpoint=step) for name, one in self.data(recordings).items()}

    def scatters(self, look: Look, recordings: Recordings) -> PanelRow:
        """The finished scatters for a page, one a signal, as large as the window allows."""

        def drawn() -> PanelRow:
            shares = self._shares(recordings)
            place = fit(len(shares), look.window, least=2)
            size: dict[str, Any] = {} if place.height is None else {"height": place.height}
            size["size"] = look.window.type_size
            charts = [scatter(one, words(), theme=look.theme, **size) for one in shares]
            told = [alternative(*one) for one in self.now(recordings).items()]
            return _row(charts, told, [one.title for one in shares], place, look)

        return recordings.get(("scatters", self.complete(recordings), look), drawn)

    def maps(self, look: Look, recordings: Recordings) -> PanelRow:
        """The finished maps of values by checkpoint; `framed` says which one is framed."""
        over = self.complete(recordings).but(checkpoint=None)

        def drawn() -> PanelRow:
            maps = over._maps(recordings)
            top = max(one.top for one in maps)
            place = one_or_all(len(maps), look.window)
            size = {} if place.height is None else {"height": place.height}
            charts = [
                value_map(
                    one, words(), theme=look.theme, top=top, size=look.window.type_size,
                    axis=number % place.columns == 0 or place.at_once == 1, **size,
                )
                for number, one in enumerate(maps)
            ]  # fmt: skip
            told = [map_alternative(*one) for one in self.data(recordings).items()]
            titles = [name_of("signal", signal) for signal in self.data(recordings)]
            return _row(charts, told, titles, place, look)

        return recordings.get(("maps", over, look), drawn)

    def chart(
        self, theme: Theme = "light", *, width: int | None = None, recordings: Recordings = HERE
    ) -> alt.HConcatChart:
        """The chart, as a still figure; ``width`` is that of one panel in pixels."""
        shares, maps = self._shares(recordings), self._maps(recordings)
        return saturation_chart(shares, maps, words(), theme=theme, width=width or PANEL)

    def table(self, *, recordings: Recordings = HERE) -> pd.DataFrame:
        """Its numbers: one row a signal, checkpoint and unit."""
        return pd.concat(
            [
                shares[["left", "right"]].to_dataframe().reset_index().assign(signal=signal)
                for signal, shares in self.data(recordings).items()
            ]
        )[["signal", "checkpoint", "unit", "left", "right"]]

    def alternative(self, recordings: Recordings = HERE) -> str:
        """Which units are at the ends most, and how the values moved there."""
        scatters = [alternative(*one) for one in self.now(recordings).items()]
        return spoken(*scatters, *(map_alternative(*m) for m in self.data(recordings).items()))

    def sentences(self, recordings: Recordings) -> list[str]:
        """Which units are stuck, and how that came."""
        made = self.complete(recordings)
        return recordings.get(
            ("words", made), lambda: sentences(self.data(recordings), made.checkpoint)
        )

    def _shares(self, recordings: Recordings) -> list[UnitShares]:
        """Each signal's units, as they are drawn."""
        return [
            UnitShares(
                signal, name_of("signal", signal), shares["left"].values, shares["right"].values,
                say(f"saturation.left_{kind_of(signal)}"),
                say(f"saturation.right_{kind_of(signal)}"),
            )
            for signal, shares in self.now(recordings).items()
        ]  # fmt: skip

    def _maps(self, recordings: Recordings) -> list[ValueMap]:
        """Each signal's values by checkpoint, as they are drawn."""
        return [
            ValueMap(
                say("saturation.map_title", signal=name_of("signal", signal)),
                tuple(shares["checkpoint"].values.tolist()),
                shares["share"].values,
                np.linspace(*SPANS[kind_of(signal)], shares.sizes["value"] + 1),
                ENDS[kind_of(signal)],
                self.complete(recordings).checkpoint,
            )
            for signal, shares in self.data(recordings).items()
        ]


def _row(
    charts: Sequence[alt.LayerChart], told: Sequence[str], titles: Sequence[str], place: Fit,
    look: Look,
) -> PanelRow:  # fmt: skip
    """Finished charts and how they stand; their type is the window's."""
    settings = config(look.theme, look.window.type_size)
    specs = tuple(export.spec(chart.configure(**settings)) for chart in charts)
    return PanelRow((), specs, told, titles, place)
