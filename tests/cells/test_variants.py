"""The variants, by what they reduce to or by hand, and every cell by finite differences."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from gatescope.cells import CELLS, Recurrence, copy_weights, make_cell

FEATURES, UNITS, TIME, BATCH = 3, 4, 6, 5


def random(*shape: int) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64)


def equal(found: Tensor, expected: Tensor) -> None:
    torch.testing.assert_close(found, expected, rtol=1e-11, atol=1e-12)


def test_without_peepholes_a_peephole_lstm_is_torchs_lstm() -> None:
    """Outputs over time, within 1e-11."""
    cell, reference = make_cell("lstm_peephole", FEATURES, UNITS).double(), nn.LSTM(3, 4).double()
    copy_weights(reference, cell)
    for peephole in (cell.peephole_input, cell.peephole_forget, cell.peephole_output):
        nn.init.zeros_(peephole)
    x = random(TIME, BATCH, FEATURES)
    equal(Recurrence([cell])(x), reference(x)[0])


@pytest.mark.parametrize(
    ("peephole", "gate", "sees"),
    [
        ("peephole_input", "input_gate", "old"),
        ("peephole_forget", "forget_gate", "old"),
        ("peephole_output", "output_gate", "new"),
    ],
)
def test_each_peephole_reaches_its_own_gate_alone(peephole: str, gate: str, sees: str) -> None:
    """A gate's pre-activation moves by p * c: the old c, for the output gate the new one."""
    cell = make_cell("lstm_peephole", FEATURES, UNITS).double()
    for parameter in (cell.peephole_input, cell.peephole_forget, cell.peephole_output):
        nn.init.zeros_(parameter)
    x = random(BATCH, FEATURES)
    state = {"hidden_state": random(BATCH, UNITS), "cell_state": random(BATCH, UNITS)}
    before = cell.step(x, state)
    p = random(UNITS)
    with torch.no_grad():
        getattr(cell, peephole).copy_(p)
    after = cell.step(x, state)
    c = state["cell_state"] if sees == "old" else after["cell_state"]
    equal(torch.logit(after[gate]), torch.logit(before[gate]) + p * c)
    for other in {"input_gate", "forget_gate", "cell_candidate", "output_gate"} - {gate}:
        equal(after[other], before[other])


def test_a_coupled_lstm_is_an_lstm_whose_input_gate_mirrors_its_forget_gate() -> None:
    """sigmoid(-a) = 1 - sigmoid(a), so torch's LSTM with negated weights is the oracle."""
    cell, reference = make_cell("lstm_coupled", FEATURES, UNITS).double(), nn.LSTM(3, 4).double()
    with torch.no_grad():
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            f, g, o = getattr(cell, name).chunk(3)
            getattr(reference, f"{name}_l0").copy_(torch.cat([-f, f, g, o]))
    x = random(TIME, BATCH, FEATURES)
    equal(Recurrence([cell])(x), reference(x)[0])
    state = {"hidden_state": random(BATCH, UNITS), "cell_state": random(BATCH, UNITS)}
    signals = cell.step(x[0], state)
    equal(signals["input_gate"] + signals["forget_gate"], torch.ones(BATCH, UNITS).double())


@pytest.mark.parametrize(
    ("name", "gate"),
    [("lstm_no_forget", 1), ("lstm_no_input", 0), ("lstm_no_output", 3)],
)
def test_without_a_gate_an_lstm_is_torchs_with_the_gate_held_open(name: str, gate: int) -> None:
    """sigmoid(1000) is 1 in float64, so torch's LSTM with that bias of the gate is the oracle."""
    cell, reference = make_cell(name, FEATURES, UNITS).double(), nn.LSTM(3, 4).double()
    with torch.no_grad():
        for weight in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            blocks = list(getattr(cell, weight).chunk(3))
            held = torch.full_like(blocks[0], 1000.0 if weight == "bias_ih" else 0.0)
            blocks.insert(gate, held)
            getattr(reference, f"{weight}_l0").copy_(torch.cat(blocks))
    x = random(TIME, BATCH, FEATURES)
    equal(Recurrence([cell])(x), reference(x)[0])


