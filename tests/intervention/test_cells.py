"""Interventions on our own cells, on torch's single-step cells, and on biases."""

import copy
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import gatescope
from gatescope.cells import CELLS, Cell, Recurrence, Signals, copy_weights, make_cell, signal
from gatescope.intervention import Bias, Clamp, InterventionError, Scale, SetState, ZeroUnit

CLOSE: dict[str, Any] = {"rtol": 1e-12, "atol": 1e-12}
FIRST_GATE = {"lstm": "forget_gate", "gru": "update_gate", "rnn": "hidden_state"}
TORCH_CELLS: dict[str, type[nn.RNNCellBase]] = {
    "lstm": nn.LSTMCell, "gru": nn.GRUCell, "rnn": nn.RNNCell
}  # fmt: skip


def twin(kind: str, bidirectional: bool) -> tuple[nn.RNNBase, Recurrence]:
    """torch's layers, and our own cells on a copy of their weights; two layers."""
    fused = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}[kind](
        3, 5, num_layers=2, bidirectional=bidirectional
    )
    directions = 2 if bidirectional else 1
    cells = [make_cell(kind, width, 5) for width in (3, 5 * directions) for _ in range(directions)]
    for number, cell in enumerate(cells):
        copy_weights(fused, cell, layer=number // directions, reverse=bool(number % directions))
    return fused.double(), Recurrence(cells, bidirectional=bidirectional).double()


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("number", range(5))
def test_our_own_cells_change_as_torchs_layers_do(
    kind: str, bidirectional: bool, number: int
) -> None:
    """The same weights, the same interventions: the same signals and gradients."""
    fused, own = twin(kind, bidirectional)
    gate = FIRST_GATE[kind]
    node = "l1_reverse" if bidirectional else "l1"

    def change(path: str) -> Any:
        return [
            Clamp(gate, 0.9, units=[1, 3], steps=[0, 4], layer=f"{path}/{node}"),
            Scale(gate, 1.5, steps=range(2, 5)),
            ZeroUnit([0, 4], layer=f"{path}/l0"),
            SetState("hidden_state", torch.randn(2, 5, generator=torch.manual_seed(1)), step=3),
            Bias(gate, torch.arange(5) / 3, layer=f"{path}/{node}"),
        ][number]

    x = torch.randn(7, 2, 3, dtype=torch.float64)
    ours = gatescope.intervene(own, x, change("recurrence"), loss=lambda o: (o**2).sum())
    theirs = gatescope.intervene(fused, x, change(kind), loss=lambda o: (o[0] ** 2).sum())
    torch.testing.assert_close(ours.changed_output, theirs.changed_output[0], **CLOSE)
    for leaf in ours.changed.leaves:
        other = theirs.changed[leaf.path.replace("recurrence", kind)]
        assert set(leaf.data_vars) == set(other.data_vars)
        for name, values in leaf.data_vars.items():
            np.testing.assert_allclose(values, other[name], err_msg=str(name), **CLOSE)


@pytest.mark.parametrize("name", CELLS)
def test_every_signal_of_every_cell_can_be_held(name: str) -> None:
    """It has the value, and what is computed before it in the first step has not changed."""
    cell = Recurrence([make_cell(name, 3, 4)]).double()
    x = torch.randn(6, 2, 3, dtype=torch.float64)
    (leaf,) = gatescope.record(cell, x).leaves
    names = [str(found) for found in leaf.data_vars]
    for number, held in enumerate(names):
        run = gatescope.intervene(cell, x, Clamp(held, 0.5))
        (changed,) = run.changed.leaves
        assert (changed[held] == 0.5).all()
        if name != "lstm_coupled" and name != "lstm_peephole":
            for earlier in names[:number]:
                np.testing.assert_allclose(changed[earlier][0], leaf[earlier][0], **CLOSE)
        if held != "hidden_state":
            assert not np.allclose(changed["hidden_state"], leaf["hidden_state"])


def test_a_coupled_input_gate_follows_the_forget_gate() -> None:
    """i = 1 - f holds for a clamped f too; a clamped i leaves f alone."""
    cell = Recurrence([make_cell("lstm_coupled", 3, 4)])
    x = torch.randn(6, 2, 3)
    changed = gatescope.intervene(cell, x, Clamp("forget_gate", 0.75)).changed["recurrence/l0"]
    assert (changed["input_gate"] == 0.25).all()
    changed = gatescope.intervene(cell, x, Clamp("input_gate", 0.75)).changed["recurrence/l0"]
    assert not (changed["forget_gate"] == 0.25).any()


def test_the_peephole_sees_the_changed_cell_state() -> None:
    """o = sigmoid(a_o + p_o * c_t) with the c_t that was put there."""
    cell = make_cell("lstm_peephole", 3, 4).double()
    x = torch.randn(1, 2, 3, dtype=torch.float64)
    run = gatescope.intervene(Recurrence([cell]), x, SetState("cell_state", 2.0, step=0))
    a = x[0] @ cell.weight_ih.T[:, 12:] + (cell.bias_ih + cell.bias_hh)[12:]
    o = torch.sigmoid(a + 2.0 * cell.peephole_output).detach()
    found = run.changed["recurrence/l0"]
    np.testing.assert_allclose(found["output_gate"][0], o, **CLOSE)
    np.testing.assert_allclose(found["hidden_state"][0], o * np.tanh(2.0), **CLOSE)


class Decoder(nn.Module):
    """A torch cell that is fed its own output."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.cell = TORCH_CELLS[kind](5, 5)

    def forward(self, x: Tensor) -> Tensor:
        states: Any = None
        outputs = []
        for _ in range(6):
            states = self.cell(x, states)
            x = states[0] if isinstance(states, tuple) else states
            outputs.append(x)
        return torch.stack(outputs)


def test_torchs_single_step_cells(kind: str, loop: SimpleNamespace) -> None:
    """Steps count through all calls; against the same loop, fed its own output."""
    model = Decoder(kind).double()
    x = torch.randn(2, 5, dtype=torch.float64)
    gate = FIRST_GATE[kind]
    clamp = Clamp(gate, 0.25, units=[1, 2], steps=[1, 4], layer="cell/l0")
    run = gatescope.intervene(model, x, clamp, loss=lambda o: o.sin().sum())
    layer = loop.layers[kind](5, 5).double()
    layer.load_state_dict({f"{key}_l0": v for key, v in model.cell.state_dict().items()})

    h, c = torch.zeros(2, 5).double(), torch.zeros(2, 5).double()
    fed = x
    for t in range(6):
        seen = gatescope.intervene(  # one step at a time, from the states the oracle has
            layer,
            (fed[None], (h[None], c[None]) if kind == "lstm" else h[None]),
            Clamp(gate, 0.25, units=[1, 2]) if t in (1, 4) else [],
        )
        one = seen.changed[f"{kind}/l0"].isel(time=0)
        for name, values in one.data_vars.items():
            np.testing.assert_allclose(run.changed["cell/l0"][name][t], values, **CLOSE)
        fed = h = torch.from_numpy(one["hidden_state"].values)
        c = torch.from_numpy(one["cell_state"].values) if kind == "lstm" else c
    assert float(abs(run.changed["cell/l0"][f"grad_{gate}"]).sum()) > 0
    torch.testing.assert_close(run.changed_output[-1], h, **CLOSE)


@pytest.mark.parametrize("biased", [True, False])
def test_a_bias_is_that_of_a_copy(kind: str, form: dict[str, Any], biased: bool) -> None:
    """A copy of the layer whose ``bias_ih`` was changed, or was given one, gives the same."""
    block = {"lstm": "output_gate", "gru": "candidate", "rnn": "hidden_state"}[kind]
    first = {"lstm": 15, "gru": 10, "rnn": 0}[kind]
    make = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}[kind]
    layer = make(3, 5, bias=biased, **form).double()
    other = make(3, 5, **form).double()
    with torch.no_grad():
        for name, weight in other.named_parameters():
            weight.copy_(layer.get_parameter(name) if biased or "weight" in name else weight * 0)
        for name, weight in other.named_parameters():
            if name.startswith("bias_ih"):
                weight[[first + 1, first + 4]] -= 2
    x = torch.randn(7, 2, 3, dtype=torch.float64)
    run = gatescope.intervene(
        layer, x, Bias(block, -2.0, units=[1, 4]), loss=lambda o: o[0].sin().sum()
    )
    alone = gatescope.record(other, x, lambda o: o[0].sin().sum())
    torch.testing.assert_close(run.changed_output[0], other(x)[0].detach(), **CLOSE)
    for leaf in alone.leaves:
        for name, values in leaf.data_vars.items():
            np.testing.assert_allclose(run.changed[leaf.path][name], values, **CLOSE)


class Mine(Cell):
    """A user's own cell; ``open_`` says whether it lets its keep gate be changed."""

    blocks = ("keep", "new")
    open_ = True

    def step(self, x: Tensor, state: Signals) -> Signals:
        """h_t = k h_{t-1} + (1 - k) tanh(a)."""
        a = self.pre_activations(x, state["hidden_state"])
        k = torch.sigmoid(a["keep"])
        k = signal("keep_gate", k) if self.open_ else k
        h = k * state["hidden_state"] + (1 - k) * torch.tanh(a["new"])
        return {"keep_gate": k, "hidden_state": signal("hidden_state", h)}


def test_a_users_own_cell() -> None:
    """What it wraps can be changed; k = 1 keeps the zero state for good."""
    cell = Recurrence([Mine(3, 4)])
    x = torch.randn(6, 2, 3)
    run = gatescope.intervene(cell, x, Clamp("keep_gate", 1.0))
    assert not run.changed["recurrence/l0"]["hidden_state"].any()
    shut = copy.deepcopy(cell)
    shut.cells[0].open_ = False  # type: ignore[assignment]
    with pytest.raises(
        InterventionError,
        match=r"'keep_gate' where it cannot be changed: wrap it there in signal\(",
    ):
        gatescope.intervene(shut, x, Clamp("keep_gate", 1.0))
    assert gatescope.intervene(shut, x, ZeroUnit(0)).changed_output[..., 0].abs().max() == 0


def test_a_single_cell_on_its_own() -> None:
    """A cell called by a model, outside a Recurrence."""
    cell = make_cell("gru", 3, 4).double()
    x = torch.randn(2, 3, dtype=torch.float64)
    run = gatescope.intervene(cell, x, Clamp("update_gate", 1.0))
    assert run.changed_output["hidden_state"].abs().max() == 0
    assert run.untouched_output["hidden_state"].abs().max() > 0
