"""Gradient flow: the gradient at every step while the networks learn, as their runs recorded it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import altair as alt
import numpy as np
import pandas as pd

from gatescope import Run
from viz_app.features.gradient_flow.chart_history import MapPanel, map_chart, map_panels
from viz_app.features.gradient_flow.data import STATES, panel_title
from viz_app.features.gradient_flow.words import said
from viz_app.kit.chart.fit import fit
from viz_app.kit.chart.style import Theme, config
from viz_app.kit.chart.window import Look
from viz_app.kit.panels import PanelRow
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.view import kept
from viz_app.kit.view_of_runs import Several
from viz_app.kit.words import some, spoken
from viz_app.text import name_of, say, words

PANEL = 230
"""Pixels of one panel."""


@dataclass(frozen=True)
class WhileLearning(Several):
    """Gradient norms at every step and checkpoint, one panel a network and state."""

    name: ClassVar[str] = "learning"

    @kept()
    def data(self, recordings: Recordings = HERE) -> list[MapPanel]:
        """What is drawn."""
        return panels([recordings.run(run) for run in self.names(recordings)])

    @kept()
    def row(self, look: Look, recordings: Recordings) -> PanelRow:
        """The finished panels for a page."""
        return row(self.data(recordings), look)

    def chart(
        self, theme: Theme = "light", *, width: int | None = None, recordings: Recordings = HERE
    ) -> alt.HConcatChart:
        """All panels; ``width`` is that of one in pixels."""
        return map_chart(self.data(recordings), words(), theme=theme, width=width or PANEL)

    def alternative(self, recordings: Recordings = HERE) -> str:
        """What each panel shows."""
        return spoken(*alternatives(self.data(recordings)))

    def table(self, *, recordings: Recordings = HERE) -> pd.DataFrame:
        """The numbers: one row a panel, checkpoint and step."""
        return table(self.data(recordings))

    def file_name(self) -> str:
        """Of all networks."""
        return "gradients-learning"


def panels(runs: Sequence[Run]) -> list[MapPanel]:
    """One panel a cell and state, of the forward layer that is nearest to the loss."""
    found = []
    for run in runs:
        node = [row.node for row in run.gradients if not row.node.endswith("_reverse")][-1]
        for state in STATES:
            rows = [row for row in run.gradients if row.node == node and row.signal == state]
            if rows:
                steps = sorted({row.checkpoint for row in rows})
                norms = np.zeros((len(steps), 1 + max(row.time for row in rows)))
                for row in rows:
                    norms[steps.index(row.checkpoint), row.time] = row.median
                title = panel_title(name_of("cell", run.config.cell), state)
                found.append(MapPanel(title, tuple(steps), norms))
    return found


def row(found: Sequence[MapPanel], look: Look) -> PanelRow:
    """The panels for a page, with common colours, as many as the window has room for."""
    place = fit(len(found), look.window)
    type_size = look.window.type_size
    charts = map_panels(found, words(), height=place.height or 320, type_size=type_size)
    specs = [
        chart.configure(**config(look.theme, type_size)).to_dict(validate=False)
        for chart in charts
    ]  # fmt: skip
    return PanelRow((), specs, alternatives(found), [panel.title for panel in found], place)


def table(found: Sequence[MapPanel]) -> pd.DataFrame:
    """The numbers: one row a panel, checkpoint and step."""
    return pd.concat(
        pd.DataFrame(panel.norms, index=pd.Index(panel.checkpoints, name="checkpoint"))
        .rename_axis(columns="time")
        .stack()
        .rename("norm")
        .reset_index()
        .assign(panel=panel.title)
        for panel in found
    )


def sentences(found: Sequence[MapPanel]) -> list[str]:
    """What each panel says about the first step, before and after training."""
    return [
        say(
            "flow.learning",
            cell=panel.title,
            first=told(panel.norms[0]),
            last=told(panel.norms[-1]),
            steps=some("training_steps", panel.checkpoints[-1]),
        )
        for panel in found
    ]


def alternatives(found: Sequence[MapPanel]) -> list[str]:
    """The same, and what is drawn, for those who cannot see it."""
    return [
        say(
            "flow.learning_alt", sentence=sentence,
            rows=some("training_steps", len(panel.checkpoints)),
            columns=some("time_steps", panel.norms.shape[1]),
        )
        for panel, sentence in zip(found, sentences(found), strict=True)
    ]  # fmt: skip


def told(norms: np.ndarray) -> str:
    """The first step's norm as a share of the last one's."""
    return said(norms[0] / norms[-1] if norms[-1] else np.nan)
