"""Replays a call of torch's fused layers, layer by layer, and keeps what happens inside.

The forward pass is torch's own kernel, one layer and direction at a time; gates and gradients come
from `closed_form`. So nothing is unrolled under autograd, and the user's module is never touched.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from gatescope.recording import closed_form
from gatescope.recording.closed_form import Backward, Weights
from gatescope.recording.layer_trace import LayerTrace
from gatescope.recording.layout import Layout
from gatescope.recording.loops import Signals, relu_slope, tanh_slope

KINDS = {"lstm": "lstm", "gru": "gru", "rnn_tanh": "rnn", "rnn_relu": "rnn"}
RETENTION = {"lstm": "forget_gate", "gru": "update_gate", "rnn": ""}
SLOPES = {"rnn_tanh": tanh_slope, "rnn_relu": relu_slope}
SIGNALS: dict[str, Callable[..., Signals]] = {
    "lstm": closed_form.lstm_signals,
    "gru": closed_form.gru_signals,
    "rnn": closed_form.rnn_signals,
}
INTERNAL = ("recurrent_candidate",)


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


@dataclass
class Direction:
    """One layer and direction of a call while it is being recorded."""

    call: FusedCall
    weights: Weights
    layer: int
    reverse: bool
    signals: Signals = field(default_factory=dict)
    gradients: Signals = field(default_factory=dict)

    def run(
        self, anchor: Tensor | None, rows: Tensor, h0: Tensor, c0: Tensor | None
    ) -> tuple[Tensor, ...]:
        """Answer this layer and direction's part of the call: its rows, and its last states."""
        if anchor is None:
            return self.forward(rows, h0, c0)
        result: tuple[Tensor, ...] = _RecordedLayer.apply(  # type: ignore[no-untyped-call]
            anchor, rows, h0, c0, self
        )
        return result

    def forward(self, rows: Tensor, h0: Tensor, c0: Tensor | None) -> tuple[Tensor, ...]:
        """Run torch's kernel and keep the signals, in the layer's own reading direction."""
        layout = self.call.layout
        x = layout.pad(rows)
        if self.reverse:
            x = layout.flip(x)
            rows = layout.unpad(x)
        output, *last = self._kernel(rows, h0, c0)
        h = layout.pad(output)
        kind = KINDS[self.call.operation]
        self.signals = SIGNALS[kind](x, h.clone() if h is output else h, h0, c0, self.weights)
        output = layout.unpad(layout.flip(h)) if self.reverse else output
        return (output, *last)

    def _kernel(self, rows: Tensor, h0: Tensor, c0: Tensor | None) -> tuple[Tensor, ...]:
        w = self.weights
        parameters = [w.ih, w.hh]
        if w.bias_ih is not None and w.bias_hh is not None:
            parameters += [w.bias_ih, w.bias_hh]
        if w.projection is not None:
            parameters.append(w.projection)
        hidden = h0.unsqueeze(0).contiguous()
        states: Any = hidden if c0 is None else (hidden, c0.unsqueeze(0).contiguous())
        sizes = self.call.layout.batch_sizes
        head = (rows, states) if sizes is None else (rows, sizes, states)
        tail = (False,) if sizes is None else ()
        # arguments: biases, layers, dropout, train, bidirectional [, batch_first]
        result = self.call.function(
            *head, parameters, w.bias_ih is not None, 1, 0.0, False, False, *tail
        )
        return (result[0], *(state.squeeze(0) for state in result[1:]))

    def backward(
        self, outer: Tensor | None, end_h: Tensor | None, end_c: Tensor | None, states: Signals
    ) -> Backward:
        """Go back from the gradients of the outputs and the last states."""
        layout, s, w = self.call.layout, self.signals, self.weights
        if outer is None:
            arriving = torch.zeros_like(s["hidden_state"])
        else:
            arriving = layout.pad(outer)
            arriving = layout.flip(arriving) if self.reverse else arriving.clone()
        if end_h is not None:
            layout.add_at_end(arriving, end_h)
        operation = self.call.operation
        if operation == "lstm":
            return closed_form.lstm_backward(s, states["c0"], arriving, end_c, w, layout.lengths)
        if operation == "gru":
            return closed_form.gru_backward(s, states["h0"], arriving, w)
        return closed_form.rnn_backward(SLOPES[operation], s, arriving, w)

    def trace(self, path: str, order: Tensor | None, *, gradients: bool) -> LayerTrace:
        """The finished recording, in input time and the batch's original order."""
        layout = self.call.layout
        kept = {name: s for name, s in self.signals.items() if name not in INTERNAL}
        if gradients:
            # a layer that the loss does not reach has gradients too: zeros
            kept |= self.gradients or {f"grad_{k}": torch.zeros_like(s) for k, s in kept.items()}
        if self.reverse:
            kept = {name: layout.flip(s) for name, s in kept.items()}
        lengths = layout.lengths
        if layout.mask is not None and lengths is not None:
            past_end = ~layout.mask.unsqueeze(-1)
            kept = {name: s.masked_fill(past_end, torch.nan) for name, s in kept.items()}
            if order is not None:
                kept = {name: s[:, order] for name, s in kept.items()}
                lengths = lengths[order]
        kind = KINDS[self.call.operation]
        return LayerTrace(path, self.layer, self.reverse, kind, RETENTION[kind], kept, lengths)


