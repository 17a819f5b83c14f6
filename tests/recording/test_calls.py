"""Modules that a forward calls more than once, one inside another, or feeds to each other."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

import gatescope

TIME, BATCH, FEATURES, UNITS = 5, 3, 4, 4


def random(*shape: int) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64)


class Decoder(nn.Module):
    """One LSTM, called once a step and fed its own output."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm, self.head = nn.LSTM(FEATURES, UNITS), nn.Linear(UNITS, FEATURES)

    def forward(self, x: Tensor) -> Tensor:
        states, outputs = None, []
        for _ in range(TIME):
            h, states = self.lstm(x, states)
            x = self.head(h)
            outputs.append(x)
        return torch.cat(outputs)


def test_a_decoder_fed_its_own_output(loop: Any) -> None:
    """Its calls follow one another along time, each with its number, with exact gradients."""
    model, x = Decoder().double(), random(1, BATCH, FEATURES)
    trace = gatescope.record(model, x, lambda output: output.square().sum())
    h, c, outputs, steps = (
        torch.zeros(BATCH, UNITS).double(),
        torch.zeros(BATCH, UNITS).double(),
        [],
        [],
    )
    fed = x[0]
    for t in range(TIME):
        signals = loop.step(model.lstm, "_l0", fed, h, c)
        h, c = signals["hidden_state"], signals["cell_state"]
        fed = model.head(h)
        outputs.append(fed)
        steps.append((t, signals))
    torch.stack(outputs).square().sum().backward()
    collected = {
        name: [(t, list(range(BATCH)), signals[name]) for t, signals in steps]
        for name in steps[0][1]
    }
    loop.Loop(x, h, c, {"l0": collected}).check(trace, "lstm", gradients=True)
    node = trace["lstm/l0"]
    assert node.coords["call"].values.tolist() == list(range(TIME))
    assert node.coords["time"].values.tolist() == list(range(TIME))
    without = gatescope.record(model, x)
    loop.Loop(x, h, c, {"l0": collected}).check(without, "lstm", gradients=False)


class Siamese(nn.Module):
    """One GRU reads two inputs."""

    def __init__(self) -> None:
        super().__init__()
        self.gru = nn.GRU(FEATURES, UNITS, bidirectional=True)

    def forward(self, left: Tensor, right: Tensor) -> tuple[Tensor, Tensor]:
        return self.gru(left)[0], self.gru(right)[0]


@pytest.mark.parametrize("times", [(TIME, TIME), (TIME, 2)])
def test_two_calls_of_one_batch_share_a_node(times: tuple[int, int], loop: Any) -> None:
    """Told apart by ``call``, whatever their lengths."""
    model = Siamese().double()
    inputs = tuple(random(time, BATCH, FEATURES) for time in times)
    trace = gatescope.record(model, inputs, lambda pair: pair[0].square().sum() + pair[1].sum())
    left, right = (loop.run(model.gru, x) for x in inputs)
    (left.outputs.square().sum() + right.outputs.sum()).backward()
    calls = trace["gru/l0"].coords["call"].values.tolist()
    assert calls == [0] * times[0] + [1] * times[1]
    left.check(trace, "gru", gradients=True, times=slice(0, times[0]))
    right.check(trace, "gru", gradients=True, times=slice(times[0], None))


RAGGED: dict[str, list[tuple[int, list[int]]]] = {
    "batches": [(TIME, [TIME] * 3), (2, [2] * 5), (TIME, [TIME])],
    "packed": [(TIME, [2, TIME, 3]), (4, [4, 1])],
    "packed_alike": [(TIME, [2, TIME, 3]), (TIME, [TIME, 4, 1])],
    "mixed": [(TIME, [TIME] * 2), (4, [1, 4, 2, 2])],
}
"""Calls of one layer: steps, and how many of them each example has."""


