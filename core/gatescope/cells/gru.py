"""The GRU as torch.nn.GRU has it, and as it was first published."""

import torch
from torch import Tensor

from gatescope.cells.base import Cell, Signals
from gatescope.cells.change import signal


class GRU(Cell):
    """Gated recurrent unit in torch's convention.

    r = sigmoid(W_r x_t + U_r h_{t-1} + b_r)
    z = sigmoid(W_z x_t + U_z h_{t-1} + b_z)
    n = tanh(W_n x_t + b_n + r * (U_n h_{t-1} + b'_n))
    h_t = (1 - z) * n + z * h_{t-1}

    Here z = 1 keeps the old state, and the reset gate acts after the recurrent product. Cho et
    al. (EMNLP 2014) apply it before the product; many papers swap z and 1 - z.
    """

    blocks = ("reset_gate", "update_gate", "candidate")
    retention_gate = "update_gate"

    def step(self, x: Tensor, state: Signals) -> Signals:
        """See the class."""
        h = state["hidden_state"]
        w, u = self.from_input(x), self.from_hidden(h)
        r = signal("reset_gate", torch.sigmoid(w["reset_gate"] + u["reset_gate"]))
        z = signal("update_gate", torch.sigmoid(w["update_gate"] + u["update_gate"]))
        n = signal("candidate", torch.tanh(w["candidate"] + r * u["candidate"]))
        h = signal("hidden_state", (1 - z) * n + z * h)
        return {"reset_gate": r, "update_gate": z, "candidate": n, "hidden_state": h}


class ResetBeforeGRU(Cell):
    """Gated recurrent unit whose reset gate acts before the recurrent product.

    r = sigmoid(W_r x_t + U_r h_{t-1} + b_r)
    z = sigmoid(W_z x_t + U_z h_{t-1} + b_z)
    n = tanh(W_n x_t + b_n + U_n (r * h_{t-1}) + b'_n)
    h_t = (1 - z) * n + z * h_{t-1}

    Source: Cho et al., 'Learning phrase representations using RNN encoder-decoder', EMNLP (2014).
    z = 1 keeps the old state, as there and in torch; here r chooses among the old units before U_n
    mixes them, in torch's GRU after.
    """

    blocks = ("reset_gate", "update_gate", "candidate")
    retention_gate = "update_gate"

    def step(self, x: Tensor, state: Signals) -> Signals:
        """See the class."""
        h = state["hidden_state"]
        w, u = self.from_input(x), self.from_hidden(h)
        r = signal("reset_gate", torch.sigmoid(w["reset_gate"] + u["reset_gate"]))
        z = signal("update_gate", torch.sigmoid(w["update_gate"] + u["update_gate"]))
        n = signal("candidate", torch.tanh(w["candidate"] + self.from_hidden(r * h)["candidate"]))
        h = signal("hidden_state", (1 - z) * n + z * h)
        return {"reset_gate": r, "update_gate": z, "candidate": n, "hidden_state": h}