MakeDirection = Callable[[FusedCall, Weights, int, bool], Direction]


class _RecordedLayer(torch.autograd.Function):
    """A layer and direction as one node of the autograd graph, whose backward is the closed form.

    ``anchor`` is a leaf that requires grad, so that the node is there on frozen weights too.
    """

    @staticmethod
    def forward(
        ctx: Any,
        anchor: Tensor,
        rows: Tensor,
        h0: Tensor,
        c0: Tensor | None,
        direction: Direction,
    ) -> tuple[Tensor, ...]:
        ctx.set_materialize_grads(False)
        ctx.direction = direction
        ctx.states = {"h0": h0} if c0 is None else {"h0": h0, "c0": c0}
        return direction.forward(rows, h0, c0)

    @staticmethod
    @once_differentiable
    def backward(
        ctx: Any, outer: Tensor | None, end_h: Tensor | None, end_c: Tensor | None = None
    ) -> tuple[Tensor | None, ...]:
        direction: Direction = ctx.direction
        result = direction.backward(outer, end_h, end_c, ctx.states)
        direction.gradients = result.gradients
        layout = direction.call.layout
        rows = None
        if ctx.needs_input_grad[1]:
            rows = result.pre @ direction.weights.ih
            rows = layout.unpad(layout.flip(rows) if direction.reverse else rows)
        return result.pre.new_zeros(()), rows, result.h0, result.c0, None


def replay(
    call: FusedCall, anchor: Tensor | None, make: MakeDirection = Direction
) -> tuple[Any, list[Direction]]:
    """Answer a fused call as torch would, and keep every layer and direction.

    Parameters
    ----------
    call
        The call.
    anchor
        A leaf that requires grad, to record gradients; None records the forward pass.
    make
        Makes each layer and direction; it may run in another way than torch's kernel.

    Returns
    -------
    tuple
        What the fused call returns, and the recorded directions.
    """
    rows = call.rows.transpose(0, 1) if call.batch_first else call.rows
    layers = len(call.weights) // call.directions
    recorded: list[Direction] = []
    last: list[tuple[Tensor, ...]] = []
    for layer in range(layers):
        outputs = []
        for reverse in range(call.directions):
            index = layer * call.directions + reverse
            direction = make(call, call.weights[index], layer, bool(reverse))
            c0 = None if call.cell_state is None else call.cell_state[index]
            output, *states = direction.run(anchor, rows, call.hidden[index], c0)
            recorded.append(direction)
            outputs.append(output)
            last.append(tuple(states))
        rows = outputs[0] if len(outputs) == 1 else torch.cat(outputs, dim=-1)
        if call.dropout and call.training and layer < layers - 1:
            rows = torch.dropout(rows, call.dropout, True)
    output = rows.transpose(0, 1) if call.batch_first else rows
    return (output, *(torch.stack(states) for states in zip(*last, strict=True))), recorded
