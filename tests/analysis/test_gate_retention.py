"""The gates' product over the lag, through a network built so that it is known at every lag."""

import math

import numpy as np
import pytest
import torch
import xarray as xr
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

import gatescope
from gatescope.analysis import (
    at_marks,
    convergence,
    final_state,
    gate_retention,
    gradient_retention,
    half_life,
    lag_below,
    over_lags,
    remaining,
    retention_gate,
    step_changes,
)

STEPS = 40


def pinned_lstm() -> tuple[nn.LSTM, torch.Tensor]:
    """Forget gate .9 at every step; the input gate is open at step 0 and shut after it."""
    layer = nn.LSTM(1, 2).double()
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.zero_()
        bias = layer.bias_ih_l0
        bias[0:2], bias[2:4], bias[4:6], bias[6:8] = -800.0, math.log(9), 1.0, 1.0
        layer.weight_ih_l0[0:2] = 900.0
    inputs = torch.zeros(STEPS, 1, 1, dtype=torch.float64)
    inputs[0] = 1
    return layer, inputs


def test_a_pinned_forget_gate_keeps_09_to_the_lag() -> None:
    """Half-life 6.58 steps, the product exact at every lag, and the cell state does the same."""
    layer, inputs = pinned_lstm()
    node = gatescope.record(layer, inputs)["lstm/l0"].to_dataset()
    gate = retention_gate(node)
    assert gate is not None
    assert node["input_gate"].values[1:].max() < 1e-300
    found = gate_retention(gate)
    assert found.dims == ("lag", "batch", "unit")
    lags = np.arange(STEPS)
    np.testing.assert_allclose(found.values[:, 0, 0], 0.9**lags, rtol=1e-12)
    # what the gates say is what the recorded cell state does
    cell = node["cell_state"].values[:, 0, 0]
    np.testing.assert_allclose(found.values[:, 0, 0], cell[-1] / cell[::-1], rtol=1e-12)
    assert half_life(gate).max().item() == pytest.approx(math.log(0.5) / math.log(0.9))
    assert math.log(0.5) / math.log(0.9) == pytest.approx(6.58, abs=0.005)
    # on a straight line between two steps the curve halves a little later than on its own bend
    assert lag_below(found.values[:, 0, 0]) == pytest.approx(6.58, abs=0.02)


def test_the_product_ends_at_each_sequences_own_last_step() -> None:
    """Against math.prod, for a packed batch; nothing is said beyond a sequence's beginning."""
    layer = nn.GRU(2, 3).double()
    inputs = torch.randn(7, 2, 2, dtype=torch.float64)
    packed = pack_padded_sequence(inputs, [4, 7], enforce_sorted=False)
    node = gatescope.record(layer, packed)["gru/l0"].to_dataset()
    gate = retention_gate(node)
    assert gate is not None
    found = gate_retention(gate, range(8))
    for example, length in ((0, 4), (1, 7)):
        for lag in range(8):
            values = gate.values[length - lag : length, example, 1] if lag <= length else [math.nan]
            expected = math.prod(map(float, values))
            assert found.values[lag, example, 1] == pytest.approx(expected, nan_ok=True)


def test_lags_can_be_chosen() -> None:
    """In any order; one that is not there is refused."""
    gate = xr.DataArray(np.full((5, 1, 1), 0.5), dims=("time", "batch", "unit"))
    found = gate_retention(gate, [3, 0, 5])
    assert found["lag"].values.tolist() == [3, 0, 5]
    np.testing.assert_allclose(found.values.ravel(), [1 / 8, 1, 1 / 32])
    with pytest.raises(ValueError, match=r"a lag must be 0 to 5 .*, got 6"):
        gate_retention(gate, [6])


