"""The linear probe on networks in which the input of k steps ago stands exactly, or not at all."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

import gatescope
from gatescope.analysis import final_state, linear_probe

PLACES, STEPS, EXAMPLES = 6, 12, 400


def shift_register(width: int) -> nn.RNN:
    """Place 0 takes the input, every other the one before it: the input of k ago is at k."""
    layer = nn.RNN(width, width * PLACES, nonlinearity="relu", bias=False).double()
    with torch.no_grad():
        layer.weight_ih_l0.zero_()
        layer.weight_hh_l0.zero_()
        for feature in range(width):
            layer.weight_ih_l0[feature, feature] = 1
            for place in range(1, PLACES):
                layer.weight_hh_l0[place * width + feature, (place - 1) * width + feature] = 1
    return layer


def state_of(layer: nn.RNNBase, inputs: torch.Tensor) -> np.ndarray:
    """The last state, through the recorder."""
    (leaf,) = gatescope.record(layer, inputs).leaves
    return final_state(leaf.to_dataset())


def test_a_shift_register_is_read_exactly_as_far_as_it_reaches() -> None:
    """R² 1 for the six steps it holds, nothing beyond; the shuffled probe reads nothing."""
    inputs = torch.rand(STEPS, EXAMPLES, 2, generator=torch.Generator().manual_seed(0)).double()
    states = state_of(shift_register(2), inputs)
    found = linear_probe(
        states, inputs.numpy(), range(STEPS), symbols=False, held_out=200, seed=0, strength=1e-6
    )
    np.testing.assert_allclose(found.score[:PLACES], 1, atol=1e-12)
    assert (found.score[PLACES:] < 0.05).all()
    assert (found.shuffled < 0.1).all()
    assert found.lags.tolist() == list(range(STEPS))


def test_an_orthogonal_network_holds_everything_mixed() -> None:
    """A rotated shift register: no unit holds an input, the probe unmixes it."""
    inputs = torch.rand(STEPS, EXAMPLES, 1, generator=torch.Generator().manual_seed(1)).double()
    states = state_of(shift_register(1), inputs)
    rotation = np.linalg.qr(np.random.default_rng(0).normal(size=(PLACES, PLACES)))[0]
    found = linear_probe(
        states @ rotation, inputs.numpy(), [0, 5, 6], symbols=False, held_out=200, seed=0,
        strength=1e-6,
    )  # fmt: skip
    np.testing.assert_allclose(found.score[:2], 1, atol=1e-9)
    assert found.score[2] < 0.05


def test_symbols_are_named_exactly_as_far_as_the_register_reaches() -> None:
    """Normalised accuracy: 1 where every symbol is named, near 0 beyond and when shuffled."""
    draw = torch.Generator().manual_seed(2)
    codes = torch.randint(0, 4, (STEPS, 2 * EXAMPLES), generator=draw)
    inputs = nn.functional.one_hot(codes, 4).double()
    states = state_of(shift_register(4), inputs)
    found = linear_probe(
        states, inputs.numpy(), range(STEPS), symbols=True, held_out=EXAMPLES, seed=3
    )
    np.testing.assert_array_equal(found.score[:PLACES], 1)
    assert np.abs(found.score[PLACES:]).max() < 0.15
    assert np.abs(found.shuffled).max() < 0.15


def test_no_symbol_is_a_symbol() -> None:
    """Blank steps (all zero) are told from the others, and count where they are most frequent."""
    codes = np.random.default_rng(7).integers(0, 4, (1, 400))
    inputs = np.concatenate([np.eye(3), np.zeros((1, 3))])[codes]
    found = linear_probe(inputs[0], inputs, [0], symbols=True, held_out=200, seed=0)
    assert found.score.tolist() == [1]


def test_the_share_that_is_read_is_r_squared() -> None:
    """Half the variance is noise: 1/2 is read, by numpy's least squares too."""
    draw = np.random.default_rng(4)
    signal, noise = draw.normal(size=(2, 20_000))
    states, inputs = (signal + noise)[:, None], signal[None, :, None]
    found = linear_probe(states, inputs, [0], symbols=False, held_out=10_000, seed=0)
    slope = np.polyfit(states[:10_000, 0], signal[:10_000], 1)
    error = signal[10_000:] - np.polyval(slope, states[10_000:, 0])
    assert found.score[0] == pytest.approx(1 - error.var() / signal[10_000:].var(), abs=1e-4)
    assert found.score[0] == pytest.approx(0.5, abs=0.02)


