"""Sentiment: ROC curves, a confusion matrix and a table of how well networks do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import cycle
from typing import ClassVar

import altair as alt
import numpy as np
import pandas as pd

from gatescope import Run
from gatescope.analysis import Classification
from gatescope.tasks.reviews import Reviews, words_of
from viz_app.features.sentiment import chart_classification as charts
from viz_app.features.sentiment.reading import EXAMPLES, FIRST, is_one, praise_of
from viz_app.features.sentiment.scored import (
    Kind,
    Scored,
    bag,
    groups,
    name_of_run,
    prepared,
    scored,
    without_a_network,
)
from viz_app.kit import export
from viz_app.kit.chart.altair_fast import hconcat
from viz_app.kit.chart.axes import share_axis
from viz_app.kit.chart.fit import fit
from viz_app.kit.chart.line_charts import draw, specs
from viz_app.kit.chart.lines import (
    SIX_STYLES,
    Level,
    Line,
    Panel,
    Points,
    Style,
    Tip,
    legend,
    styles_of,
)
from viz_app.kit.chart.style import Theme, config
from viz_app.kit.chart.window import Look
from viz_app.kit.panels import PanelRow
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.view import ViewError, kept
from viz_app.kit.view_of_runs import Several
from viz_app.kit.words import decimals, joined, spoken
from viz_app.text import say, words

MOST_POINTS = 250
"""Points of a curve that are drawn: more lie closer together than a pixel."""

PANEL = 360
"""Pixels of one panel of the still chart."""


def table(rows: Sequence[Scored]) -> pd.DataFrame:
    """Accuracy, precision, recall, F1, area, and accuracy by kind of sentence, to be shown."""

    def share(value: float) -> str:
        return "–" if np.isnan(value) else f"{decimals(100 * value, 1)}%"

    shares = ("accuracy", "precision", "recall", "f1")
    columns = {
        say(f"sentiment.{name}"): [share(getattr(row.found, name)) for row in rows]
        for name in shares
    }
    columns[say("sentiment.area")] = [decimals(row.found.area, 3) for row in rows]
    kinds: dict[Kind, str] = {
        "negated": say("sentiment.negated", count=int(groups()["negated"].sum())),
        "turned": say("sentiment.turned", count=int(groups()["turned"].sum())),
        "plain": say("sentiment.plain"),
    }
    columns |= {name: [share(row.accuracy(kind)) for row in rows] for kind, name in kinds.items()}
    return pd.DataFrame(columns, index=pd.Index([r.name for r in rows], name=say("sentiment.who")))


def chart_words(name: str) -> Mapping[str, str]:
    """The charts' words; the matrix is that of the classifier named."""
    return {**words(), "sentiment.confusion": say("sentiment.confusion", name=name)}


def roc(rows: Sequence[Scored]) -> Panel:
    """ROC curves over the diagonal of guessing; a dot stands where each classifier answers.

    The areas stand in their names; what answers always the same has no curve.
    """
    drawn = [row for row in rows if len(row.found.false_positive_rate) > 2]
    names = [
        say("sentiment.line_area", name=row.name, area=decimals(row.found.area, 3)) for row in drawn
    ]
    false, true = say("sentiment.false_rate"), say("sentiment.true_rate")
    looks = zip(drawn, names, cycle(SIX_STYLES), strict=False)
    answers = pd.DataFrame(
        [(name, *row.found.point) for name, row in zip(names, drawn, strict=True)],
        columns=["line", "x", "value"],
    )
    tips = (
        Tip("line:N", say("sentiment.line")),
        Tip("x:Q", false, ".1%"),
        Tip("value:Q", true, ".1%"),
    )
    dot = {"type": "point", "filled": True, "size": 110, "opacity": 1}
    share = share_axis(false)
    return Panel(
        say("sentiment.roc"),
        [_curve(name, row.found, style) for row, name, style in looks],
        replace(share, look={**share.look, "grid": True}),
        share_axis(true),
        levels=[Level(0, to=1)],
        points=[Points(answers, dot, tips, halo=True)],
        height=charts.SIDE,
    )


