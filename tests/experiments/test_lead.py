"""What is left of a lead over the no-memory baseline: by hand, and by simulation."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from gatescope import make_task
from gatescope.analysis import Interval
from gatescope.experiments.lead import Scored, bands, by, each_example, kept_lead, parts_of

N = 500
EXACT = ((0.95, 1.05), (0.1, 0.95), (-0.1, 0.1), (-3.0, -0.1), (1.05, 2.0))
NAMES = ("same", "part", "none", "worse", "better")


def task(kind: str = "regression", loss: float = 1.0, accuracy: float = 0.25) -> Any:
    """What is asked of a task: its kind, and its no-memory baseline."""
    return SimpleNamespace(kind=kind, baseline_loss=loss, baseline_accuracy=accuracy)


def scored(losses: Any, right: Any = 1.0, answers: Any = 1) -> Scored:
    """Scores of `N` examples."""
    return Scored(
        *(np.broadcast_to(np.asarray(each, float), N) for each in (losses, right, answers))
    )


@pytest.mark.parametrize("name", ["adding", "copy", "flip_flop", "digits"])
def test_the_examples_scores_are_the_tasks(name: str) -> None:
    """Their weighted means are the loss and the accuracy of all together, one answer or many."""
    made = make_task(name)
    batch = made.sample(12, 3)
    outputs = torch.randn(*batch.scored.shape, made.output_size, generator=torch.manual_seed(0))
    found = each_example(made, outputs, batch)
    assert found.loss == pytest.approx(float(made.loss(outputs, batch)), rel=1e-6)
    assert found.accuracy == pytest.approx(made.accuracy(outputs, batch))
    assert found.answers.sum() == int(batch.scored.sum())
    parts = list(parts_of(batch, 5))
    assert [len(part.marks) for part in parts] == [5, 5, 2]
    assert torch.equal(torch.cat([part.inputs for part in parts], dim=1), batch.inputs)


@pytest.mark.parametrize(("ends", "name"), list(zip(EXACT, NAMES, strict=True)))
def test_a_band_holds_the_whole_interval(ends: tuple[float, float], name: str) -> None:
    """At its very edges too; from fewer than 100 examples nothing follows."""
    assert by(Interval(np.mean(ends), *ends, 100)) == name
    assert by(Interval(np.mean(ends), *ends, 99)) == "undecided"


@pytest.mark.parametrize(
    ("low", "high", "expected", "reached"),
    [
        (0.93, 0.97, "undecided", {"part", "same"}),
        (0.09, 0.3, "undecided", {"none", "part"}),
        (-0.3, 0.3, "undecided", {"worse", "none", "part"}),
        (-0.3, 0.04, "none", {"worse", "none"}),
        (0.99, 1.2, "undecided", {"same", "better"}),
        (1.0, 1.0, "same", {"same"}),
    ],
)
def test_an_interval_over_an_edge(low: float, high: float, expected: str, reached: set) -> None:
    """Undecided, but no better than the baseline where it is that or worse."""
    found = Interval((low + high) / 2, low, high, N)
    assert bands(found) == reached
    assert by(found) == expected


@pytest.mark.parametrize(
    ("after", "right", "outcome"),
    [
        (0.066 / 0.1667, 0.22, "part"),  # few right answers, and less than half the baseline's loss
        (0.035 / 0.1667, 0.1, "part"),
        (0.02, 1.0, "same"),
        (0.02, 0.5, "part"),  # the loss is as good as before, the right answers are not
        (1.0, 0.25, "none"),
        (1.11, 0.25, "worse"),
        (1.11, 1.0, "worse"),
    ],
)
def test_under_a_regression_the_loss_decides(after: float, right: float, outcome: str) -> None:
    """However few answers lie within the tolerance; what hardly matters costs none of them."""
    draw = np.random.default_rng(0)
    noise = draw.normal(0, 1e-3, N)
    correct = np.arange(N) < right * N
    found = kept_lead(scored(0.001), scored(after + noise, correct), task())
    assert found.outcome == outcome


@pytest.mark.parametrize(
    ("after", "right", "outcome"),
    [
        (0.01, 1.0, "same"),
        (0.01, 0.7, "part"),
        (0.4, 1.0, "same"),  # less sure, and right all the same
        (0.4, 0.7, "part"),
        (1.0, 0.25, "none"),
        (3.0, 0.25, "none"),
        (3.0, 0.0, "worse"),
        (3.0, 0.7, "part"),  # right more often than by guessing, and sure where it is wrong
        (0.4, 0.25, "none"),
        (0.4, 0.32, "undecided"),
    ],
)
def test_with_classes_the_accuracy_decides(after: float, right: float, outcome: str) -> None:
    """However sure the network is of its answers."""
    correct = np.arange(N) < right * N
    found = kept_lead(scored(0.001), scored(after, correct), task("classification"))
    assert found.outcome == outcome


def test_without_a_lead_there_is_nothing_to_lose() -> None:
    """Under a quarter of the way from the baseline to perfect, by the measure that decides."""
    few, enough = (np.arange(N) < right * N for right in (0.43, 0.45))
    for before, decided, kind in (
        (scored(0.76), False, "regression"),
        (scored(0.74), True, "regression"),
        (scored(0.1, few), False, "classification"),
        (scored(0.9, enough), True, "classification"),
    ):
        assert kept_lead(before, before, task(kind)).outcome == ("same" if decided else None)


def test_the_fraction_is_that_of_the_weighted_means() -> None:
    """With two answers in some examples; its interval is the paired one: what both share is out."""
    draw = np.random.default_rng(1)
    answers = draw.integers(1, 4, N)
    hard = draw.exponential(1.0, N) * answers
    before, after = scored(0.1 * hard, 0, answers), scored(0.4 * hard, 0, answers)
    found = kept_lead(before, after, task(loss=2.0)).loss
    assert found is not None
    assert found.estimate == pytest.approx((2 - after.loss) / (2 - before.loss), rel=1e-12)
    apart = 1.96 * (0.4 * hard / answers).std() / np.sqrt(N) / 1.9
    assert found.high - found.low < 2 * apart


@pytest.mark.parametrize("kept", [0.95, 0.1, -0.1])
def test_a_network_at_an_edge_is_seldom_told_to_lie_beyond_it(kept: float) -> None:
    """In at most 7 of 100 draws of the examples; a clear difference is found in nearly all."""
    draw = np.random.default_rng(7)
    found, clear = [], []
    for _ in range(400):
        before = draw.exponential(0.1, N)
        noise = draw.exponential(0.3, N) - 0.3
        lead = 1 - 0.1
        at = scored(1 - kept * lead + noise)
        off = scored(1 - (kept - 0.3) * lead + noise)
        found.append(kept_lead(scored(before), at, task()).outcome)
        clear.append(kept_lead(scored(before), off, task()).outcome)
    wrong = {0.95: ("part", "same"), 0.1: ("none", "part"), -0.1: ("worse",)}[kept]
    for outcome in wrong:
        assert np.mean([each == outcome for each in found]) <= 0.07
    right = "part" if kept > 0.5 else "worse"
    assert np.mean([each == right for each in clear]) > 0.95


@pytest.mark.parametrize("odd", [np.nan, np.inf])
@pytest.mark.parametrize("kind", ["regression", "classification"])
def test_a_loss_that_is_no_number_decides_nothing(kind: str, odd: float) -> None:
    """Of one example or of all; right answers can still be counted."""
    some = np.where(np.arange(N) == 7, odd, 0.1)
    for losses in (odd, some):
        found = kept_lead(scored(0.1), scored(losses), task(kind))
        assert found.loss is not None
        assert np.isnan(found.loss.estimate)
        assert (found.loss.low, found.loss.high) == (-np.inf, np.inf)
        assert found.outcome == ("undecided" if kind == "regression" else "same")


@pytest.mark.parametrize("kind", ["regression", "classification"])
def test_where_remembering_nothing_is_perfect_there_is_no_lead(kind: str) -> None:
    """As where all answers are the same: nothing is divided by 0."""
    found = kept_lead(scored(0.0), scored(0.5, 0.0), task(kind, loss=0.0, accuracy=1.0))
    assert (found.loss, found.accuracy, found.outcome) == (None, None, None)
