"""The LSTM with layer normalisation."""

import torch
from torch import Tensor, nn

from gatescope.cells.base import Signals
from gatescope.cells.change import pre_activations, signal
from gatescope.cells.lstm import LSTM, by_name


class LayerNormLSTM(LSTM):
    """An LSTM whose products and cell state are normalised over the units at every step.

    LN(v) = (v - mean v) / sqrt(var v + 1e-5) * gain + shift, over all four blocks at once in the
    first two; each LN has a gain, which begins at 1, and (with ``bias``) a shift, which begins at
    0. ``cell_state`` is c_t, before it is normalised.
    """

    equations = """
        a = LN(W x) + LN(U h) + b
        i, f, o = σ(a),  g = tanh(a)
        cₜ = f·c + i·g
        hₜ = o·tanh(LN(cₜ))
    """
    source = "Ba, Kiros & Hinton, Layer normalization (2016)"

    def __init__(self, input_size: int, hidden_size: int, *, bias: bool = True) -> None:
        super().__init__(input_size, hidden_size, bias=bias)
        rows = len(self.blocks) * hidden_size
        self.norm_input = nn.LayerNorm(rows, bias=bias)
        self.norm_hidden = nn.LayerNorm(rows, bias=bias)
        self.norm_cell = nn.LayerNorm(hidden_size, bias=bias)

    def step(self, x: Tensor, state: Signals) -> Signals:
        """See the class."""
        h, c = state["hidden_state"], state["cell_state"]
        assert self.weight_hh is not None
        total = self.norm_input(x @ self.weight_ih.T) + self.norm_hidden(h @ self.weight_hh.T)
        if self.bias_ih is not None and self.bias_hh is not None:
            total = total + self.bias_ih + self.bias_hh
        a = pre_activations(self.by_block(total))
        i = signal("input_gate", torch.sigmoid(a["input_gate"]))
        f = signal("forget_gate", torch.sigmoid(a["forget_gate"]))
        g = signal("cell_candidate", torch.tanh(a["cell_candidate"]))
        o = signal("output_gate", torch.sigmoid(a["output_gate"]))
        c = signal("cell_state", f * c + i * g)
        h = signal("hidden_state", o * torch.tanh(self.norm_cell(c)))
        return by_name(i=i, f=f, g=g, o=o, c=c, h=h)
