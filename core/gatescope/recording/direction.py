"""One layer and direction of a fused call: run by torch's kernel, recorded by the closed form.

Gates and gradients come from `closed_form`, a block of steps at a time. What was not asked for is
computed where it is needed, in memory of one block, and gone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from gatescope.recording.attempt import Attempt
from gatescope.recording.call import FusedCall
from gatescope.recording.closed_form import Room, Steps, Weights
from gatescope.recording.cudnn import in_one_piece
from gatescope.recording.layer_trace import LayerTrace
from gatescope.recording.loops import ArrivingAtCell, Signals, shift
from gatescope.recording.narrowed import Narrowed
from gatescope.recording.outputs import Outputs
from gatescope.recording.signal_buffer import Store

KINDS = {"lstm": "lstm", "gru": "gru", "rnn_tanh": "rnn", "rnn_relu": "rnn"}
RETENTION = {"lstm": "forget_gate", "gru": "update_gate", "rnn": ""}

BLOCK = 2**17
"""Numbers of one signal in a block of steps: what fits into a processor's cache."""

HELD = 2**22
"""Bytes of signals that a run holds for the way back though nobody chose them."""

TORCHS = 12
"""Signals of a pass that torch's own holds for its way back on the CPU, and more: its peak is that
of 17 for an LSTM, 24 for an RNN and 70 for a GRU. This run does not hold those."""

GPU_BLOCK = 2**24
"""The same on a GPU, where asking for work takes longer than small work."""


