"""Cells with a single gate: JANET, an LSTM of its forget gate alone, and the minimal gated unit."""

import torch
from torch import Tensor

from gatescope.cells.base import Cell, Signals
from gatescope.cells.change import signal


class JANET(Cell):
    """'Just another network': an LSTM with the forget gate alone.

    s = W_f x_t + U_f h_{t-1} + b_f
    f = sigmoid(s),  i = 1 - sigmoid(s - beta)
    g = tanh(W_g x_t + U_g h_{t-1} + b_g)
    h_t = f * h_{t-1} + i * g

    Its cell state and hidden state are one. With beta = 0 it writes exactly as much as it forgets
    (i = 1 - f); with the paper's beta = 1 a little more.

    Source: van der Westhuizen & Lasenby, 'The unreasonable effectiveness of the forget gate'
    (2018).
    """

    blocks = ("forget_gate", "candidate")
    retention_gate = "forget_gate"

    def __init__(
        self, input_size: int, hidden_size: int, *, bias: bool = True, beta: float = 1.0
    ) -> None:
        super().__init__(input_size, hidden_size, bias=bias)
        self.beta = beta

    def step(self, x: Tensor, state: Signals) -> Signals:
        """See the class."""
        h = state["hidden_state"]
        a = self.pre_activations(x, h)
        f = signal("forget_gate", torch.sigmoid(a["forget_gate"]))
        i = signal("input_gate", 1 - torch.sigmoid(a["forget_gate"] - self.beta))
        g = signal("candidate", torch.tanh(a["candidate"]))
        h = signal("hidden_state", f * h + i * g)
        return {"input_gate": i, "forget_gate": f, "candidate": g, "hidden_state": h}


class MGU(Cell):
    """Minimal gated unit: a GRU whose two gates are one.

    z = sigmoid(W_z x_t + U_z h_{t-1} + b_z),  r = 1 - z
    n = tanh(W_n x_t + b_n + U_n (r * h_{t-1}) + b'_n)
    h_t = (1 - z) * n + z * h_{t-1}

    Source: Zhou, Wu, Zhang & Zhou, 'Minimal gated unit for recurrent neural networks', IJAC 13
    (2016). Its gate f is 1 - z here, so that z = 1 keeps the old state, as in torch's GRU.
    """

    blocks = ("update_gate", "candidate")
    retention_gate = "update_gate"

    def step(self, x: Tensor, state: Signals) -> Signals:
        """See the class."""
        h = state["hidden_state"]
        w, u = self.from_input(x), self.from_hidden(h)
        z = signal("update_gate", torch.sigmoid(w["update_gate"] + u["update_gate"]))
        r = signal("reset_gate", 1 - z)
        n = signal("candidate", torch.tanh(w["candidate"] + self.from_hidden(r * h)["candidate"]))
        h = signal("hidden_state", (1 - z) * n + z * h)
        return {"update_gate": z, "reset_gate": r, "candidate": n, "hidden_state": h}
