"""What holds for every cell in the table, and for a user's own."""

import math
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import gatescope
from gatescope.cells import CELLS, Cell, Recurrence, Signals, cell_class, make_cell

LSTM = ("input_gate", "forget_gate", "cell_candidate", "output_gate")
GRU = ("reset_gate", "update_gate", "candidate")
H, C = ("hidden_state",), ("hidden_state", "cell_state")
EXPECTED = {
    "rnn": ((), H, None),
    "rnn_relu": ((), H, None),
    "irnn": ((), H, None),
    "lstm": (LSTM, C, "forget_gate"),
    "gru": (GRU, H, "update_gate"),
    "gru_reset_before": (GRU, H, "update_gate"),
    "mgu": (GRU, H, "update_gate"),
    "min_gru": (("update_gate", "candidate"), H, "update_gate"),
    "min_lstm": (("input_gate", "forget_gate", "candidate"), H, "forget_gate"),
    "janet": (("input_gate", "forget_gate", "candidate"), H, "forget_gate"),
    "lstm_peephole": (LSTM, C, "forget_gate"),
    "lstm_coupled": (LSTM, C, "forget_gate"),
    "lstm_layer_norm": (LSTM, C, "forget_gate"),
    "lstm_no_input_activation": (LSTM, C, "forget_gate"),
    "lstm_no_output_activation": (LSTM, C, "forget_gate"),
    "lstm_no_forget": (("input_gate", "cell_candidate", "output_gate"), C, None),
    "lstm_no_input": (("forget_gate", "cell_candidate", "output_gate"), C, "forget_gate"),
    "lstm_no_output": (("input_gate", "forget_gate", "cell_candidate"), C, "forget_gate"),
}
LINEAR = ("lstm_no_input_activation", "min_gru", "min_lstm")
"""Cells whose candidate has no activation."""

OWN_START = ("irnn", "lstm_layer_norm")
"""Cells that do not draw all their weights from torch's default."""

"""Gates, states and retention gate of every cell; a new cell needs a row."""


def test_every_cell_has_a_row_here() -> None:
    """The table above is the table of the package."""
    assert set(EXPECTED) == set(CELLS)


@pytest.mark.parametrize("name", CELLS)
def test_a_step_returns_its_gates_and_states_by_name(name: str) -> None:
    """Exactly the names of the glossary, all (batch, unit); sigmoid gates lie in (0, 1)."""
    gates, states, retention = EXPECTED[name]
    cell = make_cell(name, 3, 4)
    signals = cell(torch.randn(5, 3))
    assert set(signals) == {*gates, *states}
    assert cell.states == states
    assert cell.retention_gate == retention
    assert {tuple(signal.shape) for signal in signals.values()} == {(5, 4)}
    for gate in gates:
        if "candidate" in gate and name in LINEAR:
            continue
        low = -1 if "candidate" in gate else 0
        assert ((signals[gate] > low) & (signals[gate] < 1)).all()


@pytest.mark.parametrize("name", [name for name in CELLS if EXPECTED[name][2]])
def test_the_retention_gate_multiplies_the_old_state(name: str) -> None:
    """The derivative of the new state with respect to the old one, gates held, is that gate."""
    cell = make_cell(name, 3, 4).double()
    for key, parameter in cell.named_parameters():  # the gates shall not see the state
        if key in ("weight_hh", "norm_hidden.bias") or key.startswith("peephole"):
            nn.init.zeros_(parameter)
    kept = cell.states[-1]
    state = {key: torch.randn(5, 4, dtype=torch.float64) for key in cell.states}
    state[kept].requires_grad_()
    signals = cell.step(torch.randn(5, 3, dtype=torch.float64), state)
    (slope,) = torch.autograd.grad(signals[kept].sum(), state[kept])
    torch.testing.assert_close(slope, signals[cell.retention_gate], rtol=1e-12, atol=0)


@pytest.mark.parametrize("name", [name for name in CELLS if name not in OWN_START])
def test_every_weight_begins_within_torchs_bound(name: str) -> None:
    """U(-1/sqrt(H), 1/sqrt(H)): inside, and nearly up to both ends."""
    cell, bound = make_cell(name, 30, 64), 1 / math.sqrt(64)
    for parameter in cell.parameters():
        assert parameter.abs().max() <= bound
        assert parameter.max() > 0.8 * bound
        assert parameter.min() < -0.8 * bound
        assert parameter.std().item() == pytest.approx(bound / math.sqrt(3), rel=0.2)


