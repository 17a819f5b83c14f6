"""Records our own cells (and torch's single-step cells) as they run, through autograd.

Their equations are plain tensor operations, so the total derivative with respect to any signal is
what autograd reports for that very tensor.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from gatescope.cells import CELLS, Cell, Recurrence
from gatescope.cells.observer import Step
from gatescope.errors import RecordError, say
from gatescope.recording.attempt import Attempt
from gatescope.recording.guards import require_no_transform, require_recordable
from gatescope.recording.layer_trace import LayerTrace, node_name
from gatescope.recording.layout import Layout
from gatescope.recording.loops import Signals
from gatescope.recording.names import LayerNames
from gatescope.recording.signal_buffer import Store
from gatescope.recording.store_factory import Keeper
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


@dataclass
class OwnLayer:
    """A layer in one call, or in several of one step each: what is kept of it.

    Attributes
    ----------
    layer
        Which it is.
    time
        Steps of a call.
    widths
        The last dimension of every signal and gradient.
    like
        One of its tensors, for the others' kind.
    without_gradients
        As in `LayerTrace`.
    calls
        How many there are.
    steps
        The signals of each step, as the layer reads; autograd knows them. Without a loss, and once
        there is a store, only those whose gradient is kept.
    copies
        Numbers of each step, until there is a store.
    store
        Holds what is kept.
    """

    layer: Layer
    time: int
    widths: dict[str, int]
    like: Tensor
    without_gradients: bool
    calls: int = 0
    steps: list[Signals] = field(default_factory=list)
    copies: list[Signals] = field(default_factory=list)
    store: Store | None = None

    def takes(self, widths: dict[str, int], like: Tensor, without_gradients: bool) -> bool:
        """Whether a call of one step may follow here."""
        own = self.like
        return (
            self.store is None
            and (self.widths, self.without_gradients) == (widths, without_gradients)
            and (own.shape, own.dtype, own.device) == (like.shape, like.dtype, like.device)
            and self.calls * own.numel() < MOST
        )


MOST = 2**16
"""Numbers of one signal that wait to be put where they are kept."""


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
        self.waiting: dict[str, OwnLayer] = {}
        self.known: dict[tuple[int, int, bool], Layer] = {}

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

    def given(self, signals: Signals) -> Signals:
        """What a cell answers for its signals: a caller who changes it must not change those.

        Without a loss they have been copied.
        """
        if self.attempt.anchor is None:
            return signals
        with torch._C.DisableTorchFunction():
            return {name: signal.clone() for name, signal in signals.items()}

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

    def keep(self, layer: Layer, steps: list[Signals]) -> None:
        """Keep a layer's steps; values are copied now, before anyone changes them."""
        without = self.attempt.anchor is not None and not torch.is_grad_enabled()
        # what a recorder asks for is no business of those who see torch's functions
        with torch._C.DisableTorchFunction(), torch.no_grad():
            self._keep(layer, steps, without_gradients=without)

    def _keep(self, layer: Layer, steps: list[Signals], *, without_gradients: bool) -> None:
        like, with_loss = steps[0]["hidden_state"], self.attempt.anchor is not None
        require_recordable(like, len(like), with_loss=with_loss)
        widths = {name: signal.shape[-1] for name, signal in steps[0].items()}
        if with_loss:
            widths |= {f"grad_{name}": width for name, width in widths.items()}
        own = self.waiting.get(layer.node)
        if own is None or len(steps) > 1 or not own.takes(widths, like, without_gradients):
            self.end(layer.node)
            own = OwnLayer(layer, len(steps), widths, like, without_gradients)
            self.layers.append(own)
        own.calls += 1
        own.steps += steps if with_loss and not without_gradients else []
        if len(steps) > 1:
            self._store(own, steps)
            return
        self.waiting[layer.node] = own
        names = self.keeper.selection.kept(layer.node, steps[0])
        own.copies.append({name: steps[0][name].clone() for name in names})

    def end(self, node: str) -> None:
        """Put what waits for a layer where it is kept."""
        layer = self.waiting.pop(node, None)
        if layer is not None:
            self._store(layer, layer.copies)

    def _store(self, own: OwnLayer, steps: list[Signals]) -> None:
        """Keep the numbers of a layer's steps, and of those that autograd knows the chosen ones."""
        node, is_one = own.layer.node, own.time == 1
        layout = Layout(own.time * own.calls, len(own.like))
        # steps of their own run in the order of their calls, whichever way the layer reads
        reverse = own.layer.reverse and not is_one
        store = own.store = self.keeper.store(node, layout, own.widths, reverse=reverse)
        store.require_room(own.like)
        chosen = store.reads
        names = [name for name in own.widths if name in store.names]
        with torch.no_grad():
            for name in names if chosen else ():
                if not name.startswith("grad_"):
                    store.fill(name, torch.stack([steps[number][name] for number in chosen]))
        own.copies = []
        if own.steps:
            wanted = [name.removeprefix("grad_") for name in names if name.startswith("grad_")]
            own.steps = [{name: own.steps[number][name] for name in wanted} for number in chosen]
        for step in own.steps:
            for name, signal in step.items():
                _require_followed(name, signal, own.layer)

    def tensors(self) -> list[Tensor]:
        """Every tensor whose gradient is kept, layer by layer, step by step, name by name."""
        for node in list(self.waiting):
            self.end(node)
        return [s for layer in self.layers for step in layer.steps for s in step.values()]

    def traces(self, gradients: Sequence[Tensor | None]) -> list[LayerTrace]:
        """The finished recordings; ``gradients`` in the order of `tensors`, None meaning zero."""
        for node in list(self.waiting):
            self.end(node)
        given = iter(gradients)
        return [self._trace(own, given) for own in self.layers]

    def _trace(self, own: OwnLayer, gradients: Iterator[Tensor | None]) -> LayerTrace:
        assert own.store is not None
        parts: dict[str, list[Tensor]] = {}
        for step in own.steps:
            for name, signal in step.items():
                gradient = next(gradients)
                parts.setdefault(f"grad_{name}", []).append(
                    torch.zeros_like(signal) if gradient is None else gradient
                )
        for name, steps in parts.items():
            own.store.fill(name, torch.stack(steps))
        return LayerTrace(
            path=own.layer.path,
            layer=own.layer.number,
            reverse=own.layer.reverse,
            cell=own.layer.cell,
            retention_gate=own.layer.retention_gate,
            dtype=str(own.like.dtype).removeprefix("torch."),
            steps=own.time * own.calls,
            batch=len(own.like),
            widths=own.widths,
            signals=own.store.finished(own.like, without_gradients=own.without_gradients),
            kept=own.store.kept,
            without_gradients=own.without_gradients,
            calls=own.calls,
        )

    def _layer(self, module: nn.Module, number: int, reverse: bool) -> Layer:
        """What is known of one of our cells, alone or in a `Recurrence`."""
        key = (id(module), number, reverse)
        if key in self.known:
            return self.known[key]
        cell: nn.Module = module
        if isinstance(module, Recurrence):
            cell = module.cells[number * module.directions + reverse]
        assert isinstance(cell, Cell)
        kinds = {kind: name for name, kind in CELLS.items()}
        path = self.names.of(module, "cell", list(module.parameters()))
        kind = kinds.get(type(cell), type(cell).__name__.lower())
        layer = Layer(path, number, reverse, kind, cell.retention_gate or "")
        if id(module) in self.names.paths:  # the model holds it, so its address is its own
            self.known[key] = layer
        return layer


def _require_followed(name: str, signal: Tensor, layer: Layer) -> None:
    """Raise RecordError for a signal that autograd does not follow: it would seem to be zero."""
    if not signal.requires_grad:
        raise RecordError(say("signal_without_gradient", name=name, layer=layer.path))


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
