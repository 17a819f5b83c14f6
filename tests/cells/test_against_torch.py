"""Our equations against torch's own layers, in float64: values and every gradient."""

import pytest
import torch
from torch import Tensor, nn

from gatescope.cells import Cell, Recurrence, copy_weights, make_cell

FEATURES, UNITS, TIME, BATCH = 3, 4, 6, 5
KINDS = {
    "rnn_tanh": ("rnn", {"nonlinearity": "tanh"}, nn.RNN, nn.RNNCell),
    "rnn_relu": ("rnn", {"nonlinearity": "relu"}, nn.RNN, nn.RNNCell),
    "lstm": ("lstm", {}, nn.LSTM, nn.LSTMCell),
    "gru": ("gru", {}, nn.GRU, nn.GRUCell),
}
PARAMETERS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def random(*shape: int) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64)


def equal(found: Tensor | None, expected: Tensor | None) -> None:
    torch.testing.assert_close(found, expected, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_one_step_is_torchs_single_step_cell(kind: str, bias: bool) -> None:
    """States, and the gradients of input, old states and weights, all within 1e-11."""
    name, options, _, torch_cell = KINDS[kind]
    cell = make_cell(name, FEATURES, UNITS, bias=bias, **options).double()
    reference = torch_cell(FEATURES, UNITS, bias=bias, **options).double()
    reference.load_state_dict(cell.state_dict())
    x = random(BATCH, FEATURES).requires_grad_()
    old = {state: random(BATCH, UNITS).requires_grad_() for state in cell.states}
    weights = [random(BATCH, UNITS) for _ in cell.states]
    signals = cell.step(x, old)
    states = tuple(old[state] for state in ("hidden_state", "cell_state") if state in old)
    expected = reference(x, states if len(states) == 2 else states[0])
    expected = expected if isinstance(expected, tuple) else (expected,)
    ours = [signals[state] for state in cell.states]
    for found, wanted in zip(ours, expected, strict=True):
        equal(found, wanted)
    inputs = [x, *old.values()]
    losses = [
        torch.stack([(s * w).sum() for s, w in zip(side, weights, strict=True)]).sum()
        for side in (ours, expected)
    ]
    found = torch.autograd.grad(losses[0], inputs + list(cell.parameters()))
    wanted = torch.autograd.grad(losses[1], inputs + list(reference.parameters()))
    for ours_, theirs in zip(found, wanted, strict=True):
        equal(ours_, theirs)


def unrolled(
    kind: str, layers: int, bidirectional: bool, bias: bool
) -> tuple[Recurrence, nn.Module]:
    """Our cells over time and torch's fused module, with unrelated weights."""
    name, options, fused, _ = KINDS[kind]
    directions = 2 if bidirectional else 1
    cells = [
        make_cell(name, FEATURES if not layer else directions * UNITS, UNITS, bias=bias, **options)
        for layer in range(layers)
        for _ in range(directions)
    ]
    reference = fused(
        FEATURES, UNITS, num_layers=layers, bidirectional=bidirectional, bias=bias, **options
    )
    return Recurrence(cells, bidirectional=bidirectional).double(), reference.double()


def pairs(ours: Recurrence) -> list[tuple[Cell, int, bool]]:
    """Each cell with its layer and whether it reads backwards."""
    return [
        (cell, number // ours.directions, bool(number % ours.directions))
        for number, cell in enumerate(ours.cells)
    ]


@pytest.mark.parametrize("into_torch", [True, False])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(
    ("layers", "bidirectional"), [(1, False), (1, True), (2, False), (3, True)]
)
@pytest.mark.parametrize("kind", KINDS)
def test_unrolled_cells_are_torchs_layer(
    kind: str, layers: int, bidirectional: bool, bias: bool, into_torch: bool
) -> None:
    """With weights copied either way: outputs, and gradients of the input and all weights."""
    ours, reference = unrolled(kind, layers, bidirectional, bias)
    for cell, layer, reverse in pairs(ours):
        source, target = (cell, reference) if into_torch else (reference, cell)
        copy_weights(source, target, layer=layer, reverse=reverse)
    x = random(TIME, BATCH, FEATURES).requires_grad_()
    weight = random(TIME, BATCH, UNITS * ours.directions)
    found, expected = ours(x), reference(x)[0]
    equal(found, expected)
    (from_ours,) = torch.autograd.grad((found * weight).sum(), x, retain_graph=True)
    (from_torch,) = torch.autograd.grad((expected * weight).sum(), x, retain_graph=True)
    equal(from_ours, from_torch)
    torch.autograd.backward([(found * weight).sum(), (expected * weight).sum()])
    for cell, layer, reverse in pairs(ours):
        for name in PARAMETERS if bias else PARAMETERS[:2]:
            theirs = getattr(reference, f"{name}_l{layer}" + ("_reverse" if reverse else ""))
            equal(getattr(cell, name).grad, theirs.grad)


@pytest.mark.parametrize("kind", KINDS)
def test_a_cell_keeps_all_its_states(kind: str) -> None:
    """The states after the last step are torch's h_n and c_n."""
    ours, reference = unrolled(kind, 1, False, True)
    cell = ours.cells[0]
    copy_weights(reference, cell)
    x = random(TIME, BATCH, FEATURES)
    signals = cell(x[0])
    for step in x[1:]:
        signals = cell(step, {name: signals[name] for name in cell.states})
    last = reference(x)[1]
    for name, wanted in zip(cell.states, last if isinstance(last, tuple) else (last,), strict=True):
        equal(signals[name], wanted[0])


@pytest.mark.parametrize(
    ("source", "target", "layer", "reverse", "words"),
    [
        (make_cell("lstm", 3, 4), nn.LSTM(3, 5), 0, False, r"weight_ih.*\(16, 3\).*\(20, 3\)"),
        (make_cell("gru", 3, 4), nn.LSTM(3, 4), 0, False, r"\(12, 3\).*\(16, 3\)"),
        (nn.GRU(3, 4), make_cell("gru", 3, 4), 1, False, "has no weight_ih_l1"),
        (nn.GRU(3, 4), make_cell("gru", 3, 4), 0, True, "has no weight_ih_l0_reverse"),
        (nn.GRU(3, 4, bias=False), make_cell("gru", 3, 4), 0, False, "only one .* has a bias"),
        (nn.LSTM(3, 4, proj_size=2), make_cell("lstm", 3, 4), 0, False, "weight_hh"),
    ],
)
def test_weights_that_do_not_fit_are_refused(
    source: nn.Module, target: nn.Module, layer: int, reverse: bool, words: str
) -> None:
    """The message names the weight and both shapes, or what is missing."""
    with pytest.raises(ValueError, match=words):
        copy_weights(source, target, layer=layer, reverse=reverse)
