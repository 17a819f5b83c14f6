"""The GRU as torch.nn.GRU has it, and as it was first published."""

import torch
from torch import Tensor

from gatescope.cells.base import Cell, Signals
from gatescope.cells.change import signal


class GRU(Cell):
    """Gated recurrent unit in torch's convention.

    Here z = 1 keeps the old state, and the reset gate acts after the recurrent product. Cho et
    al. (EMNLP 2014) apply it before the product; many papers swap z and 1 - z.
    """

    equations = """
        r = σ(W_r x + U_r h + b_r)
        z = σ(W_z x + U_z h + b_z)
        n = tanh(W_n x + b_n + r·(U_n h + b′_n))
        hₜ = (1 − z)·n + z·h
    """
    source = "torch.nn.GRU, after Cho et al., EMNLP (2014)"
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

    z = 1 keeps the old state, as there and in torch; here r chooses among the old units before U
    mixes them, in torch's GRU after.
    """

    equations = """
        r, z = σ(W x + U h + b)
        n = tanh(W x + b + U (r·h))
        hₜ = (1 − z)·n + z·h
    """
    source = "Cho et al., EMNLP (2014)"
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
