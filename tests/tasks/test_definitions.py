"""Each task from its own definition: where the marks lie, and what the target is."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gatescope.tasks import make_task

SEEDS = st.integers(0, 2**40)


@given(length=st.integers(2, 60), seed=SEEDS)
def test_adding_sums_the_two_marked_values(length: int, seed: int) -> None:
    """One mark in each half; values in [0, 1); the target is their sum, the labels the values."""
    batch = make_task("adding", length=length).sample(4, seed)
    values, marked = batch.inputs.double().unbind(-1)
    assert ((values >= 0) & (values < 1)).all()
    for b in range(4):
        steps = [t for t in range(length) if marked[t, b] == 1]
        assert marked[:, b].sum() == 2
        assert len(steps) == 2
        assert steps[0] < length // 2 <= steps[1]
        total = sum(values[t, b].item() for t in steps)
        assert batch.targets[-1, b].item() == pytest.approx(total, abs=1e-6)  # a float32 sum
        assert batch.marks[b] == tuple((t, f"{values[t, b]:.2f}") for t in steps)


def test_adding_places_its_marks_and_values_evenly() -> None:
    """Every step of a half is marked as often; values have the mean 1/2 and variance 1/12."""
    batch = make_task("adding", length=9).sample(20_000, 5)
    share = batch.inputs[..., 1].mean(1)
    expected = torch.tensor([1 / 4] * 4 + [1 / 5] * 5)
    torch.testing.assert_close(share, expected, rtol=0, atol=0.015)  # 4 standard errors
    values = batch.inputs[..., 0]
    assert values.mean().item() == pytest.approx(0.5, abs=0.003)
    assert values.var().item() == pytest.approx(1 / 12, abs=0.001)


def test_the_adding_baselines_in_closed_form() -> None:
    """The sum of two U[0, 1] has the density 1 - |s - 1|: integrated here on a fine grid."""
    task = make_task("adding")
    cells = 200_000
    s = (torch.arange(2 * cells, dtype=torch.float64) + 0.5) / cells
    density = (1 - (s - 1).abs()) / cells
    assert density.sum().item() == pytest.approx(1, rel=1e-9)
    squared = (density * (s - 1) ** 2).sum().item()
    assert task.baseline_loss == pytest.approx(squared, rel=1e-9)
    near = density[(s - 1).abs() < 0.04].sum().item()
    assert task.baseline_accuracy == pytest.approx(near, rel=1e-9)


@pytest.mark.parametrize(
    ("error", "right"), [(0, True), (0.039, True), (-0.039, True), (0.041, False), (-0.041, False)]
)
def test_an_adding_answer_counts_as_right_below_004(error: float, right: bool) -> None:
    """Hochreiter & Schmidhuber's criterion, either side."""
    task = make_task("adding", length=5)
    batch = task.sample(3, 0)
    answers = batch.targets.double() + error
    assert task.correct(answers, batch).tolist() == [right] * 3
    assert task.loss(answers, batch).item() == pytest.approx(error**2, rel=1e-5, abs=1e-12)


@given(delay=st.integers(1, 40), symbols=st.integers(2, 26), seed=SEEDS)
def test_delayed_recall_asks_for_the_first_symbol(delay: int, symbols: int, seed: int) -> None:
    """The question stands at the end and nowhere else, ``delay`` steps after the symbol."""
    task = make_task("delayed_recall", delay=delay, symbols=symbols)
    batch = task.sample(4, seed)
    assert batch.inputs.shape[0] == delay + 1
    assert (batch.inputs[-1, :, symbols] == 1).all()
    assert (batch.inputs[:-1, :, symbols] == 0).all()
    for b in range(4):
        (first,) = batch.inputs[0, b].nonzero().flatten().tolist()
        assert batch.targets[-1, b] == first
        assert batch.marks[b] == ((0, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[first]), (delay, "?"))
    assert task.baseline_loss == pytest.approx(math.log(symbols))
    assert task.baseline_accuracy == 1 / symbols


def test_delayed_recall_draws_every_symbol_as_often() -> None:
    """At the first step from the alphabet, between from the one of the distractors."""
    task = make_task("delayed_recall", delay=3, symbols=5)
    share = task.sample(20_000, 1).inputs[:-1].mean(1)
    expected = torch.zeros(3, 11)
    expected[0, :5] = expected[1:, 6:] = 0.2
    torch.testing.assert_close(share, expected, rtol=0, atol=0.012)
    assert task.symbols == (*"ABCDE", "?", *"abcde")


def test_delayed_recall_with_noise_of_the_same_alphabet() -> None:
    """Then only its place tells the first symbol from the rest."""
    task = make_task("delayed_recall", delay=3, symbols=5, noise="same")
    share = task.sample(20_000, 1).inputs[:-1].mean(1)
    torch.testing.assert_close(share[:, :5], torch.full((3, 5), 0.2), rtol=0, atol=0.012)
    assert task.input_size == 6


@given(length=st.integers(10, 200), seed=SEEDS)
def test_temporal_order_has_its_windows_and_four_classes(length: int, seed: int) -> None:
    """One of X and Y in [.1 L, .2 L) and one in [.5 L, .6 L), bounds rounded down."""
    batch = make_task("temporal_order", length=length).sample(4, seed)
    codes = batch.inputs.argmax(-1)
    for b in range(4):
        steps = [t for t in range(length) if codes[t, b] < 2]
        assert len(steps) == 2
        assert length // 10 <= steps[0] < 2 * length // 10
        assert 5 * length // 10 <= steps[1] < 6 * length // 10
        pair = "".join("XY"[codes[t, b]] for t in steps)
        assert batch.targets[-1, b] == ["XX", "XY", "YX", "YY"].index(pair)
        assert batch.marks[b] == tuple((t, "XY"[codes[t, b]]) for t in steps)


def test_temporal_order_draws_all_alike() -> None:
    """Four classes, every step of a window, and the distractors a to d: each as often."""
    batch = make_task("temporal_order", length=40).sample(20_000, 2)
    classes = torch.bincount(batch.targets[-1]) / 20_000
    torch.testing.assert_close(classes, torch.full((4,), 0.25), rtol=0, atol=0.013)
    special = batch.inputs[..., :2].sum(-1).mean(1)
    expected = torch.zeros(40)
    expected[4:8] = expected[20:24] = 0.25
    torch.testing.assert_close(special, expected, rtol=0, atol=0.013)
    others = batch.inputs[[0, 12, 30]].mean(1)[:, 2:]
    torch.testing.assert_close(others, torch.full((3, 4), 0.25), rtol=0, atol=0.013)
