"""How well scores tell two classes apart: confusion, precision, recall, F1, ROC."""

from dataclasses import dataclass

import numpy as np

from gatescope.analysis.uncertainty import yes_or_no

THRESHOLD = 0.5
"""From this score on the answer is the positive class."""


@dataclass(frozen=True)
class Classification:
    """Scores of examples against the truth, in two classes.

    A share whose denominator is 0 is nan: the precision where nothing was called positive.

    Attributes
    ----------
    confusion
        (truth, answer), counts; negative before positive.
    false_positive_rate, true_positive_rate
        (point,), the ROC curve from (0, 0) to (1, 1): one point a different score, from the
        highest down.
    area
        Under that curve: the chance that a positive example scores higher than a negative one,
        a tie counting half.
    """

    confusion: np.ndarray
    false_positive_rate: np.ndarray
    true_positive_rate: np.ndarray
    area: float

    @property
    def count(self) -> int:
        """How many examples."""
        return int(self.confusion.sum())

    @property
    def accuracy(self) -> float:
        """Share of right answers."""
        return _share(int(np.trace(self.confusion)), self.count)

    @property
    def precision(self) -> float:
        """Of what was called positive, the share that is."""
        return _share(self.confusion[1, 1], self.confusion[:, 1].sum())

    @property
    def recall(self) -> float:
        """Of what is positive, the share that was called so."""
        return _share(self.confusion[1, 1], self.confusion[1].sum())

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        hits, wrong = self.confusion[1, 1], self.confusion[0, 1] + self.confusion[1, 0]
        return _share(2 * hits, 2 * hits + wrong)

    @property
    def point(self) -> tuple[float, float]:
        """The point of the ROC curve at `THRESHOLD`: false and true positive rate."""
        return (
            _share(self.confusion[0, 1], self.confusion[0].sum()),
            _share(self.confusion[1, 1], self.confusion[1].sum()),
        )


def classification(scores: np.ndarray, truth: np.ndarray) -> Classification:
    """Compare scores with the truth.

    Parameters
    ----------
    scores
        (example,), from 0 to 1; from `THRESHOLD` on the answer is positive.
    truth
        (example,), True where the class is positive; there must be examples of both.

    Raises
    ------
    ValueError
        When lengths differ, a score is not finite, a class is neither True nor False, or has no
        example.

    Examples
    --------
    >>> import numpy as np
    >>> found = classification(np.array([0.9, 0.6, 0.4]), np.array([True, False, False]))
    >>> found.confusion.tolist(), found.area
    ([[1, 1], [0, 1]], 1.0)
    """
    scores, truth = np.asarray(scores, dtype=float), yes_or_no(truth, "a class")
    if scores.shape != truth.shape or scores.ndim != 1:
        raise ValueError(
            f"scores and truth must be one number an example, got shapes {scores.shape} and "
            f"{truth.shape}"
        )
    if not np.isfinite(scores).all():
        odd = scores[~np.isfinite(scores)][0]
        raise ValueError(f"every score must be finite, got {odd} among {scores.size}")
    if truth.all() or not truth.any():
        raise ValueError("there must be examples of both classes to tell them apart")
    answers = scores >= THRESHOLD
    confusion = np.array(
        [[int((answers[truth == true] == said).sum()) for said in (False, True)]
         for true in (False, True)]
    )  # fmt: skip
    false_rate, true_rate = _roc(scores, truth)
    area = float((np.diff(false_rate) * (true_rate[1:] + true_rate[:-1]) / 2).sum())
    return Classification(confusion, false_rate, true_rate, area)


def _roc(scores: np.ndarray, truth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """False and true positive rate of the answers from each score on."""
    order = np.argsort(-scores, kind="stable")
    last = np.append(np.diff(scores[order]) != 0, True)  # of each run of equal scores
    hits = np.cumsum(truth[order])[last]
    called = np.arange(1, len(scores) + 1)[last]
    true_rate = np.append(0.0, hits / truth.sum())
    false_rate = np.append(0.0, (called - hits) / (~truth).sum())
    return false_rate, true_rate


def _share(part: int | np.integer, whole: int | np.integer) -> float:
    return float(part / whole) if whole else float("nan")