def test_the_seed_decides_the_shuffle_alone() -> None:
    """Same seed, same numbers; another one changes what chance reads."""
    draw = np.random.default_rng(5)
    states, inputs = draw.normal(size=(50, 3)), draw.normal(size=(4, 50, 1))

    def probe(seed: int) -> tuple[list[float], list[float]]:
        found = linear_probe(states, inputs, [0, 3], symbols=False, held_out=20, seed=seed)
        return found.score.tolist(), found.shuffled.tolist()

    assert probe(1) == probe(1)
    assert probe(1)[0] == probe(2)[0]
    assert probe(1)[1] != probe(2)[1]


@pytest.mark.parametrize("symbols", [False, True])
def test_an_input_that_never_varies_has_no_score(symbols: bool) -> None:
    """The question mark at the end of delayed recall: there is nothing to read."""
    states = np.random.default_rng(6).normal(size=(20, 2))
    inputs = np.zeros((1, 20, 3))
    inputs[..., 2] = 1
    found = linear_probe(states, inputs, [0], symbols=symbols, held_out=10, seed=0)
    assert math.isnan(found.score[0])


def test_the_last_state_is_h_and_c_of_each_sequences_own_end() -> None:
    """Packed, reversed, and both states of an LSTM, against torch's own h_n and c_n."""
    layer = nn.LSTM(2, 3, bidirectional=True).double()
    inputs = pack_padded_sequence(
        torch.randn(5, 2, 2).double(), [5, 3], enforce_sorted=False
    )  # fmt: skip
    trace = gatescope.record(layer, inputs)
    _, (hidden, cell) = layer(inputs)
    for number, name in enumerate(("lstm/l0", "lstm/l0_reverse")):
        found = final_state(trace[name].to_dataset())
        expected = torch.cat([hidden[number], cell[number]], dim=-1).detach()
        np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_what_does_not_fit_is_refused() -> None:
    """Another number of examples, a lag beyond the beginning, nothing left to fit."""
    states, inputs = np.zeros((10, 1)), np.zeros((4, 10, 1))
    given = {"symbols": False, "seed": 0}
    with pytest.raises(ValueError, match="9 examples, inputs of 10"):
        linear_probe(states[:9], inputs, [0], held_out=5, **given)
    with pytest.raises(ValueError, match="a lag must be 0 to 3, got 4"):
        linear_probe(states, inputs, [4], held_out=5, **given)
    with pytest.raises(ValueError, match="held_out must be 2 to 8"):
        linear_probe(states, inputs, [0], held_out=9, **given)


def test_the_control_is_a_mean_over_shuffles() -> None:
    """Twenty unless said otherwise: each by numpy's own least squares, on the seed's shuffles."""
    draw = np.random.default_rng(8)
    states, inputs = draw.normal(size=(120, 4)), draw.normal(size=(3, 120, 1))
    given: dict[str, Any] = {"symbols": False, "held_out": 40, "seed": 5, "strength": 1e-9}
    one = linear_probe(states, inputs, [0, 2], shuffles=1, **given).shuffled
    more = linear_probe(states, inputs, [0, 2], **given).shuffled
    scaled = (states - states[:80].mean(0)) / states[:80].std(0)
    known = np.c_[scaled, np.ones(120)]
    past = inputs[[2, 0], :, 0].T
    orders = np.random.default_rng(5)
    scores = []
    for _ in range(20):
        weights = np.linalg.lstsq(known[orders.permutation(80)], past[:80], rcond=None)[0]
        error = ((past[80:] - known[80:] @ weights) ** 2).sum(0)
        scores.append(1 - error / ((past[80:] - past[80:].mean(0)) ** 2).sum(0))
    np.testing.assert_allclose(one, scores[0], atol=1e-9)
    np.testing.assert_allclose(more, np.mean(scores, axis=0), atol=1e-9)


