"""Variants of adding, and distractors apart from the delay."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gatescope.tasks import Batch, make_task

SEEDS = st.integers(0, 2**40)


def marked_steps(batch: Batch, b: int) -> list[int]:
    return [t for t, mark in enumerate(batch.inputs[:, b, 1].tolist()) if mark == 1]


@given(length=st.integers(2, 60), seed=SEEDS)
def test_anywhere_marks_two_different_steps(length: int, seed: int) -> None:
    """The target is their sum, at the end."""
    batch = make_task("adding", length=length, variant="anywhere").sample(4, seed)
    values = batch.inputs[..., 0].double()
    assert ((values >= 0) & (values < 1)).all()
    assert batch.inputs.shape[0] == length
    assert batch.scored[-1].all()
    for b in range(4):
        steps = marked_steps(batch, b)
        assert len(steps) == 2
        assert batch.inputs[:, b, 1].sum() == 2
        total = sum(values[t, b].item() for t in steps)
        assert batch.targets[-1, b].item() == pytest.approx(total, abs=1e-6)
        assert batch.marks[b] == tuple((t, f"{values[t, b]:.2f}") for t in steps)


def test_anywhere_draws_every_pair_as_often() -> None:
    """The ten pairs of five steps: 20,000 rows, four standard errors."""
    batch = make_task("adding", length=5, variant="anywhere").sample(20_000, 1)
    marked = batch.inputs[..., 1]
    for first in range(5):
        for second in range(first + 1, 5):
            share = (marked[first] * marked[second]).mean().item()
            assert share == pytest.approx(0.1, abs=0.0085)


@given(length=st.integers(22, 90), seed=SEEDS)
def test_hs97_is_as_hochreiter_and_schmidhuber_have_it(length: int, seed: int) -> None:
    """Windows, end marks, the value 0 at a marked first step, own lengths, zeros beyond."""
    task = make_task("adding", length=length, variant="hs97")
    assert task.length == length + length // 10
    assert task.value_range == (-1, 1)
    batch = task.sample(6, seed)
    for b in range(6):
        values, markers = batch.inputs[:, b].double().unbind(-1)
        (end,) = batch.scored[:, b].nonzero().flatten().tolist()
        assert length <= end + 1 <= length + length // 10
        steps = marked_steps(batch, b)
        assert len(steps) == 2
        assert steps[0] < 10
        assert steps[1] < length // 2 - 1
        others = {t: m for t, m in enumerate(markers.tolist()) if m != 0 and t not in steps}
        assert others == {t: -1 for t in (0, end) if t not in steps}
        assert end not in steps
        assert (values.abs() <= 1).all()
        assert (batch.inputs[end + 1 :, b] == 0).all()
        if 0 in steps:
            assert values[0] == 0
        total = sum(values[t].item() for t in steps)
        assert batch.targets[end, b].item() == pytest.approx(0.5 + total / 4, abs=1e-6)
        assert batch.marks[b] == tuple((t, f"{values[t]:.2f}") for t in steps)


def test_hs97_draws_lengths_and_marks_as_often_as_it_says() -> None:
    """60 steps: lengths 60 to 66; the first mark of 10, the second of 29 but the first one."""
    batch = make_task("adding", length=60, variant="hs97").sample(20_000, 1)
    ends = batch.scored.double().mean(1)
    assert ends[:59].sum() == 0
    assert ends[59:].tolist() == pytest.approx([1 / 7] * 7, abs=0.01)
    share = (batch.inputs[..., 1] == 1).double().mean(1)
    early = 1 / 10 + 9 / 10 / 28
    assert share[:10].tolist() == pytest.approx([early] * 10, abs=0.0096)
    assert share[10:29].tolist() == pytest.approx([1 / 28] * 19, abs=0.0053)
    assert share[29:].sum() == 0
    values = batch.inputs[1:60, :, 0]
    assert values.mean().item() == pytest.approx(0, abs=0.003)
    assert values.var().item() == pytest.approx(1 / 3, abs=0.002)


@pytest.mark.parametrize("length", [22, 60, 300])
def test_always_half_scores_the_hs97_baseline(length: int) -> None:
    """100,000 rows: four standard errors, which the rows themselves tell."""
    task = make_task("adding", length=length, variant="hs97")
    count = 100_000 if length < 100 else 20_000
    batch = task.sample(count, 4)
    squared = (batch.targets[batch.scored].double() - 0.5) ** 2
    error = 4 * squared.std().item() / math.sqrt(count)
    assert squared.mean().item() == pytest.approx(task.baseline_loss, abs=error)
    outputs = torch.full_like(batch.targets, 0.5)
    spread = 4 * math.sqrt(task.baseline_accuracy / count)
    assert task.accuracy(outputs, batch) == pytest.approx(task.baseline_accuracy, abs=spread)


def test_the_hs97_baseline_in_closed_form() -> None:
    """Two values, or one: densities integrated on a grid, weighted as the windows have it."""
    task = make_task("adding", length=60, variant="hs97")
    grid = (torch.arange(4_000, dtype=torch.float64) + 0.5) / 2_000 - 1
    both = (0.5 + (grid.unsqueeze(0) + grid.unsqueeze(1)) / 4).flatten()
    one = 0.5 + grid / 4
    first = sum(1 / 10 * (1 if k == 0 else 1 / 28) for k in range(10))

    def mean(score: torch.Tensor, other: torch.Tensor) -> float:
        return (1 - first) * score.mean().item() + first * other.mean().item()

    loss = mean((both - 0.5) ** 2, (one - 0.5) ** 2)
    assert task.baseline_loss == pytest.approx(loss, rel=1e-6)
    near = mean(((both - 0.5).abs() < 0.04).double(), ((one - 0.5).abs() < 0.04).double())
    assert task.baseline_accuracy == pytest.approx(near, rel=2e-3)


@given(
    variant=st.sampled_from(["halves", "anywhere", "hs97"]),
    length=st.integers(22, 60),
    data=st.data(),
    seed=SEEDS,
)
def test_adding_with_few_distractors(
    variant: str, length: int, data: st.DataObject, seed: int
) -> None:
    """So many values besides the marked ones; the row is otherwise the one without the option."""
    count = data.draw(st.integers(0, length - 2))
    task = make_task("adding", length=length, variant=variant, distractors=count)
    batch = task.sample(3, seed)
    full = make_task("adding", length=length, variant=variant).sample(3, seed)
    assert torch.equal(batch.inputs[..., 1], full.inputs[..., 1])
    assert torch.equal(batch.targets, full.targets)
    assert batch.marks == full.marks
    kept = batch.inputs[..., 0] != 0
    assert torch.equal(batch.inputs[..., 0][kept], full.inputs[..., 0][kept])
    for b in range(3):
        others = set(kept[:, b].nonzero().flatten().tolist()) - set(marked_steps(batch, b))
        assert len(others) == count  # a value that is drawn as exactly 0 would be a rare surprise


@given(delay=st.integers(1, 40), data=st.data(), seed=SEEDS)
def test_delayed_recall_with_few_distractors(delay: int, data: st.DataObject, seed: int) -> None:
    """First symbol, question, target and size stay; between, so many steps hold a symbol."""
    count = data.draw(st.integers(0, delay - 1))
    task = make_task("delayed_recall", delay=delay, symbols=5, distractors=count)
    full = make_task("delayed_recall", delay=delay, symbols=5)
    assert (task.input_size, task.output_size) == (full.input_size, full.output_size)
    batch, other = task.sample(3, seed), full.sample(3, seed)
    assert torch.equal(batch.targets, other.targets)
    assert batch.marks == other.marks
    assert torch.equal(batch.inputs[[0, -1]], other.inputs[[0, -1]])
    for b in range(3):
        letters = task.spell(batch.inputs[:, b])
        assert sum(letter != "·" for letter in letters[1:-1]) == count
        for t, letter in enumerate(letters):
            if letter == "·":
                assert (batch.inputs[t, b] == 0).all()
            else:
                assert torch.equal(batch.inputs[t, b], other.inputs[t, b])


def test_every_step_holds_a_distractor_as_often() -> None:
    """2 of 5 steps: 20,000 rows, four standard errors."""
    batch = make_task("delayed_recall", delay=6, symbols=4, distractors=2).sample(20_000, 2)
    held = batch.inputs.sum(-1).mean(1)
    assert held.tolist() == pytest.approx([1, *[0.4] * 5, 1], abs=0.014)
    # that they be drawn independently of one another is not wanted: exactly two, so each pair
    pairs = torch.combinations(torch.arange(1, 6))
    full = batch.inputs.sum(-1)
    share = torch.stack([(full[a] * full[b]).mean() for a, b in pairs])
    torch.testing.assert_close(share, torch.full((10,), 0.1), rtol=0, atol=0.0085)


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("adding", {"variant": "thirds"}, "variant must be one of halves, anywhere, hs97, got 'th"),
        ("adding", {"variant": None}, "variant must be one of halves, anywhere, hs97, got None"),
        ("adding", {"variant": "hs97", "length": 21}, "length must be at least 22 .*got 21"),
        ("adding", {"variant": "anywhere", "length": 1}, "length must be at least 2 .*got 1"),
        ("adding", {"length": 9, "distractors": 8}, "distractors must be 0 to 7 .*got 8"),
        ("adding", {"distractors": -1}, "distractors must be 0 to 48 .*got -1"),
        ("delayed_recall", {"delay": 9, "distractors": 9}, "distractors must be 0 to 8 .*got 9"),
        ("delayed_recall", {"distractors": 1.5}, "distractors must be 0 to 19 .*got 1.5"),
        ("copy", {"variant": "hs97"}, "variant must be one of arjovsky, bai, got 'hs97'"),
        ("copy", {"delay": 0}, "delay must be at least 1 .*got 0"),
        ("noise_free_lag", {"variant": "all"}, "variant must be one of last, hs97, got 'all'"),
        ("noise_free_lag", {"delay": 1}, "delay must be at least 2 .*got 1"),
        ("parity", {"length": 1}, "length must be at least 2 .*got 1"),
        ("flip_flop", {"length": 1}, "length must be at least 2 .*got 1"),
        ("temporal_order", {"variant": "hs97"}, "task 'temporal_order'.*'variant'"),
    ],
)
def test_errors_name_the_value(name: str, options: dict[str, object], words: str) -> None:
    """What was given, and what there is."""
    with pytest.raises(ValueError, match=words):
        make_task(name, **options)