@dataclass
class Direction:
    """One layer and direction of a call while it is being recorded.

    Attributes
    ----------
    attempt
        The run that it is part of.
    without_gradients
        Whether the model runs it without gradients although there is a loss.
    outputs
        The hidden states, where going back needs them and the store does not have them.
    before
        The weights as they were, where signals are computed again.
    ends
        An LSTM's cell state before each block of steps.
    inner
        What going back needs beside the signals of the trace.
    scratch
        Memory that one block after another is computed in.
    parts
        The blocks, once they are asked for.
    """

    attempt: Attempt
    call: FusedCall
    layer: int
    reverse: bool
    store: Store
    without_gradients: bool = False
    outputs: Outputs | None = None
    before: Weights | None = None
    ends: list[Tensor] = field(default_factory=list)
    inner: Signals = field(default_factory=dict)
    scratch: Signals = field(default_factory=dict)
    parts: list[tuple[int, int]] = field(default_factory=list)

    @property
    def index(self) -> int:
        """Where its weights stand in the call."""
        return self.layer * self.call.directions + self.reverse

    @property
    def weights(self) -> Weights:
        """Its weights, detached."""
        return self.call.weights[self.index]

    def run(self, rows: Tensor, h0: Tensor, c0: Tensor | None) -> tuple[Tensor, ...]:
        """Answer this layer and direction's part of the call: its rows, and its last states."""
        anchor = self.attempt.anchor
        if not torch.is_grad_enabled():
            self.without_gradients = anchor is not None
            return self.forward(rows, h0, c0, going_back=False)
        result: tuple[Tensor, ...] = _RecordedLayer.apply(  # type: ignore[no-untyped-call]
            anchor, rows, h0, c0, self, *self.call.live[self.index]
        )
        return result

    def needed_back(self, weights: Sequence[Tensor], input_gradient: bool) -> list[Tensor]:
        """The weights whose numbers the way back needs as they were; never the biases."""
        w = self.weights
        needed = [weights[1], *([weights[-1]] if w.projection is not None else [])]
        return [weights[0], *needed] if input_gradient or not self.whole else needed

    @property
    def whole(self) -> bool:
        """Whether the store keeps all that going back needs; if not, it is computed again."""
        return self.store.in_place and len(self.store.names) == len(self.store.widths)

    def forward(
        self, rows: Tensor, h0: Tensor, c0: Tensor | None, *, going_back: bool
    ) -> tuple[Tensor, ...]:
        """Run torch's kernel and keep the signals; gives the rows and the last states."""
        layout = self.call.layout
        self.store.require_room(rows)
        self.store.stream_if_long()
        read = layout.turned(rows) if self.reverse else rows
        output, *last = self.kernel(read, h0, c0, layout.batch_sizes)
        given = layout.turned(output) if self.reverse else output
        if going_back and not self._holds(output):
            self.before = self.weights.with_own_biases()  # signals are computed again from these
            self.outputs = Outputs(layout, self.reverse, given.detach())
        if going_back or layout.mask is not None:
            self._keep_signals(read, output, h0, c0, going_back=going_back)
        else:
            self._keep_chosen(read, output, h0, c0)
        return (given, *last)

    def _holds(self, like: Tensor) -> bool:
        """Make memory for what the way back needs and the store does not keep, if it is little."""
        equations, store, layout = self.call.equations, self.store, self.call.layout
        names = [
            name
            for name in (*equations.names, *equations.inner)
            if not (store.in_place and name in store.names)
        ]
        widths = {name: store.widths.get(name, store.units) for name in names}
        if not self.whole:
            step = like.itemsize * layout.time * layout.batch
            size = step * (sum(widths.values()) - self._torchs(like) * store.units)
            if size > 0 and self.attempt.held + size > HELD:
                return False
            self.attempt.held += max(0, size)
        self.inner = {
            name: like.new_empty(layout.time, layout.batch, width) for name, width in widths.items()
        }
        return True

    def _torchs(self, like: Tensor) -> int:
        """Signals that torch itself would hold for this layer, as far as that is known."""
        followed = any(weight.requires_grad for weight in self.call.live[self.index])
        return TORCHS if followed and self.store.place is None and not like.is_cuda else 0

    def kernel(
        self, rows: Tensor, h0: Tensor, c0: Tensor | None, sizes: Tensor | None
    ) -> tuple[Tensor, ...]:
        """Run torch's own kernel; gives the rows, in the layer's order, and the last states."""
        w = self.weights
        parameters = [weight.detach() for weight in self.call.live[self.index]]
        if len(self.call.live) > 1 and torch.backends.cudnn.is_acceptable(  # type: ignore[no-untyped-call]
            rows
        ):
            in_one_piece(parameters, w, self.call.operation)
        hidden = h0.unsqueeze(0).contiguous()
        states: Any = hidden if c0 is None else (hidden, c0.unsqueeze(0).contiguous())
        head = (rows, states) if sizes is None else (rows, sizes, states)
        tail = (False,) if sizes is None else ()
        # arguments: biases, layers, dropout, train, bidirectional [, batch_first]
        result = self.call.function(
            *head, parameters, w.bias_ih is not None, 1, 0.0, False, False, *tail
        )
        return (result[0], *(state.squeeze(0) for state in result[1:]))

    def blocks(self) -> list[tuple[int, int]]:
        """First step and the one after the last, block by block."""
        if not self.parts:
            time, batch = self.call.layout.time, self.call.layout.batch
            numbers = GPU_BLOCK if self.call.rows.is_cuda else BLOCK
            size = max(1, numbers // (batch * self.store.units))
            self.parts = [(first, min(first + size, time)) for first in range(0, time, size)]
        return self.parts

    def room(self, like: Tensor, first: int, stop: int) -> Room:
        """Memory for a block: the store's own where the block may lie there, else shared."""
        batch, longest = self.call.layout.batch, self.blocks()[0][1]

        def room(name: str, width: int) -> Tensor:
            slot = self.store.slot(name, first, stop, like)
            if slot is not None:
                return slot
            if name in self.inner:
                return self.inner[name][first:stop]
            if name not in self.scratch:
                self.scratch[name] = like.new_empty(longest, batch, width)
            return self.scratch[name][: stop - first]

        return room

    def _put(self, name: str, first: int, stop: int, block: Tensor) -> None:
        """Keep a block, unless it was computed in its place."""
        slot = self.store.slot(name, first, stop, block)
        if slot is None:
            self.store.write(name, first, block)
        elif name == "hidden_state":
            slot.copy_(block)

    def _keep_chosen(self, read: Tensor, output: Tensor, h0: Tensor, c0: Tensor | None) -> None:
        """Keep what was chosen of a dense call that nobody goes back through."""
        longest = self.blocks()[0][1]
        narrowed = Narrowed.of(self.call.equations, self.store, self.weights, longest, c0)
        for first, stop in self.blocks():
            if narrowed.is_done(first):
                break
            h = output[first:stop]
            before = output[first - 1 : stop - 1] if first else shift(h, h0)
            narrowed.keep(first, Steps(read[first:stop], before, h, None))

    def _keep_signals(
        self, read: Tensor, output: Tensor, h0: Tensor, c0: Tensor | None, *, going_back: bool
    ) -> None:
        """Keep the signals of what was read and answered, both rows in the layer's order."""
        equations, layout = self.call.equations, self.call.layout
        wanted = {name for name in equations.names if name in self.store.names}
        if going_back and self.outputs is None:
            wanted |= {*equations.names, *equations.inner}
        elif going_back and c0 is not None:
            wanted.add("cell_state")
        # what is computed in its place is there already
        put = wanted & self.store.names & ({"hidden_state"} if self.store.in_place else wanted)
        last = h0
        for first, stop in self.blocks():
            if c0 is not None:
                self.ends.append(c0)
            x, h = (layout.block(rows, first, stop) for rows in (read, output))
            if self.outputs is not None:
                self.outputs.passed(first, last, h)
            before = layout.block(output, first - 1, stop - 1) if first else shift(h, last)
            steps = Steps(x, before, h, c0)
            found = equations.signals(steps, self.weights, wanted, self.room(h, first, stop))
            for name in put:
                self._put(name, first, stop, found[name])
            if "hidden_state" in self.inner:
                self.inner["hidden_state"][first:stop] = h
            last = h[-1]
            c0 = found["cell_state"][-1].clone() if "cell_state" in found else c0

    def backward(
        self,
        outer: Tensor | None,
        end_h: Tensor | None,
        end_c: Tensor | None,
        rows: Tensor,
        h0: Tensor,
        *,
        input_gradient: bool,
    ) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
        """Go back from the gradients of the outputs and the last states; keep all on the way.

        Returns
        -------
        tuple
            The gradients of the rows, if asked for, and of the initial states.
        """
        layout, equations = self.call.layout, self.call.equations
        w = self.weights.going_back(layout.time, layout.batch)
        # of a packed batch each sequence has its own last step
        packed = layout.lengths is not None
        carried_h, carried_c = (None, None) if packed else (end_h, end_c)
        dx = rows.new_empty(rows.shape) if input_gradient else None
        for number, (first, stop) in reversed(list(enumerate(self.blocks()))):
            steps = self._steps(rows, h0, number, first, stop)
            room, done = self.room(steps.h, first, stop), set[str]()
            product = partial(self._product, first, stop, done)
            dh = room("grad_hidden_state", steps.h.shape[-1])
            if outer is None:
                dh.zero_()
            else:
                dh.copy_(layout.block(outer, first, stop, reverse=self.reverse))
            anywhere = None
            if packed and end_h is not None:
                layout.add_at_end(dh, end_h, first)
            if packed and end_c is not None:
                anywhere = dh.new_zeros(len(dh), *end_c.shape)
                layout.add_at_end(anywhere, end_c, first)
            if carried_h is not None:
                dh[-1] += carried_h
            signals = self.signals_of(steps, first, stop, room)
            arriving_c = ArrivingAtCell(carried_c, anywhere)
            block = None if dx is None else room("dx", rows.shape[-1])
            back = equations.backward(signals, steps, w, dh, arriving_c, room, product, block)
            if dx is not None and block is not None:
                layout.put(dx, first, block, reverse=self.reverse)
            self._put_gradients(first, stop, room, done)
            carried_h, carried_c = back.h, back.c
        return dx, carried_h, carried_c

    def _steps(self, rows: Tensor, h0: Tensor, number: int, first: int, stop: int) -> Steps:
        """A block of steps as the layer read them."""
        x = self.call.layout.block(rows, first, stop, reverse=self.reverse)
        c0 = self.ends[number] if self.ends else None
        if self.outputs is None:
            h = self._kept("hidden_state", first, stop)
            if first:
                return Steps(x, self._kept("hidden_state", first - 1, stop - 1), h, c0)
            return Steps(x, shift(h, h0), h, c0)

        def again(before: Tensor) -> Tensor:
            return self.kernel(x, before, c0, None)[0]

        h = self.outputs.block(first, stop, again)
        return Steps(x, shift(h, self.outputs.starts[first]), h, c0)

    def _product(
        self, first: int, stop: int, done: set[str], name: str, one: Tensor, other: Tensor
    ) -> None:
        """Keep the product of two blocks, as far as it was chosen; its name is ``done`` then."""
        store = self.store
        done.add(name)
        if name not in store.names:
            return
        if store.layout.mask is not None or store.is_scattered:
            store.write(name, first, one * other)
            return
        part = store.part(first, stop)
        one, other = (store.chosen(name, part, block) for block in (one, other))
        slot = store.room(name, part, one)
        if slot is None:
            store.put(name, part, one * other)
        else:
            torch.mul(one, other, out=slot)

    def _put_gradients(self, first: int, stop: int, room: Room, done: set[str]) -> None:
        """Keep what stands in the room of each gradient that is not kept yet."""
        if self.whole:  # each was computed in its place
            return
        for name, width in self.store.widths.items():
            if name.startswith("grad_") and name not in done and name in self.store.names:
                self._put(name, first, stop, room(name, width))

    def signals_of(self, steps: Steps, first: int, stop: int, room: Room) -> Signals:
        """All signals of a block, from where they are kept or computed again."""
        equations = self.call.equations
        names = (*equations.names, *equations.inner)
        if self.outputs is not None and self.before is not None:
            return equations.signals(steps, self.before, names, room)
        return {name: self._kept(name, first, stop) for name in names}

    def _kept(self, name: str, first: int, stop: int) -> Tensor:
        """A block of a signal that is kept whole, here or in the store."""
        if name in self.inner:
            return self.inner[name][first:stop]
        return self.store.read(name, first, stop)

    def trace(self, path: str) -> LayerTrace:
        """The finished recording."""
        kind, store = KINDS[self.call.operation], self.store
        return LayerTrace(
            path=path,
            layer=self.layer,
            reverse=self.reverse,
            cell=kind,
            retention_gate=RETENTION[kind],
            dtype=str(self.weights.ih.dtype).removeprefix("torch."),
            steps=self.call.layout.time,
            batch=self.call.layout.batch,
            widths=store.widths,
            signals=store.finished(self.weights.ih, without_gradients=self.without_gradients),
            kept=store.kept,
            lengths=store.lengths(),
            without_gradients=self.without_gradients,
        )


MakeDirection = Callable[[FusedCall, int, bool], Direction]
"""From a call, the number of a layer, and whether it is the reverse."""


class _RecordedLayer(torch.autograd.Function):
    """A layer and direction as one node of the autograd graph, whose backward is the closed form.

    ``anchor`` is a leaf that requires grad, so that the node is there on frozen weights too. The
    weights are inputs, so that nobody can ask for their gradient and get none in silence: whoever
    differentiates before the loss does ends the attempt.
    """

    @staticmethod
    def forward(
        ctx: Any,
        anchor: Tensor | None,
        rows: Tensor,
        h0: Tensor,
        c0: Tensor | None,
        direction: Direction,
        *weights: Tensor,
    ) -> tuple[Tensor, ...]:
        ctx.set_materialize_grads(False)
        ctx.direction = direction
        if anchor is None:
            return direction.forward(rows, h0, c0, going_back=False)
        # what is saved may not be changed in place before the loss goes back: autograd refuses
        needed = direction.needed_back(weights, rows.requires_grad)
        ctx.save_for_backward(h0, rows, c0, *needed)
        ctx.weights = len(weights)
        return direction.forward(rows, h0, c0, going_back=True)

    @staticmethod
    @once_differentiable
    def backward(
        ctx: Any, outer: Tensor | None, end_h: Tensor | None, end_c: Tensor | None = None
    ) -> tuple[Tensor | None, ...]:
        direction: Direction = ctx.direction
        direction.attempt.require_loss()
        h0, rows, *_ = ctx.saved_tensors
        dx, dh0, dc0 = direction.backward(
            outer, end_h, end_c, rows, h0, input_gradient=ctx.needs_input_grad[1]
        )
        # nobody asks for the weights' while the loss is differentiated
        return h0.new_zeros(()), dx, dh0, dc0, None, *[None] * ctx.weights