def taken(name: str, **options: Any) -> tuple[Any, Tensor, dict[str, Tensor], dict[str, Tensor]]:
    """A cell, an input, states, and the step it takes from them."""
    cell = make_cell(name, FEATURES, UNITS, **options).double()
    x, state = random(BATCH, FEATURES), {key: random(BATCH, UNITS) for key in cell.states}
    return cell, x, state, cell.step(x, state)


def products(cell: Any, x: Tensor, h: Tensor) -> tuple[Tensor, ...]:
    """W x + U h + b for each block of rows, by a product of its own."""
    return tuple(
        x @ w.T + h @ u.T + b + d
        for w, u, b, d in zip(
            *(getattr(cell, name).chunk(len(cell.blocks)) for name in cell.state_dict()
              if name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")),
            strict=True,
        )
    )  # fmt: skip


@pytest.mark.parametrize("part", ["input", "output"])
def test_without_an_activation_an_lstm_is_linear_there(part: str) -> None:
    """Candidate or output as Greff et al. write them: the identity in the place of tanh."""
    cell, x, state, found = taken(f"lstm_no_{part}_activation")
    i, f, g, o = products(cell, x, state["hidden_state"])
    g = g if part == "input" else g.tanh()
    c = f.sigmoid() * state["cell_state"] + i.sigmoid() * g
    h = o.sigmoid() * (c if part == "output" else c.tanh())
    equal(found["cell_candidate"], g)
    equal(found["cell_state"], c)
    equal(found["hidden_state"], h)


def test_a_normalised_lstm_ignores_the_scale_of_what_it_reads() -> None:
    """Against mean and variance worked out by hand, with gains and shifts that are not 1 and 0."""
    cell = make_cell("lstm_layer_norm", FEATURES, UNITS).double()
    with torch.no_grad():
        for norm in (cell.norm_input, cell.norm_hidden, cell.norm_cell):
            norm.weight.copy_(random(len(norm.weight)))
            norm.bias.copy_(random(len(norm.bias)))
    x = random(BATCH, FEATURES)
    h, c = random(BATCH, UNITS), random(BATCH, UNITS)
    found = cell.step(x, {"hidden_state": h, "cell_state": c})

    def normal(v: Tensor, norm: nn.LayerNorm) -> Tensor:
        mean = v.mean(-1, keepdim=True)
        spread = ((v - mean).square().mean(-1, keepdim=True) + 1e-5).sqrt()
        return (v - mean) / spread * norm.weight + norm.bias

    total = normal(x @ cell.weight_ih.T, cell.norm_input)
    total = total + normal(h @ cell.weight_hh.T, cell.norm_hidden) + cell.bias_ih + cell.bias_hh
    i, f, g, o = total.chunk(4, -1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    equal(found["cell_state"], c)
    equal(found["hidden_state"], o.sigmoid() * normal(c, cell.norm_cell).tanh())
    with torch.no_grad():
        cell.weight_ih.mul_(1e6)
    again = cell.step(x, {"hidden_state": h, "cell_state": found["cell_state"]})
    assert (again["hidden_state"].abs() < 1).all()


def test_chos_gru_resets_before_the_product() -> None:
    """U_n (r * h) and not r * (U_n h); with r = 1 both are torch's GRU."""
    cell, x, state, found = taken("gru_reset_before")
    h = state["hidden_state"]
    r, z, _ = (a.sigmoid() for a in products(cell, x, h))
    n = products(cell, x, r * h)[2].tanh()
    equal(found["hidden_state"], (1 - z) * n + z * h)
    reference = nn.GRU(FEATURES, UNITS).double()
    with torch.no_grad():
        cell.bias_ih[:UNITS] = 1000.0
    copy_weights(cell, reference)
    xs = random(TIME, BATCH, FEATURES)
    equal(Recurrence([cell])(xs), reference(xs)[0])


def test_an_irnn_keeps_what_it_has() -> None:
    """Torch's RNN of the same weights; with no input the state and its gradient stay, for ever."""
    cell, reference = make_cell("irnn", FEATURES, UNITS), nn.RNN(3, 4, nonlinearity="relu")
    equal(cell.weight_hh, torch.eye(UNITS))
    assert 0 < cell.weight_ih.abs().max() < 0.01
    assert not cell.bias_ih.any()
    assert not cell.bias_hh.any()
    copy_weights(cell, reference)
    x = torch.randn(TIME, BATCH, FEATURES)
    torch.testing.assert_close(Recurrence([cell])(x), reference(x)[0])
    first = state = {"hidden_state": torch.rand(BATCH, UNITS).requires_grad_()}
    for _ in range(100):
        state = cell.step(torch.zeros(BATCH, FEATURES), state)
    equal(state["hidden_state"], first["hidden_state"])
    (slope,) = torch.autograd.grad(state["hidden_state"].sum(), first["hidden_state"])
    equal(slope, torch.ones(BATCH, UNITS))


@pytest.mark.parametrize("beta", [0.0, 1.0, 2.5])
def test_janet_forgets_and_writes_by_one_gate(beta: float) -> None:
    """i = 1 - sigmoid(s - beta): with beta = 0 the two gates sum to 1, with more it writes more."""
    cell, x, state, found = taken("janet", beta=beta)
    s, g = products(cell, x, state["hidden_state"])
    h = s.sigmoid() * state["hidden_state"] + (beta - s).sigmoid() * g.tanh()
    equal(found["hidden_state"], h)
    total = found["forget_gate"] + found["input_gate"]
    assert (total >= 1 - 1e-12).all()
    assert torch.allclose(total, torch.ones_like(total)) == (beta == 0)


def test_a_minimal_gated_unit_is_chos_gru_with_one_gate() -> None:
    """Reset weights that are the update gate's, negated: sigmoid(-a) = 1 - sigmoid(a)."""
    cell = make_cell("mgu", FEATURES, UNITS).double()
    reference = make_cell("gru_reset_before", FEATURES, UNITS).double()
    with torch.no_grad():
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            z, n = getattr(cell, name).chunk(2)
            getattr(reference, name).copy_(torch.cat([-z, z, n]))
    x = random(TIME, BATCH, FEATURES)
    equal(Recurrence([cell])(x), Recurrence([reference])(x))


@pytest.mark.parametrize("name", ["min_gru", "min_lstm"])
def test_minimal_cells_can_be_had_all_steps_at_once(name: str) -> None:
    """h_T is the sum of what was written, each times the product of the gates since then."""
    cell = make_cell(name, FEATURES, UNITS).double()
    assert set(cell.state_dict()) == {"weight_ih", "bias_ih"}
    x = random(TIME, BATCH, FEATURES)
    blocks = (x @ cell.weight_ih.T + cell.bias_ih).chunk(len(cell.blocks), -1)
    if name == "min_gru":
        keep, n = blocks[0].sigmoid(), blocks[1]
        write = 1 - keep
    else:
        i, f, n = blocks[0].sigmoid(), blocks[1].sigmoid(), blocks[2]
        keep, write = f / (f + i), i / (f + i)
    expected = sum((write[t] * n[t] * keep[t + 1 :].prod(0) for t in range(TIME)), random(1, 1) * 0)
    equal(Recurrence([cell])(x)[-1], expected)


@pytest.mark.parametrize("name", CELLS)
def test_gradients_are_those_of_finite_differences(name: str) -> None:
    """Over three steps, for the input and every parameter (gradcheck's tolerance, 1e-5)."""
    cell = make_cell(name, 2, 3).double()
    names = [parameter for parameter, _ in cell.named_parameters()]
    loop = Recurrence([cell])

    def outputs(x: Tensor, *weights: Tensor) -> Tensor:
        given = {f"cells.0.{key}": weight for key, weight in zip(names, weights, strict=True)}
        return torch.func.functional_call(loop, given, (x,))

    weights = [parameter.detach().clone().requires_grad_() for parameter in cell.parameters()]
    assert torch.autograd.gradcheck(outputs, (random(3, 2, 2).requires_grad_(), *weights))
