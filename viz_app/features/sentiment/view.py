"""Sentiment: which word moved the answer, and which gate."""

from dataclasses import dataclass
from typing import Any, ClassVar

import altair as alt
import pandas as pd

from viz_app.features.sentiment import data as sentiment
from viz_app.features.sentiment import words as sentiment_words
from viz_app.features.sentiment.data import SentimentView
from viz_app.features.sentiment.scores_data import FIRST
from viz_app.kit.chart.gates_data import GatesLook
from viz_app.kit.chart.style import Theme
from viz_app.kit.packed import with_arrow
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.view import OfARun, ViewError, Words
from viz_app.text import say


@dataclass(frozen=True)
class Sentiment(OfARun):
    """A sentence word by word: the answer so far, what each word changed, and the gates.

    Attributes
    ----------
    run
        A network that tells praise from blame.
    sentence
        What it reads.
    """

    name: ClassVar[str] = "sentiment"

    run: str = FIRST
    sentence: str = sentiment.EXAMPLES[1].text

    def data(self, recordings: Recordings = HERE) -> SentimentView:
        """What each word did.

        Raises
        ------
        SentenceError
            When there is nothing to read in the sentence.
        ViewError
            When the network has no answer after each word.
        """
        run = recordings.run(self.run)
        if not sentiment.is_one(run):
            raise ViewError(say("sentiment.not_one", run=self.run))

        def read() -> SentimentView:
            *_, top = recordings.layers(self.run)
            return sentiment.view(run, self.sentence, bounds=recordings.bounds(self.run, top))

        return recordings.get(("sentiment", self), read)

    def spec(self, theme: Theme, recordings: Recordings) -> dict[str, Any]:
        """The finished chart for a page, large data as Arrow."""

        def drawn() -> dict[str, Any]:
            spec = self.data(recordings).spec(GatesLook(theme))
            return with_arrow(spec)

        return recordings.get(("sentiment spec", self, theme), drawn)

    def chart(
        self, theme: Theme = "light", *, width: int | None = None, recordings: Recordings = HERE
    ) -> alt.VConcatChart:
        """The chart, as a still figure; ``width`` is that of the plots in pixels."""
        look = GatesLook(theme, width or GatesLook.width, hover=False)
        return self.data(recordings).chart(look)

    def table(self, *, recordings: Recordings = HERE) -> pd.DataFrame:
        """The numbers: one row a word."""
        return self.data(recordings).table()

    def words(self, recordings: Recordings = HERE) -> Words:
        """What is said about it."""
        found, run = self.data(recordings), recordings.run(self.run)
        return Words(
            sentiment_words.headline(found, run),
            tuple(sentiment_words.look_for(found, run)),
            sentiment_words.alternative(found),
        )
