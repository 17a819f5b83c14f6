"""What two halves have seen, against torch's own layer; sizes of weights, by hand."""

import numpy as np
import pytest
import torch
from torch import nn

from gatescope.analysis import influence_of_other_steps, weight_sizes


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU])
def test_the_halves_move_as_torchs_outputs_do(kind: type[nn.RNNBase]) -> None:
    """At the last step the backward half does not move at all; at step 0 it does."""
    torch.manual_seed(0)
    layer = kind(3, 4, bidirectional=True).double()
    x = torch.randn(9, 5, 3, dtype=torch.float64)
    found = influence_of_other_steps(layer, x)
    changed = x[:, [4, 0, 1, 2, 3]].clone()
    changed[-1] = x[-1]
    with torch.no_grad():
        apart = (layer(changed)[0] - layer(x)[0]).numpy()
    np.testing.assert_allclose(found.forward, np.linalg.norm(apart[..., :4], axis=-1), atol=1e-14)
    np.testing.assert_allclose(found.backward, np.linalg.norm(apart[..., 4:], axis=-1), atol=1e-14)
    assert (found.backward.values[-1] == 0).all()
    assert (found.backward.values[0] > 0).all()
    assert (found.forward.values > 0).all()
    first = influence_of_other_steps(layer, x, kept=0)
    assert (first.forward.values[0] == 0).all()


def test_of_stacked_layers_the_last_is_looked_at() -> None:
    """There the backward half of the last step has read what the layer below read of all."""
    torch.manual_seed(0)
    layer, x = nn.GRU(2, 3, num_layers=2, bidirectional=True), torch.randn(6, 3, 2)
    assert (influence_of_other_steps(layer, x).backward.values[-1] > 0).all()


def test_what_has_no_halves_is_told() -> None:
    with pytest.raises(ValueError, match="does not read backward"):
        influence_of_other_steps(nn.GRU(2, 3), torch.randn(4, 2, 2))
    with pytest.raises(ValueError, match=r"kept must be a step from 0 to 4, or -1 .*got -99"):
        influence_of_other_steps(nn.GRU(2, 3, bidirectional=True), torch.ones(5, 2, 2), kept=-99)
    with pytest.raises(ValueError, match="two examples or more are needed, got 1"):
        influence_of_other_steps(nn.GRU(2, 3, bidirectional=True), torch.randn(4, 1, 2))


def test_weights_by_hand() -> None:
    found = weight_sizes(
        {
            "a.weight": torch.tensor([[0.5, -0.005], [0.0, -1.5]]),
            "a.bias": torch.tensor([9.0]),
            "embedding.weight": torch.full((2, 2), 7.0),
        }
    )
    assert (found.mean, found.near_zero, found.largest) == (pytest.approx(0.50125), 0.5, 1.5)
    edge = torch.tensor([[0.01, -0.01, 0.009]], dtype=torch.float64)
    assert weight_sizes({"a.weight": edge}).near_zero == pytest.approx(1 / 3)  # below, not at
