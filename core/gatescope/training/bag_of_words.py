"""What word counts alone say: a logistic regression that knows no order."""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from gatescope.extras import library
from gatescope.files import write_whole
from gatescope.tasks.reviews import Reviews

STRENGTHS = (0.03, 0.1, 0.3, 1.0, 3.0)
"""Inverse regularisation strengths that are tried, on the validation part."""

BLANK, DIGITS = 0, 5


@dataclass(frozen=True)
class BagOfWords:
    """A logistic regression on how often each word stands in a sentence.

    Attributes
    ----------
    weights
        One a word's number; that of the blank is 0.
    intercept
        The log odds of a sentence without a word.
    strength
        scikit-learn's ``C``, the best of `STRENGTHS` on the validation part.
    """

    weights: tuple[float, ...]
    intercept: float
    strength: float

    def scores(self, inputs: Tensor) -> np.ndarray:
        """The probability of praise, (batch,), from a batch's inputs, (time, batch, 1)."""
        codes = inputs[..., 0].long().numpy()
        odds = np.asarray(self.weights)[codes].sum(axis=0) + self.intercept
        found: np.ndarray = 1 / (1 + np.exp(-odds))
        return found


def fit_bag_of_words(strengths: Sequence[float] = STRENGTHS) -> BagOfWords:
    """Learn it from the sentences that networks learn from; the test part is never looked at.

    Parameters
    ----------
    strengths
        Those that are tried.
    """
    linear_model, metrics = library("sklearn.linear_model"), library("sklearn.metrics")
    (counts, truth), (held, meant) = (_counts(Reviews(split)) for split in ("train", "validation"))
    fitted = [
        linear_model.LogisticRegression(C=c, max_iter=1000).fit(counts, truth) for c in strengths
    ]
    best = min(fitted, key=lambda model: metrics.log_loss(meant, model.predict_proba(held)[:, 1]))
    weights = tuple(round(float(weight), DIGITS) for weight in best.coef_[0])
    return BagOfWords(weights, round(float(best.intercept_[0]), DIGITS), best.C)


def save_bag_of_words(model: BagOfWords, path: str | os.PathLike[str]) -> None:
    """Write it as JSON."""
    write_whole(Path(path), (json.dumps(asdict(model)) + "\n").encode())


def load_bag_of_words(path: str | os.PathLike[str]) -> BagOfWords:
    """Read what `save_bag_of_words` wrote."""
    said = json.loads(Path(path).read_text(encoding="utf-8"))
    return BagOfWords(tuple(said["weights"]), said["intercept"], said["strength"])


def _counts(task: Reviews) -> tuple[Any, np.ndarray]:
    """How often each word stands in each sentence, (sentence, word), sparse; and if it praises."""
    batch = task.everything()
    sentences = batch.inputs[..., 0].long().T.tolist()
    spoken = [[code for code in codes if code != BLANK] for codes in sentences]
    numbers = {code: code for code in range(task.vocabulary_size)}
    vectorizer = library("sklearn.feature_extraction.text").CountVectorizer
    counts = vectorizer(analyzer=list, vocabulary=numbers).transform(spoken)
    return counts, batch.targets.numpy().max(axis=0).astype(bool)
