"""Sees every call of torch's recurrent functions in this thread, without touching the model."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import BuiltinFunctionType, MethodDescriptorType, WrapperDescriptorType
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd import forward_ad
from torch.overrides import TorchFunctionMode

from gatescope.cells import CELLS, Cell
from gatescope.recording.attempt import Attempt
from gatescope.recording.autograd_cells import Layer, OwnCells
from gatescope.recording.call import FusedCall, parse
from gatescope.recording.closed_form import Weights
from gatescope.recording.direction import KINDS, RETENTION, Direction, MakeDirection
from gatescope.recording.fused import replay
from gatescope.recording.guards import require_recordable
from gatescope.recording.layer_trace import node_name
from gatescope.recording.short import (
    Alike,
    ShortCalls,
    ShortDirection,
    are_small,
    is_little,
    is_short,
)  # fmt: skip
from gatescope.recording.signal_buffer import Store
from gatescope.recording.stepwise import CELL_OF, StepwiseDirection, empty_cell, with_weights
from gatescope.recording.store_factory import Keeper
from gatescope.recording.witness import is_recurrent

CELL_FUNCTIONS = {f"{operation}_cell": operation for operation in CELL_OF}
CELL_ARGUMENTS = ("input", "hx", "w_ih", "w_hh", "b_ih", "b_hh")

BUILT_IN = (BuiltinFunctionType, MethodDescriptorType, WrapperDescriptorType)
_passing: set[Callable[..., Any]] = set()
"""Functions of torch that were seen to be no recurrent ones, so that nobody asks for their name."""

MakeStore = Callable[[int, bool], Store]
"""From the number of a layer, and whether it is the reverse, to its store."""


@dataclass(frozen=True)
class SeenCall:
    """A fused call that was replayed: its module's path, its layers and directions."""

    path: str
    directions: Sequence[Direction | Alike]


