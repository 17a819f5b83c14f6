"""A recurrent network with an output layer: what GateScope trains and shows."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Literal

import torch
from torch import Tensor, nn

from gatescope.cells import Recurrence, cell_class
from gatescope.errors import say

FUSED: dict[str, Callable[..., nn.RNNBase]] = {
    "rnn": nn.RNN,
    "lstm": nn.LSTM,
    "gru": nn.GRU,
    "rnn_relu": partial(nn.RNN, nonlinearity="relu"),
}
"""Cells that run on torch's fused layers; every other cell runs on our own time loop."""

ReadAt = Literal["each_step", "both_ends"]


class SequenceModel(nn.Module):
    """Recurrent layers and a linear output layer at every time step.

    Parameters
    ----------
    cell
        A name in ``gatescope.CELLS``, or one name per layer, which then may differ.
    input_size, hidden_size, output_size
        Number of input features, hidden units in each layer and direction, and outputs.
    num_layers
        Number of layers, when ``cell`` is a single name.
    bidirectional
        Read the sequence from both ends; the output layer then sees both directions at every step.
    dropout
        Probability of dropping an output between two layers, while training.
    readout_dropout
        Probability of dropping an output of the last layer before the output layer, while training.
    read_at
        ``"each_step"``: the answer at a step reads the last layer's outputs of that step. At the
        last step the backward direction has then seen that step alone. ``"both_ends"``: of a
        bidirectional network it reads the forward direction there and the backward direction at
        step 0, where that has seen the whole sequence.
    vocabulary_size, embedding_size
        Where the input is one feature, a whole number below ``vocabulary_size`` at each step: the
        numbers that stand for it are learned, ``embedding_size`` of them; those of 0 stay 0.

    Attributes
    ----------
    embedding
        ``torch.nn.Embedding``, or None.
    recurrent
        A ``torch.nn.RNN``, ``LSTM`` or ``GRU``, or a `Recurrence` of our own cells.
    readout
        ``torch.nn.Linear`` from hidden state to output.

    Examples
    --------
    >>> import gatescope, torch
    >>> model = gatescope.SequenceModel("mgu", 3, 8, 2, num_layers=2, bidirectional=True)
    >>> model(torch.randn(20, 5, 3)).shape
    torch.Size([20, 5, 2])
    """

    def __init__(
        self,
        cell: str | Sequence[str],
        input_size: int,
        hidden_size: int,
        output_size: int,
        *,
        num_layers: int = 1,
        bidirectional: bool = False,
        dropout: float = 0.0,
        readout_dropout: float = 0.0,
        read_at: ReadAt = "each_step",
        vocabulary_size: int = 0,
        embedding_size: int = 32,
    ) -> None:
        super().__init__()
        names = [cell] * num_layers if isinstance(cell, str) else list(cell)
        if not names:
            raise ValueError(say("no_layer"))
        if output_size < 1:
            raise ValueError(say("output_size", output_size=output_size))
        if read_at not in ("each_step", "both_ends"):
            raise ValueError(say("read_at_unknown", read_at=read_at))
        if read_at == "both_ends" and not bidirectional:
            raise ValueError(say("both_ends_one_direction_here"))
        self.embedding: nn.Embedding | None = None
        if vocabulary_size:
            if input_size != 1:
                raise ValueError(say("embedding_features", input_size=input_size))
            self.embedding = _embedding(vocabulary_size, embedding_size)
            input_size = embedding_size
        classes = [cell_class(name) for name in names]
        directions = 2 if bidirectional else 1
        self.recurrent: nn.Module
        if len(set(names)) == 1 and names[0] in FUSED:
            self.recurrent = FUSED[names[0]](
                input_size,
                hidden_size,
                num_layers=len(names),
                bidirectional=bidirectional,
                dropout=dropout if len(names) > 1 else 0.0,  # there is nothing between layers
            )
        else:
            widths = [input_size] + [directions * hidden_size] * (len(names) - 1)
            cells = [
                make(width, hidden_size)
                for make, width in zip(classes, widths, strict=True)
                for _ in range(directions)
            ]
            self.recurrent = Recurrence(cells, bidirectional=bidirectional, dropout=dropout)
        self.readout_dropout, self.read_at = readout_dropout, read_at
        self.readout = nn.Linear(directions * hidden_size, output_size)

    def forward(self, inputs: Tensor) -> Tensor:
        """Map (time, batch, feature) to (time, batch, output)."""
        outputs = self.recurrent(self.embed(inputs))
        return self.answer(outputs[0] if isinstance(outputs, tuple) else outputs)

    def embed(self, inputs: Tensor) -> Tensor:
        """What the first layer reads, (time, batch, feature)."""
        if self.embedding is None:
            return inputs
        rows: Tensor = self.embedding(inputs.squeeze(-1).long())
        return rows

    def answer(self, outputs: Tensor) -> Tensor:
        """Read the last layer's outputs out, (time, batch, output)."""
        if self.read_at == "both_ends":
            forward, backward = outputs.chunk(2, dim=-1)
            outputs = torch.cat([forward, backward[:1].expand_as(backward)], dim=-1)
        outputs = nn.functional.dropout(outputs, self.readout_dropout, self.training)
        logits: Tensor = self.readout(outputs)
        return logits


def _embedding(words: int, size: int) -> nn.Embedding:
    """Numbers for words, that of 0 staying 0; where nothing is drawn, only their place.

    To draw nothing, torch would import its compiler, which takes a second and 100 MB.
    """
    place = torch.empty(words, size) if torch.empty(0).is_meta else None
    return nn.Embedding(words, size, padding_idx=0, _weight=place)
