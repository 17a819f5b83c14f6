"""How fast differences are forgotten, on networks that contract by a known factor."""

import math

import numpy as np
import pytest
import torch
import xarray as xr
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

import gatescope
from gatescope.analysis import convergence, steps_to_forget, two_pasts


def recorded(layer: nn.RNNBase, inputs: torch.Tensor | PackedSequence) -> xr.Dataset:
    """The only layer of a recording."""
    (leaf,) = gatescope.record(layer, inputs).leaves
    return leaf.to_dataset()


def contracting(factor: float) -> nn.RNN:
    """h_t = factor Q h + x, positive throughout, with Q a permutation: distances shrink by it."""
    layer = nn.RNN(3, 3, nonlinearity="relu", bias=False).double()
    with torch.no_grad():
        layer.weight_hh_l0.copy_(factor * torch.eye(3).double().roll(1, 0))
        layer.weight_ih_l0.copy_(torch.eye(3))
    return layer


@pytest.mark.parametrize("factor", [0.9, 0.5, 1.0])
def test_a_contraction_forgets_at_its_rate(factor: float) -> None:
    """factor^k at lag k; 5 % after ln .05 / ln factor steps."""
    inputs = torch.rand(60, 4, 3, generator=torch.Generator().manual_seed(0)).double()
    layer = contracting(factor)
    found = convergence(
        recorded(layer, inputs), recorded(layer, two_pasts(inputs, 10, seed=1)), differ=10
    )
    assert found.dims == ("lag", "batch")
    expected = np.broadcast_to(factor ** np.arange(51.0)[:, None], (51, 4))
    # both states are near 1: their difference has float64's digits of that
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-14)
    steps = math.inf if factor == 1 else math.ceil(math.log(0.05) / math.log(factor))
    assert steps_to_forget(found).values.tolist() == [steps] * 4


def test_an_lstms_distance_is_over_h_and_c() -> None:
    """Against torch's own h_n and c_n at each length."""
    torch.manual_seed(3)
    layer = nn.LSTM(2, 3).double()
    inputs = torch.randn(8, 5, 2, dtype=torch.float64)
    other = two_pasts(inputs, 3, seed=2)
    found = convergence(recorded(layer, inputs), recorded(layer, other), differ=3)
    distances = []
    for end in range(3, 9):
        one, two = (torch.cat(layer(x[:end])[1], dim=-1)[0] for x in (inputs, other))
        distances.append(torch.linalg.vector_norm(one - two, dim=-1).detach().numpy())
    np.testing.assert_allclose(found, np.array(distances) / distances[0], rtol=1e-10)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("batch", [2, 3, 8])
def test_two_pasts_differ_at_the_beginning_alone(seed: int, batch: int) -> None:
    """No example keeps its own; each passes its own on to exactly one other."""
    inputs = torch.arange(batch).double().expand(6, batch)[..., None].clone()
    inputs += torch.arange(6)[:, None, None] * 100
    changed = two_pasts(inputs, 2, seed)
    assert torch.equal(changed[2:], inputs[2:])
    assert (changed[:2] != inputs[:2]).all()
    assert changed[0, :, 0].sort().values.tolist() == list(range(batch))
    assert torch.equal(two_pasts(inputs, 2, seed), changed)


def test_pasts_that_lead_to_the_same_state_have_no_distance() -> None:
    """NaN for that example alone."""
    node = xr.Dataset({"hidden_state": (("time", "batch", "unit"), np.zeros((4, 2, 1)))},
                      coords={"batch": [0, 1]})  # fmt: skip
    other = node.copy(deep=True)
    other["hidden_state"][:, 1] = np.array([[8.0], [4], [0], [0]])
    found = convergence(node, other, differ=1)
    assert np.isnan(found.sel(batch=0)).all()
    assert found.sel(batch=1).values.tolist() == [1, 0.5, 0, 0]
    assert steps_to_forget(found).fillna(-1).values.tolist() == [-1, 2]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 0.04, 0.01], 1),
        ([1, 0.04, 0.9, 0.01], 3),  # for good
        ([1, 0.2, 0.06], math.inf),
        ([0.01, 0.01], 0),
        ([1, 0.05, 0.01], 2),  # at the share is not below it
        ([1, 0.04, math.nan, math.nan], 1),  # it forgot, and then ended
        ([1, 0.2, math.nan, math.nan], math.inf),
        ([1, 0.04, 0.9, 0.01, math.nan], 3),
        ([1, 0.04, 0.9, math.nan], math.inf),
        ([1, math.nan, math.nan], math.inf),
        ([math.nan, math.nan], math.nan),
    ],
)
def test_forgotten_means_for_good(values: list[float], expected: float) -> None:
    """A distance that comes back was not forgotten."""
    relative = xr.DataArray(np.array(values)[:, None], coords={"batch": [0]}, dims=("lag", "batch"))
    assert steps_to_forget(relative).item() == pytest.approx(expected, nan_ok=True)


def test_sequences_that_end_forget_at_the_same_lag_as_those_that_go_on() -> None:
    """Packed: each row gives what it gives alone, whatever comes after its end."""
    layer = contracting(0.2)
    inputs = torch.rand(9, 3, 3, generator=torch.Generator().manual_seed(5)).double()
    other = two_pasts(inputs, 2, seed=1)
    lengths = [9, 5, 3]
    packed = (pack_padded_sequence(x, lengths) for x in (inputs, other))
    first, second = (recorded(layer, x) for x in packed)
    ragged = convergence(first, second, differ=2)
    assert np.isnan(ragged.values).sum(axis=0).tolist() == [0, 4, 6]
    assert steps_to_forget(ragged, 0.3).values.tolist() == [1, 1, 1]
    assert steps_to_forget(ragged, 0.1).values.tolist() == [2, 2, math.inf]
    for example, length in enumerate(lengths):
        first, second = (recorded(layer, x[:length]) for x in (inputs, other))
        expected = convergence(first, second, differ=2)[:, example]
        np.testing.assert_allclose(ragged[: len(expected), example], expected, rtol=1e-12)


def test_what_does_not_fit_is_refused() -> None:
    """One example has no other past; nothing that differs, or agrees; other recordings."""
    with pytest.raises(ValueError, match="at least 2 examples, got 1"):
        two_pasts(torch.zeros(4, 1, 1), 2, 0)
    for differ in (0, 4):
        with pytest.raises(ValueError, match="differ must be 1 to 3"):
            two_pasts(torch.zeros(4, 2, 1), differ, 0)
    node = recorded(nn.GRU(1, 2), torch.zeros(4, 2, 1))
    with pytest.raises(ValueError, match="the recordings differ"):
        convergence(node, node.isel(time=slice(3)), 1)
    with pytest.raises(ValueError, match="differ must be 1 to 3"):
        convergence(node, node, 4)