class Calls(nn.Module):
    """One layer that reads whatever it is given, call after call."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, *inputs: Any) -> list[Tensor]:
        return [data(self.layer(x)[0]) for x in inputs]


def data(output: Any) -> Tensor:
    return output.data if isinstance(output, PackedSequence) else output


def square(outputs: list[Tensor]) -> Tensor:
    return sum((number + 1) * part.square().sum() for number, part in enumerate(outputs))


@pytest.mark.parametrize("name", RAGGED)
@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_calls_of_different_batches_share_a_node(kind: Any, name: str, loop: Any) -> None:
    """One after the other along time, NaN where a call has no such example or step."""
    layer, calls = kind(FEATURES, UNITS, bidirectional=True).double(), RAGGED[name]
    inputs = [random(time, len(lengths), FEATURES) for time, lengths in calls]
    given = tuple(
        x if set(lengths) == {time} else pack_padded_sequence(x, lengths, enforce_sorted=False)
        for x, (time, lengths) in zip(inputs, calls, strict=True)
    )
    trace = gatescope.record(Calls(layer), given, square)
    oracles = [
        loop.run(layer, x, lengths=None if set(lengths) == {time} else lengths)
        for x, (time, lengths) in zip(inputs, calls, strict=True)
    ]
    square([oracle.outputs for oracle in oracles]).backward()
    most, first = max(len(lengths) for _, lengths in calls), 0
    for number, ((time, lengths), oracle) in enumerate(zip(calls, oracles, strict=True)):
        part = trace.isel(time=slice(first, first + time))
        for node in part.leaves:
            assert node.sizes["batch"] == most
            assert node.coords["call"].values.tolist() == [number] * time
            counts = node.coords["call_length"].values[number].tolist()
            assert counts == lengths + [0] * (most - len(lengths))
            assert node["hidden_state"].isel(batch=slice(len(lengths), None)).isnull().all()
        oracle.check(part.isel(batch=slice(len(lengths))), "layer", gradients=True)
        first += time


@pytest.mark.parametrize("choice", [{"time": 3}, {"time": slice(4, 9)}, {"batch": [4, 0]}])
def test_what_is_chosen_of_ragged_calls_is_the_full_trace_less_the_rest(
    choice: dict[str, Any],
) -> None:
    """Steps counted over all calls, examples where a call has them."""
    inputs = tuple(random(time, len(lengths), FEATURES) for time, lengths in RAGGED["batches"])
    model = Calls(nn.GRU(FEATURES, UNITS).double())
    full = gatescope.record(model, inputs, square)["layer/l0"]
    part = gatescope.record(model, inputs, square, **choice)["layer/l0"]
    time = choice.get("time", slice(None))
    time = slice(None, None, time) if isinstance(time, int) else time
    whole = full.isel(time=time, batch=choice.get("batch", slice(None)))
    assert part.to_dataset().drop_attrs().identical(whole.to_dataset().drop_attrs())


def test_an_example_that_no_call_has_is_named() -> None:
    """The largest call says how many there are."""
    inputs = tuple(random(time, len(lengths), FEATURES) for time, lengths in RAGGED["batches"])
    with pytest.raises(gatescope.RecordError, match="batch contains 5, but the batch of layer/l0"):
        gatescope.record(Calls(nn.GRU(FEATURES, UNITS).double()), inputs, batch=5)


class Twins(nn.Module):
    """One layer in two places, each of which calls it."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.left, self.right = nn.Sequential(layer), nn.ModuleDict({"again": layer})

    def forward(self, x: Tensor) -> Tensor:
        first = self.left(x)[0]
        return self.right["again"](first)[0]


def test_a_layer_shared_by_two_places_has_one_node(loop: Any) -> None:
    """Under the first of its names; both calls follow one another, with exact gradients."""
    layer, x = nn.LSTM(FEATURES, UNITS).double(), random(TIME, BATCH, FEATURES)
    trace = gatescope.record(Twins(layer), x, lambda output: output.square().sum())
    assert [leaf.path for leaf in trace.leaves] == ["/left.0/l0"]
    first = loop.run(layer, x)
    second = loop.run(layer, first.outputs)
    second.outputs.square().sum().backward()
    first.check(trace, "left.0", gradients=True, times=slice(0, TIME))
    second.check(trace, "left.0", gradients=True, times=slice(TIME, None))


