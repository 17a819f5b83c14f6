"""Gradients over the lag, by closed forms and by autograd on a Python loop."""

import math

import numpy as np
import pytest
import torch
from torch import nn

import gatescope
from gatescope.analysis import gradient_norm, gradient_retention


def test_a_linear_rnn_has_the_norms_of_its_powers() -> None:
    """h_t = relu(A h + x) with all positive: the gradient at lag k is (A^T)^k e."""
    layer = nn.RNN(2, 2, nonlinearity="relu", bias=False).double()
    matrix = torch.tensor([[0.6, 0.3], [0.1, 0.5]], dtype=torch.float64)
    with torch.no_grad():
        layer.weight_hh_l0.copy_(matrix)
        layer.weight_ih_l0.copy_(torch.eye(2))
    inputs = torch.rand(30, 3, 2, dtype=torch.float64) + 0.1
    trace = gatescope.record(layer, inputs, lambda out: out[0][-1].sum())
    found = gradient_retention(trace["rnn/l0"].to_dataset(), "hidden_state")
    power = np.ones(2)
    expected = []
    for _ in range(30):
        expected.append(np.linalg.norm(power))
        power = matrix.numpy().T @ power
    expected = np.array(expected) / expected[0]
    for example in range(3):
        np.testing.assert_allclose(found.relative.values[:, example], expected, rtol=1e-12)
    np.testing.assert_allclose(found.curve.median, expected, rtol=1e-12)


@pytest.mark.parametrize("state", ["hidden_state", "cell_state"])
def test_an_lstms_are_the_norms_turned_round(state: str) -> None:
    """Against the norms of the trace, whose gradients autograd has vouched for."""
    layer = nn.LSTM(2, 3).double()
    trace = gatescope.record(layer, torch.randn(9, 2, 2).double(), lambda out: out[0][-1].sum())
    node = trace["lstm/l0"].to_dataset()
    norms = gradient_norm(node, state).values
    found = gradient_retention(node, state)
    np.testing.assert_allclose(found.relative.values, norms[::-1] / norms[-1], rtol=1e-13)
    assert found.relative.dims == ("lag", "batch")
    assert found.relative["lag"].values.tolist() == list(range(9))


def test_zeros_and_underflow_are_kept_and_counted() -> None:
    """A ReLU network that multiplies by 1e-10 a step in float32: 1e-40 at lag 4, 0 at lag 5."""
    layer = nn.RNN(1, 1, nonlinearity="relu", bias=False)
    with torch.no_grad():
        layer.weight_hh_l0.fill_(1e-10)
        layer.weight_ih_l0.fill_(1.0)
    trace = gatescope.record(layer, torch.ones(8, 2, 1), lambda out: out[0][-1].sum())
    found = gradient_retention(trace["rnn/l0"].to_dataset(), "hidden_state")
    curve = found.curve
    np.testing.assert_allclose(curve.median[:4], [1, 1e-10, 1e-20, 1e-30], rtol=1e-6)
    assert curve.median[5:].tolist() == [0, 0, 0]
    assert curve.zeros.tolist() == [0] * 5 + [1] * 3
    assert curve.subnormal.tolist() == [0] * 4 + [1] + [0] * 3


def test_a_loss_that_does_not_reach_the_end_has_no_lag_0() -> None:
    """NaN rather than a division by zero."""
    layer = nn.GRU(1, 2)
    trace = gatescope.record(layer, torch.randn(5, 2, 1), lambda out: out[0][2].sum())
    found = gradient_retention(trace["gru/l0"].to_dataset(), "hidden_state")
    assert np.isnan(found.relative.values).all()
    assert found.norms.zeros.tolist() == [1, 1, 0, 0, 0]
    assert all(math.isfinite(value) for value in found.norms.median)


def test_the_reverse_direction_ends_at_its_own_last_step() -> None:
    """Which is the first in time."""
    layer = nn.GRU(2, 3, bidirectional=True).double()
    trace = gatescope.record(layer, torch.randn(6, 2, 2).double(), lambda o: o[0][0, :, 3:].sum())
    node = trace["gru/l0_reverse"].to_dataset()
    norms = gradient_norm(node, "hidden_state").values
    found = gradient_retention(node, "hidden_state").relative.values
    np.testing.assert_allclose(found, norms / norms[0], rtol=1e-13)


@pytest.mark.parametrize(("dtype", "marked"), [(torch.float64, 0.0), (torch.float32, 1.0)])
def test_underflow_is_that_of_the_recordings_own_dtype(dtype: torch.dtype, marked: float) -> None:
    """A gradient of 1e-40 has lost digits in float32 and none in float64."""
    layer = nn.RNN(1, 1, nonlinearity="relu", bias=False).to(dtype)
    with torch.no_grad():
        layer.weight_ih_l0.fill_(1)
        layer.weight_hh_l0.fill_(1e-20)
    trace = gatescope.record(layer, torch.ones(3, 2, 1, dtype=dtype), lambda out: out[0][-1].sum())
    found = gradient_retention(trace["rnn/l0"].to_dataset(), "hidden_state")
    assert found.norms.median == pytest.approx([1, 1e-20, 1e-40], rel=1e-4)
    assert found.norms.subnormal.tolist() == [0, 0, marked]
