"""Runs the layers that are intervened on by our own equations, all others by torch's kernel."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import torch
from torch import Tensor, nn

from gatescope.cells import CELLS, Cell, Signals, make_cell, signal
from gatescope.cells.lstm import LSTM, by_name
from gatescope.cells.observer import Step
from gatescope.intervention.changes import LayerChange
from gatescope.intervention.plan import Plan
from gatescope.recording.call import FusedCall
from gatescope.recording.closed_form import Weights
from gatescope.recording.direction import Direction, MakeDirection
from gatescope.recording.intercept import CELL_FUNCTIONS, Interceptor, MakeStore
from gatescope.recording.keeper import Keeper
from gatescope.recording.layer_trace import LayerTrace
from gatescope.recording.own import OwnCells


class ChangedCells(OwnCells):
    """Records our own cells, and torch's single-step ones, while they are changed.

    Parameters
    ----------
    anchor
        As in `OwnCells`.
    keeper
        As in `OwnCells`.
    plan
        What is changed.
    """

    def __init__(self, anchor: Tensor | None, keeper: Keeper, plan: Plan) -> None:
        super().__init__(anchor, keeper)
        self.plan = plan

    def stepper(self, module: nn.Module, layer: int, reverse: bool, time: int, step: Step) -> Step:
        """Take each step with the changes that are planned for it."""
        times = torch.arange(time).unsqueeze(1)
        times = times.flip(0) if reverse else times
        node = self.keeper.node(module, "cell", layer, reverse)
        change = self.plan.change(node, times)
        return step if change is None else change.stepper(step)


class ChangingInterceptor(Interceptor):
    """Replays fused calls; the layers that are intervened on run as a `ChangedDirection`.

    Parameters
    ----------
    anchor, own
        As in `Interceptor`.
    """

    own: ChangedCells

    def maker(self, order: Tensor | None, store: MakeStore) -> MakeDirection:
        """Torch's kernel for a layer without changes, our equations for one with them."""

        def make(call: FusedCall, weights: Weights, layer: int, reverse: bool) -> Direction:
            kept = store(weights, layer, reverse)
            change = self.own.plan.change(kept.node, _reading_times(call, reverse), order)
            if change is None:
                return Direction(call, weights, layer, reverse, kept)
            return ChangedDirection(
                call, weights, layer, reverse, kept, change=change, attach=self.own.attach
            )

        return make


@dataclass(kw_only=True)
class ChangedDirection(Direction):
    """A layer and direction of a fused call that runs step by step, changes included.

    Attributes
    ----------
    change
        What is made of its steps.
    attach
        Makes the input part of the autograd graph where gradients are recorded.
    values
        Every signal of every step, by name.
    arriving
        The gradient that has arrived at each signal of each step, by name and number.
    """

    change: LayerChange
    attach: Callable[[Tensor], Tensor]
    values: dict[str, list[Tensor]] = field(default_factory=dict)
    arriving: dict[tuple[str, int], Tensor] = field(default_factory=dict)

    def run(
        self, anchor: Tensor | None, rows: Tensor, h0: Tensor, c0: Tensor | None
    ) -> tuple[Tensor, ...]:
        """Take one step after the other; autograd differentiates them."""
        layout = self.call.layout
        x = layout.pad(rows)
        x = self.attach(layout.flip(x) if self.reverse else x)
        cell = cell_of(self.call.operation, self.weights)
        take = self.change.stepper(cell.step)
        state = {"hidden_state": h0} if c0 is None else {"hidden_state": h0, "cell_state": c0}
        steps: list[Signals] = []
        for row in x.unbind(0):
            steps.append(take(row, state))
            state = {name: steps[-1][name] for name in state}
        self._keep(steps)
        h = torch.stack([step["hidden_state"] for step in steps])
        output = layout.unpad(layout.flip(h) if self.reverse else h)
        return (output, *(self._last(steps, name) for name in state))

    def _keep(self, steps: list[Signals]) -> None:
        for name in steps[0]:
            # copies: the model may change its output in place
            self.values[name] = [step[name].detach().clone() for step in steps]
        for number, step in enumerate(steps):
            for name, value in step.items():
                if value.requires_grad:
                    arrived = partial(self.arriving.__setitem__, (name, number))
                    value.register_hook(arrived)  # type: ignore[no-untyped-call]

    def _last(self, steps: list[Signals], name: str) -> Tensor:
        """The state after each sequence's last step, (batch, unit)."""
        lengths = self.call.layout.lengths
        if lengths is None:
            return steps[-1][name]
        states = torch.stack([step[name] for step in steps])
        return states[lengths - 1, torch.arange(len(lengths), device=lengths.device)]

    def trace(self, path: str) -> LayerTrace:
        """See `Direction`."""
        for name, steps in self.values.items():
            self.store.write(name, 0, torch.stack(steps))
            arrived = [
                self.arriving.get((name, number), torch.zeros_like(value))
                for number, value in enumerate(steps)
            ]
            self.store.write(f"grad_{name}", 0, torch.stack(arrived))
        return super().trace(path)


def _reading_times(call: FusedCall, reverse: bool) -> Tensor:
    """(time, batch or 1): the step in input time that is read at each step; -1 past the end."""
    layout = call.layout
    times = torch.arange(layout.time, device=call.rows.device).unsqueeze(1)
    if layout.lengths is None or layout.mask is None:
        return times.flip(0) if reverse else times
    times = layout.lengths - 1 - times if reverse else times.expand(-1, layout.batch)
    return times.masked_fill(~layout.mask, -1)


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


def cell_of(operation: str, weights: Weights) -> Cell:
    """One of our cells on the very weights of a fused call."""
    kind, options = CELL_FUNCTIONS[f"{operation}_cell"]
    features, units = weights.ih.shape[1], len(weights.ih) // len(CELLS[kind].blocks)
    with torch.device("meta"):  # no weights are drawn
        if weights.projection is None:
            cell = make_cell(kind, features, units, **options)
        else:
            cell = ProjectedLSTM(features, units)
            cell.projection = weights.projection
    given = {
        "weight_ih": weights.ih,
        "weight_hh": weights.hh,
        "bias_ih": weights.bias_ih,
        "bias_hh": weights.bias_hh,
    }
    for name, weight in given.items():
        setattr(cell, name, None if weight is None else nn.Parameter(weight, requires_grad=False))
    return cell
