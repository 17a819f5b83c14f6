"""Retention: how success falls with the delay."""

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import pandas as pd

from gatescope.experiments import RetentionConfig, load_result
from viz_app.features.retention import data as retention
from viz_app.features.retention import words as retention_words
from viz_app.kit.chart.line_charts import specs
from viz_app.kit.chart.lines import legend, styles_of
from viz_app.kit.chart.style import Theme
from viz_app.kit.chart.window import Look
from viz_app.kit.library import RESULTS
from viz_app.kit.panels import PanelRow, alternative
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.view import View

TEXTS = ("retention.alt", "retention.alt_line")
PANEL = 250
"""Pixels of one panel."""


class Picture(NamedTuple):
    """A result as a page shows it: its legend, its panels by measure, sentences, and a table."""

    legend: list[tuple[str, str, tuple[int, ...]]]
    rows: tuple[tuple[retention.Measure, PanelRow], ...]
    sentences: list[str]
    solved: pd.DataFrame


def pictured(experiment: RetentionConfig, table: pd.DataFrame, look: Look) -> Picture:
    """What an experiment has shown so far."""
    rows = retention.rows(experiment, table)
    every = [panel for panels in rows.values() for panel in panels]
    styles = styles_of(every)
    drawn = tuple(
        (
            measure,
            PanelRow(
                (),
                specs(panels, look, styles),
                [alternative(panel, TEXTS, retention.said(measure)) for panel in panels],
            ),
        )
        for measure, panels in rows.items()
    )
    return Picture(
        legend(every, look.theme),
        drawn,
        retention_words.sentences(experiment, table),
        retention_words.solved_table(table),
    )


@dataclass(frozen=True)
class Retention(View):
    """The prepared experiment: five measures against the delay, one panel a cell."""

    name: ClassVar[str] = "retention"

    def data(self, recordings: Recordings = HERE) -> tuple[RetentionConfig, pd.DataFrame]:
        """What was asked for, and what was found; raises `ResultError` when there is nothing."""
        return recordings.get(("retention",), lambda: load_result(RESULTS))

    def chart(
        self, theme: Theme = "light", *, width: int | None = None, recordings: Recordings = HERE
    ) -> Any:
        """All panels; ``width`` is that of one in pixels."""
        return retention.chart(*self.data(recordings), theme=theme, width=width or PANEL)

    def table(self, *, recordings: Recordings = HERE) -> pd.DataFrame:
        """Its numbers: one row a run."""
        return self.data(recordings)[1]

    def about(self, recordings: Recordings = HERE) -> dict[str, str]:
        """With the experiment's settings."""
        return super().about(recordings) | {"config": self.data(recordings)[0].model_dump_json()}
