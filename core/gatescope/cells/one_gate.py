"""Cells with a single gate: JANET, an LSTM of its forget gate alone, and the minimal gated unit."""

import torch
from torch import Tensor

from gatescope.cells.base import Cell, Signals
from gatescope.cells.change import signal


class JANET(Cell):
    """'Just another network': an LSTM with the forget gate alone.

    Its cell state and hidden state are one. With beta = 0 it writes exactly as much as it forgets
    (i = 1 - f); with the paper's beta = 1 a little more.
    """

    equations = """
        s = W_f x + U_f h + b_f
        f = σ(s),  i = 1 − σ(s − 1)
        g = tanh(W x + U h + b)
        hₜ = f·h + i·g
    """
    source = (
        "van der Westhuizen & Lasenby, The unreasonable effectiveness of the forget gate (2018)"
    )
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
    """Minimal gated unit: a GRU whose two gates are one."""

    equations = """
        z = σ(W x + U h + b),  r = 1 − z
        n = tanh(W x + b + U (r·h))
        hₜ = (1 − z)·n + z·h
    """
    source = "Zhou, Wu, Zhang & Zhou, IJAC 13 (2016); its f is 1 − z here"
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
