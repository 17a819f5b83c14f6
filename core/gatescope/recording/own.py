"""Records our own cells (and torch's single-step cells) as they run, through autograd.

Their equations are plain tensor operations, so the total derivative with respect to any signal is
what autograd reports for that very tensor.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Any

import torch
from torch import Tensor, nn

from gatescope.cells import CELLS, Cell, Recurrence
from gatescope.cells.observer import Step
from gatescope.recording.keeper import Keeper
from gatescope.recording.layer_trace import LayerTrace, RecordError
from gatescope.recording.layout import Layout
from gatescope.recording.loops import Signals
from gatescope.recording.store import Store, with_gradients

CHECKPOINT = "torch.utils.checkpoint"
TORCH_CELLS: dict[type[nn.Module], str] = {
    nn.LSTMCell: "lstm",
    nn.GRUCell: "gru",
    nn.RNNCell: "rnn",
}


@dataclass(frozen=True)
class OwnLayer:
    """One layer and direction of one call: what is kept, and the tensors autograd knows it by.

    ``steps`` are the kept ones, as the layer reads them, and empty without a loss.
    """

    module: nn.Module
    layer: int
    reverse: bool
    time: int
    store: Store
    steps: list[Signals]
    like: Tensor


class OwnCells:
    """An `Observer` that keeps the signals of every step.

    Parameters
    ----------
    anchor
        A leaf that requires grad, so that frozen cells have gradients too; None without a loss.
    keeper
        Says what is kept.
    """

    def __init__(self, anchor: Tensor | None, keeper: Keeper) -> None:
        self.anchor = anchor
        self.keeper = keeper
        self.layers: list[OwnLayer] = []

    def attach(self, x: Tensor) -> Tensor:
        """Return ``x``, made part of the autograd graph when gradients are recorded."""
        if self.anchor is None:
            return x
        require_gradients(self.anchor)
        attached: Tensor = _Attach.apply(self.anchor, x)  # type: ignore[no-untyped-call]
        return attached

    def stepper(self, module: nn.Module, layer: int, reverse: bool, time: int, step: Step) -> Step:
        """Take each step as it is: recording changes nothing."""
        return step

    def layer(
        self, module: nn.Module, layer: int, reverse: bool, steps: list[dict[str, Tensor]]
    ) -> None:
        """Keep one layer and direction; values are copied now, before anyone changes them."""
        like = steps[0]["hidden_state"]
        names = with_gradients(steps[0]) if self.anchor is not None else list(steps[0])
        widths = {name: steps[0][name.removeprefix("grad_")].shape[-1] for name in names}
        layout = Layout(len(steps), len(like))
        store = self.keeper.store(module, "cell", layer, reverse, layout, widths)
        store.require_room(like)
        kept = [steps[number] for number in store.reads()]
        with torch.no_grad():
            for name in store.names & set(steps[0]) if kept else ():
                store.fill(name, torch.stack([step[name] for step in kept]))
        if self.anchor is None:
            kept = []
        wanted = [name for name in steps[0] if f"grad_{name}" in store.names]
        followed = [{name: step[name] for name in wanted} for step in kept]
        for name in wanted if followed else ():
            _require_followed(name, followed[0][name], module)
        self.layers.append(OwnLayer(module, layer, reverse, len(steps), store, followed, like))

    def tensors(self) -> list[Tensor]:
        """Every tensor whose gradient is kept, layer by layer, step by step, name by name."""
        return [s for layer in self.layers for step in layer.steps for s in step.values()]

    def traces(self, paths: list[str], gradients: Sequence[Tensor | None]) -> list[LayerTrace]:
        """The finished recordings; ``gradients`` in the order of `tensors`, None meaning zero."""
        given = iter(gradients)
        finished = []
        for path, layer in zip(paths, self.layers, strict=True):
            found: dict[str, list[Tensor]] = {}
            for step in layer.steps:
                for name, signal in step.items():
                    gradient = next(given)
                    found.setdefault(f"grad_{name}", []).append(
                        torch.zeros_like(signal) if gradient is None else gradient
                    )
            for name, parts in found.items():
                layer.store.fill(name, torch.stack(parts))
            kind, retention = _describe(layer)
            finished.append(
                LayerTrace(
                    path=path,
                    layer=layer.layer,
                    reverse=layer.reverse,
                    cell=kind,
                    retention_gate=retention,
                    dtype=str(layer.like.dtype).removeprefix("torch."),
                    steps=layer.time,
                    batch=len(layer.like),
                    widths=layer.store.widths,
                    signals=layer.store.finished(layer.like),
                    kept=layer.store.kept,
                )
            )
        return finished


def _require_followed(name: str, signal: Tensor, module: nn.Module) -> None:
    """Raise RecordError for a signal that autograd does not follow: it would seem to be zero."""
    if not signal.requires_grad:
        raise RecordError(
            f"{name} of {type(module).__name__} has no gradient: it depends on neither input nor "
            f"state, and the weights are frozen. Where it is computed, write "
            f"{name} = gatescope.signal({name!r}, ...), or leave it out by signals="
        )


def require_gradients(anchor: Tensor | None) -> None:
    """Raise RecordError where gradients are wanted and cannot be had."""
    if anchor is None:
        return
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_globals.get("__name__") != CHECKPOINT:
        frame = frame.f_back
    if frame is not None:
        raise RecordError(
            "the layer runs under torch.utils.checkpoint, which throws its forward pass away and "
            "runs it again later, unseen: record without checkpoints, or without a loss"
        )
    if not torch.is_grad_enabled():
        raise RecordError(
            "the model turns gradients off inside its forward (torch.no_grad or "
            "inference_mode), so a loss has no gradient there: take that out, or record "
            "without a loss"
        )


class _Attach(torch.autograd.Function):
    """The identity, with the anchor as a second, unused input."""

    @staticmethod
    def forward(ctx: Any, anchor: Tensor, x: Tensor) -> Tensor:
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor]:
        return gradient.new_zeros(()), gradient


def _describe(layer: OwnLayer) -> tuple[str, str]:
    """The cell's name and its retention gate."""
    cell: nn.Module = layer.module
    if isinstance(cell, Recurrence):
        cell = cell.cells[layer.layer * cell.directions + layer.reverse]
    if not isinstance(cell, Cell):
        name = next(
            (name for kind, name in TORCH_CELLS.items() if isinstance(cell, kind)),
            "lstm"
            if "cell_state" in layer.store.widths
            else "gru"
            if "update_gate" in layer.store.widths
            else "rnn",
        )
        return name, CELLS[name].retention_gate or ""
    names = {kind: name for name, kind in CELLS.items()}
    return names.get(type(cell), type(cell).__name__.lower()), cell.retention_gate or ""
