"""Records our own cells (and torch's single-step cells) as they run, through autograd.

Their equations are plain tensor operations, so the total derivative with respect to any signal is
what autograd reports for that very tensor.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from gatescope.cells import CELLS, Cell, Recurrence
from gatescope.cells.observer import Step
from gatescope.errors import RecordError
from gatescope.recording.attempt import Attempt
from gatescope.recording.guards import require_no_transform, require_recordable
from gatescope.recording.keeper import Keeper
from gatescope.recording.layer_trace import LayerTrace, node_name
from gatescope.recording.layout import Layout
from gatescope.recording.loops import Signals
from gatescope.recording.names import LayerNames
from gatescope.recording.store import Store, with_gradients
from gatescope.recording.witness import Witness


@dataclass(frozen=True)
class Layer:
    """A layer and direction that runs as a loop of steps.

    Attributes
    ----------
    path
        Its module's path in the model.
    number, reverse
        Which layer, and whether it reads the sequence from its end.
    cell, retention_gate
        As in `LayerTrace`.
    """

    path: str
    number: int
    reverse: bool
    cell: str
    retention_gate: str

    @property
    def node(self) -> str:
        """Its place in the trace."""
        return f"{self.path}/{node_name(self.number, self.reverse)}"


@dataclass(frozen=True)
class OwnLayer:
    """A layer in one call: what is kept, and the tensors autograd knows it by.

    ``steps`` are the kept ones, as the layer reads them, and empty without a loss.
    """

    layer: Layer
    time: int
    store: Store
    steps: list[Signals]
    like: Tensor
    without_gradients: bool


class OwnCells:
    """An `Observer` that keeps the signals of every step.

    Parameters
    ----------
    attempt
        The run that is recorded.
    keeper
        Says what is kept.
    names
        What layers are called.
    witness
        Is told which modules are seen.
    """

    def __init__(
        self, attempt: Attempt, keeper: Keeper, names: LayerNames, witness: Witness
    ) -> None:
        self.attempt = attempt
        self.keeper = keeper
        self.names = names
        self.witness = witness
        self.layers: list[OwnLayer] = []

    def attach(self, x: Tensor) -> Tensor:
        """Return ``x``, made part of the autograd graph when gradients are recorded."""
        require_no_transform()
        if self.attempt.anchor is None or not torch.is_grad_enabled():
            return x
        attached: Tensor = _Attach.apply(self.attempt.anchor, x)  # type: ignore[no-untyped-call]
        return attached

    def stepper(self, module: nn.Module, layer: int, reverse: bool, time: int, step: Step) -> Step:
        """Take each step as `changed` has it."""
        if not self.witness.counts(module):
            return step
        return self.changed(self._layer(module, layer, reverse), time, step)

    def changed(self, layer: Layer, time: int, step: Step) -> Step:
        """Take each step as it is: recording changes nothing."""
        return step

    def layer(
        self, module: nn.Module, layer: int, reverse: bool, steps: list[dict[str, Tensor]]
    ) -> None:
        """Keep one layer and direction of one of our cells."""
        if not self.witness.counts(module):
            return
        self.witness.saw(module)
        self.keep(self._layer(module, layer, reverse), steps)

    def keep(self, layer: Layer, steps: list[dict[str, Tensor]]) -> None:
        """Keep a layer's steps; values are copied now, before anyone changes them."""
        like = steps[0]["hidden_state"]
        require_recordable(like, len(like), with_loss=self.attempt.anchor is not None)
        names = with_gradients(steps[0]) if self.attempt.anchor is not None else list(steps[0])
        widths = {name: steps[0][name.removeprefix("grad_")].shape[-1] for name in names}
        layout = Layout(len(steps), len(like))
        store = self.keeper.store(layer.node, layout, widths, reverse=layer.reverse)
        store.require_room(like)
        kept = [steps[number] for number in store.reads()]
        with torch.no_grad():
            for name in store.names & set(steps[0]) if kept else ():
                store.fill(name, torch.stack([step[name] for step in kept]))
        without_gradients = self.attempt.anchor is not None and not torch.is_grad_enabled()
        if self.attempt.anchor is None or without_gradients:
            kept = []
        wanted = [name for name in steps[0] if f"grad_{name}" in store.names]
        followed = [{name: step[name] for name in wanted} for step in kept]
        for step in followed:
            for name, signal in step.items():
                _require_followed(name, signal, layer)
        self.layers.append(OwnLayer(layer, len(steps), store, followed, like, without_gradients))

    def tensors(self) -> list[Tensor]:
        """Every tensor whose gradient is kept, layer by layer, step by step, name by name."""
        return [s for layer in self.layers for step in layer.steps for s in step.values()]

    def traces(self, gradients: Sequence[Tensor | None]) -> list[LayerTrace]:
        """The finished recordings; ``gradients`` in the order of `tensors`, None meaning zero."""
        given = iter(gradients)
        finished = []
        for own in self.layers:
            parts: dict[str, list[Tensor]] = {}
            for step in own.steps:
                for name, signal in step.items():
                    gradient = next(given)
                    parts.setdefault(f"grad_{name}", []).append(
                        torch.zeros_like(signal) if gradient is None else gradient
                    )
            for name, steps in parts.items():
                own.store.fill(name, torch.stack(steps))
            finished.append(
                LayerTrace(
                    path=own.layer.path,
                    layer=own.layer.number,
                    reverse=own.layer.reverse,
                    cell=own.layer.cell,
                    retention_gate=own.layer.retention_gate,
                    dtype=str(own.like.dtype).removeprefix("torch."),
                    steps=own.time,
                    batch=len(own.like),
                    widths=own.store.widths,
                    signals=own.store.finished(own.like, without_gradients=own.without_gradients),
                    kept=own.store.kept,
                    without_gradients=own.without_gradients,
                )
            )
        return finished

    def _layer(self, module: nn.Module, number: int, reverse: bool) -> Layer:
        """What is known of one of our cells, alone or in a `Recurrence`."""
        cell: nn.Module = module
        if isinstance(module, Recurrence):
            cell = module.cells[number * module.directions + reverse]
        assert isinstance(cell, Cell)
        known = {kind: name for name, kind in CELLS.items()}
        path = self.names.of(module, "cell", list(module.parameters()))
        kind = known.get(type(cell), type(cell).__name__.lower())
        return Layer(path, number, reverse, kind, cell.retention_gate or "")


def _require_followed(name: str, signal: Tensor, layer: Layer) -> None:
    """Raise RecordError for a signal that autograd does not follow: it would seem to be zero."""
    if not signal.requires_grad:
        raise RecordError(
            f"{name} of {layer.path} has no gradient: it depends on neither input nor "
            f"state, and the weights are frozen. Where it is computed, write "
            f"{name} = gatescope.signal({name!r}, ...), or leave it out by signals="
        )


class _Attach(torch.autograd.Function):
    """The identity, with the anchor as a second, unused input."""

    @staticmethod
    def forward(ctx: Any, anchor: Tensor, x: Tensor) -> Tensor:
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor]:
        return gradient.new_zeros(()), gradient

    @staticmethod
    def jvp(ctx: Any, anchor: Tensor | None, tangent: Tensor) -> Tensor:
        return tangent.view_as(tangent)
