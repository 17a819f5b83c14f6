"""Models and losses that differentiate on the way, or make weights: what a plain loop gives.

The oracle of recording runs on the very weights that were made; a model's output while it is
recorded is what it gives by itself.
"""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.autograd import forward_ad

import gatescope

TIME, BATCH, FEATURES, UNITS = 5, 3, 4, 4
KINDS: dict[str, tuple[type[nn.RNNBase], dict[str, Any]]] = {
    "lstm": (nn.LSTM, {}),
    "gru": (nn.GRU, {}),
    "rnn": (nn.RNN, {}),
    "relu": (nn.RNN, {"nonlinearity": "relu"}),
    "bidirectional": (nn.LSTM, {"bidirectional": True}),
    "two_layers": (nn.GRU, {"num_layers": 2}),
}


def layer(kind: str) -> nn.RNNBase:
    made, options = KINDS[kind]
    return made(FEATURES, UNITS, **options).double()


def random(*shape: int) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64)


def square(output: Any) -> Tensor:
    return output.square().sum()


def on_weights(module: nn.RNNBase, weights: dict[str, Tensor]) -> nn.RNNBase:
    """A copy of a layer whose weights are these very tensors."""
    other = copy.deepcopy(module)
    for name, weight in weights.items():
        delattr(other, name)
        object.__setattr__(other, name, weight)
    return other


class Hyper(nn.Module):
    """One recurrent layer makes a weight of another, in one of three ways."""

    def __init__(self, kind: str, way: str) -> None:
        super().__init__()
        self.maker, self.main = layer(kind), layer(kind)
        self.out = nn.Linear(self.width(), self.main.weight_hh_l0.numel()).double()
        self.way = way

    def width(self) -> int:
        return UNITS * (2 if self.maker.bidirectional else 1)

    def weight(self, last: Tensor) -> Tensor:
        return self.out(last).view_as(self.main.weight_hh_l0)

    def forward(self, x: Tensor) -> Tensor:
        weight = self.weight(self.maker(x)[0][-1, 0])
        if self.way == "functional_call":
            made = {"weight_hh_l0": weight}
            return torch.func.functional_call(self.main, made, (x,))[0]
        if self.way == "direct":
            function = {nn.LSTM: torch.lstm, nn.GRU: torch.gru}.get(type(self.main), torch.rnn_tanh)
            weights = [weight if w is self.main.weight_hh_l0 else w for w in self.main.parameters()]
            groups = self.main.num_layers * (2 if self.main.bidirectional else 1)
            zeros = x.new_zeros(groups, BATCH, UNITS)
            states = (zeros, zeros) if isinstance(self.main, nn.LSTM) else zeros
            sides = self.main.bidirectional
            return function(
                x, states, weights, True, self.main.num_layers, 0.0, False, sides, False
            )[0]
        del self.main._parameters["weight_hh_l0"]
        self.main.weight_hh_l0 = weight  # an attribute set in forward
        return self.main(x)[0]


@pytest.mark.parametrize("way", ["functional_call", "direct", "attribute"])
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "relu"])
def test_a_made_weight_passes_its_gradient_on(kind: str, way: str, loop: Any) -> None:
    """To the layer that made it, beside what reaches it along other paths."""
    model, x = Hyper(kind, way), random(TIME, BATCH, FEATURES)
    maker, main = copy.deepcopy(model.maker), copy.deepcopy(model.main)
    trace = gatescope.record(model, x, square)
    first = loop.run(maker, x)
    second = loop.run(on_weights(main, {"weight_hh_l0": model.weight(first.outputs[-1, 0])}), x)
    square(second.outputs).backward()
    first.check(trace, "maker", gradients=True)
    name = "main" if way != "direct" else main.mode.lower()
    second.check(trace, name, gradients=True)
    assert isinstance(model.main.weight_hh_l0, nn.Parameter)


def dropped(module: nn.RNNBase) -> nn.RNNBase:
    """Weight drop: the recurrent weights are computed anew at each call."""
    torch.nn.utils.parametrizations.weight_norm(module, "weight_hh_l0")
    return module


@pytest.mark.parametrize("kind", KINDS)
def test_a_parametrized_layer(kind: str, loop: Any) -> None:
    """Weight normalisation: the numbers are those of the weights that it makes."""
    module, x = dropped(layer(kind)), random(TIME, BATCH, FEATURES)
    plain = layer(kind)
    plain.load_state_dict({name: getattr(module, name) for name in plain.state_dict()})
    trace = gatescope.record(nn.Sequential(module), x, lambda output: square(output[0]))
    oracle = loop.run(plain, x)
    square(oracle.outputs).backward()
    oracle.check(trace, "0", gradients=True)