def _curve(name: str, found: Classification, style: Style) -> Line:
    """A curve's points in order, thinned out evenly where there are many."""
    count = len(found.false_positive_rate)
    some = np.unique(np.linspace(0, count - 1, min(count, MOST_POINTS)).round().astype(int))
    return Line(
        name, found.false_positive_rate[some].round(4), found.true_positive_rate[some].round(4),
        style=style,
    )  # fmt: skip


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
        there = {self.run, *(prepared() if self.others is None else self.others)}
        first = [name for name in prepared() if name in there]
        return (*first, *sorted(there - set(first)))

    def runs(self, recordings: Recordings = HERE) -> dict[str, Run]:
        """The networks by name."""
        return {name: recordings.run(name) for name in self.names(recordings)}

    @kept("run")
    def scored(self, recordings: Recordings = HERE) -> Scored:
        """The network on the whole test part.

        Raises
        ------
        ViewError
            When it does not tell praise from blame.
        """
        run = recordings.run(self.run)
        if not is_one(run):
            raise ViewError(say("sentiment.not_one", run=self.run))
        return scored(name_of_run(self.run, run), praise_of(run, Reviews("test").everything()))

    def data(self, recordings: Recordings = HERE) -> list[Scored]:
        """All of them, networks first."""
        names = self.names(recordings)
        networks = [SentimentScores(name).scored(recordings) for name in names]
        return [*networks, *recordings.get(("no network",), without_a_network)]

    @kept()
    def checked(self, recordings: Recordings = HERE) -> pd.DataFrame:
        """The probability of praise of each prepared example, a row, by each classifier."""
        texts = [words_of(example.text) for example in EXAMPLES]
        batch = Reviews("test").batch(texts, [True] * len(texts))
        runs = self.runs(recordings).items()
        scores = {name_of_run(name, run): praise_of(run, batch) for name, run in runs}
        scores[say("sentiment.bag")] = bag().scores(batch.inputs)
        return pd.DataFrame(scores, index=[example.key for example in EXAMPLES])

    @kept()
    def row(self, look: Look, recordings: Recordings) -> PanelRow:
        """Both finished panels for a page."""
        drawn, one = roc(self.data(recordings)), self.scored(recordings)
        named, theme = legend([drawn], look.theme), look.theme
        place = fit(2, look.window, [name for name, _, _ in named])
        matrix = charts.confusion_panel(
            one.found.confusion, chart_words(one.name), theme=theme, size=look.window.type_size
        )
        return PanelRow(
            named,
            [
                *specs([drawn], look, place=place),
                export.spec(matrix.configure(**config(theme, look.window.type_size))),
            ],
            [self._areas(recordings), self._told(one)],
            [drawn.title, say("sentiment.confusion", name=one.name)],
            place,
        )

    def alternative(self, recordings: Recordings = HERE) -> str:
        """The curves, and the matrix."""
        return spoken(self._areas(recordings), self._told(self.scored(recordings)))

    def _areas(self, recordings: Recordings) -> str:
        """The curves, for those who cannot see them."""
        areas = [f"{row.name} {decimals(row.found.area, 3)}" for row in self.data(recordings)]
        return say("sentiment.roc_alt", areas=joined(areas))

    def _told(self, one: Scored) -> str:
        """The matrix, for those who cannot see it."""
        counts = one.found.confusion
        negative, positive = (int(count) for count in counts.sum(axis=1))
        return say(
            "sentiment.confusion_alt", negative=negative, positive=positive,
            true_negative=int(counts[0, 0]), true_positive=int(counts[1, 1]),
        )  # fmt: skip

    def chart(
        self, theme: Theme = "light", *, width: int | None = None, recordings: Recordings = HERE
    ) -> alt.HConcatChart:
        """Both panels; ``width`` is that of one in pixels."""
        curves, one, side = roc(self.data(recordings)), self.scored(recordings), width or PANEL
        matrix = charts.confusion_panel(
            one.found.confusion, chart_words(one.name), theme=theme, width=side
        )
        styles = styles_of([curves])
        drawn = draw(curves, styles, theme, width=side, named=list(styles), room=2 * side)
        chart = hconcat(drawn, matrix, config=alt.Config(**config(theme)))
        return chart.resolve_legend(color="shared", strokeDash="shared")

    def table(self, *, recordings: Recordings = HERE) -> pd.DataFrame:
        """The numbers as they are shown: one row a classifier."""
        return table(self.data(recordings)).reset_index()

    def file_name(self) -> str:
        """With the run's name."""
        return f"{self.name}-{self.run}"
