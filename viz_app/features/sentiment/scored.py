"""How well networks tell praise from blame on the whole test part, beside what needs none."""

from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np

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
from viz_app.features.sentiment.reading import FIRST
from viz_app.kit.library import DATA_RUNS
from viz_app.text import name_of, say

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

    ``found`` are its answers against the truth; ``right``, (sentence,), whether each is right.
    """

    name: str
    found: Classification
    right: np.ndarray

    def of(self, kind: Kind) -> np.ndarray:
        """The same on sentences with a negation, on those with 'but', or on those with neither."""
        answers: np.ndarray = self.right[groups()[kind]]
        return answers

    def accuracy(self, kind: Kind) -> float:
        """The fraction of right answers on those sentences."""
        return float(self.of(kind).mean())

    @property
    def negation(self) -> Interval:
        """Accuracy with a negation minus that with neither it nor 'but': Newcombe's interval."""
        some, rest = self.of("negated"), self.of("plain")
        return newcombe_interval(int(some.sum()), len(some), int(rest.sum()), len(rest), RULE.level)

    def lead(self, other: "Scored") -> Interval:
        """Accuracy minus that of another classifier: the paired t over the same sentences."""
        return paired_difference(1.0 * self.right, 1.0 * other.right, RULE.level)


@cache
def prepared() -> tuple[str, ...]:
    """The networks that come with the project, `FIRST` first."""
    names = sorted(folder.name for folder in DATA_RUNS.glob("reviews-*") if folder.is_dir())
    order = (FIRST, "reviews-gru", "reviews-rnn")
    return tuple(sorted(names, key=lambda name: order.index(name) if name in order else 9))


@cache
def bag() -> BagOfWords:
    """The logistic regression on word counts that comes with the project."""
    return load_bag_of_words(DATA_RUNS / "reviews-bag-of-words.json")


@cache
def groups() -> dict[str, np.ndarray]:
    """Which test sentences praise, have a negation, have 'but', have neither, each (sentence,)."""
    sentences = Reviews("test").sentences
    negated = np.array([any(map(negates, s.words)) for s in sentences])
    turned = np.array([BUT in s.words for s in sentences])
    truth = np.array([s.rating > 0 for s in sentences])
    return {"truth": truth, "negated": negated, "turned": turned, "plain": ~negated & ~turned}


def scored(name: str, scores: np.ndarray) -> Scored:
    """Compare scores on the whole test part with the truth."""
    truth = groups()["truth"]
    return Scored(name, classification(scores, truth), (scores >= 0.5) == truth)


def without_a_network() -> list[Scored]:
    """The bag of words, and the answer that is always the more frequent class."""
    truth = groups()["truth"]
    often = bool(truth.mean() >= 0.5)
    said = say("sentiment.praise" if often else "sentiment.blame")
    return [
        scored(say("sentiment.bag"), bag().scores(Reviews("test").everything().inputs)),
        scored(say("sentiment.always", answer=said), np.full(len(truth), float(often))),
    ]


def name_of_run(name: str, run: Run) -> str:
    """A network's cell, and what was left out of its training."""
    cell = name_of("cell", run.config.cell)
    dropped = run.config.readout_dropout or run.config.recurrent_dropout
    if name.startswith("reviews-"):
        return cell if dropped else say("sentiment.no_dropout", cell=cell)
    return say("sentiment.own", cell=cell, name=name[:6])
