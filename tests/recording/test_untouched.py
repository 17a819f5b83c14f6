"""The user's model comes back exactly as it was, also after an exception."""

import random
from collections import deque
from collections.abc import Callable
from random import Random
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
        optimizer = torch.optim.Adam(model.parameters())
        for _ in range(3):
            x = torch.randn(TIME, BATCH, FEATURES)
            optimizer.zero_grad()
            torch.autograd.backward(model(x).square().sum())
            if recorded:
                gatescope.record(model, x, lambda output: output.sum())
            optimizer.step()
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


def apply(model: "Stateful", x: Tensor) -> Tensor:
    return model.layer(x)[0]


class Plain:
    """An object of the user's own."""

    def __init__(self) -> None:
        self.state, self.count, self.inner = None, 0, {"seen": [0]}


class Stateful(nn.Module):
    """Everything a model may keep of a run beside its buffers."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.LSTM(FEATURES, UNITS)
        self.state, self.count, self.seen, self.table = None, 0, [], {"h": torch.zeros(2)}
        self.queue, self.names, self.pair = deque([1], maxlen=3), {"a"}, (torch.zeros(2), [1])
        self.memory, self.array, self.plain = torch.zeros(UNITS), np.zeros(3), Plain()
        self.optimizer = torch.optim.SGD(self.parameters(), lr=0.1, momentum=0.9)
        self.torch_random = torch.Generator().manual_seed(3)
        self.python_random, self.numpy_random = Random(3), np.random.default_rng(3)
        self.old_random, self.draws = np.random.RandomState(3), lambda: None

    def forward(self, x: Tensor) -> Tensor:
        x = x + random.random() + np.random.rand() + torch.rand(1) + self.python_random.random()
        x = x + torch.rand(1, generator=self.torch_random) + self.numpy_random.random()
        x = x + self.old_random.rand()
        output, state = self.layer(x, self.state)
        self.state, self.count, self.late = state, self.count + 1, output
        self.seen.append(output)
        self.table["h"] = output
        self.table["new"] = output
        self.queue.append(2)
        self.names.add("b")
        self.pair[1].append(2)
        self.array += 1
        with torch.no_grad():
            self.memory.copy_(output[-1, 0])
            self.pair[0].add_(1)
        self.plain.state, self.plain.count = output, self.plain.count + 1
        self.plain.inner["seen"].append(1)
        self.layer.extra = "new"
        self.training_mode = self.training
        return output


class Learning(Stateful):
    """It trains itself in its forward, by its own optimizer or on its weights' data."""

    def __init__(self, way: str) -> None:
        super().__init__()
        self.way = way

    def forward(self, x: Tensor) -> Tensor:
        output = super().forward(x)
        with torch.enable_grad():
            inner = apply(self, x).square().sum()
            if self.way == "optimizer":
                self.optimizer.zero_grad()
                inner.backward()
                self.optimizer.step()
            elif self.way == "data":
                for weight, slope in zip(
                    self.parameters(), torch.autograd.grad(inner, [*self.parameters()]), strict=True
                ):
                    weight.data -= 0.1 * slope
            else:
                self.layer.weight_hh_l0.data = torch.zeros(4 * UNITS, UNITS)
                self.layer.weight_ih_l0.requires_grad_(False)
                self.layer.bias_ih_l0.grad = torch.ones(4 * UNITS)
                self.eval()
        return output.detach() + apply(self, x)


def everything(value: Any) -> Any:
    """What can be reached from an object, as comparable values."""
    if isinstance(value, Tensor):
        grad = None if value.grad_fn is not None else value.grad
        parts = (id(value), value.detach().numpy().tobytes(), value.requires_grad)
        return (*parts, None if grad is None else everything(grad))
    if isinstance(value, np.ndarray):
        return value.tobytes()
    if isinstance(value, torch.Generator):
        return value.get_state().numpy().tobytes()
    if isinstance(value, Random):
        return value.getstate()
    if isinstance(value, np.random.Generator):
        return str(value.bit_generator.state)
    if isinstance(value, np.random.RandomState):
        return str(value.get_state())
    if isinstance(value, dict):
        return {str(key): everything(part) for key, part in value.items()}
    if isinstance(value, (list, tuple, set, deque)):
        return [everything(part) for part in (sorted(value) if isinstance(value, set) else value)]
    if isinstance(value, (nn.Module, Plain, torch.optim.Optimizer)):
        return everything(vars(value))
    return id(value) if callable(value) else value


@pytest.mark.parametrize("fail", [False, True])
@pytest.mark.parametrize("with_loss", [False, True])
@pytest.mark.parametrize("way", ["state", "optimizer", "data", "weights"])
def test_what_a_model_keeps_in_attributes_is_put_back(
    way: str, with_loss: bool, fail: bool
) -> None:
    """State, containers, plain objects, random states, its own training; then it trains on."""
    model = (Stateful() if way == "state" else Learning(way)).train()
    x = torch.randn(TIME, BATCH, FEATURES)
    apply(model, x).sum().backward()
    random.seed(1)
    np.random.seed(1)
    before = everything(model), random.getstate(), str(np.random.get_state())

    def loss(output: Tensor) -> Tensor:
        return fails() if fail else output.square().sum()

    if fail and with_loss:
        with pytest.raises(ZeroDivisionError):
            gatescope.record(model, x, loss)
    else:
        gatescope.record(model, x, loss if with_loss else None)
    after = everything(model), random.getstate(), str(np.random.get_state())
    for name, value in before[0].items():
        assert after[0][name] == value, name
    assert after == before
    model.zero_grad()
    model(x).square().sum().backward()  # no graph of the recording is left in its state


def test_a_changed_weight_is_put_back_where_it_was() -> None:
    """The same parameter in the same memory, for an optimizer that holds it."""
    model, x = Learning("weights"), torch.randn(TIME, BATCH, FEATURES)
    weight = model.layer.weight_hh_l0
    memory, version = weight.data_ptr(), weight._version
    gatescope.record(model, x)
    assert (model.layer.weight_hh_l0 is weight, weight.data_ptr()) == (True, memory)
    gatescope.record(nn.Sequential(model.layer), x)
    assert weight._version == version, "what did not change is not written"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_scripted_part_is_put_back() -> None:
    """Its batch statistics; a scripted part without recurrent layers may stand beside one."""
    norm = torch.jit.script(nn.BatchNorm1d(FEATURES)).train()
    layer, x = nn.LSTM(FEATURES, UNITS), torch.randn(TIME, BATCH, FEATURES)

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.norm, self.layer = norm, layer

        def forward(self, x: Tensor) -> Tensor:
            return self.layer(self.norm(x.transpose(1, 2)).transpose(1, 2))[0]

    before = norm.running_mean.clone(), norm.num_batches_tracked.clone()
    gatescope.record(Model(), x, lambda output: output.sum())
    assert torch.equal(norm.running_mean, before[0])
    assert torch.equal(norm.num_batches_tracked, before[1])
