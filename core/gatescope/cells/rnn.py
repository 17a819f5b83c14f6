"""The plain (Elman) recurrent cell, as torch.nn.RNN."""

from typing import Literal

import torch
from torch import Tensor

from gatescope.cells.base import Cell, Signals
from gatescope.cells.change import signal


class RNN(Cell):
    """h_t = tanh(W x_t + U h_{t-1} + b), or ReLU in place of tanh.

    Source: Elman, 'Finding structure in time', Cognitive Science 14 (1990); weights as
    ``torch.nn.RNN``.

    Parameters
    ----------
    input_size, hidden_size, bias
        As in `Cell`.
    nonlinearity
        ``"tanh"`` or ``"relu"``.
    """

    blocks = ("hidden_state",)

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        *,
        bias: bool = True,
        nonlinearity: Literal["tanh", "relu"] = "tanh",
    ) -> None:
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"nonlinearity must be 'tanh' or 'relu', got {nonlinearity!r}")
        super().__init__(input_size, hidden_size, bias=bias)
        self.nonlinearity = nonlinearity

    def step(self, x: Tensor, state: Signals) -> Signals:
        """See the class."""
        a = self.pre_activations(x, state["hidden_state"])["hidden_state"]
        h = torch.tanh(a) if self.nonlinearity == "tanh" else torch.relu(a)
        return {"hidden_state": signal("hidden_state", h)}
