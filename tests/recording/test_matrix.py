"""Every way to call torch's layers, two by two: a generated matrix against the explicit loop.

All options are crossed so that every pair of values of two options occurs in some case; the rest
of each case is drawn. In float64 all signals and gradients agree with the loop to 1e-10.
"""

import random
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

import gatescope
from gatescope.recording import closed_form, direction, loops, signal_buffer, store_factory

TIME, BATCH, FEATURES, UNITS = 6, 3, 2, 3
KINDS: dict[str, tuple[type[nn.RNNBase], dict[str, Any]]] = {
    "rnn_tanh": (nn.RNN, {}),
    "rnn_relu": (nn.RNN, {"nonlinearity": "relu"}),
    "lstm": (nn.LSTM, {}),
    "gru": (nn.GRU, {}),
    "lstm_projected": (nn.LSTM, {"proj_size": 2}),
}
LENGTHS = {"sorted": [6, 4, 1], "unsorted": [1, 6, 3]}
OPTIONS: dict[str, tuple[Any, ...]] = {
    "kind": tuple(KINDS),
    "layers": (1, 2, 3, 4),
    "bidirectional": (False, True),
    "batch_first": (False, True),
    "bias": (True, False),
    "shape": ("dense", "unbatched", *LENGTHS),
    "given": (False, True),
    "dropout": (0.0, 0.4),
    "training": (True, False),
    "frozen": (False, True),
    "no_grad": (False, True),
    "counted": (("output",), ("h",), ("c",), ("output", "c"), ("output", "h", "c")),
    "place": ("alone", "sequential", "buried", "subclass", "made"),
    "derivative": ("first", "second"),
    "block": (direction.BLOCK, 20, 1),
    "large": (loops.LARGE, 1),
}
"""``place``, ``made``: the layer runs on weights that were computed from others. ``derivative``,
``second``: the loss has a gradient penalty. ``block``: how many numbers of a signal are worked on
at a time; ``large``: from how many on a matrix is laid out anew.
"""

Option = dict[str, Any]


def pairs(case: Option) -> set[tuple[str, Any, str, Any]]:
    """Every two options of a case with their values."""
    return {(a, case[a], b, case[b]) for a, b in combinations(OPTIONS, 2)}


def all_pairs() -> set[tuple[str, Any, str, Any]]:
    """Every two options with every two values."""
    return {
        (a, x, b, y) for a, b in combinations(OPTIONS, 2) for x in OPTIONS[a] for y in OPTIONS[b]
    }


def matrix(more: int) -> list[Option]:
    """Cases until every pair has occurred, then ``more``."""
    draw = random.Random(5)

    def drawn() -> Option:
        return {name: draw.choice(values) for name, values in OPTIONS.items()}

    cases, open_pairs = [], all_pairs()
    while open_pairs:
        cases.append(max((drawn() for _ in range(60)), key=lambda c: len(pairs(c) & open_pairs)))
        open_pairs -= pairs(cases[-1])
    return cases + [drawn() for _ in range(more)]


CASES = matrix(120)


def test_the_matrix_holds_every_pair() -> None:
    """No two values of two options were forgotten."""
    assert set().union(*map(pairs, CASES)) == all_pairs()


class Buried(nn.Module):
    """The layer deep inside, at ``a.0.layer``."""

    def __init__(self, layer: nn.RNNBase) -> None:
        super().__init__()
        inner = nn.Module()
        inner.layer = layer
        self.a = nn.ModuleList([inner])

    def forward(self, *arguments: Any) -> Any:
        return self.a[0].layer(*arguments)


class Made(nn.Module):
    """The layer's weights come out of a computation."""

    def __init__(self, layer: nn.RNNBase) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, *arguments: Any) -> Any:
        weights = {name: 2 * (weight / 2) for name, weight in self.layer.named_parameters()}
        return torch.func.functional_call(self.layer, weights, arguments)


def subclass(layer: nn.RNNBase) -> nn.RNNBase:
    """The same layer as an object of a class derived from its own."""
    kind = type(layer)
    layer.__class__ = type("Mine", (kind,), {})
    return layer


