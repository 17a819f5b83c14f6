"""The 3-bit flip-flop from its own definition."""

import itertools
import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gatescope.tasks import make_task


@given(
    length=st.integers(2, 60),
    chance=st.sampled_from([0, 0.1, 0.5, 0.99]),
    seed=st.integers(0, 2**40),
)
def test_each_output_is_the_last_pulse_of_its_channel(
    length: int, chance: float, seed: int
) -> None:
    """Read from left to right; a pulse in every channel at step 0; marks where there are pulses."""
    batch = make_task("flip_flop", length=length, pulse_chance=chance).sample(3, seed)
    assert batch.scored.all()
    assert set(batch.inputs.unique().tolist()) <= {-1.0, 0.0, 1.0}
    assert (batch.inputs[0] != 0).all()
    for b in range(3):
        held = [0.0, 0.0, 0.0]
        marks = []
        for t in range(length):
            pulses = batch.inputs[t, b].tolist()
            held = [new or old for new, old in zip(pulses, held, strict=True)]
            assert batch.targets[t, b].tolist() == held
            if any(pulses):
                marks.append((t, "".join({1: "+", -1: "−", 0: "·"}[p] for p in pulses)))
        assert batch.marks[b] == tuple(marks)


def test_pulses_come_with_their_chance_and_either_sign() -> None:
    """Every later step of every channel: 20,000 rows, about four standard errors."""
    pulses = make_task("flip_flop", length=5, pulse_chance=0.3).sample(20_000, 3).inputs
    torch.testing.assert_close(
        pulses[1:].abs().mean(1), torch.full((4, 3), 0.3), rtol=0, atol=0.014
    )
    torch.testing.assert_close(pulses.mean(1), torch.zeros(5, 3), rtol=0, atol=0.03)
    together = (pulses[1:, :, 0] * pulses[1:, :, 1]).abs().mean(1)
    torch.testing.assert_close(together, torch.full((4,), 0.09), rtol=0, atol=0.009)


@pytest.mark.parametrize(("length", "chance"), [(2, 0.5), (3, 0.25), (4, 0)])
def test_the_baseline_by_enumeration(length: int, chance: float) -> None:
    """Every row of one channel with its weight: what the present pulse says, and no more.

    The best answer to a present input is the weighted mean (loss) or the likelier sign (accuracy)
    of the targets that go with it; three independent channels make the accuracy its cube.
    """
    task = make_task("flip_flop", length=length, pulse_chance=chance)
    loss = accuracy = 0.0
    for t in range(length):
        weights: dict[int, dict[int, float]] = {}
        for row in itertools.product((-1, 0, 1), repeat=t):
            for first in (-1, 1):
                pulses = (first, *row)
                weight = 0.5 * math.prod(chance / 2 if p else 1 - chance for p in row)
                held = next(p for p in reversed(pulses) if p)
                seen = weights.setdefault(pulses[-1], {-1: 0.0, 1: 0.0})
                seen[held] += weight
        assert sum(w for seen in weights.values() for w in seen.values()) == pytest.approx(1)
        right = 0.0
        for seen in weights.values():
            total = sum(seen.values())
            if total:
                mean = (seen[1] - seen[-1]) / total
                loss += sum(w * (held - mean) ** 2 for held, w in seen.items()) / length
                right += max(seen.values())
        accuracy += right**3 / length
    assert task.baseline_loss == pytest.approx(loss, rel=1e-12)
    assert task.baseline_accuracy == pytest.approx(accuracy, rel=1e-12)


def test_echoing_the_input_scores_the_baseline_loss() -> None:
    """And a guess where there is no pulse the accuracy: 4,000 rows of 20 steps."""
    task = make_task("flip_flop", length=20)
    batch = task.sample(4_000, 12)
    seen = batch.inputs.double()
    # the shares of steps without a pulse vary by sqrt(.9 * .1 / (3 * 19 * 4000)) = .0006
    assert task.loss(seen, batch).item() == pytest.approx(task.baseline_loss, abs=0.0026)
    guess = torch.where(seen == 0, 1.0, seen)
    # a row's steps hang together: the standard error is below that of one guess a row, .5/sqrt(n)
    assert task.accuracy(guess, batch) == pytest.approx(task.baseline_accuracy, abs=0.02)
    assert task.accuracy(batch.targets, batch) == 1


@pytest.mark.parametrize(
    ("error", "right"), [(0.0, True), (0.49, True), (-0.49, True), (0.51, False), (-2.0, False)]
)
def test_all_three_outputs_must_be_right(error: float, right: bool) -> None:
    """One channel that is off makes the step wrong, and that step alone."""
    task = make_task("flip_flop", length=4)
    batch = task.sample(2, 0)
    outputs = batch.targets.double()
    outputs[2, 1, 1] += error
    found = task.correct(outputs, batch).reshape(4, 2)
    expected = torch.ones(4, 2, dtype=torch.bool)
    expected[2, 1] = right
    assert torch.equal(found, expected)
    assert task.loss(outputs, batch).item() == pytest.approx(error**2 / 24, abs=1e-12)


@pytest.mark.parametrize("chance", [1, -0.1, math.nan, "often", True, None])
def test_a_chance_that_is_none_is_refused(chance: object) -> None:
    """With its value and what it may be."""
    with pytest.raises(ValueError, match=r"pulse_chance must be at least 0 and less than 1 .*got"):
        make_task("flip_flop", pulse_chance=chance)