@pytest.mark.parametrize("name", CELLS)
def test_without_bias_a_zero_input_stays_zero(name: str) -> None:
    """Zero input and zero states give a zero hidden state, and there are no bias tensors."""
    cell = make_cell(name, 3, 4, bias=False)
    assert not [key for key, _ in cell.named_parameters() if "bias" in key]
    assert cell(torch.zeros(2, 3))["hidden_state"].abs().max() == 0


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: cell_class("lstn"), "there is no cell 'lstn'; available: rnn, lstm, gru"),
        (lambda: make_cell("elman", 3, 4), "there is no cell 'elman'"),
        (lambda: make_cell("gru", 0, 4), "at least 1, got 0 and 4"),
        (lambda: make_cell("gru", 3, -1), "at least 1, got 3 and -1"),
        (lambda: make_cell("rnn", 3, 4, nonlinearity="gelu"), "'tanh' or 'relu', got 'gelu'"),
        (lambda: Recurrence([]), "got 0 cells"),
        (lambda: Recurrence([make_cell("gru", 3, 4)], bidirectional=True), "got 1 cells"),
    ],
)
def test_errors_name_the_value(make: Any, words: str) -> None:
    """What was given, and what there is."""
    with pytest.raises(ValueError, match=words):
        make()


def test_dropout_drops_between_layers_and_only_while_training() -> None:
    """The last layer sees the first one's output with about half its units at 0, scaled by 2."""
    loop = Recurrence([make_cell("gru", 3, 200), make_cell("gru", 200, 4)], dropout=0.5)
    seen: list[Tensor] = []
    step = loop.cells[1].step
    loop.cells[1].step = lambda x, state: seen.append(x) or step(x, state)
    x = torch.randn(1, 50, 3)
    first = Recurrence([loop.cells[0]])(x)[0]
    loop.eval()(x)
    assert torch.equal(seen[0], first)
    loop.train()(x)
    dropped = seen[1] == 0
    assert dropped.double().mean().item() == pytest.approx(0.5, abs=0.02)
    torch.testing.assert_close(seen[1][~dropped], 2 * first[~dropped])


class Leaky(Cell):
    """A user's cell: h_t = k h_{t-1} + (1 - k) tanh(W x_t + U h_{t-1} + b), with k a gate."""

    blocks = ("keep_gate", "candidate")
    retention_gate = "keep_gate"

    def step(self, x: Tensor, state: Signals) -> Signals:
        """See the class."""
        h = state["hidden_state"]
        a = self.pre_activations(x, h)
        k, g = torch.sigmoid(a["keep_gate"]), torch.tanh(a["candidate"])
        return {"keep_gate": k, "candidate": g, "hidden_state": k * h + (1 - k) * g}


@pytest.mark.parametrize("make", [*CELLS.values(), Leaky])
def test_every_cell_records_and_a_users_own_too(make: type[Cell]) -> None:
    """Values and gradients against a loop with retain_grad; without a loss, values alone."""
    cell = make(3, 4).double()
    x = torch.randn(6, 5, 3, dtype=torch.float64)
    state, steps = cell.initial_state(x[0]), []
    for step in x:
        steps.append(cell.step(step, state))
        for signal in steps[-1].values():
            signal.retain_grad()
        state = {name: steps[-1][name] for name in cell.states}
    torch.stack([signals["hidden_state"] for signals in steps]).square().sum().backward()
    with_loss = gatescope.record(Recurrence([cell]), x, lambda h: h.square().sum())
    without = gatescope.record(Recurrence([cell]), x)
    node = with_loss["recurrence/l0"]
    known = {kind: name for name, kind in CELLS.items()}
    assert node.attrs["cell"] == known.get(make, "leaky")
    assert node.attrs["retention_gate"] == (make.retention_gate or "")
    for name in steps[0]:
        values = torch.stack([signals[name].detach() for signals in steps])
        gradients = torch.stack([signals[name].grad for signals in steps])
        for trace in (with_loss, without):
            found = torch.from_numpy(trace["recurrence/l0"][name].values)
            torch.testing.assert_close(found, values, rtol=1e-12, atol=0)
        found = torch.from_numpy(node[f"grad_{name}"].values)
        torch.testing.assert_close(found, gradients, rtol=1e-12, atol=1e-14)
    assert set(node.data_vars) == {*steps[0], *(f"grad_{name}" for name in steps[0])}
    assert set(without["recurrence/l0"].data_vars) == set(steps[0])
