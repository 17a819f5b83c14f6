"""Layers without a path in the model are told apart by their weights; those with one keep it."""

import copy
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import gatescope

TIME, BATCH, UNITS = 4, 2, 3
KINDS: dict[str, tuple[type[nn.RNNBase], Any]] = {
    "lstm": (nn.LSTM, torch.lstm),
    "gru": (nn.GRU, torch.gru),
    "rnn": (nn.RNN, torch.rnn_tanh),
}
CELLS: dict[str, tuple[type[nn.RNNCellBase], Any]] = {
    "lstm": (nn.LSTMCell, torch.lstm_cell),
    "gru": (nn.GRUCell, torch.gru_cell),
    "rnn": (nn.RNNCell, torch.rnn_tanh_cell),
}


def layers(kind: str, count: int = 2, **options: Any) -> list[nn.RNNBase]:
    return [KINDS[kind][0](UNITS, UNITS, **options).double() for _ in range(count)]


def random() -> Tensor:
    return torch.randn(TIME, BATCH, UNITS, dtype=torch.float64)


def square(output: Tensor) -> Tensor:
    return output.square().sum()


def direct(kind: str, layer: nn.RNNBase, x: Tensor, *, by_name: bool = False) -> Tensor:
    """A call of torch's function with a layer's weights."""
    zeros = x.new_zeros(1, BATCH, UNITS)
    states = (zeros, zeros) if kind == "lstm" else zeros
    options = {
        "hx": states, "params": list(layer.parameters()), "has_biases": True, "num_layers": 1,
        "dropout": 0.0, "train": False, "bidirectional": False, "batch_first": False,
    }  # fmt: skip
    function = KINDS[kind][1]
    given: Tensor = function(input=x, **options) if by_name else function(x, *options.values())
    return given[0]


class Runs(nn.Module):
    """It runs what it is made of in its own way."""

    def __init__(self, parts: Any, run: Any, **attributes: Any) -> None:
        super().__init__()
        self.parts, self.how = parts, run
        for name, value in attributes.items():
            setattr(self, name, value)

    def forward(self, x: Tensor) -> Tensor:
        return self.how(self.parts, x)


def added(parts: Any, x: Tensor) -> Tensor:
    return parts[0](x)[0] + parts[1](x)[0]


def made(kind: str) -> Any:
    """Layers made anew in each forward, from given weights."""

    def run(parts: list[nn.RNNBase], x: Tensor) -> Tensor:
        total = torch.zeros((), dtype=x.dtype)
        for part in parts:
            layer = KINDS[kind][0](UNITS, UNITS).double()
            layer.load_state_dict(part.state_dict())
            total = total + layer(x)[0]
        return total

    return run


def called(kind: str, by_name: bool) -> Any:
    def run(parts: list[nn.RNNBase], x: Tensor) -> Tensor:
        return direct(kind, parts[0], x, by_name=by_name) + direct(kind, parts[1], x)

    return run


def copied(kind: str) -> Any:
    """Weights that are joined anew for each call, as Keras does."""

    def run(parts: list[nn.RNNBase], x: Tensor) -> Tensor:
        outputs = [x]
        for part in (*parts, *parts):
            again = copy.deepcopy(part).requires_grad_(False)
            outputs.append(direct(kind, again, outputs[-1]))
        return outputs[-1]

    return run


