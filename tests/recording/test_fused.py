"""Recording torch's layers against the explicit loop, over every way to call them, in float64."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

import gatescope

TIME, BATCH, FEATURES, UNITS = 6, 3, 4, 5
KINDS: dict[str, tuple[type[nn.RNNBase], dict[str, Any]]] = {
    "rnn_tanh": (nn.RNN, {}),
    "rnn_relu": (nn.RNN, {"nonlinearity": "relu"}),
    "lstm": (nn.LSTM, {}),
    "gru": (nn.GRU, {}),
    "lstm_projected": (nn.LSTM, {"proj_size": 2}),
}
LENGTHS = {"dense": None, "sorted": [6, 4, 1], "unsorted": [4, 1, 6]}


def random(*shape: int) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64)


def padded(output: Tensor | PackedSequence, batch_first: bool) -> Tensor:
    """Any output as (time, batch, unit) in the batch's own order."""
    if isinstance(output, PackedSequence):
        return pad_packed_sequence(output)[0]
    return output.transpose(0, 1) if batch_first else output


def pieces(output: Any, batch_first: bool) -> list[Tensor]:
    """A layer's output, h_n and, of an LSTM, c_n."""
    outputs, states = output
    return [padded(outputs, batch_first), *(states if isinstance(states, tuple) else (states,))]


def weighted(parts: list[Tensor], weights: list[Tensor]) -> Tensor:
    """A scalar in which every number of every part has a weight of its own."""
    return torch.stack([(p * w).sum() for p, w in zip(parts, weights, strict=True)]).sum()


class Case:
    """A layer, its arguments, and the same as the oracle takes them."""

    def __init__(
        self,
        kind: str,
        layers: int = 1,
        bidirectional: bool = False,
        batch_first: bool = False,
        packing: str = "dense",
        bias: bool = True,
        given: bool = True,
    ) -> None:
        make, options = KINDS[kind]
        self.batch_first = batch_first
        self.layer = make(
            FEATURES,
            UNITS,
            num_layers=layers,
            bidirectional=bidirectional,
            batch_first=batch_first,
            bias=bias,
            **options,
        ).double()
        self.x, self.lengths = random(TIME, BATCH, FEATURES).requires_grad_(), LENGTHS[packing]
        inputs: Any = self.x.transpose(0, 1) if batch_first else self.x
        if self.lengths is not None:
            inputs = pack_padded_sequence(
                inputs, self.lengths, batch_first=batch_first, enforce_sorted=packing == "sorted"
            )
        count = layers * (2 if bidirectional else 1)
        self.states: list[Tensor] = []
        if given:
            self.states = [random(count, BATCH, options.get("proj_size", UNITS)).requires_grad_()]
            self.states += [random(count, BATCH, UNITS).requires_grad_()] * (make is nn.LSTM)
        self.arguments = (inputs,)
        if given:
            self.arguments += (tuple(self.states) if make is nn.LSTM else self.states[0],)
        self.path = make.__name__.lower()

    def check(self, loop: Any, counted: tuple[str, ...] = ("outputs", "h", "c")) -> None:
        """Record with random weights on the counted parts of the output, and hold every number."""
        oracle = loop.run(self.layer, self.x, *self.states, lengths=self.lengths)
        parts = [part for part in (oracle.outputs, oracle.h, oracle.c) if part is not None]
        with torch.no_grad():
            torchs = pieces(self.layer(*self.arguments), self.batch_first)
        for mine, theirs in zip(parts, torchs, strict=True):  # the oracle has an oracle
            torch.testing.assert_close(mine, theirs, rtol=1e-10, atol=1e-12)
        names = ("outputs", "h", "c")[: len(parts)]
        weights = [
            random(*part.shape) * (name in counted) for name, part in zip(names, parts, strict=True)
        ]
        seen: list[list[Tensor]] = []

        def loss(output: Any) -> Tensor:
            seen.append(pieces(output, self.batch_first))
            return weighted(seen[-1], weights)

        trace = gatescope.record(self.layer, self.arguments, loss)
        for found, theirs in zip(seen[0], torchs, strict=True):
            torch.testing.assert_close(found, theirs, rtol=1e-12, atol=1e-14)
        value = weighted(parts, weights)
        value.backward()
        assert trace.attrs["loss"] == pytest.approx(value.item(), rel=1e-10)
        oracle.check(trace, self.path, gradients=True)
        for node in trace.leaves:
            assert ("length" in node.coords) == (self.lengths is not None)
            if self.lengths is not None:
                assert node.coords["length"].values.tolist() == self.lengths


