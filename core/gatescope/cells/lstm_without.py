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

    It is the LSTM of 1997 in today's form: tanh in place of its two squashing functions, one cell
    a block, trained by the whole gradient. Nothing multiplies the old state, so it has no
    retention gate.
    """

    equations = """
        i, o = σ(W x + U h + b),  g = tanh(W x + U h + b)
        cₜ = c + i·g
        hₜ = o·tanh(cₜ)
    """
    source = "Hochreiter & Schmidhuber, Neural Computation 9 (1997); NFG in Greff et al. (2017)"
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
    """An LSTM without an input gate ('NIG'): everything is written down in full."""

    equations = """
        f, o = σ(W x + U h + b),  g = tanh(W x + U h + b)
        cₜ = f·c + g
        hₜ = o·tanh(cₜ)
    """
    source = "NIG in Greff et al., IEEE TNNLS 28 (2017)"
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
    """An LSTM without an output gate ('NOG'): everything in the cell is shown."""

    equations = """
        i, f = σ(W x + U h + b),  g = tanh(W x + U h + b)
        cₜ = f·c + i·g
        hₜ = tanh(cₜ)
    """
    source = "NOG in Greff et al., IEEE TNNLS 28 (2017)"
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

    equations = """
        i, f, o = σ(W x + U h + b),  g = W x + U h + b
        cₜ = f·c + i·g
        hₜ = o·tanh(cₜ)
    """
    source = "NIAF in Greff et al., IEEE TNNLS 28 (2017)"

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

    equations = """
        i, f, o = σ(W x + U h + b),  g = tanh(W x + U h + b)
        cₜ = f·c + i·g
        hₜ = o·cₜ
    """
    source = "NOAF in Greff et al., IEEE TNNLS 28 (2017)"

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
