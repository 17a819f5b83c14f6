"""The bench, a part of the page Compare: which network is best, and how sure is that?"""

from dataclasses import dataclass
from typing import Any, ClassVar

import altair as alt
import pandas as pd

from gatescope.experiments.comparison import Comparison, load_comparison
from viz_app.features.benchmark import data as bench
from viz_app.features.benchmark import numbers as bench_numbers
from viz_app.features.benchmark import words as bench_words
from viz_app.features.benchmark.chart import BenchPanel
from viz_app.features.benchmark.data import AXES, Axis
from viz_app.kit.chart.style import Theme
from viz_app.kit.choice import Among
from viz_app.kit.library import BENCH
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.view import OPEN, View

PANEL = 420
"""Pixels of one panel."""


@dataclass(frozen=True)
class Picture:
    """A comparison as a page shows it: panels, their specs, the legend, words and the table."""

    result: Comparison
    panels: list[BenchPanel]
    specs: list[dict[str, Any]]
    legend: list[tuple[str, str, list[int]]]
    sentences: list[str]
    numbers: pd.DataFrame


@dataclass(frozen=True)
class Benchmark(View):
    """Learning curves of networks, each with several seeds, beside what needs no recurrence.

    Attributes
    ----------
    axis
        Against the training step, or the processor's seconds; None is the step.
    job
        A comparison of one's own, outside the app the folder that ``gatescope compare`` wrote;
        None is the prepared one.
    """

    name: ClassVar[str] = "benchmark"

    axis: Axis = OPEN
    job: str | None = None

    def among(self, recordings: Recordings = HERE) -> dict[str, Among]:
        """What the curves can be drawn against."""
        return {"axis": Among(AXES, AXES[0])}

    def data(self, recordings: Recordings = HERE) -> Comparison:
        """The comparison, as far as it is.

        Raises
        ------
        ResultError
            When there is none.
        """
        if self.job is not None:
            return recordings.comparison(self.job)
        return recordings.get(("comparison",), lambda: load_comparison(BENCH))

    def picture(self, theme: Theme, recordings: Recordings) -> Picture:
        """All that a page shows of a comparison with at least one finished run."""
        result = self.data(recordings)

        def drawn() -> Picture:
            panels = bench.panels(result, self._axis())
            return Picture(
                result,
                panels,
                bench.specs(panels, theme),
                bench.legend(panels, theme),
                bench_words.sentences(result),
                bench_numbers.numbers(result),
            )

        return recordings.get(("comparison picture", self, len(result.table), theme), drawn)

    def chart(
        self, theme: Theme = "light", *, width: int | None = None, recordings: Recordings = HERE
    ) -> alt.HConcatChart:
        """The learning curves; ``width`` is that of one panel in pixels."""
        found = self.data(recordings)
        return bench.chart(found, axis=self._axis(), theme=theme, width=width or PANEL)

    def table(self, *, recordings: Recordings = HERE) -> pd.DataFrame:
        """Its numbers: one row a run."""
        return self.data(recordings).table

    def about(self, recordings: Recordings = HERE) -> dict[str, str]:
        """With the comparison's settings."""
        return super().about(recordings) | {
            "config": self.data(recordings).config.model_dump_json()
        }

    def file_name(self) -> str:
        """With the job."""
        return f"{self.name}-{self.job or 'prepared'}"

    def _axis(self) -> Axis:
        axis: Axis = self.complete().axis or AXES[0]
        return axis