def test_time_is_turned_round() -> None:
    """Lag 0 is each sequence's last step."""
    nan = math.nan
    signal = xr.DataArray([[1.0, 4.0], [2.0, 5.0], [3.0, nan]], dims=("time", "batch"))
    np.testing.assert_array_equal(over_lags(signal), [[3, 5], [2, 4], [1, nan]])


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([1, 0.8, 0.4], 0.5, 1.75),
        ([1, 0.5, 0.1], 0.5, 1.0),
        ([1, 0.9], 0.5, math.inf),
        ([0.2, 0.1], 0.5, 0.0),
        ([1, math.nan, 0.0], 0.5, 1.0),
        ([math.inf, 0.0], 0.5, 1.0),
        ([math.nan], 0.5, math.nan),
        ([1, 0.5, 0], 0.25, 1.5),
        ([1, 0.5], 0.5, 1.0),  # at the share it has fallen to it
        ([1, 0.5, 0.5, 0.7], 0.5, 1.0),
        ([0.5, 0.7], 0.5, 0.0),
        ([0.5000001, 0.5000001], 0.5, math.inf),
    ],
)
def test_where_a_curve_has_fallen(values: list[float], share: float, expected: float) -> None:
    """By a straight line between two lags; NaN is left out."""
    assert lag_below(np.array(values, dtype=float), share) == pytest.approx(expected, nan_ok=True)


def test_where_a_curve_with_gaps_has_fallen() -> None:
    """Lags need not be 0, 1, 2."""
    assert lag_below(np.array([1, 0.6, 0.2]), lags=np.array([0, 10, 20])) == pytest.approx(12.5)


def test_a_step_without_a_number_is_still_a_step() -> None:
    """What overflowed on the way, or in one unit alone, does not make the sequence shorter."""
    nan = math.nan
    signal = xr.DataArray([[1.0], [nan], [3.0], [nan]], dims=("time", "batch"))
    np.testing.assert_array_equal(over_lags(signal)[:, 0], [3, nan, 1, nan])
    units = xr.DataArray([[[1.0, 2.0]], [[3.0, nan]]], dims=("time", "batch", "unit"))
    np.testing.assert_array_equal(over_lags(units)[:, 0], [[3, nan], [1, 2]])


@pytest.mark.parametrize("lags", [[5, 3], [0, 0], [0], [0, 1, 2], [0, math.nan]])
def test_lags_that_do_not_grow_or_fit_are_refused(lags: list[float]) -> None:
    """A line between them would lead backwards."""
    with pytest.raises(ValueError, match="lags must be 2 growing numbers"):
        lag_below(np.array([1.0, 0.4]), 0.5, np.array(lags))


def test_steps_that_were_left_out_are_no_lags() -> None:
    """Of every third step one place back is three steps; a slice of all steps is as good as all."""
    layer, x = nn.LSTM(2, 3).double(), torch.randn(9, 4, 2).double()
    loss = lambda output: output[0][-1].sum()  # noqa: E731
    some = gatescope.record(layer, x, loss, time=3)["lstm/l0"].to_dataset()
    late = gatescope.record(layer, x, loss, time=slice(2, None))["lstm/l0"].to_dataset()
    whole = gatescope.record(layer, x, loss)["lstm/l0"].to_dataset()
    marks: list[list[tuple[int, str]]] = [[(6, "a")], [(3, "a")], [(5, "a")], []]
    for ask in (
        lambda node: gate_retention(node["forget_gate"]),
        lambda node: remaining(node["forget_gate"], 0),
        lambda node: gradient_retention(node, "cell_state").relative,
        lambda node: convergence(node, 2 * node, 1),
        lambda node: step_changes(node, ["forget_gate"]),
    ):
        with pytest.raises(ValueError, match=r"lags need every step.* 0, 3, 6"):
            ask(some)
        ask(late)
    np.testing.assert_allclose(
        gate_retention(late["forget_gate"]), gate_retention(whole["forget_gate"])[:7]
    )
    assert at_marks(some, marks).values.T.tolist() == [
        [False, False, True], [False, True, False], [False] * 3, [False] * 3
    ]  # fmt: skip
    for step in (-1, 9):
        with pytest.raises(ValueError, match=f"a mark must be at step 0 to 8, got {step}"):
            at_marks(whole, [[(step, "a")], [], [], []])


def test_the_last_state_of_a_trace_that_lacks_it_is_refused() -> None:
    """Where it is there, it is found by its step, not by its place."""
    x = pack_padded_sequence(torch.randn(7, 2, 2), torch.tensor([7, 3]))
    layer = nn.GRU(2, 3)
    whole = gatescope.record(layer, x)["gru/l0"].to_dataset()
    every_other = gatescope.record(layer, x, time=2)["gru/l0"].to_dataset()
    np.testing.assert_array_equal(final_state(every_other), final_state(whole))
    every_third = gatescope.record(layer, x, time=3)["gru/l0"].to_dataset()
    with pytest.raises(ValueError, match="does not have step 2, the last one of a sequence"):
        final_state(every_third)