class Translator(nn.Module):
    """An embedding, an encoder deep inside, a decoder that begins in its last states, a head."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(7, FEATURES)
        self.enc = nn.Sequential(nn.Linear(FEATURES, FEATURES), nn.LSTM(FEATURES, UNITS, 2))
        self.dec = nn.ModuleDict({"main": nn.LSTM(FEATURES, UNITS, 2)})
        self.head = nn.Linear(UNITS, 2)

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        _, states = self.enc(self.embedding(source))
        outputs, _ = self.dec["main"](self.embedding(target), states)
        return self.head(outputs)


@pytest.mark.parametrize("frozen", [False, True])
def test_an_encoders_last_states_carry_the_decoders_gradients(frozen: bool, loop: Any) -> None:
    """Two stacked LSTMs joined by (h_n, c_n) alone: every gradient in both is exact."""
    model = Translator().double()
    source, target = torch.randint(0, 7, (TIME, BATCH)), torch.randint(0, 7, (4, BATCH))
    encoder, decoder = model.enc[1], model.dec["main"]
    read = loop.run(encoder, model.enc[0](model.embedding(source)))
    written = loop.run(decoder, model.embedding(target), read.h, read.c)
    model.head(written.outputs).square().sum().backward()
    if frozen:
        model.requires_grad_(False)
    trace = gatescope.record(model, (source, target), lambda output: output.square().sum())
    nodes = [f"/{path}/l{layer}" for path in ("enc.1", "dec.main") for layer in (0, 1)]
    assert [node.path for node in trace.leaves] == nodes
    read.check(trace, "enc.1", gradients=True)
    written.check(trace, "dec.main", gradients=True)


def test_layers_of_different_kinds_stack(loop: Any) -> None:
    """A GRU on an LSTM on an RNN, of which one is read in both directions."""

    class Stack(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a = nn.RNN(FEATURES, 3, bidirectional=True)
            self.b, self.c = nn.LSTM(6, 5), nn.GRU(5, 2)

        def forward(self, x: Tensor) -> Tensor:
            return self.c(self.b(self.a(x)[0])[0])[1]

    model, x = Stack().double(), random(TIME, BATCH, FEATURES)
    trace = gatescope.record(model, x, lambda h: h.square().sum())
    first = loop.run(model.a, x)
    second = loop.run(model.b, first.outputs)
    third = loop.run(model.c, second.outputs)
    third.h.square().sum().backward()
    for path, oracle in zip("abc", (first, second, third), strict=True):
        oracle.check(trace, path, gradients=True)
    assert [trace[path].attrs["cell"] for path in ("a/l0", "b/l0", "c/l0")] == [
        "rnn",
        "lstm",
        "gru",
    ]
    assert trace["a/l0_reverse"].attrs["direction"] == "reverse"
    assert trace["b/l0"].attrs["retention_gate"] == "forget_gate"
    assert trace["b/l0"].attrs["hidden_size"] == 5


def test_detached_chunks_have_no_gradient_before_the_cut(loop: Any) -> None:
    """Truncated back-propagation: what lies before a detach is exactly 0, the rest exact."""

    class Truncated(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.lstm = nn.LSTM(FEATURES, UNITS)

        def forward(self, x: Tensor) -> Tensor:
            _, (h, c) = self.lstm(x[:2])
            return self.lstm(x[2:], (h.detach(), c.detach()))[0]

    model, x = Truncated().double(), random(TIME, BATCH, FEATURES)
    trace = gatescope.record(model, x, lambda output: output.square().sum())
    first = loop.run(model.lstm, x[:2])
    second = loop.run(model.lstm, x[2:], first.h.detach(), first.c.detach())
    second.outputs.square().sum().backward()
    first.check(trace, "lstm", gradients=True, times=slice(0, 2))
    second.check(trace, "lstm", gradients=True, times=slice(2, None))
    assert trace["lstm/l0"]["grad_cell_state"].values[:2].tolist() == [[[0.0] * UNITS] * BATCH] * 2


def test_two_layers_that_are_added_do_not_share_what_arrives(loop: Any) -> None:
    """Autograd hands both terms of a sum one gradient tensor; neither layer may write into it."""

    class Sum(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = nn.GRU(FEATURES, UNITS), nn.GRU(FEATURES, UNITS)

        def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
            (left, h), (right, k) = self.a(x), self.b(x)
            return left + right, h.square() + 3 * k.square()

    model, x = Sum().double(), random(TIME, BATCH, FEATURES)
    trace = gatescope.record(model, x, lambda pair: pair[0].square().sum() + pair[1].sum())
    left, right = loop.run(model.a, x), loop.run(model.b, x)
    total = (left.outputs + right.outputs).square().sum()
    (total + left.h.square().sum() + 3 * right.h.square().sum()).backward()
    left.check(trace, "a", gradients=True)
    right.check(trace, "b", gradients=True)