def test_the_control_hardly_depends_on_its_seed() -> None:
    """Its spread over seeds is that of one shuffle over the root of twenty."""
    draw = np.random.default_rng(9)
    states, inputs = draw.normal(size=(200, 16)), draw.normal(size=(1, 200, 1))

    def spread(shuffles: int) -> float:
        found = [
            linear_probe(
                states, inputs, [0], symbols=False, held_out=100, seed=seed, shuffles=shuffles
            ).shuffled[0]
            for seed in range(60)
        ]
        return float(np.std(found))

    assert spread(20) == pytest.approx(spread(1) / math.sqrt(20), rel=0.35)


def test_held_out_states_do_not_scale_the_probe() -> None:
    """What is held out may be anything: another held-out example moves no other's answer.

    The symbol of a unit whose held-out values are a thousand times as large is still read by the
    sign, and the ridge weighs it as the fitted examples do: by numpy, in closed form.
    """
    draw = np.random.default_rng(10)
    states = draw.normal(size=(60, 2))
    states[40:, 1] *= 1000
    inputs = (states[:, 0] + 0.5 * draw.normal(size=60))[None, :, None]
    found = linear_probe(states, inputs, [0], symbols=False, held_out=20, seed=0, strength=30.0)
    mean, spread = states[:40].mean(0), states[:40].std(0)
    scaled, past = (states - mean) / spread, inputs[0]
    centred = past[:40] - past[:40].mean()
    weights = np.linalg.solve(scaled[:40].T @ scaled[:40] + 30 * np.eye(2), scaled[:40].T @ centred)
    said = scaled[40:] @ weights + past[:40].mean()
    expected = 1 - ((past[40:] - said) ** 2).sum() / ((past[40:] - past[40:].mean()) ** 2).sum()
    assert found.score[0] == pytest.approx(expected, rel=1e-9)


def test_sequences_of_their_own_lengths_are_read_from_their_own_end() -> None:
    """A shift register over a packed batch, against each length alone; NaN where too few reach."""
    draw = torch.Generator().manual_seed(12)
    inputs = torch.rand(STEPS, EXAMPLES, 1, generator=draw).double()
    lengths = torch.randint(3, STEPS + 1, (EXAMPLES,), generator=draw)
    lengths[[0, 1, -1, -2]] = STEPS
    packed = pack_padded_sequence(inputs, lengths, enforce_sorted=False)
    (leaf,) = gatescope.record(shift_register(1), packed).leaves
    states = final_state(leaf.to_dataset())
    filled = inputs.clone()
    filled[torch.arange(STEPS)[:, None] >= lengths] = 1e6  # nobody looks past an end
    found = linear_probe(
        states, filled.numpy(), range(STEPS), symbols=False, held_out=200, seed=0, strength=1e-6,
        lengths=lengths.numpy(),
    )  # fmt: skip
    np.testing.assert_allclose(found.score[:PLACES], 1, atol=1e-12)
    assert (found.score[PLACES:] < 0.2).all()
    reach = (lengths > 4).numpy()
    some = inputs.numpy()[lengths.numpy()[reach] - 1 - 4, np.flatnonzero(reach)]
    held_out = int(reach[200:].sum())
    alone = linear_probe(
        states[reach], some[None], [0], symbols=False, held_out=held_out, seed=0, strength=1e-6
    )
    assert found.score[4] == pytest.approx(alone.score[0], abs=1e-12)
    few = linear_probe(
        states[:4], inputs[:, :4].numpy(), [1, 11], symbols=False, held_out=2, seed=0,
        lengths=np.array([12, 12, 12, 5]),
    )  # fmt: skip
    one = linear_probe(
        states[:6], inputs[:, :6].numpy(), [11], symbols=False, held_out=3, seed=0,
        lengths=np.array([12, 5, 5, 12, 12, 12]),
    )  # fmt: skip
    assert math.isnan(one.score[0])  # one example is fitted
    assert not math.isnan(few.score[0])
    assert math.isnan(few.score[1])
    assert math.isnan(few.shuffled[1])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"shuffles": 0}, "shuffles must be at least 1, got 0"),
        ({"lengths": np.array([3, 4])}, r"lengths must be 8 numbers from 1 to 4, got \[3, 4\]"),
        ({"lengths": np.array([0, *[4] * 7])}, "lengths must be 8 numbers from 1 to 4"),
        ({"lengths": np.array([5, *[4] * 7])}, "lengths must be 8 numbers from 1 to 4"),
    ],
)
def test_options_that_do_not_fit_are_refused(options: dict[str, Any], message: str) -> None:
    """By value, and what was expected."""
    given = {"symbols": False, "held_out": 4, "seed": 0} | options
    with pytest.raises(ValueError, match=message):
        linear_probe(np.zeros((8, 2)), np.zeros((4, 8, 1)), [0], **given)


