"""The plain (Elman) recurrent cell, as torch.nn.RNN, and the IRNN."""

from typing import Literal

import torch
from torch import Tensor, nn

from gatescope.cells.base import Cell, Signals
from gatescope.cells.change import signal


class RNN(Cell):
    """A plain (Elman) recurrent cell, with tanh or with ReLU in its place.

    Parameters
    ----------
    input_size, hidden_size, bias
        As in `Cell`.
    nonlinearity
        ``"tanh"`` or ``"relu"``.
    """

    equations = "hₜ = tanh(W x + U h + b)"
    source = "Elman, Cognitive Science 14 (1990); weights as torch.nn.RNN"
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


class ReluRNN(RNN):
    """A plain RNN with ReLU in place of tanh; weights as ``torch.nn.RNN(nonlinearity="relu")``."""

    equations = "hₜ = relu(W x + U h + b)"
    source = "torch.nn.RNN with nonlinearity relu"

    def __init__(self, input_size: int, hidden_size: int, *, bias: bool = True) -> None:
        super().__init__(input_size, hidden_size, bias=bias, nonlinearity="relu")


class IRNN(ReluRNN):
    """A plain RNN with ReLU whose recurrent weights begin as the identity.

    U begins as the identity, both biases as 0, and W is drawn from N(0, 0.001^2): without an
    input the state then stays as it is, and so does the gradient.
    """

    equations = "hₜ = relu(W x + U h + b),  at first U = I"
    source = "Le, Jaitly & Hinton (2015)"

    def reset_parameters(self) -> None:
        """See the class."""
        assert self.weight_hh is not None
        nn.init.normal_(self.weight_ih, std=0.001)
        nn.init.eye_(self.weight_hh)
        for bias in (self.bias_ih, self.bias_hh):
            if bias is not None:
                nn.init.zeros_(bias)
