"""Copy, noise-free lag and parity from their own definitions."""

import itertools
import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gatescope.tasks import make_task

SEEDS = st.integers(0, 2**40)
VARIANTS = st.sampled_from(["arjovsky", "bai"])


@given(delay=st.integers(1, 60), variant=VARIANTS, seed=SEEDS)
def test_copy_repeats_ten_symbols_after_the_marker(delay: int, variant: str, seed: int) -> None:
    """Row by row, written out as the papers do, with 0 to 7 the symbols, 8 blank, 9 the marker."""
    task = make_task("copy", delay=delay, variant=variant)
    batch = task.sample(3, seed)
    assert task.length == delay + 20
    assert batch.scored.all()
    for b in range(3):
        codes = batch.inputs[:, b].argmax(-1).tolist()
        shown = codes[:10]
        assert set(shown) <= set(range(8))
        ending = [9] + [9 if variant == "bai" else 8] * 10
        assert codes == shown + [8] * (delay - 1) + ending
        assert batch.targets[:, b].tolist() == [8] * (delay + 10) + shown
        labels = "".join(str(code + 1) for code in shown) + ":"
        steps = [*range(10), delay + 9]
        assert batch.marks[b] == tuple(zip(steps, labels, strict=True))
        spelt = [*labels[:10], *"·" * (delay - 1), *(":·"[k == 8] for k in ending)]
        assert task.spell(batch.inputs[:, b]) == tuple(spelt)


def test_copy_draws_every_symbol_as_often() -> None:
    """At each of the ten steps."""
    share = make_task("copy", delay=1).sample(20_000, 4).inputs[:10].mean(1)[:, :8]
    torch.testing.assert_close(share, torch.full((10, 8), 1 / 8), rtol=0, atol=0.011)


@pytest.mark.parametrize("variant", ["arjovsky", "bai"])
@pytest.mark.parametrize(("delay", "published"), [(100, 0.1733), (500, 0.0400), (1000, 0.0204)])
def test_the_copy_baseline_is_the_published_one(variant: str, delay: int, published: float) -> None:
    """As printed for T = 100, 500 and 1000."""
    task = make_task("copy", delay=delay, variant=variant)
    assert task.baseline_loss == pytest.approx(published, abs=5e-5)


@pytest.mark.parametrize("variant", ["arjovsky", "bai"])
def test_blank_and_then_a_guess_scores_the_copy_baseline(variant: str) -> None:
    """The strategy itself: the loss exactly, the accuracy within four standard errors."""
    task = make_task("copy", delay=7, variant=variant)
    count = 5_000
    batch = task.sample(count, 8)
    outputs = torch.full((27, count, 9), -1e9, dtype=torch.float64)
    outputs[:17, :, 8] = 0
    outputs[17:, :, :8] = 0
    assert task.loss(outputs, batch).item() == pytest.approx(task.baseline_loss, rel=1e-12)
    error = 4 * math.sqrt(10 * count * 7 / 64) / (27 * count)
    assert task.accuracy(outputs, batch) == pytest.approx(task.baseline_accuracy, abs=error)
    right = torch.full((27, count, 9), -1e9, dtype=torch.float64)
    right.scatter_(2, batch.targets.unsqueeze(-1), 0)
    assert task.accuracy(right, batch) == 1
    assert task.loss(right, batch).item() == pytest.approx(0, abs=1e-12)