@pytest.mark.parametrize("value", [0.1, 0.3, 1e200, 0.0])
def test_an_input_that_stays_where_it_is_has_no_score(value: float) -> None:
    """The mean of many tenths is no tenth: rounding is no variance. A state may stay so too."""
    draw = np.random.default_rng(3)
    states, inputs = draw.normal(size=(60, 3)), draw.normal(size=(2, 60, 1))
    inputs[1] = value
    found = linear_probe(states, inputs, [0, 1], symbols=False, held_out=20, seed=0)
    assert np.isnan(found.score).tolist() == [True, False]
    assert np.isnan(found.shuffled).tolist() == [True, False]
    still = np.c_[states, np.full(60, value)]
    beside = linear_probe(still, inputs, [1], symbols=False, held_out=20, seed=0)
    assert beside.score == pytest.approx(found.score[1:], rel=1e-9)


@pytest.mark.parametrize("scale", [1e-200, 1e200])
def test_the_size_of_states_and_inputs_does_not_matter(scale: float) -> None:
    """Of either, though their squares are 0 or infinite."""
    draw = np.random.default_rng(4)
    states, inputs = draw.normal(size=(60, 3)), draw.normal(size=(1, 60, 1))
    states[:, 0] += inputs[0, :, 0]
    given: dict[str, Any] = {"symbols": False, "held_out": 20, "seed": 0}
    expected = linear_probe(states, inputs, [0], **given).score
    assert linear_probe(states * scale, inputs, [0], **given).score == pytest.approx(expected)
    assert linear_probe(states, inputs * scale, [0], **given).score == pytest.approx(expected)


@pytest.mark.parametrize("odd", [math.nan, math.inf])
def test_numbers_that_are_not_finite_are_refused(odd: float) -> None:
    """By value; past a sequence's end nobody looks."""
    states, inputs = np.ones((8, 2)), np.ones((4, 8, 1))
    states[3, 1] = inputs[3, 5] = odd
    given: dict[str, Any] = {"symbols": False, "held_out": 4, "seed": 0}
    with pytest.raises(ValueError, match=f"every state must be finite, got {odd}"):
        linear_probe(states, np.ones((4, 8, 1)), [0], **given)
    with pytest.raises(ValueError, match=f"every input that is read must be finite, got {odd}"):
        linear_probe(np.ones((8, 2)), inputs, [0], **given)
    linear_probe(np.ones((8, 2)), inputs, [0], **given, lengths=np.full(8, 3))
