"""Short calls of a layer, one after the other: run as they are, and looked into many at a time.

A model that is called a step at a time spends its time on asking for work, and a recorder that asks
for more at each step makes it slow. So a call leaves nothing but copies of what it read and what it
answered; its signals follow by the same closed form as those of a long call, for hundreds of calls
at once. This is for recordings without a loss: on its way back each call needs its own gates.
"""

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from gatescope.recording.autograd_cells import Layer
from gatescope.recording.call import FusedCall, widths_of
from gatescope.recording.closed_form import EQUATIONS, Steps, Weights
from gatescope.recording.layer_trace import LayerTrace
from gatescope.recording.layout import Layout
from gatescope.recording.loops import shift
from gatescope.recording.store_factory import Keeper

SHORT = 16
"""Steps up to which a call is short."""

FEW = 2**18
"""Numbers of a weight up to which it may be held against what it was, at every call."""

PLAIN = (Tensor, nn.Parameter)

MOST = 2**18
"""Numbers that wait before signals are computed from them."""


def are_small(weights: Weights) -> bool:
    """Whether a layer's weights are torch's own tensors on the CPU, and not many numbers."""
    parts = weights.parts()
    if len(parts) % 2 != (weights.projection is not None):
        return False  # one bias without the other
    return all(_is_plain(part) and part.numel() <= FEW for part in parts)


def is_little(x: Tensor, h: Tensor, *states: Tensor) -> bool:
    """Whether what a call leaves can wait: ``x`` is what it reads, ``h`` as large as its answer."""
    little = x.numel() + 3 * h.numel() <= MOST
    return little and _is_plain(x) and all(map(_is_plain, states))


def _is_plain(tensor: Tensor) -> bool:
    return type(tensor) in PLAIN and not (tensor.is_cuda or tensor.is_inference())


def is_short(call: FusedCall) -> bool:
    """Whether a fused call can wait until others are looked into."""
    if call.layout.batch_sizes is not None or call.layout.time > SHORT or call.are_weights_made:
        return False
    h = call.hidden.expand(call.layout.time, *call.hidden.shape)
    states = (call.hidden,) if call.cell_state is None else (call.hidden, call.cell_state)
    return is_little(call.rows, h, *states) and all(map(are_small, call.weights))


@dataclass
class Alike:
    """Calls of one layer and direction, of one shape, by one set of weights.

    Attributes
    ----------
    keeper
        Says what is kept.
    layer, operation
        What runs, and torch's operation for the whole of it.
    weights
        The numbers that they all had.
    read, answered, hidden, cell_state
        What each call left: its input and its hidden states, (time, batch, unit) as the layer
        reads, or (batch, unit) of a single step; and the states before it, (batch, unit).
    without_gradients
        As in `LayerTrace`.
    finished
        The recording, once it is made: then no call is taken any more.
    """

    keeper: Keeper
    layer: Layer
    operation: str
    weights: Weights
    read: list[Tensor] = field(default_factory=list)
    answered: list[Tensor] = field(default_factory=list)
    hidden: list[Tensor] = field(default_factory=list)
    cell_state: list[Tensor] = field(default_factory=list)
    without_gradients: bool = False
    finished: LayerTrace | None = None

    def takes(self, weights: Weights, read: Tensor, h0: Tensor) -> bool:
        """Whether a call is of the same shape, and its weights have the same numbers."""
        if self.finished is not None:
            return False
        first, before = self.read[0], self.hidden[0]
        return (
            first.shape == read.shape
            and before.shape == h0.shape
            and first.dtype == read.dtype
            and len(self.read) * (read.numel() + 3 * self.answered[0].numel()) < MOST
            and all(map(torch.equal, self.weights.parts(), weights.parts()))
        )

    def add(self, read: Tensor, answered: Tensor, h0: Tensor, c0: Tensor | None) -> None:
        """Copy what a call leaves, before anyone changes it."""
        self.read.append(read.detach().clone())
        self.answered.append(answered.detach().clone())
        self.hidden.append(h0.detach().clone())
        if c0 is not None:
            self.cell_state.append(c0.detach().clone())

    def trace(self, path: str) -> LayerTrace:
        """The finished recording."""
        if self.finished is None:
            self.finished = self._computed()
            for left in (self.read, self.answered, self.hidden, self.cell_state):
                left.clear()
        return self.finished

    @torch.no_grad()
    def _computed(self) -> LayerTrace:
        """The signals of all calls, which stand side by side as one batch."""
        equations, count, like = EQUATIONS[self.operation], len(self.read), self.hidden[0]
        batch, time = len(like), len(self.read[0]) if self.read[0].dim() == 3 else 1
        widths = widths_of(self.weights, equations.names)
        store = self.keeper.store(self.layer.node, Layout(count * time, batch), widths)
        h, h0 = _side_by_side(self.answered, time), torch.cat(self.hidden)
        before = h0.unsqueeze(0) if time == 1 else shift(h, h0)
        c0 = torch.cat(self.cell_state) if self.cell_state else None
        steps = Steps(_side_by_side(self.read, time), before, h, c0)
        wanted = [name for name in equations.names if name in store.names]

        def room(name: str, width: int) -> Tensor:
            return like.new_empty(time, count * batch, width)

        for name, values in equations.signals(steps, self.weights, wanted, room).items():
            in_turn = values.view(time, count, batch, -1)
            in_turn = (in_turn.flip(0) if self.layer.reverse else in_turn).transpose(0, 1)
            store.write(name, 0, in_turn.reshape(count * time, batch, -1))
        return LayerTrace(
            path=self.layer.path,
            layer=self.layer.number,
            reverse=self.layer.reverse,
            cell=self.layer.cell,
            retention_gate=self.layer.retention_gate,
            dtype=str(self.weights.ih.dtype).removeprefix("torch."),
            steps=count * time,
            batch=batch,
            widths=widths,
            signals=store.finished(like),
            kept=store.kept,
            calls=count,
        )


