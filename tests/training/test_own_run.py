"""A layer that was trained elsewhere, as a run."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from gatescope import load_run, save_run
from gatescope.tasks import uploaded as own
from gatescope.training import own_run

LAYERS: dict[str, Callable[[], nn.RNNBase]] = {
    "rnn": lambda: nn.RNN(2, 3),
    "relu": lambda: nn.RNN(2, 3, nonlinearity="relu", num_layers=2),
    "gru": lambda: nn.GRU(2, 3, bidirectional=True, bias=False),
    "lstm": lambda: nn.LSTM(2, 3, num_layers=2).double(),
}


@pytest.mark.parametrize("kind", LAYERS)
def test_its_outputs_are_the_layers_states(kind: str, tmp_path: Path) -> None:
    """Before and after it was saved; its inputs are those that were given."""
    layer = LAYERS[kind]()
    x = torch.randn(9, 4, 2)
    run = own_run(layer, x)
    save_run(run, tmp_path / "own")
    for found in (run, load_run(tmp_path / "own")):
        batch = found.probe()
        assert torch.equal(batch.inputs, x)
        expected = layer(x.to(layer.weight_ih_l0.dtype))[0].float()
        torch.testing.assert_close(found.model()(batch.inputs), expected, rtol=1e-5, atol=1e-6)
        assert found.parameters == sum(p.numel() for p in layer.parameters())
        assert found.steps == [0]
        assert not found.task.asks


def test_what_cannot_be_shown_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A projection, an input that does not fit, one that is too long, a recording too large."""
    x = torch.randn(9, 4, 2)
    with pytest.raises(ValueError, match="proj_size=2: record it in Python"):
        own_run(nn.LSTM(2, 3, proj_size=2), x)
    with pytest.raises(
        ValueError, match=r"reads 3 features, but the inputs have the shape \(9, 4, 2\)"
    ):
        own_run(nn.GRU(3, 3), x)
    with pytest.raises(ValueError, match="the input has 0 numbers"):
        own_run(nn.GRU(2, 3), x[:0])
    monkeypatch.setattr(own, "MOST_NUMBERS", 71)
    with pytest.raises(ValueError, match="the input has 72 numbers, but at most 71 can be shown"):
        own_run(nn.GRU(2, 3), x)
    # the function has taken its module's name in the package
    monkeypatch.setattr(sys.modules[own_run.__module__], "PROBE_VALUES", 100)
    with pytest.raises(ValueError, match="this recording would have 108 values per signal"):
        own_run(nn.GRU(2, 3), x)


@pytest.mark.parametrize(
    ("data", "shape"), [("AAAA", (1, 1, 1)), ("no base64!", (1, 1, 1)), ("AAAAAA==", (1, 2, 1))]
)
def test_a_damaged_config_is_told(data: str, shape: tuple[int, int, int]) -> None:
    """The numbers do not fit their shape."""
    with pytest.raises(ValueError, match="must hold"):
        own.OwnInputs(data, shape, 2)
