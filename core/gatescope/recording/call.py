"""One call of torch's fused recurrent functions, its arguments named."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from gatescope.recording.closed_form import EQUATIONS, Equations, Weights
from gatescope.recording.layout import Layout
from gatescope.recording.signal_buffer import with_gradients

DENSE = (
    "input", "hx", "params", "has_biases", "num_layers", "dropout", "train", "bidirectional",
    "batch_first",
)  # fmt: skip
PACKED = ("data", "batch_sizes", *DENSE[1:-1])
"""The arguments of torch's functions, in order; those of a packed sequence's are others."""


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
        Layer by layer, the directions of a layer side by side; detached, never copied.
    live
        The same tensors as they were given, which autograd knows.
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
    live: list[list[Tensor]]
    directions: int
    dropout: float
    training: bool
    batch_first: bool
    layout: Layout

    @property
    def are_weights_made(self) -> bool:
        """Whether the weights were computed from others, to which their gradient belongs."""
        return any(weight.grad_fn is not None for group in self.live for weight in group)

    @property
    def equations(self) -> Equations:
        """Those of this kind of layer."""
        return EQUATIONS[self.operation]

    def widths(self, weights: Weights, *, gradients: bool) -> dict[str, int]:
        """The last dimension of each signal of a layer and direction."""
        names = self.equations.names
        return widths_of(weights, with_gradients(names) if gradients else names)


def widths_of(weights: Weights, names: Iterable[str]) -> dict[str, int]:
    """The last dimension of each signal or gradient of a layer with these weights."""
    unit = weights.hh.shape[1]
    if weights.projection is not None:
        unit = weights.projection.shape[1]
    hidden = ("hidden_state", "grad_hidden_state")
    return {name: weights.hh.shape[1] if name in hidden else unit for name in names}


def parse(
    function: Callable[..., Any], operation: str, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> FusedCall:
    """Name the arguments of a fused call.

    Dense: input, states, weights, biases, layers, dropout, train, bidirectional, batch_first.
    Packed: rows, batch sizes, states, weights, biases, layers, dropout, train, bidirectional.
    """
    is_packed = "batch_sizes" in kwargs or (len(args) > 3 and isinstance(args[3], (list, tuple)))
    given = dict(zip(PACKED if is_packed else DENSE, args, strict=False)) | kwargs
    rows, states = given["data" if is_packed else "input"], given["hx"]
    hidden, cell_state = states if isinstance(states, (list, tuple)) else (states, None)
    batch_first = bool(given.get("batch_first", False))
    if is_packed:
        layout = Layout.packed(given["batch_sizes"], rows.device)
    else:
        time, batch = (rows.shape[1], rows.shape[0]) if batch_first else rows.shape[:2]
        layout = Layout(time, batch)
    directions = 2 if given["bidirectional"] else 1
    parameters, groups = list(given["params"]), given["num_layers"] * directions
    size = len(parameters) // groups
    live = [parameters[first : first + size] for first in range(0, len(parameters), size)]
    return FusedCall(
        function=function,
        operation=operation,
        rows=rows,
        hidden=hidden,
        cell_state=cell_state,
        weights=[weights_of(group, has_biases=given["has_biases"]) for group in live],
        live=live,
        directions=directions,
        dropout=float(given["dropout"]),
        training=bool(given["train"]),
        batch_first=batch_first,
        layout=layout,
    )


def weights_of(parameters: Sequence[Tensor], *, has_biases: bool) -> Weights:
    """One layer and direction's weights, in torch's order; detached, never copied."""
    ih, hh, *rest = (weight.detach() for weight in parameters)
    bias_ih, bias_hh = (rest.pop(0), rest.pop(0)) if has_biases else (None, None)
    return Weights(ih, hh, bias_ih, bias_hh, rest[0] if rest else None)
