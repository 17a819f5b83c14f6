"""Records our own cells (and torch's single-step cells) as they run, through autograd.

Their equations are plain tensor operations, so the total derivative with respect to any signal is
what autograd reports for that very tensor.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from gatescope.cells import CELLS, Cell, Recurrence, Signals
from gatescope.cells.observer import Step
from gatescope.recording.layer_trace import LayerTrace, RecordError

TORCH_CELLS: dict[type[nn.Module], str] = {
    nn.LSTMCell: "lstm",
    nn.GRUCell: "gru",
    nn.RNNCell: "rnn",
}


@dataclass(frozen=True)
class OwnLayer:
    """One layer and direction of one call: its values, and the tensors autograd knows them by."""

    module: nn.Module
    layer: int
    reverse: bool
    values: Signals
    steps: list[Signals]


class OwnCells:
    """An `Observer` that keeps every signal of every step.

    Parameters
    ----------
    anchor
        A leaf that requires grad, so that frozen cells have gradients too; None without a loss.
    """

    def __init__(self, anchor: Tensor | None) -> None:
        self.anchor = anchor
        self.layers: list[OwnLayer] = []

    def attach(self, x: Tensor) -> Tensor:
        """Return ``x``, made part of the autograd graph when gradients are recorded."""
        if self.anchor is None:
            return x
        require_grad_mode(self.anchor)
        attached: Tensor = _Attach.apply(self.anchor, x)  # type: ignore[no-untyped-call]
        return attached

    def stepper(self, module: nn.Module, layer: int, reverse: bool, time: int, step: Step) -> Step:
        """Take each step as it is: recording changes nothing."""
        return step

    def layer(
        self, module: nn.Module, layer: int, reverse: bool, steps: list[dict[str, Tensor]]
    ) -> None:
        """Keep one layer and direction; values are copied now, before anyone changes them."""
        with torch.no_grad():
            values = {name: torch.stack([step[name] for step in steps]) for name in steps[0]}
        kept = steps if self.anchor is not None else []
        self.layers.append(OwnLayer(module, layer, reverse, values, kept))

    def tensors(self) -> list[Tensor]:
        """Every kept tensor that has a gradient, layer by layer, step by step, name by name."""
        return [
            signal
            for layer in self.layers
            for step in layer.steps
            for signal in step.values()
            if signal.requires_grad
        ]

    def traces(self, paths: list[str], gradients: Sequence[Tensor | None]) -> list[LayerTrace]:
        """The finished recordings; ``gradients`` in the order of `tensors`, None meaning zero."""
        given = iter(gradients)
        finished = []
        for path, layer in zip(paths, self.layers, strict=True):
            signals = dict(layer.values)
            found: dict[str, list[Tensor]] = {name: [] for name in layer.values}
            for step in layer.steps:
                for name, signal in step.items():
                    gradient = next(given) if signal.requires_grad else None
                    found[name].append(torch.zeros_like(signal) if gradient is None else gradient)
            if layer.steps:
                signals |= {f"grad_{name}": torch.stack(steps) for name, steps in found.items()}
            if layer.reverse:
                signals = {name: signal.flip(0) for name, signal in signals.items()}
            kind, retention = _describe(layer)
            finished.append(LayerTrace(path, layer.layer, layer.reverse, kind, retention, signals))
        return finished


def require_grad_mode(anchor: Tensor | None) -> None:
    """Raise RecordError where gradients are wanted and the model has turned them off."""
    if anchor is not None and not torch.is_grad_enabled():
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
            "lstm" if "cell_state" in layer.values else "gru" if len(layer.values) > 1 else "rnn",
        )
        return name, CELLS[name].retention_gate or ""
    names = {kind: name for name, kind in CELLS.items()}
    return names.get(type(cell), type(cell).__name__.lower()), cell.retention_gate or ""