class Interceptor(TorchFunctionMode):
    """Replays fused calls inside a with-block.

    Parameters
    ----------
    own
        Takes the steps of ``nn.LSTMCell`` and its kin, which run as our own equations with a loss.
    waits
        Whether short calls may run by torch's own functions and be looked into later.
    """

    def __init__(self, own: OwnCells, *, waits: bool = True) -> None:
        super().__init__()
        self.own = own
        self.waits = waits
        self.attempt: Attempt = own.attempt
        self.keeper: Keeper = own.keeper
        self.calls: list[SeenCall] = []
        self.short = ShortCalls(own.keeper)
        self.cells: dict[tuple[int, ...], tuple[Layer, Weights, bool]] = {}
        self.steps: dict[tuple[str, int, int], Cell] = {}

    @property
    def is_followed(self) -> bool:
        """Whether autograd follows any of the layers that ran."""
        fused = (direction for call in self.calls for direction in call.directions)
        without = [direction.without_gradients for direction in fused]
        return not all(without + [layer.without_gradients for layer in self.own.layers])

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Replay recurrent functions; let every other function pass."""
        if func in _passing:
            return func(*args, **kwargs) if kwargs else func(*args)
        # an exported model calls torch.ops.aten.lstm.input
        name = getattr(func, "__name__", "").partition(".")[0]
        if name in KINDS:
            return self._fused(func, name, args, kwargs or {})
        if name in CELL_FUNCTIONS:
            return self._cell(func, CELL_FUNCTIONS[name], args, kwargs or {})
        if type(func) in BUILT_IN:
            _passing.add(func)
        return func(*args, **(kwargs or {}))

    def _fused(
        self,
        func: Callable[..., Any],
        name: str,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Any:
        module, frame = _caller()
        if not self.own.witness.counts(module):
            return func(*args, **kwargs)
        call = parse(func, name, args, kwargs)
        with_loss = self.attempt.anchor is not None
        require_recordable(call.rows, call.layout.batch, with_loss=with_loss)
        weights = [weight for group in call.live for weight in group]
        part = _is_part(module, len(call.live))
        path = self.own.names.of(module, name, weights, is_part=part)
        if self._may_wait() and is_short(call):
            result = self._short(call, path, args, kwargs)
            self.own.witness.saw(module)
            return result
        order = frame.get("unsorted_indices") if call.layout.batch_sizes is not None else None
        going_back = with_loss and not self.attempt.stepwise and torch.is_grad_enabled()

        def store(layer: int, reverse: bool) -> Store:
            weights = call.weights[layer * call.directions + reverse]
            widths = call.widths(weights, gradients=with_loss)
            node = f"{path}/{node_name(layer, reverse)}"
            self.short.end(node)
            return self.keeper.store(
                node, call.layout, widths, reverse=reverse, order=order,
                going_back=going_back,
            )  # fmt: skip

        result, directions = replay(call, self.maker(order, store))
        self.calls.append(SeenCall(path, directions))
        self.own.witness.saw(module)
        return result

    def _may_wait(self) -> bool:
        """Whether calls may be looked into later: nobody goes back through them."""
        without_loss = self.attempt.anchor is None and not self.attempt.stepwise
        return self.waits and without_loss and not _is_forward_mode()

    def _short(self, call: FusedCall, path: str, args: Any, kwargs: dict[str, Any]) -> Any:
        """Answer a short call by torch's own function; what it leaves is looked into later."""
        kind = KINDS[call.operation]
        fresh: list[Alike] = []

        def make(call: FusedCall, layer: int, reverse: bool) -> ShortDirection:
            where = Layer(path, layer, reverse, kind, RETENTION[kind])
            return ShortDirection(self.short, call, where, fresh)

        if len(call.live) > 1:
            result, _ = replay(call, make)
        else:
            result = call.function(*args, **kwargs)
            x, h = call.rows, result[0]
            if call.batch_first:
                x, h = x.transpose(0, 1), h.transpose(0, 1)
            c0 = None if call.cell_state is None else call.cell_state[0]
            make(call, 0, False).leave(x, h, call.hidden[0], c0)
        if fresh:
            self.calls.append(SeenCall(path, fresh))
        return result

    def maker(self, order: Tensor | None, store: MakeStore) -> MakeDirection:
        """What makes each layer and direction of a call."""

        def make(call: FusedCall, layer: int, reverse: bool) -> Direction:
            kept = store(layer, reverse)
            if self.attempt.stepwise or call.are_weights_made or _is_forward_mode():
                return StepwiseDirection(
                    self.attempt, call, layer, reverse, kept, attach=self.own.attach
                )
            return Direction(self.attempt, call, layer, reverse, kept)

        return make

    def _cell(
        self,
        func: Callable[..., Any],
        operation: str,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Any:
        module, _ = _caller()
        given = dict(zip(CELL_ARGUMENTS, args, strict=False)) | kwargs
        x, states = given["input"], given["hx"]
        biases = given.get("b_ih"), given.get("b_hh")
        weights = Weights(given["w_ih"], given["w_hh"], *biases)
        if not self.own.witness.counts(module) or not _fit(x, states, weights):
            return func(*args, **kwargs)  # where sizes do not fit, torch says so
        require_recordable(x, len(x), with_loss=self.attempt.anchor is not None)
        h, *c = states if isinstance(states, (tuple, list)) else (states,)
        layer, small = self._known_cell(module, operation, weights)
        self.own.witness.saw(module)
        if small and self._may_wait() and is_little(x, h, h, *c):
            result = func(*args, **kwargs)
            answered = result[0] if c else result
            fresh = self.short.add(layer, operation, weights, x, answered, h, c[0] if c else None)
            if fresh is not None:
                self.calls.append(SeenCall(layer.path, [fresh]))
            return result
        self.short.end(layer.node)
        state = {"hidden_state": h} if not c else {"hidden_state": h, "cell_state": c[0]}
        step = self._equations(operation, weights)
        state = {key: self.own.attach(value) for key, value in state.items()}
        signals = self.own.changed(layer, 1, step.step)(self.own.attach(x), state)
        self.own.keep(layer, [signals])
        # clones: a model that changes them in place must not change what was seen
        result = tuple(signals[key].clone() for key in state)
        return result if c else result[0]

    def _known_cell(
        self, module: nn.Module | None, operation: str, weights: Weights
    ) -> tuple[Layer, bool]:
        """Where a cell stands, and whether its weights are small; asked for once for each."""
        key = (id(module), *map(id, weights.parts()))
        if key in self.cells:
            layer, _, small = self.cells[key]
            return layer, small
        path = self.own.names.of(module, "cell", weights.parts(), is_part=_is_part(module, 1))
        kind = CELL_OF[operation][0]
        layer = Layer(path, 0, False, kind, CELLS[kind].retention_gate or "")
        small = are_small(weights)
        if id(module) in self.own.names.paths:  # the model holds it, so its address is its own
            self.cells[key] = layer, weights, small
        return layer, small

    def _equations(self, operation: str, weights: Weights) -> Cell:
        """One of our cells with these weights: as its attributes, which autograd knows.

        It is made once a recording: putting weights into a module is not safe between threads.
        """
        key = (operation, weights.ih.shape[1], weights.hh.shape[1])
        if key not in self.steps:
            self.steps[key] = empty_cell(*key)
        four = (weights.ih, weights.hh, weights.bias_ih, weights.bias_hh)
        return with_weights(self.steps[key], four)


def _caller() -> tuple[nn.Module | None, dict[str, Any]]:
    """The innermost recurrent module whose forward runs in this thread, and its local variables.

    Reading the call stack finds the module even when its weights are shared or recomputed, and
    leaves nothing behind on it.
    """
    frame = sys._getframe(2)  # the mode's own
    while frame.f_back is not None:
        frame = frame.f_back
        code = frame.f_code
        # reading what a frame holds copies all of it
        if "self" in code.co_varnames or "self" in code.co_cellvars or "self" in code.co_freevars:
            held = frame.f_locals
            if is_recurrent(held.get("self")):
                return held["self"], held
    return None, {}


def _fit(x: Tensor, states: Any, weights: Weights) -> bool:
    """Whether a cell's input and states have the sizes that its weights and each other ask for."""
    states = states if isinstance(states, (tuple, list)) else (states,)
    *batch, features = x.shape
    wanted = (*batch, weights.hh.shape[1])
    return features == weights.ih.shape[1] and all(state.shape == wanted for state in states)


def _is_part(module: nn.Module | None, groups: int) -> bool:
    """Whether a module of several layers or directions runs some of them by themselves."""
    if not isinstance(module, nn.RNNBase):
        return False
    return groups != module.num_layers * (2 if module.bidirectional else 1)


def _is_forward_mode() -> bool:
    """Whether torch's forward-mode differentiation is on, which our nodes do not take part in."""
    return forward_ad._current_level >= 0