WAYS: dict[str, tuple[Any, list[str], int]] = {
    "list": (lambda kind: Runs(layers(kind), added), ["parts.0", "parts.1"], 1),
    "dict": (
        lambda kind: Runs({"a": layers(kind, 1)[0], "b": layers(kind, 1)[0]},
                          lambda parts, x: parts["a"](x)[0] + parts["b"](x)[0]),
        ["parts.a", "parts.b"], 1,
    ),
    "tuple_inside_a_module": (
        lambda kind: nn.Sequential(Runs(tuple(layers(kind)), added)), ["0.parts.0", "0.parts.1"], 1
    ),
    "models_in_a_list": (
        lambda kind: Runs([nn.Sequential(layer) for layer in layers(kind)], lambda parts, x: (
            parts[0](x)[0] + parts[1](x)[0])), ["parts.0.0", "parts.1.0"], 1,
    ),
    "made_in_forward": (lambda kind: Runs(layers(kind), made(kind)), ["{}", "{}_2"], 1),
    "direct": (lambda kind: Runs(layers(kind), called(kind, False)), ["{}", "{}_2"], 1),
    "by_name": (lambda kind: Runs(layers(kind), called(kind, True)), ["{}", "{}_2"], 1),
    "copies": (lambda kind: Runs(layers(kind), copied(kind)), ["{}", "{}_2"], 2),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", WAYS)
def test_two_layers_are_two_layers(way: str, kind: str, loop: Any) -> None:
    """Each has a node, with the numbers of its own weights; calls of the same weights share one."""
    make, names, calls = WAYS[way]
    model, x = make(kind), random()
    names = [name.format("rnn_tanh" if kind == "rnn" and way != "made_in_forward" else kind)
             for name in names]  # fmt: skip
    trace = gatescope.record(model, x, square)
    assert [node.path for node in trace.leaves] == [f"/{name}/l0" for name in names]
    parts = [m for m in _parts(model) if isinstance(m, nn.RNNBase)]
    if calls == 1:
        oracles = [loop.run(part, x) for part in parts]
        square(oracles[0].outputs + oracles[1].outputs).backward()
        for oracle, name in zip(oracles, names, strict=True):
            oracle.check(trace, name, gradients=True)
    else:
        for name in names:
            assert trace[f"{name}/l0"].coords["call"].values.tolist() == [0] * TIME + [1] * TIME


def _parts(model: nn.Module) -> list[nn.Module]:
    runs = model if isinstance(model, Runs) else model[0]
    parts = runs.parts.values() if isinstance(runs.parts, dict) else runs.parts
    return [module for part in parts for module in part.modules()]


@pytest.mark.parametrize("kind", CELLS)
@pytest.mark.parametrize("by_name", [False, True])
def test_two_cells_called_directly_are_two_layers(kind: str, by_name: bool) -> None:
    """By the weights that torch's function is given, in order or by name."""
    cell, function = CELLS[kind]
    cells = [cell(UNITS, UNITS).double() for _ in range(2)]

    def run(parts: list[nn.RNNCellBase], x: Tensor) -> Tensor:
        rows = []
        for row in x:
            for part in parts:
                zeros = torch.zeros_like(row)
                hx = (zeros, zeros) if kind == "lstm" else zeros
                if by_name:
                    names = ("w_ih", "w_hh", "b_ih", "b_hh")
                    named = dict(zip(names, part.parameters(), strict=True))
                    output = function(input=row, hx=hx, **named)
                else:
                    output = function(row, hx, *part.parameters())
                row = output[0] if kind == "lstm" else output
            rows.append(row)
        return torch.stack(rows)

    trace = gatescope.record(Runs(cells, run), random(), square)
    assert [node.path for node in trace.leaves] == ["/cell/l0", "/cell_2/l0"]
    assert trace["cell_2/l0"].sizes["time"] == TIME
    again = gatescope.record(Runs(cells[::-1], run), random(), square)
    assert len(again.leaves) == 2


def test_a_name_that_is_taken_is_not_given_again() -> None:
    """A registered layer that is called lstm, beside one without a path."""
    registered, other = layers("lstm")
    model = Runs(
        [], lambda parts, x: model.lstm(x)[0] + direct("lstm", other, x), lstm=registered
    )  # fmt: skip
    x = random()
    trace = gatescope.record(model, x)
    assert [node.path for node in trace.leaves] == ["/lstm/l0", "/lstm_2/l0"]
    expected = gatescope.record(registered, x)["lstm/l0"]["hidden_state"]
    np.testing.assert_array_equal(trace["lstm/l0"]["hidden_state"], expected)


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_a_layer_with_parametrized_weights_keeps_its_name(kind: Any) -> None:
    """torch puts a class of its own in the place of the layer's."""
    layer = nn.utils.parametrizations.weight_norm(kind(3, 4), "weight_hh_l0")
    (leaf,) = gatescope.record(layer, torch.randn(5, 2, 3)).leaves
    assert leaf.path == f"/{kind.__name__.lower()}/l0"
