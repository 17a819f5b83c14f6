"""The bench, a part of the page Compare: which network is best, and how sure is that?"""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import pandas as pd

from gatescope.experiments.comparison import Comparison, load_comparison
from viz_app.features.benchmark import data as bench
from viz_app.features.benchmark import numbers as bench_numbers
from viz_app.features.benchmark import words as bench_words
from viz_app.features.benchmark.data import AXES, Against
from viz_app.kit.chart.lines import Panel
from viz_app.kit.chart.window import Look
from viz_app.kit.choice import Among
from viz_app.kit.library import BENCH
from viz_app.kit.panels import OfLines, PanelRow
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.view import OPEN
from viz_app.kit.words import spoken


class Picture(NamedTuple):
    """A comparison as a page shows it: panels, words and the table."""

    result: Comparison
    row: PanelRow
    sentences: list[str]
    numbers: pd.DataFrame


@dataclass(frozen=True)
class Benchmark(OfLines):
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
    pixels: ClassVar[int] = 420

    axis: Against = OPEN
    job: str | None = None

    def among(self, recordings: Recordings = HERE) -> dict[str, Among]:
        """What the curves can be drawn against."""
        return {"axis": Among(AXES, AXES[0])}

    def data(self, recordings: Recordings = HERE) -> Comparison:
        """The comparison, as far as it is; raises `ResultError` when there is none."""
        if self.job is not None:
            return recordings.comparison(self.job)
        return recordings.get(("comparison",), lambda: load_comparison(BENCH))

    def panels(self, recordings: Recordings = HERE) -> list[Panel]:
        """The learning curves."""
        return bench.panels(self.data(recordings), self.complete().axis)

    def row(self, look: Look, recordings: Recordings) -> PanelRow:
        """The same for a page, as far as they are."""
        return bench.row(self.panels(recordings), look)

    def picture(self, look: Look, recordings: Recordings) -> Picture:
        """All that a page shows of a comparison with at least one finished run."""
        result = self.data(recordings)
        return recordings.get(
            ("comparison picture", self, len(result.table), look),
            lambda: Picture(
                result,
                self.row(look, recordings),
                bench_words.sentences(result),
                bench_numbers.numbers(result),
            ),
        )

    def alternative(self, recordings: Recordings = HERE) -> str:
        """What each panel shows."""
        return spoken(*bench.alternatives(self.panels(recordings)))

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
