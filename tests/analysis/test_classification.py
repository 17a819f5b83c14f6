"""Confusion, precision, recall, F1 and ROC against scikit-learn, and against counting by hand."""

import math

import numpy as np
import pytest
from sklearn import metrics

from gatescope.analysis import classification


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("digits", [1, 8])
def test_everything_is_what_scikit_learn_says(seed: int, digits: int) -> None:
    """With many ties and with none."""
    draw = np.random.default_rng(seed)
    truth = draw.random(300) < 0.3
    scores = np.clip(0.4 * truth + 0.7 * draw.random(300), 0, 1).round(digits)
    found, answers = classification(scores, truth), scores >= 0.5
    np.testing.assert_array_equal(found.confusion, metrics.confusion_matrix(truth, answers))
    assert found.count == 300
    assert found.accuracy == pytest.approx(metrics.accuracy_score(truth, answers))
    assert found.precision == pytest.approx(metrics.precision_score(truth, answers))
    assert found.recall == pytest.approx(metrics.recall_score(truth, answers))
    assert found.f1 == pytest.approx(metrics.f1_score(truth, answers))
    assert found.area == pytest.approx(metrics.roc_auc_score(truth, scores))
    false_rate, true_rate, _ = metrics.roc_curve(truth, scores, drop_intermediate=False)
    np.testing.assert_allclose(found.false_positive_rate, false_rate)
    np.testing.assert_allclose(found.true_positive_rate, true_rate)
    assert found.point in list(zip(false_rate, true_rate, strict=True))


def test_the_area_counts_pairs() -> None:
    """A tie counts half: of 2 x 3 pairs 4 are in order and 1 is tied."""
    scores = np.array([0.9, 0.5, 0.5, 0.7, 0.1])
    found = classification(scores, np.array([True, True, False, False, False]))
    assert found.area == pytest.approx((4 + 0.5) / 6)


def test_the_same_answer_to_all() -> None:
    """Nothing is called positive: there is no precision, and the curve is the diagonal."""
    found = classification(np.zeros(4), np.array([True, False, False, False]))
    assert found.confusion.tolist() == [[3, 0], [1, 0]]
    assert math.isnan(found.precision)
    assert (found.recall, found.f1, found.area) == (0, 0, 0.5)
    assert found.false_positive_rate.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("scores", "truth", "said"),
    [
        ([0.1, 0.2], [True], "got shapes"),
        ([0.1, math.nan], [True, False], "must be finite"),
        ([0.1, 0.2], [True, True], "examples of both classes"),
    ],
)
def test_what_cannot_be_compared_is_told(scores: list[float], truth: list[bool], said: str) -> None:
    """In a sentence."""
    with pytest.raises(ValueError, match=said):
        classification(np.array(scores), np.array(truth))


@pytest.mark.parametrize("truth", [[-1, 1, 1], [0, 1, 2], [0.0, 1.0, float("nan")]])
def test_classes_that_are_not_two_are_refused(truth: list[float]) -> None:
    """Other numbers than 0 and 1 all count as True in Python."""
    with pytest.raises(ValueError, match="True or False, in a row"):
        classification(np.array([0.2, 0.7, 0.9]), np.array(truth))
