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
    """Long short-term memory with a forget gate, no peepholes.

    i = sigmoid(W_i x_t + U_i h_{t-1} + b_i)
    f = sigmoid(W_f x_t + U_f h_{t-1} + b_f)
    g = tanh(W_g x_t + U_g h_{t-1} + b_g)
    o = sigmoid(W_o x_t + U_o h_{t-1} + b_o)
    c_t = f * c_{t-1} + i * g
    h_t = o * tanh(c_t)

    Source: Hochreiter & Schmidhuber, Neural Computation 9 (1997); the forget gate: Gers,
    Schmidhuber & Cummins, Neural Computation 12 (2000); weights as ``torch.nn.LSTM``.
    """

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

    i = sigmoid(W_i x_t + U_i h_{t-1} + p_i * c_{t-1} + b_i)
    f = sigmoid(W_f x_t + U_f h_{t-1} + p_f * c_{t-1} + b_f)
    g = tanh(W_g x_t + U_g h_{t-1} + b_g)
    c_t = f * c_{t-1} + i * g
    o = sigmoid(W_o x_t + U_o h_{t-1} + p_o * c_t + b_o)
    h_t = o * tanh(c_t)

    Source: Gers, Schraudolph & Schmidhuber, JMLR 3 (2002). The input and forget gate see the
    old cell state, the output gate sees the new one.
    """

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
    """An LSTM that writes exactly as much as it forgets: i = 1 - f.

    f = sigmoid(W_f x_t + U_f h_{t-1} + b_f),  i = 1 - f
    g = tanh(W_g x_t + U_g h_{t-1} + b_g)
    o = sigmoid(W_o x_t + U_o h_{t-1} + b_o)
    c_t = f * c_{t-1} + i * g
    h_t = o * tanh(c_t)

    Source: 'coupled input and forget gate' (CIFG) in Greff et al., 'LSTM: a search space
    odyssey', IEEE TNNLS 28 (2017). The input gate has no weights of its own.
    """

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
