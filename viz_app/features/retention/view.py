"""Retention: how success falls with the delay."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import pandas as pd

from gatescope.experiments import RetentionConfig, load_result
from viz_app.features.retention import data as retention
from viz_app.features.retention import words as retention_words
from viz_app.kit.chart.fit import fit
from viz_app.kit.chart.line_charts import figure, specs
from viz_app.kit.chart.lines import Panel, legend, styles_of
from viz_app.kit.chart.style import Theme
from viz_app.kit.chart.window import Look, Window
from viz_app.kit.library import RESULTS
from viz_app.kit.panels import PanelRow, alternative
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.view import View
from viz_app.kit.words import spoken

TEXTS = ("retention.alt", "retention.alt_line")
PANEL = 250
"""Pixels of one panel."""

WIDE, HIGH = 220, 180
"""Pixels that a panel takes in a figure at least, with its axes."""


class Picture(NamedTuple):
    """A result as a page shows it: the panels of one measure, sentences, and a table."""

    row: PanelRow
    sentences: list[str]
    solved: pd.DataFrame


def capacity(window: Window) -> int:
    """So many panels are read in a figure."""
    return max(1, window.width // WIDE) * (window.height // HIGH)


def measures(experiment: RetentionConfig, table: pd.DataFrame) -> list[retention.Measure]:
    """Those of which there is something to see."""
    return list(retention.rows(experiment, table))


def pictured(
    experiment: RetentionConfig, table: pd.DataFrame, look: Look, measure: retention.Measure
) -> Picture:
    """What an experiment has shown so far, by one measure; each line as in every other one."""
    rows = retention.rows(experiment, table)
    panels = rows[measure]
    every = [panel for each in rows.values() for panel in each]
    named = legend(every, look.theme)
    place = fit(len(panels), look.window, [name for name, _, _ in named])
    row = PanelRow(
        named,
        specs(panels, look, styles_of(every), place),
        [alternative(panel, TEXTS, retention.said(measure)) for panel in panels],
        [panel.title for panel in panels],
        place,
    )
    return Picture(
        row,
        retention_words.sentences(experiment, table),
        retention_words.solved_table(table),
    )


@dataclass(frozen=True)
class Retention(View):
    """The prepared experiment: five measures against the delay, one panel a cell.

    A figure without room for all of them shows the first.
    """

    name: ClassVar[str] = "retention"

    def data(self, recordings: Recordings = HERE) -> tuple[RetentionConfig, pd.DataFrame]:
        """What was asked for, and what was found; raises `ResultError` when there is nothing."""
        return recordings.get(("retention",), lambda: load_result(RESULTS))

    def alternative(self, recordings: Recordings = HERE) -> str:
        """What the panels of each measure show."""
        rows = retention.rows(*self.data(recordings))
        return spoken(
            *(
                alternative(panel, TEXTS, retention.said(measure))
                for measure, panels in rows.items()
                for panel in panels
            )
        )

    def row(self, look: Look, recordings: Recordings) -> PanelRow:
        """The finished panels of the first measure for a page."""
        return recordings.get(
            ("retention row", look),
            lambda: pictured(*self.data(recordings), look, retention.MEASURES[0]).row,
        )

    def chart(
        self, theme: Theme = "light", *, width: int | None = None, recordings: Recordings = HERE
    ) -> Any:
        """All panels; ``width`` is that of one in pixels."""
        return self.still(width or PANEL, Look(theme), recordings)

    def still(self, width: int, look: Look, recordings: Recordings = HERE) -> Any:
        """The panels of a figure: of the first measures, as many as are still read there."""
        shown: list[Sequence[Panel]] = []
        room = capacity(look.window)
        for panels in retention.rows(*self.data(recordings)).values():
            room -= len(panels)
            if room < 0 and shown:
                break
            shown.append(panels)
        return figure(shown, look.theme, width)

    def table(self, *, recordings: Recordings = HERE) -> pd.DataFrame:
        """Its numbers: one row a run."""
        return self.data(recordings)[1]

    def about(self, recordings: Recordings = HERE) -> dict[str, str]:
        """With the experiment's settings."""
        return super().about(recordings) | {"config": self.data(recordings)[0].model_dump_json()}
