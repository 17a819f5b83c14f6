"""Training techniques: two networks that differ in one."""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import pandas as pd

from gatescope.experiments import AIDS, Effect
from gatescope.experiments.aids import Aid
from viz_app.features.gradient_flow import data as gradients
from viz_app.features.techniques import curves
from viz_app.features.techniques import data as aids
from viz_app.features.techniques import words as aids_words
from viz_app.features.techniques.data import Pair
from viz_app.kit.chart.lines import Panel
from viz_app.kit.chart.window import Look
from viz_app.kit.choice import Among
from viz_app.kit.panels import OfLines, PanelRow, Texts, panel_row
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.view import OPEN, ViewError, kept
from viz_app.kit.words import three_digits
from viz_app.text import say


class Learnt(NamedTuple):
    """How a pair learned, ready to be shown.

    Attributes
    ----------
    curves
        The finished panels.
    headline, look_for
        Sentences.
    numbers, losses
        Tables; the second empty where there is one seed.
    """

    curves: PanelRow
    headline: str
    look_for: list[str]
    numbers: pd.DataFrame
    losses: pd.DataFrame


def learnt(pair: Pair, effect: Effect, look: Look) -> Learnt:
    """Curves, words and numbers of a pair, finished or in training."""
    return Learnt(
        curves.row(pair.aid, pair.runs, look),
        aids_words.headline(pair, effect),
        aids_words.look_for(pair),
        aids.numbers(pair),
        aids.losses(pair, effect),
    )


@dataclass(frozen=True)
class Techniques(OfLines):
    """Losses, largest gradient norms and rates of two runs, without a technique and with it.

    Attributes
    ----------
    run, others
        The run without it, and the one with it; None are the prepared ones.
    aid
        The technique, of `gatescope.experiments.AIDS`; None is the first.
    """

    name: ClassVar[str] = "techniques"
    pixels: ClassVar[int] = curves.WIDTH
    alt_texts: ClassVar[Texts] = curves.TEXTS

    run: str | None = None
    others: tuple[str, ...] | None = None
    aid: Aid = OPEN

    def among(self, recordings: Recordings = HERE) -> dict[str, Among]:
        """Every technique."""
        return {"aid": Among(AIDS, AIDS[0])}

    def names(self, recordings: Recordings = HERE) -> tuple[str, str]:
        """Both runs."""
        if self.run is None:
            return aids.CASES[self.complete().aid]
        names = (self.run, *(self.others or ()))
        if len(names) != 2:
            raise ViewError(say("figures.wrong_runs", view=self.name, count=len(names)))
        return names

    def data(self, recordings: Recordings = HERE) -> Pair:
        """Both runs."""
        return Pair(self.complete().aid, *(recordings.run(name) for name in self.names()))

    @kept()
    def flow(self, look: Look, recordings: Recordings) -> PanelRow:
        """Gradient norms at each step of both, as finished panels for a page."""
        return panel_row(aids.flow(self.data(recordings)), look, gradients.TEXTS, three_digits)

    def row(self, look: Look, recordings: Recordings) -> PanelRow:
        """The finished panels for a page."""
        pair = self.data(recordings)
        return curves.row(pair.aid, pair.runs, look)

    def panels(self, recordings: Recordings = HERE) -> list[Panel]:
        """The curves."""
        pair = self.data(recordings)
        return curves.panels(pair.aid, pair.runs)

    def said(self, value: float) -> str:
        """With three digits."""
        return three_digits(value)

    def rows(self, recordings: Recordings = HERE) -> list[list[Panel]]:
        """One below the other."""
        return [[panel] for panel in self.panels(recordings)]

    def table(self, *, recordings: Recordings = HERE) -> pd.DataFrame:
        """The numbers behind the curves: one row a side and evaluation."""
        return aids.table(self.data(recordings))

    def file_name(self) -> str:
        """With the technique."""
        return f"{self.name}-{self.complete().aid}"
