"""Shares of steps shut and open, counted by plain loops and known beforehand."""

import math

import numpy as np
import pytest
import torch
import xarray as xr
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

import gatescope
from gatescope.analysis import saturation, value_histograms

NAN = math.nan


def gate(values: object, dtype: str = "float64") -> xr.DataArray:
    """Hand-made values (time, batch, unit)."""
    return xr.DataArray(np.array(values, dtype=dtype), dims=("time", "batch", "unit"))


def counted(values: np.ndarray, left: float, right: float) -> tuple[list[float], list[float]]:
    """The same by loops over numbers."""
    below, above = [], []
    for unit in range(values.shape[2]):
        low = high = count = 0
        for step in range(values.shape[0]):
            for example in range(values.shape[1]):
                value = float(values[step, example, unit])
                if not math.isnan(value):
                    count += 1
                    low += value < left
                    high += value > right
        below.append(low / count)
        above.append(high / count)
    return below, above


def test_known_shares() -> None:
    """Unit 0 never forgets, unit 1 is shut in half the steps, unit 2 lies between."""
    found = saturation(gate([[[0.95, 0.05, 0.5]], [[0.99, 0.5, 0.89]]]))
    assert found["left"].values.tolist() == [0, 0.5, 0]
    assert found["right"].values.tolist() == [1, 0, 0]
    assert found["left"].dims == ("unit",)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_threshold_itself_does_not_count(dtype: str) -> None:
    """Exactly .1 and exactly .9, in the gate's own dtype; the numbers beside them do."""
    low, high = np.array([0.1, 0.9], dtype=dtype)
    below, above = np.nextafter(low, low - low), np.nextafter(high, high / high)
    found = saturation(gate([[[low, high, below, above]]], dtype))
    assert found["left"].values.tolist() == [0, 0, 1, 0]
    assert found["right"].values.tolist() == [0, 0, 0, 1]


def test_what_is_past_the_end_is_left_out() -> None:
    """Neither below nor above, and not among the steps; a unit of NaN alone has no share."""
    found = saturation(gate([[[0.0, NAN]], [[1.0, NAN]], [[NAN, NAN]]]))
    assert found["left"].values[0] == found["right"].values[0] == 0.5
    assert np.isnan(found["left"].values[1])
    assert np.isnan(found["right"].values[1])


@pytest.mark.parametrize(("left", "right"), [(0.1, 0.9), (0.3, 0.3), (0.45, 0.55)])
def test_against_loops_on_a_packed_recording(left: float, right: float) -> None:
    """Sequences of lengths 4 and 9, every gate of an LSTM and of a GRU."""
    torch.manual_seed(3)
    inputs = 8 * torch.randn(9, 2, 2)
    packed = pack_padded_sequence(inputs, [4, 9], enforce_sorted=False)
    for layer, name in ((nn.LSTM(2, 5), "lstm/l0"), (nn.GRU(2, 5), "gru/l0")):
        node = gatescope.record(layer, packed)[name].to_dataset()
        for signal in (str(name) for name in node.data_vars if str(name).endswith("_gate")):
            assert np.isnan(node[signal].values).any()
            found = saturation(node[signal], left=left, right=right)
            below, above = counted(node[signal].values, left, right)
            np.testing.assert_allclose(found["left"], below)
            np.testing.assert_allclose(found["right"], above)


def test_a_pinned_gate_is_stuck() -> None:
    """An LSTM whose biases hold the forget gate open and the input gate shut."""
    layer = nn.LSTM(1, 2)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.zero_()
        layer.bias_ih_l0[0:2], layer.bias_ih_l0[2:4] = -3.0, 3.0
    node = gatescope.record(layer, torch.randn(6, 3, 1))["lstm/l0"].to_dataset()
    shares = {name: saturation(node[f"{name}_gate"]) for name in ("input", "forget", "output")}
    assert shares["input"]["left"].values.tolist() == [1, 1]
    assert shares["forget"]["right"].values.tolist() == [1, 1]
    assert shares["output"].sum().to_array().values.tolist() == [0, 0]


def test_thresholds_that_cross_are_refused() -> None:
    """A value between them would count on both sides."""
    with pytest.raises(ValueError, match=r"got left=0\.9 and right=0\.1"):
        saturation(gate([[[0.5]]]), left=0.9, right=0.1)


def test_histograms_over_checkpoints() -> None:
    """Known places: each bin holds its lower end, the last its upper end too; NaN is left out."""
    first = gate([[[0.0, 0.25]], [[0.49, NAN]]])
    second = gate([[[1.0, 0.75]], [[0.5, 0.6]]])
    found = value_histograms({0: first, 100: second}, bins=4)
    np.testing.assert_allclose(found.values, [[1 / 3, 2 / 3, 0, 0], [0, 0, 0.5, 0.5]])
    assert found["value"].values.tolist() == [0.125, 0.375, 0.625, 0.875]
    assert found["checkpoint"].values.tolist() == [0, 100]


def test_a_histogram_against_loops() -> None:
    """A tanh's span; a checkpoint without a number has no shares."""
    values = np.tanh(np.random.default_rng(0).normal(size=(30, 2, 3)))
    found = value_histograms({5: gate(values), 9: gate([[[NAN]]])}, bins=10, span=(-1, 1))
    counts = [0] * 10
    for value in values.ravel():
        counts[min(int((value + 1) / 0.2), 9)] += 1
    np.testing.assert_allclose(found.values[0], np.array(counts) / values.size)
    assert np.isnan(found.values[1]).all()


def test_a_histogram_says_what_does_not_fit() -> None:
    """Values beyond the span, and nothing at all."""
    with pytest.raises(ValueError, match=r"in \[0, 1\], at checkpoint 7 .* -0\.5 to 0\.5"):
        value_histograms({7: gate([[[-0.5, 0.5]]])})
    with pytest.raises(ValueError, match="got none"):
        value_histograms({})


def test_a_threshold_that_is_no_number_is_refused() -> None:
    """Nothing lies below it, which would be a share of 0."""
    with pytest.raises(ValueError, match="left=nan"):
        saturation(xr.DataArray(np.ones((1, 1, 1)), dims=("time", "batch", "unit")), left=math.nan)
