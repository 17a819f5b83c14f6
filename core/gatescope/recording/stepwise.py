"""Runs a layer and direction of a fused call step by step, by our own equations under autograd.

Slower than torch's kernel, and open: gradients of gradients, weights that were computed from
something else, and changes of single steps all follow from the equations as they stand.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import torch
from torch import Tensor, nn

from gatescope.cells import CELLS, Cell, Signals, make_cell, signal
from gatescope.cells.lstm import LSTM, by_name
from gatescope.cells.observer import Step
from gatescope.recording.call import FusedCall
from gatescope.recording.direction import Direction
from gatescope.recording.layer_trace import LayerTrace

CELL_OF = {
    "lstm": ("lstm", {}),
    "gru": ("gru", {}),
    "rnn_tanh": ("rnn", {"nonlinearity": "tanh"}),
    "rnn_relu": ("rnn", {"nonlinearity": "relu"}),
}
"""Our cell with the equations of each of torch's operations."""


def unchanged(step: Step) -> Step:
    """A step as it is."""
    return step


@dataclass(kw_only=True)
class StepwiseDirection(Direction):
    """A layer and direction of a fused call that runs step by step.

    Attributes
    ----------
    attach
        Makes the input part of the autograd graph where gradients are recorded.
    stepper
        What becomes of each step, for those who change it.
    values
        Every signal of every step, by name.
    arriving
        The gradient of the loss that has arrived at each signal of each step, by name and number.
    """

    attach: Callable[[Tensor], Tensor]
    stepper: Callable[[Step], Step] = unchanged
    values: dict[str, list[Tensor]] = field(default_factory=dict)
    arriving: dict[tuple[str, int], Tensor] = field(default_factory=dict)

    def run(self, rows: Tensor, h0: Tensor, c0: Tensor | None) -> tuple[Tensor, ...]:
        """Take one step after the other; autograd differentiates them."""
        layout = self.call.layout
        self.without_gradients = self.attempt.anchor is not None and not torch.is_grad_enabled()
        x = self.attach(layout.block(rows, 0, layout.time, reverse=self.reverse))
        take = self.stepper(cell_of(self.call, self.index).step)
        state = {"hidden_state": h0} if c0 is None else {"hidden_state": h0, "cell_state": c0}
        steps: list[Signals] = []
        for row in x.unbind(0):
            steps.append(take(row, state))
            state = {name: steps[-1][name] for name in state}
        self._keep(steps)
        h = torch.stack([step["hidden_state"] for step in steps])
        output = layout.turned(layout.unpad(h)) if self.reverse else layout.unpad(h)
        return (output, *(self._last(steps, name) for name in state))

    def _keep(self, steps: list[Signals]) -> None:
        for name in steps[0]:
            # copies: the model may change its output in place
            self.values[name] = [step[name].detach().clone() for step in steps]
        if self.attempt.anchor is None or self.without_gradients:
            return
        for number, step in enumerate(steps):
            for name, value in step.items():
                if value.requires_grad:
                    arrived = partial(self._arrived, name, number)
                    value.register_hook(arrived)  # type: ignore[no-untyped-call]

    def _arrived(self, name: str, number: int, gradient: Tensor) -> None:
        if self.attempt.is_at_loss:  # what a model differentiates on the way is not the loss
            self.arriving[name, number] = gradient.detach()

    def _last(self, steps: list[Signals], name: str) -> Tensor:
        """The state after each sequence's last step, (batch, unit)."""
        lengths = self.call.layout.lengths
        if lengths is None:
            return steps[-1][name].clone()
        states = torch.stack([step[name] for step in steps])
        return states[lengths - 1, torch.arange(len(lengths), device=lengths.device)]

    def trace(self, path: str) -> LayerTrace:
        """See `Direction`."""
        for name, steps in self.values.items():
            self.store.write(name, 0, torch.stack(steps))
            if self.without_gradients:
                continue
            arrived = [
                self.arriving.get((name, number), torch.zeros_like(value))
                for number, value in enumerate(steps)
            ]
            self.store.write(f"grad_{name}", 0, torch.stack(arrived))
        return super().trace(path)


class ProjectedLSTM(LSTM):
    """torch's LSTM with ``proj_size``: what leaves and comes back is h_t = W_hr (o * tanh(c_t)).

    Source: Sak, Senior & Beaufays, Interspeech (2014); weights as ``torch.nn.LSTM``.
    """

    projection: Tensor

    def step(self, x: Tensor, state: Signals) -> Signals:
        """See the class."""
        h, c = state["hidden_state"], state["cell_state"]
        a = self.pre_activations(x, h)
        i = signal("input_gate", torch.sigmoid(a["input_gate"]))
        f = signal("forget_gate", torch.sigmoid(a["forget_gate"]))
        g = signal("cell_candidate", torch.tanh(a["cell_candidate"]))
        o = signal("output_gate", torch.sigmoid(a["output_gate"]))
        c = signal("cell_state", f * c + i * g)
        h = signal("hidden_state", nn.functional.linear(o * torch.tanh(c), self.projection))
        return by_name(i=i, f=f, g=g, o=o, c=c, h=h)


def cell_of(call: FusedCall, index: int) -> Cell:
    """One of our cells on the very weights of a fused call, which autograd knows."""
    shapes, live = call.weights[index], call.live[index]
    kind = CELL_OF[call.operation][0]
    features, units = shapes.ih.shape[1], len(shapes.ih) // len(CELLS[kind].blocks)
    projected = shapes.projection is not None
    cell = empty_cell(call.operation, features, units, projected=projected)
    ih, hh, *rest = live
    biases = (rest.pop(0), rest.pop(0)) if shapes.bias_ih is not None else (None, None)
    return with_weights(cell, (ih, hh, *biases), *rest)


NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def empty_cell(operation: str, features: int, units: int, *, projected: bool = False) -> Cell:
    """Our cell with the equations of a fused call's operation, without weights."""
    kind, options = CELL_OF[operation]
    with torch.device("meta"):  # no weights are drawn
        cell = (
            ProjectedLSTM(features, units)
            if projected
            else make_cell(kind, features, units, **options)
        )
    for name in NAMES:
        delattr(cell, name)  # a parameter can be no tensor that was computed
        setattr(cell, name, None)
    return cell


def with_weights(
    cell: Cell, weights: Sequence[Tensor | None], projection: Tensor | None = None
) -> Cell:
    """The same cell, with its four weights (biases may be None) as plain attributes."""
    for name, weight in zip(NAMES, weights, strict=True):
        object.__setattr__(cell, name, weight)
    if projection is not None:
        object.__setattr__(cell, "projection", projection)
    return cell
