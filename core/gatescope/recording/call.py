"""One call of torch's fused recurrent functions, its arguments named."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from gatescope.recording.closed_form import EQUATIONS, Equations, Weights
from gatescope.recording.layout import Layout
from gatescope.recording.store import with_gradients


@dataclass(frozen=True)
class FusedCall:
    """One call of ``torch.lstm``, ``gru``, ``rnn_tanh`` or ``rnn_relu``, with its arguments named.

    Attributes
    ----------
    function, operation
        The operation's name, and torch's own function for it.
    rows
        Input: (time, batch, feature) or (batch, time, feature), or a packed sequence's rows.
    hidden, cell_state
        Initial states, (layers * directions, batch, unit); the second None but for an LSTM.
    weights
        Layer by layer, the directions of a layer side by side.
    directions, dropout, training, batch_first
        As the module has them.
    layout
        Time and batch.
    """

    function: Callable[..., Any]
    operation: str
    rows: Tensor
    hidden: Tensor
    cell_state: Tensor | None
    weights: list[Weights]
    directions: int
    dropout: float
    training: bool
    batch_first: bool
    layout: Layout

    @property
    def equations(self) -> Equations:
        """Those of this kind of layer."""
        return EQUATIONS[self.operation]

    def widths(self, weights: Weights, *, gradients: bool) -> dict[str, int]:
        """The last dimension of each signal of a layer and direction."""
        unit = weights.hh.shape[1]
        if weights.projection is not None:
            unit = weights.projection.shape[1]
        names = self.equations.names
        widths = dict.fromkeys(with_gradients(names) if gradients else names, unit)
        for name in ("hidden_state", "grad_hidden_state"):
            if name in widths:
                widths[name] = weights.hh.shape[1]
        return widths


def parse(function: Callable[..., Any], operation: str, args: tuple[Any, ...]) -> FusedCall:
    """Name the arguments of a fused call.

    Dense: input, states, weights, biases, layers, dropout, train, bidirectional, batch_first.
    Packed: rows, batch sizes, states, weights, biases, layers, dropout, train, bidirectional.
    """
    rows, *rest = args
    is_packed = isinstance(rest[2], (list, tuple))
    sizes = rest.pop(0) if is_packed else None
    states, parameters, biases, layers, dropout, training, bidirectional, *tail = rest
    batch_first = bool(tail[0]) if tail else False
    hidden, cell_state = states if isinstance(states, (list, tuple)) else (states, None)
    if sizes is not None:
        layout = Layout.packed(sizes, rows.device)
    else:
        time, batch = (rows.shape[1], rows.shape[0]) if batch_first else rows.shape[:2]
        layout = Layout(time, batch)
    directions = 2 if bidirectional else 1
    return FusedCall(
        function=function,
        operation=operation,
        rows=rows,
        hidden=hidden,
        cell_state=cell_state,
        weights=_grouped(parameters, layers * directions, has_biases=biases),
        directions=directions,
        dropout=float(dropout),
        training=bool(training),
        batch_first=batch_first,
        layout=layout,
    )


def _grouped(parameters: list[Tensor], groups: int, *, has_biases: bool) -> list[Weights]:
    """The flat list of weights, one group a layer and direction; detached, never copied."""
    size = len(parameters) // groups
    grouped = []
    for first in range(0, len(parameters), size):
        ih, hh, *rest = (weight.detach() for weight in parameters[first : first + size])
        bias_ih, bias_hh = (rest.pop(0), rest.pop(0)) if has_biases else (None, None)
        grouped.append(Weights(ih, hh, bias_ih, bias_hh, rest[0] if rest else None))
    return grouped
