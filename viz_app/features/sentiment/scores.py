"""Sentiment: how well networks tell praise from blame on the whole test part."""

from dataclasses import dataclass
from typing import Any, ClassVar

import altair as alt
import pandas as pd

from gatescope import Run
from gatescope.tasks.reviews import Reviews
from viz_app.features.sentiment import (
    data as sentiment,
)
from viz_app.features.sentiment import (
    scores_data as sentiment_scores,
)
from viz_app.features.sentiment import (
    words as sentiment_words,
)
from viz_app.features.sentiment.chart_classification import classification_chart
from viz_app.features.sentiment.scores_data import FIRST, Scored
from viz_app.kit.chart.style import Theme
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.view import Several, ViewError
from viz_app.text import say

PANEL = 360
"""Pixels of one panel."""


@dataclass(frozen=True)
class SentimentScores(Several):
    """ROC curves of some networks and of what needs none, and one network's confusion matrix.

    Attributes
    ----------
    run
        The network whose confusion matrix is drawn.
    others
        Those beside it; None is the prepared ones.
    """

    name: ClassVar[str] = "sentiment-scores"

    run: str = FIRST

    def names(self, recordings: Recordings = HERE) -> tuple[str, ...]:
        """The networks, the prepared ones first, in the same order whichever is chosen."""
        prepared = sentiment_scores.prepared()
        there = {self.run, *(prepared if self.others is None else self.others)}
        return (*(name for name in prepared if name in there), *sorted(there - set(prepared)))

    def runs(self, recordings: Recordings = HERE) -> dict[str, Run]:
        """The networks by name."""
        return {name: recordings.run(name) for name in self.names(recordings)}

    def scored(self, run: str, recordings: Recordings = HERE) -> Scored:
        """A network on the whole test part.

        Raises
        ------
        ViewError
            When it does not tell praise from blame.
        """
        opened = recordings.run(run)
        if not sentiment.is_one(opened):
            raise ViewError(say("sentiment.not_one", run=run))

        def answered() -> Scored:
            scores = sentiment.praise_of(opened, Reviews("test").everything())
            return sentiment_scores.scored(sentiment_scores.name_of_run(run, opened), scores)

        return recordings.get(("sentiment score", run), answered)

    def data(self, recordings: Recordings = HERE) -> list[Scored]:
        """All of them, networks first."""
        networks = [self.scored(name, recordings) for name in self.names(recordings)]
        return [*networks, *recordings.get(("no network",), sentiment_scores.without_a_network)]

    def checked(self, recordings: Recordings = HERE) -> pd.DataFrame:
        """The prepared examples through all networks, see `viz_app.features.sentiment.words`."""
        names = self.names(recordings)
        return recordings.get(
            ("sentiment checked", names), lambda: sentiment_words.checked(self.runs(recordings))
        )

    def specs(self, theme: Theme, recordings: Recordings) -> tuple[dict[str, Any], ...]:
        """Both finished panels for a page."""
        return recordings.get(
            ("sentiment scores", self, theme),
            lambda: sentiment_scores.specs(
                self.data(recordings), self.scored(self.run, recordings), theme
            ),
        )

    def chart(
        self, theme: Theme = "light", *, width: int | None = None, recordings: Recordings = HERE
    ) -> alt.HConcatChart:
        """Both panels; ``width`` is that of one in pixels."""
        one = self.scored(self.run, recordings)
        return classification_chart(
            sentiment_scores.lines(self.data(recordings)), one.found.confusion,
            sentiment_scores.words(one.name), theme=theme, width=width or PANEL,
        )  # fmt: skip

    def table(self, *, recordings: Recordings = HERE) -> pd.DataFrame:
        """The numbers as they are shown: one row a classifier."""
        return sentiment_scores.table(self.data(recordings)).reset_index()

    def file_name(self) -> str:
        """With the run's name."""
        return f"{self.name}-{self.run}"
