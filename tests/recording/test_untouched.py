"""The user's model comes back exactly as it was, also after an exception."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import gatescope

TIME, BATCH, FEATURES, UNITS = 5, 4, 3, 5


class Full(nn.Module):
    """Everything that can change in a forward pass: batch norm, dropout, buffers, hooks."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(FEATURES)
        self.layer = nn.LSTM(FEATURES, UNITS, 2, dropout=0.3)
        self.cell = nn.GRUCell(UNITS, UNITS)
        self.own = gatescope.make_cell("lstm_peephole", UNITS, UNITS)
        self.register_buffer("seen", torch.zeros(BATCH, UNITS))
        self.register_buffer("calls", torch.zeros(()))
        self.register_buffer("nothing", None)

    def forward(self, x: Tensor) -> Tensor:
        output, (h, _) = self.layer(self.norm(x.transpose(1, 2)).transpose(1, 2))
        h = self.own(self.cell(h[-1]))["hidden_state"]
        self.seen = h.detach()  # another tensor under the buffer's name
        self.nothing = h.detach()
        self.calls += 1
        return nn.functional.dropout(output.sum(0) + h, 0.5, self.training)


def prepared() -> tuple[Full, Tensor]:
    """A model with a gradient, hooks and a frozen weight, and its input."""
    model, x = Full(), torch.randn(TIME, BATCH, FEATURES)
    model(x).sum().backward()
    model.layer.weight_hh_l1.requires_grad_(False)
    model.layer.register_forward_hook(lambda *_: None)
    model.norm.eval()
    model.norm.train()
    return model, x


def state(model: nn.Module) -> dict[str, Any]:
    """Everything about a model that a caller can see, as comparable values."""

    def value(tensor: Tensor | None) -> Any:
        return None if tensor is None else (id(tensor), tensor.detach().numpy().tobytes())

    return {
        "parameters": [
            (name, value(p), p.requires_grad, value(p.grad), p._version)
            for name, p in model.named_parameters()
        ],
        "buffers": [
            (path, name, value(buffer))
            for path, module in model.named_modules()
            for name, buffer in module._buffers.items()
        ],
        "modules": [
            (path, id(module), module.training, sorted(vars(module)), module.forward.__func__)
            for path, module in model.named_modules()
        ],
        "hooks": [
            [list(hooks) for key, hooks in vars(module).items() if key.endswith("_hooks")]
            for module in model.modules()
        ],
        "random": torch.get_rng_state().numpy().tobytes(),
        "grad_mode": torch.is_grad_enabled(),
        "threads": torch.get_num_threads(),
        "dtype": torch.get_default_dtype(),
    }


def fails(*_: Any) -> Tensor:
    raise ZeroDivisionError


def interrupted(*_: Any) -> Tensor:
    raise KeyboardInterrupt


LOSSES: dict[str, tuple[Callable[[Tensor], Any] | None, type[BaseException] | None]] = {
    "no loss": (None, None),
    "a loss": (lambda output: output.square().sum(), None),
    "a loss that raises": (fails, ZeroDivisionError),
    "Ctrl-C": (interrupted, KeyboardInterrupt),
    "a loss without a gradient": (lambda output: output.detach().sum(), gatescope.RecordError),
    "a loss that is no scalar": (lambda output: output, gatescope.RecordError),
}


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("name", LOSSES)
def test_the_model_is_as_it_was(name: str, training: bool) -> None:
    """Weights, .grad, requires_grad, buffers, hooks, modes and the random state, bit for bit."""
    loss, error = LOSSES[name]
    model, x = prepared()
    model.train(training)
    before, x_before = state(model), x.clone()
    if error is None:
        gatescope.record(model, x, loss)
    else:
        with pytest.raises(error):
            gatescope.record(model, x, loss)
    after = state(model)
    for part, value in before.items():
        assert after[part] == value, part
    assert torch.equal(x, x_before)
    assert x.grad is None


@pytest.mark.parametrize(
    ("fail", "error"), [(fails, ZeroDivisionError), (interrupted, KeyboardInterrupt)]
)
def test_a_forward_that_raises_leaves_the_model_as_it_was(
    fail: Callable[..., Tensor], error: type[BaseException]
) -> None:
    """It fails behind batch norm and dropout, so statistics and random numbers had moved on."""
    model, x = prepared()
    model.layer.register_forward_hook(fail)
    before = state(model)
    with pytest.raises(error):
        gatescope.record(model, x, lambda output: output.sum())
    assert state(model) == before
    assert not torch.overrides._get_current_function_mode_stack()
    with pytest.raises(error):
        model(x)
    assert state(model) != before


def test_training_goes_on_as_if_nothing_had_been_recorded() -> None:
    """Two equal runs, one recorded between its updates: equal weights and random numbers after."""
    finals = []
    for recorded in (False, True):
        torch.manual_seed(5)
        model = Full()
        optimiser = torch.optim.Adam(model.parameters())
        for _ in range(3):
            x = torch.randn(TIME, BATCH, FEATURES)
            optimiser.zero_grad()
            torch.autograd.backward(model(x).square().sum())
            if recorded:
                gatescope.record(model, x, lambda output: output.sum())
            optimiser.step()
        finals.append([*(p.detach().numpy() for p in model.parameters()), torch.rand(3).numpy()])
    for plain, disturbed in zip(*finals, strict=True):
        np.testing.assert_array_equal(plain, disturbed)


def test_hooks_of_the_user_run_once_while_recording() -> None:
    """A forward hook sees the layer's own output; a backward hook sees its gradient."""
    layer, x = nn.GRU(FEATURES, UNITS).double(), torch.randn(TIME, BATCH, FEATURES).double()
    expected, seen = layer(x)[0], []
    layer.register_forward_hook(lambda module, args, output: seen.append(output[0]))
    gatescope.record(layer, x, lambda output: output[0].sum())
    assert len(seen) == 1
    torch.testing.assert_close(seen[0], expected, rtol=1e-13, atol=0)
