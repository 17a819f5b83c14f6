"""minGRU and minLSTM: gates that see the input alone, so that all steps can be had at once.

Source of both: Feng, Tung, Hassani, Bengio & Ahmed, 'Were RNNs all we needed?' (2024). Nothing
that is computed depends on the hidden state but the new hidden state, on which it depends
linearly; there are no recurrent weights, and the candidate has no activation. Here they run one
step after the other, as every cell.
"""

import torch
from torch import Tensor

from gatescope.cells.base import Cell, Signals
from gatescope.cells.change import signal


class MinGRU(Cell):
    """minGRU, a GRU that looks at the input alone.

    The paper's z is 1 - z here, so that z = 1 keeps the old state, as in torch's GRU.
    """

    equations = """
        z = σ(W x + b)
        n = W x + b
        hₜ = (1 − z)·n + z·h
    """
    source = "Feng et al., Were RNNs all we needed? (2024); its z is 1 − z here"
    blocks = ("update_gate", "candidate")
    retention_gate = "update_gate"
    looks_back = False

    def step(self, x: Tensor, state: Signals) -> Signals:
        """See the class."""
        a = self.from_input(x)
        z = signal("update_gate", torch.sigmoid(a["update_gate"]))
        n = signal("candidate", a["candidate"])
        h = signal("hidden_state", (1 - z) * n + z * state["hidden_state"])
        return {"update_gate": z, "candidate": n, "hidden_state": h}


class MinLSTM(Cell):
    """minLSTM, an LSTM that looks at the input alone; its two gates always sum to 1.

    The gates in the trace are the normalised ones, f and i, which act on the state.
    """

    equations = """
        f′, i′ = σ(W x + b),  g = W x + b
        f = f′ / (f′ + i′),  i = i′ / (f′ + i′)
        hₜ = f·h + i·g
    """
    source = "Feng et al., Were RNNs all we needed? (2024)"
    blocks = ("input_gate", "forget_gate", "candidate")
    retention_gate = "forget_gate"
    looks_back = False

    def step(self, x: Tensor, state: Signals) -> Signals:
        """See the class."""
        a = self.from_input(x)
        forget, write = torch.sigmoid(a["forget_gate"]), torch.sigmoid(a["input_gate"])
        f = signal("forget_gate", forget / (forget + write))
        i = signal("input_gate", write / (forget + write))
        g = signal("candidate", a["candidate"])
        h = signal("hidden_state", f * state["hidden_state"] + i * g)
        return {"input_gate": i, "forget_gate": f, "candidate": g, "hidden_state": h}