class Case:
    """A layer, where it lies, and what it is given."""

    def __init__(self, option: Option) -> None:
        self.option = option
        kind, options = KINDS[option["kind"]]
        if option["layers"] == 1:  # torch warns: there is nothing to drop between
            self.option = option = option | {"dropout": 0.0}
        self.layer = kind(
            FEATURES, UNITS, option["layers"], bias=option["bias"], dropout=option["dropout"],
            batch_first=option["batch_first"], bidirectional=option["bidirectional"], **options,
        ).double().train(option["training"])  # fmt: skip
        self.batch = 1 if option["shape"] == "unbatched" else BATCH
        self.x = torch.randn(TIME, self.batch, FEATURES, dtype=torch.float64)
        self.x.requires_grad_(option["derivative"] == "second")
        self.lengths = LENGTHS.get(option["shape"])
        count = option["layers"] * (2 if option["bidirectional"] else 1)
        widths = [options.get("proj_size", UNITS)] + [UNITS] * (kind is nn.LSTM)
        # several arguments need a model that takes them
        self.given = option["given"] and option["place"] != "sequential"
        self.states = [
            torch.randn(count, self.batch, width, dtype=torch.float64) for width in widths
        ]
        self.place()

    def place(self) -> None:
        """Put the layer where it shall lie."""
        name = type(self.layer).__name__.lower()
        self.model, self.path = {
            "alone": lambda: (self.layer, name),
            "sequential": lambda: (nn.Sequential(nn.Identity(), self.layer), "1"),
            "buried": lambda: (Buried(self.layer), "a.0.layer"),
            "subclass": lambda: (subclass(self.layer), "mine"),
            "made": lambda: (Made(self.layer), "layer"),
        }[self.option["place"]]()

    def arguments(self) -> tuple[Any, ...]:
        """What the model's forward takes."""
        x: Any = self.x
        states = self.states
        if self.option["shape"] == "unbatched":
            x, states = x[:, 0], [state[:, 0] for state in states]
        elif self.option["batch_first"]:
            x = x.transpose(0, 1)
        if self.lengths is not None:
            x = pack_padded_sequence(
                x, self.lengths, batch_first=self.option["batch_first"],
                enforce_sorted=self.option["shape"] == "sorted",
            )  # fmt: skip
        if not self.given:
            return (x,)
        return x, (tuple(states) if isinstance(self.layer, nn.LSTM) else states[0])

    def pieces(self, output: Any) -> dict[str, Tensor]:
        """Output, h and c as the loop has them."""
        outputs, states = output
        if isinstance(outputs, PackedSequence):
            outputs = pad_packed_sequence(outputs)[0]
        elif self.option["shape"] == "unbatched":
            outputs = outputs.unsqueeze(1)
        elif self.option["batch_first"]:
            outputs = outputs.transpose(0, 1)
        states = states if isinstance(states, tuple) else (states,)
        if self.option["shape"] == "unbatched":
            states = tuple(state.unsqueeze(1) for state in states)
        return dict(zip(("output", "h", "c"), (outputs, *states), strict=False))

    def masks(self) -> list[Tensor] | None:
        """What torch drops between two layers, drawn as torch draws it: for the rows in memory."""
        if not self.option["dropout"] or not self.option["training"]:
            return None
        width = self.pieces(self.layer(*self.arguments()))["output"].shape[-1]
        drawn = []
        torch.manual_seed(7)
        for _ in range(self.option["layers"] - 1):
            if self.lengths is None:
                ones = torch.ones(TIME, self.batch, width, dtype=torch.float64)
                drawn.append(torch.dropout(ones, self.option["dropout"], True))
            else:
                packed = self.arguments()[0]
                ones = torch.ones(len(packed.data), width, dtype=torch.float64)
                rows = torch.dropout(ones, self.option["dropout"], True)
                drawn.append(pad_packed_sequence(packed._replace(data=rows))[0])
        return drawn

    def loss(self, parts: dict[str, Tensor]) -> Tensor:
        """Every number of what counts has a weight of its own."""
        names = [name for name in self.option["counted"] if name in parts] or ["output"]
        total = torch.zeros((), dtype=torch.float64)
        for name in names:
            weight = torch.linspace(-1, 2, parts[name].numel(), dtype=torch.float64)
            total = total + (parts[name] * weight.view(parts[name].shape)).sum()
        if self.option["derivative"] == "second":
            slopes = torch.autograd.grad(total, self.x, create_graph=True)[0]
            total = total + slopes.square().sum()
        return total

    def recorded(self, with_loss: bool, **chosen: Any) -> Any:
        """A recording, or a part of it; the same each time."""
        torch.manual_seed(3)
        loss = (lambda output: self.loss(self.pieces(output))) if with_loss else None
        return gatescope.record(self.model, self.arguments(), loss, **chosen)


