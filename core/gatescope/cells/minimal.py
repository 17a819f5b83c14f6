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

    z = sigmoid(W_z x_t + b_z)
    n = W_n x_t + b_n
    h_t = (1 - z) * n + z * h_{t-1}

    The paper's z is 1 - z here, so that z = 1 keeps the old state, as in torch's GRU.
    """

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

    f' = sigmoid(W_f x_t + b_f),  i' = sigmoid(W_i x_t + b_i)
    f = f' / (f' + i'),  i = i' / (f' + i')
    g = W_g x_t + b_g
    h_t = f * h_{t-1} + i * g

    The gates in the trace are the normalised ones, f and i, which act on the state.
    """

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
