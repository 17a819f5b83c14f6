"""Half-life and remaining share, by closed forms and by networks built so that they are known."""

import math

import numpy as np
import pytest
import torch
import xarray as xr
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

import gatescope
from gatescope.analysis import half_life, remaining, retention_gate, written_units


def gate(values: object) -> xr.DataArray:
    """(time, unit) for one example."""
    array = np.asarray(values, dtype=float)
    return xr.DataArray(array[:, None, None], dims=("time", "batch", "unit"))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.5] * 7, 1.0),
        ([0.9] * 7, 6.5788134789),
        ([0.25] * 3, 0.5),
        ([0.5, 0.125], 0.5),  # the geometric mean is 1/4
        ([1.0] * 4, math.inf),
        ([1.0, 0.25], 1.0),
        ([0.0, 0.9], 0.0),
        ([0.9, 0.9, math.nan], 6.5788134789),
        ([1 + 1e-7] * 3, math.inf),  # no gate of torch's, but one of a cell of one's own
        ([2.0, 4.0], math.inf),
        ([2.0, 0.5], math.inf),
        ([4.0, 0.125], 2.0),  # the geometric mean is 2^(-1/2)
        ([2.0, 0.0], 0.0),
        ([0.5, -0.5], math.nan),  # no half-life: the sign turns
        ([math.nan, math.nan], math.nan),
    ],
)
def test_half_life_in_closed_form(values: list[float], expected: float) -> None:
    """ln(1/2) / mean ln f; 1 open means for ever, ever shut means at once, NaN is left out."""
    found = half_life(gate(values)).item()
    assert found == pytest.approx(expected, rel=1e-10, nan_ok=True)
    assert not found < 0


def test_half_life_is_for_each_unit_and_example() -> None:
    """f = 2^(-1/k) halves in k steps; float32 gates are computed in float64."""
    steps = np.array([[1.0, 2, 5], [10, 100, 1000]])
    signal = xr.DataArray(
        np.broadcast_to(2 ** (-1 / steps), (4, 2, 3)), dims=("time", "batch", "unit")
    )
    np.testing.assert_allclose(half_life(signal), steps, rtol=1e-12)
    # 2^(-1/1000) is 1 - 7e-4: float32 keeps it to about 1e-4 of that
    np.testing.assert_allclose(half_life(signal.astype("float32")), steps, rtol=2e-4)


def test_remaining_is_a_power_of_a_constant_gate() -> None:
    """0.9^k after k steps, 1 at the step itself, nothing before it."""
    left = remaining(gate([0.9] * 6), 2).squeeze().values
    np.testing.assert_allclose(left[2:], 0.9 ** np.arange(4), rtol=1e-14)
    assert np.isnan(left[:2]).all()


@pytest.mark.parametrize("step", range(5))
def test_remaining_is_the_product_of_the_gates_after_the_step(step: int) -> None:
    """Against math.prod, from every step; the step's own gate does not count."""
    values = [0.1, 0.9, 0.5, 0.7, 0.3]
    left = remaining(gate(values), step).squeeze().values
    for t in range(step, 5):
        assert left[t] == pytest.approx(math.prod(values[step + 1 : t + 1]), rel=1e-14)


def test_nothing_remains_past_a_sequences_end() -> None:
    """NaN there, and everywhere when the sequence ended before the step."""
    values = [0.5, 0.5, 0.5, math.nan, math.nan]
    np.testing.assert_array_equal(
        remaining(gate(values), 1).squeeze(), [math.nan, 1, 0.5, math.nan, math.nan]
    )
    assert np.isnan(remaining(gate(values), 4)).all()


@pytest.mark.parametrize("step", [-1, 3])
def test_a_step_that_is_not_there_is_refused(step: int) -> None:
    """The message says which there are."""
    with pytest.raises(ValueError, match=f"step must be 0 to 2, got {step}"):
        remaining(gate([0.5] * 3), step)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(("kind", "block"), [(nn.LSTM, 1), (nn.GRU, 1)])
def test_a_network_whose_gate_is_pinned_at_09(
    kind: type[nn.RNNBase], block: int, packed: bool
) -> None:
    """All weights 0 and the gate's bias logit(.9): recorded, its half-life is 6.58 steps."""
    layer = kind(2, 3).double()
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.zero_()
        layer.bias_ih_l0[block * 3 : (block + 1) * 3] = math.log(9)
    inputs = torch.randn(7, 2, 2, dtype=torch.float64)
    if packed:
        inputs = pack_padded_sequence(inputs, [3, 7], enforce_sorted=False)
    node = gatescope.record(layer, inputs)[f"{kind.__name__.lower()}/l0"].to_dataset()
    pinned = retention_gate(node)
    assert pinned is not None
    assert pinned.name == {"LSTM": "forget_gate", "GRU": "update_gate"}[kind.__name__]
    np.testing.assert_allclose(half_life(pinned), 6.5788134789, rtol=1e-9)
    left = remaining(pinned, 0).isel(batch=1, unit=0)
    np.testing.assert_allclose(left, 0.9 ** np.arange(7), rtol=1e-12)


def test_a_plain_rnn_has_no_retention_gate() -> None:
    """None, rather than some other signal."""
    node = gatescope.record(nn.RNN(2, 3), torch.randn(4, 1, 2))["rnn/l0"].to_dataset()
    assert retention_gate(node) is None


def holding(written: float) -> nn.LSTM:
    """Two units: the first writes tanh(.5) x and halves it, the second keeps all and is shut."""
    layer = nn.LSTM(1, 2).double()
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.zero_()
        i, f, g, _ = layer.bias_ih_l0.chunk(4)
        i[:] = torch.tensor([40.0, math.log(written / (1 - written))])
        f[:] = torch.tensor([0.0, 40.0])  # forget gates 1/2 and 1
        layer.weight_ih_l0[4:6] = 0.5
        g.zero_()
    return layer


@pytest.mark.parametrize("scale", [1.0, 1e-3])
@pytest.mark.parametrize(("written", "counts"), [(1e-12, False), (0.001, False), (0.05, True)])
def test_a_unit_that_is_never_written_does_not_count(
    written: float, counts: bool, scale: float
) -> None:
    """The second unit's input gate is this far open, at one step with an input."""
    inputs = torch.zeros(6, 3, 1, dtype=torch.float64)
    inputs[1, 2] = scale
    node = gatescope.record(holding(written), inputs)["lstm/l0"].to_dataset()
    assert written_units(node).values.tolist() == [True, counts]


def test_small_states_beside_very_large_ones_count() -> None:
    """A counter at 50 does not make another unit's 0.4 nothing: it is set against 1."""
    values = np.zeros((4, 1, 3))
    values[2, 0] = [50, -0.4, 0.01]
    node = xr.Dataset({"cell_state": (("time", "batch", "unit"), values)})
    assert written_units(node).values.tolist() == [True, True, False]
    node = xr.Dataset({"hidden_state": (("time", "batch", "unit"), values / 1000)})
    assert written_units(node).values.tolist() == [True, False, False]
    node = xr.Dataset({"hidden_state": (("time", "batch", "unit"), values * np.nan)})
    assert not written_units(node).any()
    assert not written_units(xr.zeros_like(node)).any()