def _side_by_side(calls: list[Tensor], time: int) -> Tensor:
    """(time, calls * batch, feature) of calls of (time, batch, feature) or (batch, feature)."""
    return torch.stack(calls, -3).view(time, -1, calls[0].shape[-1])


class ShortCalls:
    """The short calls of one recording.

    Parameters
    ----------
    keeper
        Says what is kept.
    """

    def __init__(self, keeper: Keeper) -> None:
        self.keeper = keeper
        self.last: dict[str, Alike] = {}

    def end(self, node: str) -> None:
        """Compute what waits for a layer: a call of another kind follows."""
        if node in self.last:
            self.last.pop(node).trace("")

    def add(
        self,
        layer: Layer,
        operation: str,
        weights: Weights,
        read: Tensor,
        answered: Tensor,
        h0: Tensor,
        c0: Tensor | None,
    ) -> Alike | None:
        """Take a call, as `Alike` has it.

        Returns
        -------
        Alike or None
            The calls that it is the first of; None where it joins earlier ones.
        """
        alike, fresh = self.last.get(layer.node), None
        if alike is None or not alike.takes(weights, read, h0):
            self.end(layer.node)
            alike = fresh = Alike(self.keeper, layer, operation, weights.copied())
            self.last[layer.node] = alike
        alike.add(read, answered, h0, c0)
        return fresh


@dataclass(frozen=True)
class ShortDirection:
    """One layer and direction of a short call, which runs by torch's own kernel.

    Attributes
    ----------
    calls
        Takes what it leaves.
    call, layer
        As they are.
    alike
        The calls that it is the first of are put here.
    """

    calls: ShortCalls
    call: FusedCall
    layer: Layer
    alike: list[Alike]

    def run(self, rows: Tensor, h0: Tensor, c0: Tensor | None) -> tuple[Tensor, ...]:
        """As `Direction.run`; autograd knows the kernel, if anybody differentiates on the way."""
        index = self.layer.number * self.call.directions + self.layer.reverse
        w, live = self.call.weights[index], self.call.live[index]
        x = rows.flip(0) if self.layer.reverse else rows
        states = tuple(state.unsqueeze(0).contiguous() for state in (h0, c0) if state is not None)
        output, *last = self.call.function(
            x, states[0] if c0 is None else states, live, w.bias_ih is not None,
            1, 0.0, self.call.training, False, False,
        )  # fmt: skip
        self.leave(x, output, h0, c0)
        return (
            output.flip(0) if self.layer.reverse else output,
            *(state.squeeze(0) for state in last),
        )

    def leave(self, x: Tensor, h: Tensor, h0: Tensor, c0: Tensor | None) -> None:
        """Keep what the call read and answered, as the layer reads."""
        index = self.layer.number * self.call.directions + self.layer.reverse
        weights = self.call.weights[index]
        fresh = self.calls.add(self.layer, self.call.operation, weights, x, h, h0, c0)
        if fresh is not None:
            self.alike.append(fresh)
