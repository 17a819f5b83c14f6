"""Sees every call of torch's recurrent functions in this thread, without touching the model."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from gatescope.cells import Cell, Signals, make_cell
from gatescope.recording.call import FusedCall, parse
from gatescope.recording.closed_form import Weights
from gatescope.recording.direction import KINDS, Direction, MakeDirection
from gatescope.recording.fused import replay
from gatescope.recording.layer_trace import RecordError
from gatescope.recording.own import OwnCells, require_gradients
from gatescope.recording.store import Store

CELL_FUNCTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "lstm_cell": ("lstm", {}),
    "gru_cell": ("gru", {}),
    "rnn_tanh_cell": ("rnn", {"nonlinearity": "tanh"}),
    "rnn_relu_cell": ("rnn", {"nonlinearity": "relu"}),
}


WEIGHT_NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


MakeStore = Callable[[Weights, int, bool], Store]
"""From a layer and direction's weights, its number, and whether it is the reverse, to its store."""


@dataclass(frozen=True)
class SeenCall:
    """A fused call that was replayed.

    Attributes
    ----------
    module
        The module that made it, or None where ``torch.lstm`` was called directly.
    directions
        Its layers and directions.
    """

    module: nn.Module | None
    directions: list[Direction]


class Interceptor(TorchFunctionMode):
    """Replays fused calls inside a with-block.

    Parameters
    ----------
    anchor
        As in `replay`.
    own
        Takes the steps of ``nn.LSTMCell`` and its kin, which run as our own equations.
    """

    def __init__(self, anchor: Tensor | None, own: OwnCells) -> None:
        super().__init__()
        self.anchor = anchor
        self.own = own
        self.keeper = own.keeper
        self.calls: list[SeenCall] = []
        self.steps: dict[tuple[str, int, int, bool], _Step] = {}

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Replay recurrent functions; let every other function pass."""
        name = getattr(func, "__name__", "")
        if name in KINDS:
            return self._fused(func, name, args)
        if name in CELL_FUNCTIONS:
            return self._cell(name, args)
        return func(*args, **(kwargs or {}))

    def _fused(self, func: Callable[..., Any], name: str, args: tuple[Any, ...]) -> Any:
        require_gradients(self.anchor)
        _require_one_precision(args[0])
        call = parse(func, name, args)
        module, frame = _caller(nn.RNNBase)
        order = frame.get("unsorted_indices") if call.layout.batch_sizes is not None else None

        def store(weights: Weights, layer: int, reverse: bool) -> Store:
            widths = call.widths(weights, gradients=self.anchor is not None)
            return self.keeper.store(module, name, layer, reverse, call.layout, widths, order)

        result, directions = replay(call, self._going_back(), self.maker(order, store))
        self.calls.append(SeenCall(module, directions))
        return result

    def _going_back(self) -> Tensor | None:
        """The anchor; one is needed without a loss too, by a model that differentiates itself."""
        if self.anchor is None and torch.is_grad_enabled():
            return torch.zeros((), requires_grad=True)
        return self.anchor

    def maker(self, order: Tensor | None, store: MakeStore) -> MakeDirection:
        """What makes each layer and direction of a call: recording runs torch's own kernel."""

        def make(call: FusedCall, weights: Weights, layer: int, reverse: bool) -> Direction:
            return Direction(call, weights, layer, reverse, store(weights, layer, reverse))

        return make

    def _cell(self, name: str, args: tuple[Any, ...]) -> Any:
        _require_one_precision(args[0])
        x, states, weight_ih, weight_hh, *biases = args
        module, _ = _caller(nn.RNNCellBase)
        h, *c = states if isinstance(states, tuple) else (states,)
        state = {"hidden_state": h} if not c else {"hidden_state": h, "cell_state": c[0]}
        step = self._equations(name, x.shape[-1], h.shape[-1], bool(biases))
        weights = zip(WEIGHT_NAMES, (weight_ih, weight_hh, *biases), strict=False)
        named = {f"cell.{key}": weight for key, weight in weights}

        def run(x: Tensor, state: Signals) -> Signals:
            signals: Signals = torch.func.functional_call(step, named, (x, state))
            return signals

        caller = module or step.cell
        state = {key: self.own.attach(value) for key, value in state.items()}
        signals = self.own.stepper(caller, 0, False, 1, run)(self.own.attach(x), state)
        self.own.layer(caller, 0, False, [signals])
        # clones: a model that changes them in place must not change what was seen
        given = tuple(signals[key].clone() for key in state)
        return given if c else given[0]

    def _equations(self, name: str, features: int, units: int, bias: bool) -> "_Step":
        """Made once a recording: putting weights into a module is not safe between threads."""
        key = (name, features, units, bias)
        if key not in self.steps:
            kind, options = CELL_FUNCTIONS[name]
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


def _caller(kind: type[nn.Module]) -> tuple[nn.Module | None, dict[str, Any]]:
    """The module of this kind whose forward is running in this thread, and its local variables.

    Reading the call stack finds the module even when its weights are shared or recomputed, and
    leaves nothing behind on it.
    """
    frame = sys._getframe(1)
    while frame.f_back is not None:
        frame = frame.f_back
        caller = frame.f_locals.get("self")
        if isinstance(caller, kind):
            return caller, frame.f_locals
    return None, {}


def _require_one_precision(x: Tensor) -> None:
    """Raise RecordError under autocast, which would compute gates in another precision."""
    if torch.is_autocast_enabled(x.device.type):
        raise RecordError(
            "the model runs under torch.autocast, which mixes precisions from one operation to "
            "the next: record it without, in float32 or as model.bfloat16()"
        )