@pytest.fixture
def sized(monkeypatch: pytest.MonkeyPatch) -> Callable[[Option], None]:
    """Sets how many numbers are worked on at a time, and which matrix counts as large."""

    def set_sizes(option: Option) -> None:
        monkeypatch.setattr(direction, "BLOCK", option["block"])
        monkeypatch.setattr(signal_buffer, "CHUNK", option["block"])
        monkeypatch.setattr(loops, "LARGE", option["large"])
        monkeypatch.setattr(loops, "MANY", min(loops.MANY, option["large"]))
        if option["large"] == 1:  # nothing is held for the way back: all is computed again
            monkeypatch.setattr(direction, "HELD", 0)
            monkeypatch.setattr(direction, "TORCHS", 0)
            monkeypatch.setattr(store_factory, "SMALL", 0)

    return set_sizes


@pytest.mark.parametrize("number", range(len(CASES)))
def test_a_case_of_the_matrix(number: int, loop: Any, sized: Any) -> None:
    """Output, signals and gradients, from equal random states, and nothing else has moved."""
    option = CASES[number]
    sized(option)
    case = Case(option)
    masks = case.masks()
    states = case.states if case.given else []
    oracle = loop.run(case.layer, case.x, *states, lengths=case.lengths, masks=masks)
    parts = {"output": oracle.outputs, "h": oracle.h} | (
        {} if oracle.c is None else {"c": oracle.c}
    )
    value = case.loss(parts)
    oracle.forget_gradients()
    value.backward()
    case.layer.zero_grad(set_to_none=True)
    torch.manual_seed(7)
    torchs = case.pieces(case.model(*case.arguments()))
    for name, part in parts.items():  # the oracle has an oracle
        torch.testing.assert_close(torchs[name], part, rtol=1e-10, atol=1e-12)
    case.x.grad = None
    case.layer.requires_grad_(not option["frozen"])
    seen: list[dict[str, Tensor]] = []

    def loss(output: Any) -> Tensor:
        seen.append(case.pieces(output))
        return case.loss(seen[-1])

    arguments = case.arguments()
    torch.manual_seed(7)
    with torch.no_grad() if option["no_grad"] else nullcontext():
        trace = gatescope.record(case.model, arguments, loss)
    assert torch.equal(torch.random.get_rng_state(), torch.manual_seed(7).get_state())
    for name, part in torchs.items():
        torch.testing.assert_close(seen[0][name], part, rtol=1e-12, atol=1e-14)
    assert trace.attrs["loss"] == pytest.approx(value.item(), rel=1e-10)
    oracle.check(trace, case.path, gradients=True)
    assert all(parameter.grad is None for parameter in case.layer.parameters())
    for node in trace.leaves:
        assert ("length" in node.coords) == (case.lengths is not None)
        if case.lengths is not None:
            assert node.coords["length"].values.tolist() == case.lengths


