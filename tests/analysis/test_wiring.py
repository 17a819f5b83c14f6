"""The wiring of cells against their equations, read by a person."""

import pytest
import torch

import gatescope
from gatescope.analysis import wiring
from gatescope.cells import Cell, make_cell

BOTH = {"input", "hidden_state_before"}
LSTM = {
    "input_gate": BOTH,
    "forget_gate": BOTH,
    "cell_candidate": BOTH,
    "output_gate": BOTH,
    "cell_state": {"input_gate", "forget_gate", "cell_candidate", "cell_state_before"},
    "hidden_state": {"output_gate", "cell_state"},
}
GRU = {
    "reset_gate": BOTH,
    "update_gate": BOTH,
    "candidate": BOTH | {"reset_gate"},
    "hidden_state": {"update_gate", "candidate", "hidden_state_before"},
}
MIXED = {"input_gate", "forget_gate", "candidate", "hidden_state_before"}
CELL = {"cell_state_before"}


def without(gate: str) -> dict[str, set[str]]:
    """An LSTM's wiring without one gate."""
    return {target: fed - {gate} for target, fed in LSTM.items() if target != gate}


EXPECTED: dict[str, dict[str, set[str]]] = {
    **{key: {"hidden_state": BOTH} for key in ("rnn", "rnn_relu", "irnn")},
    **dict.fromkeys(
        ("lstm", "lstm_layer_norm", "lstm_no_input_activation", "lstm_no_output_activation"), LSTM
    ),
    **dict.fromkeys(("gru", "gru_reset_before"), GRU),
    "lstm_no_forget": without("forget_gate"),
    "lstm_no_input": without("input_gate"),
    "lstm_no_output": without("output_gate"),
    "lstm_coupled": LSTM | {"input_gate": {"forget_gate"}},
    "lstm_peephole": LSTM
    | {
        "input_gate": BOTH | CELL,
        "forget_gate": BOTH | CELL,
        "output_gate": BOTH | {"cell_state"},
    },
    "mgu": GRU | {"reset_gate": {"update_gate"}},
    "janet": {
        "forget_gate": BOTH,
        "input_gate": BOTH,
        "candidate": BOTH,
        "hidden_state": MIXED,
    },
    "min_gru": {
        "update_gate": {"input"},
        "candidate": {"input"},
        "hidden_state": {"update_gate", "candidate", "hidden_state_before"},
    },
    "min_lstm": {
        "forget_gate": {"input"},
        "input_gate": {"input"},
        "candidate": {"input"},
        "hidden_state": MIXED,
    },
}


@pytest.mark.parametrize("name", EXPECTED)
def test_each_signal_is_fed_by_what_stands_in_its_equation(name: str) -> None:
    """By nothing else, whatever is random; and the cell stays as it is."""
    cell = make_cell(name, 3, 4)
    before = {key: weight.clone() for key, weight in cell.state_dict().items()}
    for seed in (0, 1):
        found: dict[str, set[str]] = {}
        for source, target in wiring(cell, seed):
            found.setdefault(target, set()).add(source)
        assert found == EXPECTED[name]
    assert all(torch.equal(cell.state_dict()[key], weight) for key, weight in before.items())


class Unnamed(Cell):
    """A cell that does not name what it computes."""

    blocks = ("hidden_state",)

    def step(self, x: torch.Tensor, state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        """See the class."""
        return {"hidden_state": torch.tanh(self.from_input(x)["hidden_state"])}


def test_a_cell_without_names_is_told_how() -> None:
    """The signal, and the line to write."""
    with pytest.raises(ValueError, match=r"hidden_state = gatescope.signal\('hidden_state'"):
        wiring(Unnamed(2, 3))
    assert gatescope.signal is not None
