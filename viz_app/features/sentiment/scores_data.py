"""How well networks tell praise from blame on the whole test part, beside what needs none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np
import pandas as pd

from gatescope import Run
from gatescope.analysis import (
    RULES,
    Classification,
    Interval,
    classification,
    newcombe_interval,
    paired_difference,
)
from gatescope.tasks.reviews import Reviews
from gatescope.training.bag_of_words import BagOfWords, load_bag_of_words
from viz_app.features.sentiment.chart_classification import (
    ClassificationWords,
    RocLine,
    confusion_panel,
    line_styles,
    roc_panel,
)
from viz_app.kit.chart.style import Theme, config
from viz_app.kit.library import DATA_RUNS
from viz_app.text import name_of, say

FIRST = "reviews-lstm"
"""The network that is shown first."""

NEGATIONS = frozenset(
    ("not", "no", "never", "nothing", "nobody", "none", "nor", "neither", "without", "hardly",
     "cannot")
)  # fmt: skip
"""Words that turn a meaning round, with those that end in n't."""

BUT = "but"
Kind = Literal["negated", "turned", "plain"]
RULE = RULES["sentiment"]


def negates(word: str) -> bool:
    """Whether a word turns a meaning round."""
    return word in NEGATIONS or word.endswith("n't")


@dataclass(frozen=True)
class Scored:
    """A classifier on the whole test part.

    Attributes
    ----------
    name
        As a person reads it.
    found
        Its answers against the truth.
    right
        (sentence,), whether each answer is right.
    """

    name: str
    found: Classification
    right: np.ndarray

    def of(self, kind: Kind) -> np.ndarray:
        """The same on sentences with a negation, on those with 'but', or on those with neither."""
        part = groups()
        negated, turned = part["negated"], part["turned"]
        chosen = {"negated": negated, "turned": turned, "plain": ~negated & ~turned}
        found: np.ndarray = self.right[chosen[kind]]
        return found

    def accuracy(self, kind: Kind) -> float:
        """The fraction of right answers on those sentences."""
        return float(self.of(kind).mean())

    @property
    def negation(self) -> Interval:
        """Accuracy with a negation minus that with neither it nor 'but': Newcombe's interval."""
        counts = ((int(part.sum()), len(part)) for part in map(self.of, ("negated", "plain")))
        (one, n), (other, m) = counts
        return newcombe_interval(one, n, other, m, RULE.level)

    def lead(self, other: "Scored") -> Interval:
        """Accuracy minus that of another classifier: the paired t over the same sentences."""
        return paired_difference(1.0 * self.right, 1.0 * other.right, RULE.level)


@cache
def prepared() -> tuple[str, ...]:
    """The networks that come with the project, `FIRST` first."""
    found = sorted(folder.name for folder in DATA_RUNS.glob("reviews-*") if folder.is_dir())
    order = (FIRST, "reviews-gru", "reviews-rnn")
    return tuple(sorted(found, key=lambda name: order.index(name) if name in order else 9))


@cache
def bag() -> BagOfWords:
    """The logistic regression on word counts that comes with the project."""
    return load_bag_of_words(DATA_RUNS / "reviews-bag-of-words.json")


@cache
def groups() -> dict[str, np.ndarray]:
    """Which test sentences praise, have a negation, have 'but', each (sentence,)."""
    sentences = Reviews("test").sentences
    return {
        "truth": np.array([s.rating > 0 for s in sentences]),
        "negated": np.array([any(map(negates, s.words)) for s in sentences]),
        "turned": np.array([BUT in s.words for s in sentences]),
    }


def scored(name: str, scores: np.ndarray) -> Scored:
    """Compare scores on the whole test part with the truth."""
    truth = groups()["truth"]
    return Scored(name, classification(scores, truth), (scores >= 0.5) == truth)


def without_a_network() -> list[Scored]:
    """The bag of words, and the answer that is always the more frequent class."""
    often = groups()["truth"].mean() >= 0.5
    always = np.full(len(groups()["truth"]), float(often))
    said = say("sentiment.praise" if often else "sentiment.blame")
    return [
        scored(say("sentiment.bag"), bag().scores(Reviews("test").everything().inputs)),
        scored(say("sentiment.always", answer=said), always),
    ]


def name_of_run(name: str, run: Run) -> str:
    """A network's cell, and what was left out of its training."""
    cell = name_of("cell", run.config.cell)
    dropped = run.config.readout_dropout or run.config.recurrent_dropout
    if name.startswith("reviews-"):
        return cell if dropped else say("sentiment.no_dropout", cell=cell)
    return say("sentiment.own", cell=cell, name=name[:6])


def table(rows: Sequence[Scored]) -> pd.DataFrame:
    """Accuracy, precision, recall, F1, area, and accuracy by kind of sentence, to be shown."""

    def share(value: float) -> str:
        return "–" if np.isnan(value) else f"{value:.1%}"

    part = groups()
    negated, turned = int(part["negated"].sum()), int(part["turned"].sum())
    columns: Mapping[str, Any] = {
        say("sentiment.accuracy"): [share(row.found.accuracy) for row in rows],
        say("sentiment.precision"): [share(row.found.precision) for row in rows],
        say("sentiment.recall"): [share(row.found.recall) for row in rows],
        say("sentiment.f1"): [share(row.found.f1) for row in rows],
        say("sentiment.area"): [f"{row.found.area:.3f}" for row in rows],
        say("sentiment.negated", count=negated): [share(row.accuracy("negated")) for row in rows],
        say("sentiment.turned", count=turned): [share(row.accuracy("turned")) for row in rows],
        say("sentiment.plain"): [share(row.accuracy("plain")) for row in rows],
    }
    return pd.DataFrame(columns, index=pd.Index([r.name for r in rows], name=say("sentiment.who")))


def words(name: str) -> ClassificationWords:
    """The charts' words, in the reader's language; the matrix is that of the classifier named."""
    names = ("roc", "false_rate", "true_rate", "line", "truth", "answer", "count", "share")
    return ClassificationWords(
        **{key: say(f"sentiment.{key}") for key in names},
        confusion=say("sentiment.confusion", name=name),
        classes=(say("sentiment.blame"), say("sentiment.praise")),
    )


def lines(rows: Sequence[Scored]) -> list[RocLine]:
    """The ROC curves, the area in their names; what answers always the same has none."""
    return [
        RocLine(
            say("sentiment.line_area", name=row.name, area=row.found.area),
            row.found.false_positive_rate, row.found.true_positive_rate, row.found.point,
        )
        for row in rows
        if len(row.found.false_positive_rate) > 2
    ]  # fmt: skip


def legend(rows: Sequence[Scored], theme: Theme) -> list[tuple[str, str, list[int]]]:
    """Name, colour and dash of each curve."""
    return line_styles(lines(rows), theme)


def specs(rows: Sequence[Scored], chosen: Scored, theme: Theme) -> tuple[dict[str, Any], ...]:
    """ROC curves and the chosen network's confusion matrix for a page."""
    told = words(chosen.name)
    panels = (
        roc_panel(lines(rows), told, theme=theme),
        confusion_panel(chosen.found.confusion, told, theme=theme),
    )
    return tuple(panel.configure(**config(theme)).to_dict(validate=False) for panel in panels)
