"""Connectivity: which input mattered for which output."""

from dataclasses import dataclass
from typing import Any, ClassVar

import altair as alt
import pandas as pd
import xarray as xr

from viz_app.features.connectivity import data as connectivity
from viz_app.features.connectivity.chart import CELLS, triangle_panel
from viz_app.features.connectivity.chart_data import Shading, Triangle, cell_frame, shading
from viz_app.features.connectivity.chart_row import Shown, row_chart
from viz_app.features.connectivity.words import has_zeros, sentences
from viz_app.kit import export
from viz_app.kit.chart.altair_fast import hconcat, vconcat
from viz_app.kit.chart.fit import one_or_all
from viz_app.kit.chart.style import Theme, config
from viz_app.kit.chart.window import Look
from viz_app.kit.choice import Among
from viz_app.kit.panels import PanelRow
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.view import OPEN, kept
from viz_app.kit.view_of_runs import Several
from viz_app.kit.words import spoken
from viz_app.text import name_of, say, words

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
    checkpoint
        Training step, of the run's; of the others their last one that is not after it. None is the
        last of each.
    """

    name: ClassVar[str] = "connectivity"

    example: int = OPEN
    t: int = OPEN
    relative: bool = False
    checkpoint: int = OPEN

    def among(self, recordings: Recordings = HERE) -> dict[str, Among]:
        """What can be chosen of the run and its example."""
        there, probe = super().among(recordings), recordings.batch(self.run)
        steps = connectivity.output_steps(len(probe.inputs))
        last = connectivity.last_asked(probe, there["example"].of(self.example))
        return there | {"t": Among(steps, max(step for step in steps if step <= last))}

    def data(self, recordings: Recordings = HERE) -> dict[str, xr.DataArray]:
        """The gradients of each network on the example, by its cell."""
        made = self.complete(recordings)

        def measured(name: str) -> xr.DataArray:
            run, step = recordings.run(name), made.step_of(name, recordings)
            return recordings.get(
                ("connectivity", name, made.example, step),
                lambda: connectivity.of_run(run, made.example, step),
            )

        return {recordings.run(run).config.cell: measured(run) for run in self.names(recordings)}

    def step_of(self, name: str, recordings: Recordings) -> int:
        """The training step at which a network is shown: its last where the first one's is."""
        run = recordings.run(name)
        if self.checkpoint in (None, recordings.run(self.run).steps[-1]):
            return run.steps[-1]
        return connectivity.at(run, self.checkpoint)

    def sequence(self, recordings: Recordings) -> Shown:
        """The example's input."""
        run, example = recordings.run(self.run), self.complete(recordings).example
        return recordings.get(
            ("sequence", self.run, example),
            lambda: connectivity.sequence(run.task, run.probe(), example),
        )

    def has_zeros(self, recordings: Recordings) -> bool:
        """Whether an input that was read matters exactly nothing."""
        return recordings.get(
            ("has zeros", self.but(t=None, relative=False)),
            lambda: has_zeros(self.data(recordings)),
        )

    def triangles(self, look: Look, recordings: Recordings) -> PanelRow:
        """The finished triangles for a page, on one scale, their cells a data frame.

        `framed` says which row is framed.
        """

        def finished() -> PanelRow:
            drawn = self.drawn(recordings)
            row = self.panels(look, recordings, hover=True)
            filled = tuple(
                spec | {"datasets": spec.get("datasets", {}) | {CELLS: cell_frame(one)[0]}}
                for spec, one in zip(row.specs, drawn, strict=True)
            )
            return row._replace(specs=filled)

        return recordings.get(("triangles", self.but(t=None), look), finished)

    def panels(
        self, look: Look, recordings: Recordings, shade: Shading | None = None, **more: Any
    ) -> PanelRow:
        """The triangles, each as high as the window allows."""
        drawn = self.drawn(recordings)
        place = one_or_all(len(drawn), look.window)
        size = {} if place.height is None else {"height": place.height}
        panels = self._panels(look.theme, recordings, shade, **size, **more)
        settings = config(look.theme, look.window.type_size)
        specs = tuple(export.spec(panel.configure(**settings)) for panel in panels)
        return PanelRow((), specs, (), [one.title for one in drawn], place)

    def strip(self, look: Look, recordings: Recordings) -> dict[str, Any]:
        """The finished row of the output step for a page."""
        return recordings.get(("strip", self, look), lambda: self.row(look, recordings))

    def row(self, look: Look, recordings: Recordings, shade: Shading | None = None) -> Any:
        """The row of the output step, as high as the window allows."""
        drawn = self._row(look.theme, recordings, shade, window=look.window)
        return export.spec(drawn.configure(**config(look.theme, look.window.type_size)))

    def chart(
        self, theme: Theme = "light", *, width: int | None = None, recordings: Recordings = HERE
    ) -> alt.VConcatChart:
        """One output step over the input, and the triangles; ``width`` is that of a triangle."""
        made, size = self.complete(recordings), width or PANEL
        drawn = self.drawn(recordings)
        panels = self._panels(
            theme, recordings, picked=drawn[0].outputs.index(made.t), width=size, height=size
        )
        whole = size * len(drawn) + 40 * (len(drawn) - 1)
        strip = self._row(theme, recordings, width=whole).properties(
            title=say("connectivity.strip", step=made.t)
        )
        look = alt.Config(**config(theme))
        return vconcat(strip, hconcat(*panels, spacing=30), spacing=24, config=look)

    def table(self, *, recordings: Recordings = HERE) -> pd.DataFrame:
        """The numbers: one row a cell, output step and input step."""
        return pd.concat(
            norms.rename("norm").drop_vars("batch").to_dataframe().reset_index().assign(cell=cell)
            for cell, norms in self.data(recordings).items()
        )[["cell", "output_time", "input_time", "norm"]]

    @kept()
    def told(self, recordings: Recordings = HERE) -> list[str]:
        """What the row of the output step says of each network, and of all side by side."""
        step, marks = self.complete(recordings).t, self.sequence(recordings).marks
        return sentences(self.data(recordings), marks, step, relative=self.relative)

    def alternative(self, recordings: Recordings = HERE) -> str:
        """What the row of the output step says."""
        step = self.complete(recordings).t
        told = spoken(*self.told(recordings)).replace("**", "")  # heard, it is no markup
        return say("connectivity.strip_alt", step=step, told=told)

    def file_name(self) -> str:
        """With the example, of all networks."""
        return f"{self.name}-example{self.example}"

    def drawn(self, recordings: Recordings) -> list[Triangle]:
        """One a network."""
        return [
            Triangle(
                name_of("cell", cell),
                tuple(norms["output_time"].values.tolist()),
                norms.values,
                bool(norms.attrs["backward"]),
            )
            for cell, norms in self.data(recordings).items()
        ]

    def _panels(
        self, theme: Theme, recordings: Recordings, shade: Shading | None = None, **look: Any
    ) -> list[alt.LayerChart]:
        """Every network's triangle, on one scale."""
        drawn, marks = self.drawn(recordings), self.sequence(recordings).marks
        shade = shade or shading(drawn, self.relative)
        return [
            triangle_panel(one, words(), shade, theme=theme, marks=marks, axis=place == 0, **look)
            for place, one in enumerate(drawn)
        ]

    def _row(
        self, theme: Theme, recordings: Recordings, shade: Shading | None = None, **look: Any
    ) -> alt.LayerChart:
        """The output step's row of every network, over the input."""
        drawn, step = self.drawn(recordings), self.complete(recordings).t
        shade = shade or shading(drawn, self.relative)
        return row_chart(
            drawn, self.sequence(recordings), words(), shade,
            row=drawn[0].outputs.index(step), theme=theme, **look,
        )  # fmt: skip
