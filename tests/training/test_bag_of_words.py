"""Word counts alone: fitted again, and by hand."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn import metrics

from gatescope.tasks.reviews import Reviews, words_of
from gatescope.training import bag_of_words
from gatescope.training.bag_of_words import BagOfWords, fit_bag_of_words, load_bag_of_words

SHIPPED = Path(__file__).parents[2] / "assets" / "data_runs" / "reviews-bag-of-words.json"


def test_the_shipped_one_is_what_fitting_gives() -> None:
    """With the strength that it names, on the training part as it is now."""
    shipped = load_bag_of_words(SHIPPED)
    fitted = fit_bag_of_words((shipped.strength,))
    np.testing.assert_allclose(fitted.weights, shipped.weights, atol=2e-3)
    assert fitted.intercept == pytest.approx(shipped.intercept, abs=2e-3)


def test_scores_by_hand() -> None:
    """The log odds are the words' weights and the intercept; past the end counts nothing."""
    task = Reviews("test")
    model = load_bag_of_words(SHIPPED)
    texts = ["a good , good film", "dull", "zzzz"]
    batch = task.batch([words_of(text) for text in texts], [True] * 3)
    numbers = {word: k for k, word in enumerate(task.symbols)}
    for text, score in zip(texts, model.scores(batch.inputs), strict=True):
        odds = sum(model.weights[numbers.get(w, 1)] for w in words_of(text)) + model.intercept
        assert score == pytest.approx(1 / (1 + np.exp(-odds)))
    assert model.weights[0] == 0
    assert BagOfWords((0.0, 1.0), 0.0, 1.0).scores(batch.inputs[:0]).tolist() == [0.5] * 3


def test_the_strength_is_chosen_on_the_validation_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """By its log loss there, counted by hand; the test part, which would choose otherwise, is
    never read."""
    strengths = (0.03, 0.3, 0.6, 3.0)
    asked = []

    class Watched(Reviews):
        def __init__(self, split: Any = "train") -> None:
            asked.append(split)
            super().__init__(split)

    monkeypatch.setattr(bag_of_words, "Reviews", Watched)
    best = {}
    for split in ("validation", "test"):
        batch = Reviews(split).everything()
        truth = batch.targets.numpy().max(axis=0) == 1
        losses = {
            strength: metrics.log_loss(truth, fit_bag_of_words((strength,)).scores(batch.inputs))
            for strength in strengths
        }
        best[split] = min(losses, key=losses.__getitem__)
    assert best["validation"] != best["test"]  # so that either choice shows
    asked.clear()
    assert fit_bag_of_words(strengths).strength == best["validation"]
    assert set(asked) == {"train", "validation"}
    assert load_bag_of_words(SHIPPED).strength == 0.3