@pytest.mark.parametrize("given", [True, False], ids=["given", "zeros"])
@pytest.mark.parametrize("bias", [True, False], ids=["bias", "plain"])
@pytest.mark.parametrize("packing", LENGTHS)
@pytest.mark.parametrize("batch_first", [True, False], ids=["batch_first", "time_first"])
@pytest.mark.parametrize("bidirectional", [True, False], ids=["both", "one"])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_every_signal_and_gradient_is_that_of_the_loop(
    kind: str,
    layers: int,
    bidirectional: bool,
    batch_first: bool,
    packing: str,
    bias: bool,
    given: bool,
    loop: Any,
) -> None:
    """A loss on output, h_n and c_n at once; NaN past each end, lengths in the batch's order."""
    Case(kind, layers, bidirectional, batch_first, packing, bias, given).check(loop)


@pytest.mark.parametrize("counted", ["outputs", "h", "c"])
@pytest.mark.parametrize("packing", LENGTHS)
@pytest.mark.parametrize("bidirectional", [True, False], ids=["both", "one"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_loss_on_one_part_of_the_output_alone(
    kind: str, bidirectional: bool, packing: str, counted: str, loop: Any
) -> None:
    """The gradients that arrive at h_n and c_n start at each sequence's own last step."""
    if counted == "c" and "lstm" not in kind:
        counted = "outputs"
    Case(kind, 2, bidirectional, packing=packing).check(loop, (counted,))


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_of_inputs_and_given_states_pass_through(kind: str, loop: Any) -> None:
    """What lies before a recorded layer gets the exact gradient too: x, h_0 and c_0."""
    case = Case(kind, 2, True, packing="unsorted")
    front = nn.Linear(FEATURES, FEATURES).double()
    seen: list[Tensor] = []

    class Model(nn.Module):
        """A linear map before the layer; its output is the loss, and its gradient is kept."""

        def __init__(self) -> None:
            super().__init__()
            self.layer, self.front = case.layer, front

        def forward(self, x: Tensor, *states: Any) -> Tensor:
            packed = pack_padded_sequence(front(x), case.lengths, enforce_sorted=False)
            output = pieces(self.layer(packed, *states), False)
            value = torch.stack([part.square().sum() for part in output]).sum()
            leaves = [x, *case.states]
            seen.extend(torch.autograd.grad(value, leaves, retain_graph=True))
            return value

    gatescope.record(Model(), (case.x, *case.arguments[1:]), lambda value: value)
    oracle = loop.run(case.layer, front(case.x), *case.states, lengths=case.lengths)
    parts = [part for part in (oracle.outputs, oracle.h, oracle.c) if part is not None]
    value = torch.stack([part.square().sum() for part in parts]).sum()
    expected = torch.autograd.grad(value, [case.x, *case.states])
    for found, wanted in zip(seen, expected, strict=True):
        torch.testing.assert_close(found, wanted, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_an_unbatched_sequence_is_a_batch_of_one(kind: str, batch_first: bool, loop: Any) -> None:
    """(time, feature) in; (time, 1, unit) recorded."""
    make, options = KINDS[kind]
    layer = make(FEATURES, UNITS, batch_first=batch_first, **options).double()
    x = random(TIME, FEATURES)
    trace = gatescope.record(layer, x, lambda output: output[0].square().sum())
    oracle = loop.run(layer, x.unsqueeze(1))
    oracle.outputs.square().sum().backward()
    oracle.check(trace, make.__name__.lower(), gradients=True)
