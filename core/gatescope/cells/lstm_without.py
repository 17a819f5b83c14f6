"""LSTMs with one part taken away, as Greff et al. compared them.

Source of all: Greff, Srivastava, Koutník, Steunebrink & Schmidhuber, 'LSTM: a search space
odyssey', IEEE TNNLS 28 (2017), there with peepholes, which are left out here. Weights are in
torch's order without the missing part's block.
"""

import torch
from torch import Tensor

from gatescope.cells.base import Cell, Signals
from gatescope.cells.change import signal
from gatescope.cells.lstm import LSTM, by_name


class NoForgetLSTM(Cell):
    """An LSTM without a forget gate: what is written once stays.

    i = sigmoid(W_i x_t + U_i h_{t-1} + b_i)
    g = tanh(W_g x_t + U_g h_{t-1} + b_g)
    o = sigmoid(W_o x_t + U_o h_{t-1} + b_o)
    c_t = c_{t-1} + i * g
    h_t = o * tanh(c_t)

    Source: Hochreiter & Schmidhuber, Neural Computation 9 (1997), in today's form: tanh in place
    of its two squashing functions, one cell a block, trained by the whole gradient. 'No forget
    gate' (NFG) in Greff et al., IEEE TNNLS 28 (2017). Nothing multiplies the old state, so it
    has no retention gate.
    """

    blocks = ("input_gate", "cell_candidate", "output_gate")
    states = ("hidden_state", "cell_state")

    def step(self, x: Tensor, state: Signals) -> Signals:
        """See the class."""
        h, c = state["hidden_state"], state["cell_state"]
        a = self.pre_activations(x, h)
        i = signal("input_gate", torch.sigmoid(a["input_gate"]))
        g = signal("cell_candidate", torch.tanh(a["cell_candidate"]))
        o = signal("output_gate", torch.sigmoid(a["output_gate"]))
        c = signal("cell_state", c + i * g)
        h = signal("hidden_state", o * torch.tanh(c))
        return by_name(i=i, g=g, o=o, c=c, h=h)


class NoInputLSTM(Cell):
    """An LSTM without an input gate ('NIG'): everything is written down in full.

    f = sigmoid(W_f x_t + U_f h_{t-1} + b_f)
    g = tanh(W_g x_t + U_g h_{t-1} + b_g)
    o = sigmoid(W_o x_t + U_o h_{t-1} + b_o)
    c_t = f * c_{t-1} + g
    h_t = o * tanh(c_t)
    """

    blocks = ("forget_gate", "cell_candidate", "output_gate")
    states = ("hidden_state", "cell_state")
    retention_gate = "forget_gate"

    def step(self, x: Tensor, state: Signals) -> Signals:
        """See the class."""
        h, c = state["hidden_state"], state["cell_state"]
        a = self.pre_activations(x, h)
        f = signal("forget_gate", torch.sigmoid(a["forget_gate"]))
        g = signal("cell_candidate", torch.tanh(a["cell_candidate"]))
        o = signal("output_gate", torch.sigmoid(a["output_gate"]))
        c = signal("cell_state", f * c + g)
        h = signal("hidden_state", o * torch.tanh(c))
        return by_name(f=f, g=g, o=o, c=c, h=h)


class NoOutputLSTM(Cell):
    """An LSTM without an output gate ('NOG'): everything in the cell is shown.

    i = sigmoid(W_i x_t + U_i h_{t-1} + b_i)
    f = sigmoid(W_f x_t + U_f h_{t-1} + b_f)
    g = tanh(W_g x_t + U_g h_{t-1} + b_g)
    c_t = f * c_{t-1} + i * g
    h_t = tanh(c_t)
    """

    blocks = ("input_gate", "forget_gate", "cell_candidate")
    states = ("hidden_state", "cell_state")
    retention_gate = "forget_gate"

    def step(self, x: Tensor, state: Signals) -> Signals:
        """See the class."""
        h, c = state["hidden_state"], state["cell_state"]
        a = self.pre_activations(x, h)
        i = signal("input_gate", torch.sigmoid(a["input_gate"]))
        f = signal("forget_gate", torch.sigmoid(a["forget_gate"]))
        g = signal("cell_candidate", torch.tanh(a["cell_candidate"]))
        c = signal("cell_state", f * c + i * g)
        h = signal("hidden_state", torch.tanh(c))
        return by_name(i=i, f=f, g=g, c=c, h=h)


class NoInputActivationLSTM(LSTM):
    """An LSTM without the activation of its candidate ('NIAF'): g = W_g x_t + U_g h_{t-1} + b_g.

    Everything else as in `LSTM`.
    """

    def step(self, x: Tensor, state: Signals) -> Signals:
        """See the class."""
        h, c = state["hidden_state"], state["cell_state"]
        a = self.pre_activations(x, h)
        i = signal("input_gate", torch.sigmoid(a["input_gate"]))
        f = signal("forget_gate", torch.sigmoid(a["forget_gate"]))
        g = signal("cell_candidate", a["cell_candidate"])
        o = signal("output_gate", torch.sigmoid(a["output_gate"]))
        c = signal("cell_state", f * c + i * g)
        h = signal("hidden_state", o * torch.tanh(c))
        return by_name(i=i, f=f, g=g, o=o, c=c, h=h)


class NoOutputActivationLSTM(LSTM):
    """An LSTM without the activation of its output ('NOAF'): h_t = o * c_t.

    Everything else as in `LSTM`.
    """

    def step(self, x: Tensor, state: Signals) -> Signals:
        """See the class."""
        h, c = state["hidden_state"], state["cell_state"]
        a = self.pre_activations(x, h)
        i = signal("input_gate", torch.sigmoid(a["input_gate"]))
        f = signal("forget_gate", torch.sigmoid(a["forget_gate"]))
        g = signal("cell_candidate", torch.tanh(a["cell_candidate"]))
        o = signal("output_gate", torch.sigmoid(a["output_gate"]))
        c = signal("cell_state", f * c + i * g)
        h = signal("hidden_state", o * c)
        return by_name(i=i, f=f, g=g, o=o, c=c, h=h)
