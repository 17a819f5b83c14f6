"""The LSTM's variants, by what they reduce to, and every cell by finite differences."""

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


def test_without_a_forget_gate_an_lstm_is_torchs_with_the_gate_held_open() -> None:
    """sigmoid(1000) is 1 in float64, so torch's LSTM with that forget bias is the oracle."""
    cell, reference = make_cell("lstm_no_forget", FEATURES, UNITS).double(), nn.LSTM(3, 4).double()
    with torch.no_grad():
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            i, g, o = getattr(cell, name).chunk(3)
            f = torch.full_like(i, 1000.0 if name == "bias_ih" else 0.0)
            getattr(reference, f"{name}_l0").copy_(torch.cat([i, f, g, o]))
    x = random(TIME, BATCH, FEATURES)
    equal(Recurrence([cell])(x), reference(x)[0])


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
