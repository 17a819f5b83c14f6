"""How weights have to lie in memory for cuDNN."""

import torch
from torch import Tensor
from torch.backends.cudnn import rnn as cudnn_rnn

from gatescope.recording.closed_form import Weights

MODES = {"rnn_relu": "RNN_RELU", "rnn_tanh": "RNN_TANH", "lstm": "LSTM", "gru": "GRU"}


def in_one_piece(parameters: list[Tensor], w: Weights, operation: str) -> None:
    """Lay one layer's weights side by side in memory, as ``flatten_parameters`` does for cuDNN.

    Those of a single layer out of several do not lie so; cuDNN would warn, and copy them at each
    call. ``parameters`` are views: the model's own weights stay where they are.
    """
    units = w.hh.shape[1] if w.projection is None else w.projection.shape[1]
    torch._cudnn_rnn_flatten_weight(
        parameters,
        len(parameters),
        w.ih.shape[1],
        cudnn_rnn.get_cudnn_mode(MODES[operation]),  # type: ignore[no-untyped-call]
        units,
        0 if w.projection is None else w.projection.shape[0],
        1,
        False,
        False,
    )
