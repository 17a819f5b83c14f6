"""The tutorial, tested: do its statements replicate here?"""

from dataclasses import dataclass
from typing import Any, ClassVar

import altair as alt
import pandas as pd

from gatescope.experiments.tutorial import EXPERIMENTS
from viz_app.features.tutorial.chart_strip_plot import strip_plot
from viz_app.features.tutorial.entries import ENTRIES
from viz_app.features.tutorial.evidence import Evidence, Finding, read_evidence
from viz_app.kit import export
from viz_app.kit.chart.style import Theme
from viz_app.kit.chart.window import Look
from viz_app.kit.choice import Among
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.view import OPEN, View, kept
from viz_app.kit.words import clauses, percent, some, three_digits
from viz_app.text import has, name_of, say

PLOT = 520
"""Pixels of the plot."""

TRAINED = {entry.key: entry.experiment for entry in ENTRIES if entry.experiment}
"""The entries that trained runs answer, and by which experiment."""


@dataclass(frozen=True)
class Tutorial(View):
    """The runs behind one of the tutorial's answers.

    Attributes
    ----------
    entry
        A statement, or a fault in a listing; None is the first that runs are behind.
    """

    name: ClassVar[str] = "tutorial"

    entry: str = OPEN

    def among(self, recordings: Recordings = HERE) -> dict[str, Among]:
        """What runs are behind."""
        return {"entry": Among(tuple(TRAINED), next(iter(TRAINED)))}

    def data(self, recordings: Recordings = HERE) -> Evidence:
        """What all answers are computed from.

        Raises
        ------
        ValueError
            When something of it is missing.
        """
        return recordings.get(("tutorial",), read_evidence)

    @kept()
    def findings(self, recordings: Recordings = HERE) -> dict[str, Finding]:
        """Every entry's answer."""
        evidence = self.data(recordings)
        return {entry.key: entry.finding(evidence) for entry in ENTRIES}

    def experiment(self) -> str:
        """The experiment behind the entry."""
        return TRAINED[self.complete().entry]

    @kept()
    def spec(self, look: Look, recordings: Recordings) -> dict[str, Any]:
        """The finished chart for a page."""
        return export.spec(self._drawn(look, "container", recordings))

    @kept()
    def alternative(self, recordings: Recordings = HERE) -> str:
        """What the chart shows, for those who cannot see it."""
        experiment, rows = self.experiment(), self.table(recordings=recordings)
        write = three_digits if by_loss(experiment) else percent
        told = [
            say(
                "tutorial.alt_setting", name=name, mean=write(values.mean()),
                low=write(values.min()), high=write(values.max()),
                seeds=some("seeds", len(values)),
            )
            for name, values in rows.groupby("name", sort=False)["value"]
        ]  # fmt: skip
        axis = say(f"tutorial.axis_{experiment}")
        return say("tutorial.alt", value=axis, settings=clauses(told))

    def chart(
        self, theme: Theme = "light", *, width: int | None = None, recordings: Recordings = HERE
    ) -> alt.LayerChart:
        """A dot a seed, and a line at the mean; ``width`` is that of the plot in pixels."""
        return self._drawn(Look(theme), width or PLOT, recordings)

    def _drawn(self, look: Look, width: int | str, recordings: Recordings) -> alt.LayerChart:
        experiment, rows = self.experiment(), self.table(recordings=recordings)
        lossy = by_loss(experiment)
        return strip_plot(
            rows[["name", "seed", "value"]],
            1.0 if lossy else float(rows["guess"].iloc[0]),
            {
                "value": say(f"tutorial.axis_{experiment}"),
                "seed": say("tutorial.seed"),
                "reference": say("tutorial.naive" if lossy else "tutorial.guessing"),
                "name": say("tutorial.setting"),
            },
            share=not lossy,
            look=look,
            width=width,
        )

    def table(self, *, recordings: Recordings = HERE) -> pd.DataFrame:
        """The runs, with what the chart shows of each in ``value``.

        It is the accuracy; of a forecast the squared error in units of the naive forecast's.
        """
        experiment = self.experiment()
        rows = self.data(recordings).of(experiment).copy()
        rows["value"] = rows["loss"] / rows["baseline"] if by_loss(experiment) else rows["score"]
        rows["name"] = rows["setting"].map(setting_name)
        return rows

    def file_name(self) -> str:
        """Of the entry."""
        return f"{self.name}-{self.complete().entry}"


def by_loss(experiment: str) -> bool:
    """Whether an experiment is told by its loss: a forecast is not right or wrong."""
    return EXPERIMENTS[experiment].common["task"] == "forecast"


def setting_name(setting: str) -> str:
    """A setting of an experiment as a person would say it."""
    key = f"tutorial.setting_{setting.replace(' ', '_')}"
    if has(key):
        return say(key)
    return " ".join(name_of("cell", part) if part.isalpha() else part for part in setting.split())
