"""One step's equations each: the code is the equation.

To add a cell, write a `Cell` with a ``step`` and give it a line in `CELLS`. What it wraps in
`signal` can be changed by an intervention.
"""

from typing import Any

from gatescope.cells.base import Cell, Signals
from gatescope.cells.change import signal
from gatescope.cells.gru import GRU, ResetBeforeGRU
from gatescope.cells.lstm import LSTM, CoupledLSTM, PeepholeLSTM
from gatescope.cells.lstm_layer_norm import LayerNormLSTM
from gatescope.cells.lstm_without import (
    NoForgetLSTM,
    NoInputActivationLSTM,
    NoInputLSTM,
    NoOutputActivationLSTM,
    NoOutputLSTM,
)
from gatescope.cells.minimal import MinGRU, MinLSTM
from gatescope.cells.one_gate import JANET, MGU
from gatescope.cells.recurrence import Recurrence
from gatescope.cells.rnn import IRNN, RNN, ReluRNN
from gatescope.cells.torch_weights import copy_weights
from gatescope.errors import say

CELLS: dict[str, type[Cell]] = {
    "rnn": RNN,
    "lstm": LSTM,
    "gru": GRU,
    "lstm_peephole": PeepholeLSTM,
    "lstm_coupled": CoupledLSTM,
    "lstm_no_forget": NoForgetLSTM,
    "lstm_no_input": NoInputLSTM,
    "lstm_no_output": NoOutputLSTM,
    "lstm_no_input_activation": NoInputActivationLSTM,
    "lstm_no_output_activation": NoOutputActivationLSTM,
    "lstm_layer_norm": LayerNormLSTM,
    "gru_reset_before": ResetBeforeGRU,
    "rnn_relu": ReluRNN,
    "irnn": IRNN,
    "janet": JANET,
    "mgu": MGU,
    "min_gru": MinGRU,
    "min_lstm": MinLSTM,
}

__all__ = [
    "CELLS",
    "Cell",
    "Recurrence",
    "Signals",
    "cell_class",
    "copy_weights",
    "make_cell",
    "signal",
]


def cell_class(name: str) -> type[Cell]:
    """Look a cell up in `CELLS`.

    Raises
    ------
    ValueError
        When there is no such cell; the message lists those there are.
    """
    if name not in CELLS:
        raise ValueError(say("cell_unknown", name=name, names=", ".join(CELLS)))
    return CELLS[name]


def make_cell(name: str, input_size: int, hidden_size: int, **options: Any) -> Cell:
    """Make a cell by its name in `CELLS`.

    Parameters
    ----------
    name
        A key of `CELLS`.
    input_size, hidden_size
        Number of input features and of hidden units.
    options
        What the cell's class takes beside: ``bias``, for ``rnn`` ``nonlinearity``, for ``janet``
        ``beta``.

    Raises
    ------
    ValueError
        When there is no such cell, or a size or option is out of its range.

    Examples
    --------
    >>> import gatescope, torch
    >>> cell = gatescope.make_cell("min_gru", 3, 8)
    >>> signals = cell(torch.randn(5, 3))
    >>> {name: tuple(signal.shape) for name, signal in signals.items()}
    {'update_gate': (5, 8), 'candidate': (5, 8), 'hidden_state': (5, 8)}
    """
    return cell_class(name)(input_size, hidden_size, **options)
