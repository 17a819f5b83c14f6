"""The LSTM as torch.nn.LSTM has it, and two variants of it.

Gates are named by what they do: input, forget, output. Their order in the weights is torch's
(i, f, g, o) and is written down once, in ``blocks``.
"""

import torch
from torch import Tensor, nn

from gatescope.cells.base import Cell, Signals
from gatescope.cells.change import signal

LETTERS = {
    "i": "input_gate",
    "f": "forget_gate",
    "g": "cell_candidate",
    "o": "output_gate",
    "c": "cell_state",
    "h": "hidden_state",
}


def by_name(**letters: Tensor) -> Signals:
    """What a step of an LSTM gives, from the equations' letters to the signals' names."""
    return {LETTERS[letter]: value for letter, value in letters.items()}


class LSTM(Cell):
    """Long short-term memory with a forget gate, no peepholes."""

    equations = """
        i = σ(Wᵢ x + Uᵢ h + bᵢ)
        f = σ(W_f x + U_f h + b_f)
        g = tanh(W_g x + U_g h + b_g)
        o = σ(Wₒ x + Uₒ h + bₒ)
        cₜ = f·c + i·g
        hₜ = o·tanh(cₜ)
    """
    source = (
        "Hochreiter & Schmidhuber, Neural Computation 9 (1997); the forget gate: Gers, "
        "Schmidhuber & Cummins, Neural Computation 12 (2000); weights as torch.nn.LSTM"
    )
    blocks = ("input_gate", "forget_gate", "cell_candidate", "output_gate")
    states = ("hidden_state", "cell_state")
    retention_gate = "forget_gate"

    def step(self, x: Tensor, state: Signals) -> Signals:
        """See the class."""
        h, c = state["hidden_state"], state["cell_state"]
        a = self.pre_activations(x, h)
        i = signal("input_gate", torch.sigmoid(a["input_gate"]))
        f = signal("forget_gate", torch.sigmoid(a["forget_gate"]))
        g = signal("cell_candidate", torch.tanh(a["cell_candidate"]))
        o = signal("output_gate", torch.sigmoid(a["output_gate"]))
        c = signal("cell_state", f * c + i * g)
        h = signal("hidden_state", o * torch.tanh(c))
        return by_name(i=i, f=f, g=g, o=o, c=c, h=h)


class PeepholeLSTM(LSTM):
    """An LSTM whose gates also see the cell state, each unit its own.

    The input and forget gate see the old cell state, the output gate sees the new one.
    """

    equations = """
        i = σ(Wᵢ x + Uᵢ h + pᵢ·c + bᵢ)
        f = σ(W_f x + U_f h + p_f·c + b_f)
        g = tanh(W_g x + U_g h + b_g)
        cₜ = f·c + i·g
        o = σ(Wₒ x + Uₒ h + pₒ·cₜ + bₒ)
        hₜ = o·tanh(cₜ)
    """
    source = "Gers, Schraudolph & Schmidhuber, JMLR 3 (2002)"

    def __init__(self, input_size: int, hidden_size: int, *, bias: bool = True) -> None:
        super().__init__(input_size, hidden_size, bias=bias)
        self.peephole_input = nn.Parameter(torch.empty(hidden_size))
        self.peephole_forget = nn.Parameter(torch.empty(hidden_size))
        self.peephole_output = nn.Parameter(torch.empty(hidden_size))
        self.reset_parameters()

    def step(self, x: Tensor, state: Signals) -> Signals:
        """See the class."""
        h, c = state["hidden_state"], state["cell_state"]
        a = self.pre_activations(x, h)
        i = signal("input_gate", torch.sigmoid(a["input_gate"] + self.peephole_input * c))
        f = signal("forget_gate", torch.sigmoid(a["forget_gate"] + self.peephole_forget * c))
        g = signal("cell_candidate", torch.tanh(a["cell_candidate"]))
        c = signal("cell_state", f * c + i * g)
        o = signal("output_gate", torch.sigmoid(a["output_gate"] + self.peephole_output * c))
        h = signal("hidden_state", o * torch.tanh(c))
        return by_name(i=i, f=f, g=g, o=o, c=c, h=h)


class CoupledLSTM(Cell):
    """An LSTM that writes exactly as much as it forgets; its input gate has no own weights."""

    equations = """
        f = σ(W_f x + U_f h + b_f),  i = 1 − f
        g = tanh(W_g x + U_g h + b_g)
        o = σ(Wₒ x + Uₒ h + bₒ)
        cₜ = f·c + i·g
        hₜ = o·tanh(cₜ)
    """
    source = "CIFG in Greff et al., IEEE TNNLS 28 (2017)"
    blocks = ("forget_gate", "cell_candidate", "output_gate")
    states = ("hidden_state", "cell_state")
    retention_gate = "forget_gate"

    def step(self, x: Tensor, state: Signals) -> Signals:
        """See the class."""
        h, c = state["hidden_state"], state["cell_state"]
        a = self.pre_activations(x, h)
        f = signal("forget_gate", torch.sigmoid(a["forget_gate"]))
        i = signal("input_gate", 1 - f)
        g = signal("cell_candidate", torch.tanh(a["cell_candidate"]))
        o = signal("output_gate", torch.sigmoid(a["output_gate"]))
        c = signal("cell_state", f * c + i * g)
        h = signal("hidden_state", o * torch.tanh(c))
        return by_name(i=i, f=f, g=g, o=o, c=c, h=h)
