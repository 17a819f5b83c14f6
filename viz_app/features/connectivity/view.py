"""Connectivity: which input mattered for which output."""

from dataclasses import dataclass
from typing import Any, ClassVar

import altair as alt
import pandas as pd
import xarray as xr

from viz_app.features.connectivity import data as connectivity
from viz_app.features.connectivity import words as connectivity_words
from viz_app.kit.chart.style import Theme
from viz_app.kit.choice import Among
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.view import OPEN, Several

PANEL = 300
"""Pixels of one triangle."""


@dataclass(frozen=True)
class Connectivity(Several):
    """How strongly each output step depends on each input step, one triangle a network.

    Attributes
    ----------
    run, others
        As in `viz_app.kit.view.Several`.
    example
        Of the run's probe examples; None is the one that must be remembered longest.
    t
        The output step; None is the last at which the answer counts.
    relative
        Each row divided by its largest value, instead of a log scale.
    """

    name: ClassVar[str] = "connectivity"

    example: int = OPEN
    t: int = OPEN
    relative: bool = False

    def among(self, recordings: Recordings = HERE) -> dict[str, Among]:
        """What can be chosen of the run and its example."""
        there, probe = super().among(recordings), recordings.run(self.run).probe()
        examples = there["example"]
        example = self.example if self.example in examples.values else examples.usual
        steps = connectivity.output_steps(len(probe.inputs))
        last = connectivity.last_asked(probe, example)
        return there | {"t": Among(steps, max(step for step in steps if step <= last))}

    def data(self, recordings: Recordings = HERE) -> dict[str, xr.DataArray]:
        """The gradients of each network on the example, by its cell."""
        example = self._made(recordings)[0]
        return {
            recordings.run(run).config.cell: recordings.get(
                ("connectivity", run, example),
                lambda run=run: connectivity.of_run(recordings.run(run), example),
            )
            for run in self.names(recordings)
        }

    def sequence(self, recordings: Recordings) -> connectivity.Shown:
        """The example's input."""
        run, example = recordings.run(self.run), self._made(recordings)[0]
        return recordings.get(
            ("sequence", self.run, example),
            lambda: connectivity.sequence(run.task, run.probe(), example),
        )

    def has_zeros(self, recordings: Recordings) -> bool:
        """Whether an input that was read matters exactly nothing."""
        return recordings.get(
            ("has zeros", self.but(t=None, relative=False)),
            lambda: connectivity_words.has_zeros(self.data(recordings)),
        )

    def triangles(self, theme: Theme, recordings: Recordings) -> tuple[dict[str, Any], ...]:
        """The finished triangles for a page; `framed` says which row is framed."""
        return recordings.get(
            ("triangles", self.but(t=None), theme),
            lambda: connectivity.specs(
                self.data(recordings), self.sequence(recordings), relative=self.relative,
                theme=theme,
            ),
        )  # fmt: skip

    def strip(self, theme: Theme, recordings: Recordings) -> dict[str, Any]:
        """The finished row of the output step for a page."""
        return recordings.get(
            ("strip", self, theme),
            lambda: connectivity.strip(
                self.data(recordings), self.sequence(recordings), self._made(recordings)[1],
                relative=self.relative, theme=theme,
            ),
        )  # fmt: skip

    def chart(
        self, theme: Theme = "light", *, width: int | None = None, recordings: Recordings = HERE
    ) -> alt.VConcatChart:
        """One output step over the input, and the triangles; ``width`` is that of a triangle."""
        return connectivity.figure(
            self.data(recordings), self.sequence(recordings), self._made(recordings)[1],
            relative=self.relative, theme=theme, width=width or PANEL,
        )  # fmt: skip

    def table(self, *, recordings: Recordings = HERE) -> pd.DataFrame:
        """The numbers: one row a cell, output step and input step."""
        return connectivity.table(self.data(recordings))

    def file_name(self) -> str:
        """With the example, of all networks."""
        return f"{self.name}-example{self.example}"

    def _made(self, recordings: Recordings) -> tuple[int, int]:
        """The example and the output step."""
        made = self.complete(recordings)
        assert made.example is not None
        assert made.t is not None
        return made.example, made.t