class Adapts(nn.Module):
    """It takes a step down its own loss before it answers (MAML, test-time training)."""

    def __init__(self, kind: str, way: str) -> None:
        super().__init__()
        self.main, self.way = layer(kind), way

    def forward(self, x: Tensor) -> Tensor:
        weights = dict(self.main.named_parameters())
        with torch.enable_grad():
            inner = square(self.main(x)[0])
            if self.way == "backward":
                inner.backward()
                slopes: Any = [w.grad.clone() for w in weights.values()]
                for weight in weights.values():
                    weight.grad = None
            else:
                slopes = torch.autograd.grad(
                    inner,
                    list(weights.values()),
                    create_graph=self.way == "second order",
                    allow_unused=self.way == "unused",
                )
        fast = {name: w - 0.1 * s for (name, w), s in zip(weights.items(), slopes, strict=True)}
        return torch.func.functional_call(self.main, fast, (x,))[0]


@pytest.mark.parametrize("way", ["first order", "second order", "unused", "backward"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_model_that_differentiates_by_its_own_weights(kind: str, way: str, loop: Any) -> None:
    """It computes what it computes unrecorded, with a loss and without; gradients are exact."""
    model, x = Adapts(kind, way), random(TIME, BATCH, FEATURES)
    expected = model(x).detach()
    outputs: list[Tensor] = []

    def loss(output: Tensor) -> Tensor:
        outputs.append(output.detach().clone())
        return square(output)

    trace = gatescope.record(model, x, loss)
    torch.testing.assert_close(outputs[-1], expected, rtol=1e-12, atol=1e-14)
    assert all(weight.grad is None for weight in model.parameters())
    weights = dict(model.main.named_parameters())
    first = loop.run(model.main, x)
    graph = way == "second order"
    slopes = torch.autograd.grad(square(first.outputs), list(weights.values()), create_graph=graph)
    fast = {name: w - 0.1 * s for (name, w), s in zip(weights.items(), slopes, strict=True)}
    second = loop.run(on_weights(model.main, fast), x)
    first.forget_gradients()
    square(second.outputs).backward()
    first.check(trace, "main", gradients=True, times=slice(TIME))
    second.check(trace, "main", gradients=True, times=slice(TIME, None))
    model.zero_grad()
    values = gatescope.record(model, x)
    first.check(values, "main", gradients=False, times=slice(TIME))
    second.check(values, "main", gradients=False, times=slice(TIME, None))


class Energy(nn.Module):
    """It moves its input down an energy, and reads what comes out."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.main = module

    def read(self, x: Tensor) -> Tensor:
        output = self.main(x)
        return output[0] if isinstance(output, tuple) else output

    def moved(self, x: Tensor) -> Tensor:
        with torch.enable_grad():
            v = x.detach().clone().requires_grad_()
            (slope,) = torch.autograd.grad(square(self.read(v)), v)
        return (v - 0.1 * slope).detach()

    def forward(self, x: Tensor) -> Tensor:
        return self.read(self.moved(x))


@pytest.mark.parametrize("mode", ["train", "eval"])
@pytest.mark.parametrize("kind", [*KINDS, "own_lstm", "own_gru"])
def test_the_gradients_of_an_inner_scalar_are_not_the_losss(kind: str, mode: str) -> None:
    """Of the first call, which the loss does not see, they are 0; of the second exact."""
    module: nn.Module
    if kind.startswith("own_"):
        module = gatescope.Recurrence([gatescope.make_cell(kind[4:], FEATURES, UNITS)]).double()
    else:
        module = layer(kind)
    model, x = Energy(module).train(mode == "train"), random(TIME, BATCH, FEATURES)
    trace = gatescope.record(model, x, square)
    alone = gatescope.record(module, model.moved(x), lambda o: square(o[0] if len(o) < 3 else o))
    for node, only in zip(trace.leaves, alone.leaves, strict=True):
        for name in (name for name in node.data_vars if str(name).startswith("grad_")):
            assert (node[name].values[:TIME] == 0).all()
            np.testing.assert_allclose(node[name].values[TIME:], only[name], rtol=1e-9, atol=1e-13)
            assert np.abs(only[name]).max() > 0


class Force(nn.Module):
    """Its answer is minus the slope of an energy: a gradient itself."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.main = layer(kind)

    def forward(self, x: Tensor) -> Tensor:
        with torch.enable_grad():
            x = x.detach().requires_grad_()
            energy = square(self.main(x)[0])
            return -torch.autograd.grad(energy, x, create_graph=True)[0]


@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_that_is_a_gradient(kind: str, loop: Any) -> None:
    """A force as -dE/dx: the loss's gradients are second derivatives of the energy."""
    model, x = Force(kind), random(TIME, BATCH, FEATURES)
    trace = gatescope.record(model, x, square)
    x.requires_grad_()
    oracle = loop.run(model.main, x)
    force = -torch.autograd.grad(square(oracle.outputs), x, create_graph=True)[0]
    oracle.forget_gradients()
    square(force).backward()
    oracle.check(trace, "main", gradients=True)
    oracle.check(gatescope.record(model, x.detach()), "main", gradients=False)


def test_an_exception_that_a_model_catches_is_no_way_out() -> None:
    """A model that tries to differentiate, and answers something else when that fails."""

    class Careful(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.main = layer("lstm")

        def forward(self, x: Tensor) -> Tensor:
            output = self.main(x)[0]
            try:
                weights = [*self.parameters()]
                slopes = torch.autograd.grad(square(output), weights, retain_graph=True)
                return slopes[0].sum() * output
            except BaseException:  # noqa: BLE001
                return output

    model, x = Careful(), random(TIME, BATCH, FEATURES)
    expected, outputs = model(x).detach(), []
    gatescope.record(model, x, lambda output: (outputs.append(output.detach()), square(output))[1])
    torch.testing.assert_close(outputs[-1], expected, rtol=1e-12, atol=1e-14)


def in_place(part: str) -> Callable[[nn.RNNBase, Tensor], Tensor]:
    """A forward that changes something between its layer and the loss."""

    def forward(main: nn.RNNBase, x: Tensor) -> Tensor:
        x, h = x.clone(), x.new_zeros(1, BATCH, UNITS)
        output, last = main(x, (h, h.clone()) if isinstance(main, nn.LSTM) else h)
        with torch.no_grad():
            if part == "weight":
                main.weight_hh_l0.mul_(0)
            elif part == "bias":
                main.bias_ih_l0.add_(1)
            elif part == "state":
                h.add_(1)
            elif part == "last":
                (last[0] if isinstance(last, tuple) else last).add_(1)
            elif part == "input":
                x.mul_(2)
        return output

    return forward


class Changing(nn.Module):
    def __init__(self, module: nn.RNNBase, forward: Callable[[nn.RNNBase, Tensor], Tensor]) -> None:
        super().__init__()
        self.main, self.how = module, forward

    def forward(self, x: Tensor) -> Tensor:
        return self.how(self.main, x)


@pytest.mark.parametrize("signals", [None, "grad_hidden_state"])
@pytest.mark.parametrize("part", ["weight", "state", "last", "input", "nothing"])
@pytest.mark.parametrize("kind", ["lstm", "gru", "rnn", "relu"])
def test_what_is_changed_in_place_before_the_loss_is_refused_or_does_not_count(
    kind: str, part: str, signals: Any, loop: Any
) -> None:
    """Never other numbers: as torch refuses it, or exactly those of the values before."""
    module, x = layer(kind), random(TIME, BATCH, FEATURES)
    model = Changing(module, in_place(part))
    oracle = loop.run(copy.deepcopy(module), x)
    square(oracle.outputs).backward()
    if part in ("weight", "state", "input"):
        with pytest.raises(gatescope.RecordError, match="changed in place between the layer and"):
            gatescope.record(model, x, square, signals=signals)
        return
    trace = gatescope.record(model, x, square, signals=signals)
    expected = gatescope.record(Changing(module, in_place("nothing")), x, square)["main/l0"]
    for name, values in trace["main/l0"].data_vars.items():
        np.testing.assert_array_equal(values, expected[name])
    if signals is None:
        oracle.check(trace, "main", gradients=True)


@pytest.mark.parametrize("kind", ["lstm", "gru", "rnn"])
def test_an_output_changed_in_place_under_few_signals(kind: str, loop: Any) -> None:
    """Gates alone are kept, so going back needs the output as it was."""
    module, x = layer(kind), random(TIME, BATCH, FEATURES)
    model = Changing(module, lambda main, x: main(x)[0].mul_(3.0))
    kept = ["grad_hidden_state"]
    trace = gatescope.record(model, x, square, signals=kept)["main/l0"]
    oracle = loop.run(module, x)
    square(3 * oracle.outputs).backward()
    for time, _, signal in oracle.signals["l0"]["hidden_state"]:
        np.testing.assert_allclose(trace[kept[0]][time], signal.grad, rtol=1e-10, atol=1e-12)


def test_what_is_left_of_a_recordings_graph_says_so() -> None:
    """An output kept from inside a recording cannot be differentiated by surprise."""
    outputs: list[Tensor] = []
    model, x = nn.Sequential(layer("lstm")), random(TIME, BATCH, FEATURES)
    gatescope.record(model, x, lambda out: (outputs.append(out[0][0]), square(out[0]))[1])
    with pytest.raises(RuntimeError, match=r"that had ended|second time"):
        outputs[0].sum().backward()


class Tangent(nn.Module):
    """Its answer is the change of its layer's output along its input: a forward-mode derivative."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.main = module

    def forward(self, x: Tensor) -> Tensor:
        with forward_ad.dual_level():
            output = self.main(forward_ad.make_dual(x, torch.ones_like(x)))
            output = output[0] if isinstance(output, tuple) else output
            return forward_ad.unpack_dual(output).tangent


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # torch's own, on its first use
@pytest.mark.parametrize("kind", ["lstm", "gru", "rnn"])
def test_a_forward_mode_derivative(kind: str) -> None:
    """The same as of our own cells, which are plain operations."""
    fused, x = layer(kind), random(TIME, BATCH, FEATURES)
    cell = gatescope.make_cell(kind, FEATURES, UNITS).double()
    gatescope.copy_weights(fused, cell)
    expected = gatescope.record(Tangent(gatescope.Recurrence([cell])), x, square)["main/l0"]
    trace = gatescope.record(Tangent(fused), x, square)["main/l0"]
    for name, values in expected.data_vars.items():
        np.testing.assert_allclose(trace[name], values, rtol=1e-10, atol=1e-13)
