"""Architectures: what each layer and direction does."""

from dataclasses import dataclass
from typing import Any, ClassVar

import altair as alt
import pandas as pd

from viz_app.features.architectures import data as architectures
from viz_app.features.architectures.data import Signal
from viz_app.features.gradient_flow import data as gradients
from viz_app.kit import export
from viz_app.kit.chart.gates_look import GatesLook
from viz_app.kit.chart.style import Theme
from viz_app.kit.chart.window import Look
from viz_app.kit.choice import Among
from viz_app.kit.panels import PanelRow, panel_row
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.view import OPEN
from viz_app.kit.view_of_runs import OfARun
from viz_app.kit.words import three_digits
from viz_app.text import say


@dataclass(frozen=True)
class Layers(OfARun):
    """One signal in every layer and direction on one example.

    Attributes
    ----------
    run
        Its name, or outside the app its folder.
    example
        Of the run's probe examples; None is the one that must be remembered longest.
    picture
        ``"kept"``: the forget or update gate; ``"state"``: the hidden state; ``"gradient"``: of
        the example's loss with respect to the hidden state. None is the first that all have.
    """

    name: ClassVar[str] = "layers"

    example: int = OPEN
    picture: Signal = OPEN

    def among(self, recordings: Recordings = HERE) -> dict[str, Among]:
        """What can be chosen of the run."""
        signals = recordings.get(
            ("signals", self.run), lambda: architectures.possible(self.layers(recordings))
        )
        return super().among(recordings) | {"picture": Among(signals, signals[0])}

    def layers(self, recordings: Recordings = HERE) -> architectures.Layers:
        """The run's recording with gradients, by layer and direction."""
        return architectures.layers_of(recordings.trace(self.run, None, with_loss=True))

    def spec(self, look: GatesLook, recordings: Recordings) -> dict[str, Any]:
        """The finished heatmaps for a page."""
        return recordings.get(
            ("layers spec", self, look), lambda: export.spec(self._drawn(look, recordings))
        )

    def told(self, recordings: Recordings) -> str:
        """Between which values the signal lies in every layer."""
        return architectures.ranges(self.layers(recordings), *self._made(recordings))

    def headline(self, recordings: Recordings) -> str:
        """How large the signal is in every layer."""
        made = self.complete(recordings)
        return recordings.get(
            ("layers headline", made),
            lambda: architectures.headline(self.layers(recordings), *self._made(recordings)),
        )

    def alternative(self, recordings: Recordings = HERE) -> str:
        """Which layers, and between which values they lie."""
        run, layers = recordings.run(self.run), self.layers(recordings)
        signal = say(f"architectures.signal_{self.complete(recordings).picture}")
        return say(
            "architectures.alt", signal=signal, count=len(layers), steps=run.task.length,
            told=self.told(recordings),
        )  # fmt: skip

    def flow(self, look: Look, recordings: Recordings) -> tuple[PanelRow, list[str]]:
        """How much gradient reaches each layer: finished panels for a page, a headline, and more
        sentences.
        """

        def drawn() -> tuple[PanelRow, list[str]]:
            panels = architectures.flow(self.layers(recordings))
            row = panel_row(panels, look, gradients.TEXTS, three_digits)
            lines = panels[0].lines
            return row, [architectures.flow_headline(lines), *architectures.reach(lines)]

        return recordings.get(("layers flow", self.run, look), drawn)

    def chart(
        self, theme: Theme = "light", *, width: int | None = None, recordings: Recordings = HERE
    ) -> alt.VConcatChart:
        """The heatmaps, as a still figure; ``width`` is that of the plots in pixels."""
        return self.still(width or GatesLook.width, Look(theme), recordings)

    def still(self, width: int, look: Look, recordings: Recordings = HERE) -> alt.VConcatChart:
        """The heatmaps of a figure, as high as there is room for."""
        return self._drawn(GatesLook.still(width, look), recordings)

    def table(self, *, recordings: Recordings = HERE) -> pd.DataFrame:
        """The numbers: one row a layer, direction, step and unit."""
        return architectures.table(self.layers(recordings), *self._made(recordings))

    def file_name(self) -> str:
        """With the signal."""
        return f"{super().file_name()}-{self.picture}"

    def _drawn(self, look: GatesLook, recordings: Recordings) -> alt.VConcatChart:
        run, layers = recordings.run(self.run), self.layers(recordings)
        brief = look.window.narrow
        data = architectures.data(run, layers, *self._made(recordings), brief=brief)
        return architectures.drawn(data, look)

    def _made(self, recordings: Recordings) -> tuple[int, Signal]:
        """The example and the signal."""
        made = self.complete(recordings)
        return made.example, made.picture
