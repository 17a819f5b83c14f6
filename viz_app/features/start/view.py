"""Start: follow one number through a network of a single unit."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import altair as alt
import pandas as pd

from gatescope import Run
from gatescope.tasks import Edit
from viz_app.features.start import chart, words
from viz_app.features.start.chart_scene import DOORS, PICTURES, Scene
from viz_app.features.start.scene import LSTM, VARIANTS, run_of, scene, telling
from viz_app.kit.chart.style import Theme
from viz_app.kit.chart.window import LAPTOP, WINDOWS, Look
from viz_app.kit.choice import Among
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.view import View, Words
from viz_app.text import words as texts

BESIDE = 620
"""Pixels of a still in which the vessel has room beside the row."""


@dataclass(frozen=True)
class Start(View):
    """One row of numbers, read by one unit.

    Attributes
    ----------
    variant
        Of the network, one of `viz_app.features.start.scene.VARIANTS`; None is the trained one.
    own
        What is changed in the row, as `gatescope.tasks.edited` takes it: ``"6to9,9=0.5"``.
    pictures
        Which gates are drawn, and whether the answer; None is all of them, and the vessel.
    """

    name: ClassVar[str] = "start"

    variant: str | None = None
    own: str | None = None
    pictures: tuple[str, ...] | None = None

    def among(self, recordings: Recordings = HERE) -> dict[str, Among]:
        """The variants."""
        return {"variant": Among(VARIANTS, VARIANTS[0])}

    def names(self, recordings: Recordings = HERE) -> tuple[str, ...]:
        """The network that is shown."""
        return (run_of(self._variant()),)

    def example(self, recordings: Recordings = HERE) -> int:
        """The example that is shown."""
        return recordings.get(("start example",), lambda: telling(recordings.run(LSTM)))

    def data(self, recordings: Recordings = HERE) -> Scene:
        """What the network does on the row.

        Raises
        ------
        gatescope.tasks.EditError
            When the row cannot be changed so.
        """
        variant = self._variant()

        def made() -> Scene:
            run: Run = recordings.run(run_of(variant))
            example = self.example(recordings)
            return scene(variant, run, recordings.run(LSTM), example, self.own or "")

        return recordings.get(("start", variant, self.own or ""), made)

    def spec(self, look: Look, recordings: Recordings) -> dict[str, Any]:
        """The finished chart for a page, which plays by itself."""
        return recordings.get(
            ("start spec", self.complete(recordings), look),
            lambda: chart.spec(
                self.data(recordings), texts(), look.theme, look.window, self.drawn()
            ),
        )  # fmt: skip

    def guessed(self, look: Look, recordings: Recordings, *, still: bool = False) -> dict[str, Any]:
        """The same, on which guessed steps are framed and touched; with ``still`` its marks cannot
        be dragged."""
        spec = self.spec(look, recordings)
        return chart.with_guess(spec, look, self.drawn(), still=still)

    def with_guesses(self, spec: dict[str, Any], look: Look) -> dict[str, Any]:
        """Its finished chart, on which guessed steps are framed."""
        return chart.guessed(spec, look, self.drawn())

    def chart(
        self, theme: Theme = "light", *, width: int | None = None, recordings: Recordings = HERE
    ) -> alt.LayerChart:
        """The scene at its second mark; as HTML it can be played."""
        return self.still(width or chart.WIDTH, Look(theme), recordings)

    def still(self, width: int, look: Look, recordings: Recordings = HERE) -> alt.LayerChart:
        """The scene of a figure: where it is narrow the vessel stands below the row."""
        window = self.look_of(width, look).window
        return chart.picture(
            self.data(recordings), texts(), look.theme, window, width, self.drawn()
        )

    def look_of(self, width: int, look: Look) -> Look:
        """How a figure is drawn."""
        return replace(look, window=LAPTOP if width > BESIDE else WINDOWS["phone"])

    def table(self, *, recordings: Recordings = HERE) -> pd.DataFrame:
        """The numbers: one row a time step."""
        found = self.data(recordings)
        rows: dict[str, Any] = {
            "time": range(len(found.values)),
            "value": found.values,
            "marked": [step in found.marks for step in range(len(found.values))],
        }
        if found.gates is not None:
            rows |= {gate: found.gates[:, number] for number, gate in enumerate(DOORS)}
        return pd.DataFrame(rows | {"state": found.state, "answer": found.answers})

    def words(self, recordings: Recordings = HERE) -> Words:
        """What is said about it."""
        found = self.data(recordings)
        drawn = self.drawn()
        return Words(words.headline(found, drawn), (), words.alternative(found, drawn))

    def moved(self, marks: dict[int, float], recordings: Recordings = HERE) -> str | None:
        """What has to be changed so that these steps are marked and hold these numbers."""
        shown = Start(self.variant).data(recordings)
        there = sorted(shown.marks)
        moves = tuple(zip(there, sorted(marks), strict=True))
        edit = Edit(
            tuple((source, goal) for source, goal in moves if source != goal),
            tuple(
                (step, f"{value:.4g}")
                for step, value in sorted(marks.items())
                if abs(value - shown.values[step]) > 5e-3
            ),
        )
        return str(edit) or None

    def _variant(self) -> str:
        return self.variant if self.variant in VARIANTS else VARIANTS[0]

    def drawn(self) -> tuple[str, ...] | None:
        """Those of `PICTURES` that are drawn; None for all, and the vessel."""
        if self.pictures is None:
            return None
        return tuple(name for name in PICTURES if name in self.pictures)