@given(delay=st.integers(2, 40), every=st.booleans(), seed=SEEDS)
def test_the_noise_free_rows_differ_in_their_first_symbol(
    delay: int, every: bool, seed: int
) -> None:
    """(x, a1 ... x) or (y, a1 ... y): inputs all but its last, targets all but its first."""
    task = make_task("noise_free_lag", delay=delay, variant="hs97" if every else "last")
    assert (task.input_size, task.output_size, task.length) == (delay + 1, delay + 1, delay)
    batch = task.sample(5, seed)
    assert batch.scored.all(dim=1).tolist() == [every] * (delay - 1) + [True]
    assert batch.scored.any(dim=1).tolist() == [every] * (delay - 1) + [True]
    for b in range(5):
        first = task.spell(batch.inputs[:, b])[0]
        assert first in ("x", "y")
        whole = [first, *(f"a{k}" for k in range(1, delay)), first]
        assert list(task.spell(batch.inputs[:, b])) == whole[:-1]
        named = [task.classes[int(code)] for code in batch.targets[:, b]]
        assert [n for n, s in zip(named, batch.scored[:, b], strict=True) if s] == [
            n for n, s in zip(whole[1:], batch.scored[:, b], strict=True) if s
        ]
        assert batch.marks[b] == ((0, first),)


def test_x_and_y_come_as_often() -> None:
    """20,000 rows, four standard errors."""
    share = make_task("noise_free_lag").sample(20_000, 6).inputs[0].mean(0)
    assert share[:2].tolist() == pytest.approx([0.5, 0.5], abs=0.015)
    assert share[2:].sum() == 0


@pytest.mark.parametrize(("variant", "counted"), [("last", 1), ("hs97", 6)])
def test_the_noise_free_baseline_over_both_rows(variant: str, counted: int) -> None:
    """An oracle that knows the row but not its first symbol, over an x row and a y row."""
    task = make_task("noise_free_lag", delay=6, variant=variant)
    batch = task.sample(200, 0)
    codes = batch.inputs[0].argmax(-1)
    pair = [int((codes == code).nonzero()[0]) for code in (0, 1)]
    losses, right = [], []
    for b in pair:
        for t in range(6):
            if batch.scored[t, b]:
                guess = {0: 0.5, 1: 0.5} if t == 5 else {t + 2: 1.0}
                losses.append(-math.log(guess[int(batch.targets[t, b])]))
                right.append(max(guess, key=guess.__getitem__) == int(batch.targets[t, b]))
    assert len(losses) == 2 * counted
    assert task.baseline_loss == pytest.approx(sum(losses) / len(losses), rel=1e-12)
    assert task.baseline_accuracy == pytest.approx(sum(right) / len(right), rel=1e-12)


@given(length=st.integers(2, 60), seed=SEEDS)
def test_parity_is_the_exclusive_or_of_all_bits(length: int, seed: int) -> None:
    """Bit by bit; the marks are the ones."""
    task = make_task("parity", length=length)
    batch = task.sample(5, seed)
    for b in range(5):
        odd = False
        for letter in task.spell(batch.inputs[:, b]):
            odd ^= {"0": False, "1": True}[letter]
        assert task.classes[int(batch.targets[-1, b])] == str(int(odd))
        ones = [t for t in range(length) if batch.inputs[t, b, 1] == 1]
        assert batch.marks[b] == tuple((t, "1") for t in ones)


def test_parity_draws_fair_bits() -> None:
    """Each step, and each pair of neighbours: 20,000 rows, four standard errors."""
    bits = make_task("parity", length=6).sample(20_000, 9).inputs[..., 1]
    torch.testing.assert_close(bits.mean(1), torch.full((6,), 0.5), rtol=0, atol=0.015)
    both = (bits[1:] * bits[:-1]).mean(1)
    torch.testing.assert_close(both, torch.full((5,), 0.25), rtol=0, atol=0.013)


def test_the_parity_baseline_over_all_rows_of_five_bits() -> None:
    """Whichever last bit is seen, half of the 16 rows that end so are odd."""
    task = make_task("parity", length=5)
    rows = list(itertools.product((0, 1), repeat=5))
    for last in (0, 1):
        odd = [sum(row) % 2 for row in rows if row[-1] == last]
        share = sum(odd) / len(odd)
        entropy = -share * math.log(share) - (1 - share) * math.log(1 - share)
        assert task.baseline_loss == pytest.approx(entropy, rel=1e-12)
        assert task.baseline_accuracy == max(share, 1 - share)