def choice(full: Any, case: Case, draw: random.Random) -> dict[str, Any]:
    """A part of a trace, drawn: examples, units, time, layers and signals."""
    nodes = [node.path.strip("/") for node in full.leaves]
    names = [str(name) for name in full[nodes[0]].data_vars]
    return {
        "batch": draw.choice([None, 0, slice(1), [case.batch - 1, 0]]),
        "units": draw.choice([None, 2, slice(1, 3), [2, 0]]),
        "time": draw.choice([None, 2, slice(1, 4), slice(1, None, 3), slice(0, 1)]),
        "layers": draw.choice([None, nodes[-1], draw.sample(nodes, len(nodes) // 2 + 1)]),
        "signals": draw.choice([None, draw.choice(names), draw.sample(names, len(names) // 2 + 1)]),
    }


@pytest.mark.parametrize("with_loss", [True, False])
@pytest.mark.parametrize("number", range(2, len(CASES), 9))
def test_what_goes_to_a_file_is_what_stays_in_memory(
    number: int, with_loss: bool, sized: Any, tmp_path: Path
) -> None:
    """Everything and a part of it: values bit for bit, names, order, labels, attributes, types."""
    case, draw = Case(CASES[number]), random.Random(number)
    sized(case.option)

    record = partial(case.recorded, with_loss)
    full = record()
    for chosen in ({}, choice(full, case, draw)):
        expected = record(**chosen)
        with record(**chosen, to=tmp_path / "trace.nc") as trace:
            assert [node.path for node in trace.subtree] == [n.path for n in expected.subtree]
            for leaf in expected.leaves:
                assert list(trace[leaf.path].data_vars) == list(leaf.data_vars)
                for name in leaf.variables:
                    assert trace[leaf.path][name].dtype == leaf[name].dtype
            assert trace.identical(expected)
    assert list(tmp_path.iterdir()) == [tmp_path / "trace.nc"]


@pytest.mark.parametrize("with_loss", [True, False])
@pytest.mark.parametrize("number", range(0, len(CASES), 5))
def test_what_is_chosen_is_the_full_trace_less_the_rest(
    number: int, with_loss: bool, sized: Any
) -> None:
    """Signals, layers, examples, units and time chosen at random; the numbers stay the same."""
    case, draw = Case(CASES[number]), random.Random(number)
    sized(case.option)

    record = partial(case.recorded, with_loss)
    full = record()
    chosen = choice(full, case, draw)
    examples, units, time, layers, signals = chosen.values()
    nodes = [node.path.strip("/") for node in full.leaves]
    part = record(**chosen)
    kept = nodes if layers is None else [layers] if isinstance(layers, str) else layers
    assert {node.path.strip("/") for node in part.leaves} == set(kept)

    def indices(chosen: Any) -> Any:
        return slice(None) if chosen is None else [chosen] if isinstance(chosen, int) else chosen

    for node in part.leaves:
        whole = full[node.path].to_dataset()
        if signals is not None:
            whole = whole[[signals] if isinstance(signals, str) else signals]
        at = {"batch": indices(examples), "unit": indices(units)}
        at["time"] = slice(None, None, time) if isinstance(time, int) else indices(time)
        whole = whole.isel({dim: at[dim] for dim in at if dim in whole.dims})
        assert set(node.data_vars) == set(whole.data_vars)
        for name, expected in whole.data_vars.items():
            np.testing.assert_allclose(node[name], expected, rtol=1e-11, atol=1e-13)
        for name in ("time", "batch", "unit", "length"):
            if name in whole.coords:
                assert node.coords[name].values.tolist() == whole.coords[name].values.tolist()
        assert node.attrs == full[node.path].attrs


@pytest.mark.parametrize(
    ("chosen", "share"),
    [
        ({"batch": [0, 3]}, 2 / 8),
        ({"units": slice(0, 10)}, 10 / 40),
        ({"units": [7, 3], "batch": 5}, 2 / 40 / 8),
        ({"time": slice(0, 20)}, 20 / 200),
        ({"time": 10, "signals": ("output_gate", "hidden_state")}, 1 / 40),
        ({"layers": ()}, 0),
    ],
)
def test_what_is_not_chosen_is_not_computed(
    chosen: Option, share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numbers of pre-activations, of a call that nobody goes back through."""
    computed: list[int] = []
    affine = closed_form._affine

    def counting(steps: Any, weights: Any, into: Tensor) -> Tensor:
        computed.append(into.numel())
        return affine(steps, weights, into)

    monkeypatch.setattr(closed_form, "_affine", counting)
    monkeypatch.setattr(direction, "BLOCK", 8 * 40 * 20)
    for name in ("FEW", "NARROW"):  # so that each gate has a product of its own
        monkeypatch.setattr(closed_form, name, 0)
    layer, x = nn.LSTM(2, 40), torch.randn(200, 8, 2)
    gatescope.record(layer, x)
    whole = sum(computed)
    computed.clear()
    gatescope.record(layer, x, **chosen)
    assert sum(computed) == share * whole
