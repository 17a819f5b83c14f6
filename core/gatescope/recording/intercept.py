"""Sees every call of torch's recurrent functions in this thread, without touching the model."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd import forward_ad
from torch.overrides import TorchFunctionMode

from gatescope.cells import CELLS, Cell, Signals, make_cell
from gatescope.recording.attempt import Attempt
from gatescope.recording.call import FusedCall, parse
from gatescope.recording.direction import KINDS, Direction, MakeDirection
from gatescope.recording.fused import replay
from gatescope.recording.guards import require_recordable
from gatescope.recording.keeper import Keeper
from gatescope.recording.layer_trace import node_name
from gatescope.recording.own import Layer, OwnCells
from gatescope.recording.stepwise import CELL_OF, StepwiseDirection
from gatescope.recording.store import Store
from gatescope.recording.witness import is_recurrent

CELL_FUNCTIONS = {f"{operation}_cell": operation for operation in CELL_OF}
CELL_ARGUMENTS = ("input", "hx", "w_ih", "w_hh", "b_ih", "b_hh")
WEIGHT_NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")

MakeStore = Callable[[int, bool], Store]
"""From the number of a layer, and whether it is the reverse, to its store."""


@dataclass(frozen=True)
class SeenCall:
    """A fused call that was replayed: its module's path, its layers and directions."""

    path: str
    directions: list[Direction]


class Interceptor(TorchFunctionMode):
    """Replays fused calls inside a with-block.

    Parameters
    ----------
    own
        Takes the steps of ``nn.LSTMCell`` and its kin, which run as our own equations.
    """

    def __init__(self, own: OwnCells) -> None:
        super().__init__()
        self.own = own
        self.attempt: Attempt = own.attempt
        self.keeper: Keeper = own.keeper
        self.calls: list[SeenCall] = []
        self.steps: dict[tuple[str, int, int, bool], _Step] = {}

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
        # an exported model calls torch.ops.aten.lstm.input
        name = getattr(func, "__name__", "").partition(".")[0]
        if name in KINDS:
            return self._fused(func, name, args, kwargs or {})
        if name in CELL_FUNCTIONS:
            return self._cell(func, CELL_FUNCTIONS[name], args, kwargs or {})
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
        order = frame.get("unsorted_indices") if call.layout.batch_sizes is not None else None

        def store(layer: int, reverse: bool) -> Store:
            weights = call.weights[layer * call.directions + reverse]
            widths = call.widths(weights, gradients=with_loss)
            node = f"{path}/{node_name(layer, reverse)}"
            return self.keeper.store(node, call.layout, widths, reverse=reverse, order=order)

        result, directions = replay(call, self.maker(order, store))
        self.calls.append(SeenCall(path, directions))
        self.own.witness.saw(module)
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
        if not self.own.witness.counts(module) or not _fit(x, states, given["w_ih"], given["w_hh"]):
            return func(*args, **kwargs)  # where sizes do not fit, torch says so
        require_recordable(x, len(x), with_loss=self.attempt.anchor is not None)
        weights = [given[name] for name in CELL_ARGUMENTS[2:] if given.get(name) is not None]
        h, *c = states if isinstance(states, (tuple, list)) else (states,)
        state = {"hidden_state": h} if not c else {"hidden_state": h, "cell_state": c[0]}
        step = self._equations(operation, x.shape[-1], h.shape[-1], len(weights) == 4)
        named = {f"cell.{key}": w for key, w in zip(WEIGHT_NAMES, weights, strict=False)}

        def run(x: Tensor, state: Signals) -> Signals:
            signals: Signals = torch.func.functional_call(step, named, (x, state))
            return signals

        path = self.own.names.of(module, "cell", weights, is_part=_is_part(module, 1))
        kind = CELL_OF[operation][0]
        layer = Layer(path, 0, False, kind, CELLS[kind].retention_gate or "")
        state = {key: self.own.attach(value) for key, value in state.items()}
        signals = self.own.changed(layer, 1, run)(self.own.attach(x), state)
        self.own.keep(layer, [signals])
        self.own.witness.saw(module)
        # clones: a model that changes them in place must not change what was seen
        result = tuple(signals[key].clone() for key in state)
        return result if c else result[0]

    def _equations(self, operation: str, features: int, units: int, bias: bool) -> "_Step":
        """Made once a recording: putting weights into a module is not safe between threads."""
        key = (operation, features, units, bias)
        if key not in self.steps:
            kind, options = CELL_OF[operation]
            with torch.device("meta"):
                self.steps[key] = _Step(make_cell(kind, features, units, bias=bias, **options))
        return self.steps[key]


class _Step(nn.Module):
    """A cell's equations as a module whose weights can be put in from outside."""

    def __init__(self, cell: Cell) -> None:
        super().__init__()
        self.cell = cell

    def forward(self, x: Tensor, state: Signals) -> Signals:
        return self.cell.step(x, state)


def _caller() -> tuple[nn.Module | None, dict[str, Any]]:
    """The innermost recurrent module whose forward runs in this thread, and its local variables.

    Reading the call stack finds the module even when its weights are shared or recomputed, and
    leaves nothing behind on it.
    """
    frame = sys._getframe(1)
    while frame.f_back is not None:
        frame = frame.f_back
        caller = frame.f_locals.get("self")
        if is_recurrent(caller):
            return caller, frame.f_locals
    return None, {}


def _fit(x: Tensor, states: Any, w_ih: Tensor, w_hh: Tensor) -> bool:
    """Whether a cell's input and states have the sizes that its weights and each other ask for."""
    states = states if isinstance(states, (tuple, list)) else (states,)
    return x.shape[-1] == w_ih.shape[-1] and all(
        state.shape == (*x.shape[:-1], w_hh.shape[-1]) for state in states
    )


def _is_part(module: nn.Module | None, groups: int) -> bool:
    """Whether a module of several layers or directions runs some of them by themselves."""
    if not isinstance(module, nn.RNNBase):
        return False
    return groups != module.num_layers * (2 if module.bidirectional else 1)


def _is_forward_mode() -> bool:
    """Whether torch's forward-mode differentiation is on, which our nodes do not take part in."""
    return forward_ad._current_level >= 0
