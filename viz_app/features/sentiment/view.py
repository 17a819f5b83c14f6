"""Sentiment: which word moved the answer, and which gate."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import altair as alt
import pandas as pd

from viz_app.features.gates import data as gates
from viz_app.features.sentiment import words as told
from viz_app.features.sentiment.chart import sentence_chart, words_spec
from viz_app.features.sentiment.chart_data import SentimentWords
from viz_app.features.sentiment.reading import EXAMPLES, FIRST, Reading, is_one, reading
from viz_app.kit import units
from viz_app.kit.chart.gates_fit import which_fit
from viz_app.kit.chart.gates_look import GatesLook
from viz_app.kit.chart.style import Theme
from viz_app.kit.chart.window import Look
from viz_app.kit.packed import with_arrow
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.view import ViewError, Words, kept
from viz_app.kit.view_of_runs import OfARun
from viz_app.kit.visible import Part
from viz_app.text import say


@dataclass(frozen=True)
class Sentiment(OfARun):
    """A sentence word by word: the answer so far, what each word changed, and the gates.

    Attributes
    ----------
    run
        A network that tells positive from negative sentences.
    sentence
        What it reads.
    """

    name: ClassVar[str] = "sentiment"

    run: str = FIRST
    sentence: str = EXAMPLES[1].text

    @kept()
    def data(self, recordings: Recordings = HERE) -> Reading:
        """What each word did.

        Raises
        ------
        SentenceError
            When there is nothing to read in the sentence.
        ViewError
            When the network has no answer after each word.
        """
        run = recordings.run(self.run)
        if not is_one(run):
            raise ViewError(say("sentiment.not_one", run=self.run))
        *_, top = recordings.layers(self.run)
        return reading(run, self.sentence, recordings.bounds(self.run, top))

    @kept()
    def spec(self, look: Look, recordings: Recordings) -> dict[str, Any]:
        """The finished picture for a page, word by word, as high as its window."""
        found = self.data(recordings)
        drawn = words_spec(found.data, chart_words(), GatesLook.of(look), look.window.height)
        return with_arrow(drawn)

    @kept()
    def gates(self, look: Look, recordings: Recordings) -> dict[str, Any]:
        """The finished gates chart of the sentence for a page."""
        found = self.data(recordings)
        page = GatesLook.of(look)
        shape = found.seen.data.shape
        fitting = which_fit(shape, page, units.shown(found.seen.layer))
        seen = replace(found.seen, data=found.data.gates, part=Part(pictures=fitting))
        return with_arrow(seen.spec(page, found.picked()))

    def chart(
        self, theme: Theme = "light", *, width: int | None = None, recordings: Recordings = HERE
    ) -> alt.VConcatChart:
        """The chart, as a still figure; ``width`` is that of the plots in pixels."""
        return self.still(width or GatesLook.width, Look(theme), recordings)

    def still(self, width: int, look: Look, recordings: Recordings = HERE) -> alt.VConcatChart:
        """The chart of a figure, its panels as high as there is room for."""
        sentence = self.data(recordings)
        drawn = GatesLook.still(width, look)
        return sentence_chart(sentence.data, chart_words(), drawn, sentence.picked())

    def table(self, *, recordings: Recordings = HERE) -> pd.DataFrame:
        """The numbers: one row a word."""
        return self.data(recordings).table()

    def words(self, recordings: Recordings = HERE) -> Words:
        """What is said about it."""
        found, run = self.data(recordings), recordings.run(self.run)
        return Words(
            told.headline(found, run), tuple(told.look_for(found, run)), told.alternative(found)
        )


def chart_words() -> SentimentWords:
    """The chart's words, in the reader's language."""
    names = (
        "score", "change", "moved", "word", "probability", "difference", "most", "praise", "blame",
    )  # fmt: skip
    gate_words = replace(gates.words(), time=say("sentiment.time"))
    return SentimentWords(gate_words, **{name: say(f"sentiment.{name}") for name in names})
