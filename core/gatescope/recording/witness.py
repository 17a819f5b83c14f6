"""Notes which recurrent modules run while a model is recorded, so that none is left out in silence.

A hook that torch calls before every module's forward, in whichever thread, is there while somebody
records. A module that ran and that the recorder did not see is named, with the reason.
"""

import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from types import FrameType
from typing import Any

from torch import nn
from torch.nn.modules.module import register_module_forward_pre_hook

from gatescope.cells import Cell, Recurrence
from gatescope.errors import RecordError, say
from gatescope.recording.names import LayerNames

TORCH = (nn.RNN, nn.LSTM, nn.GRU, nn.RNNCell, nn.LSTMCell, nn.GRUCell)
KERAS = ("LSTM", "GRU", "SimpleRNN", "ConvLSTM")
"""How the names of Keras' recurrent layers and cells begin."""


def is_recurrent(module: Any) -> bool:
    """Whether a module is a recurrent layer or cell, whoever wrote it."""
    kind: Any = type(module)
    return _is_recurrent(kind)


@lru_cache(maxsize=256)
def _is_recurrent(kind: Any) -> bool:
    """Of a kind of module: at each call of any module somebody asks."""
    if issubclass(kind, (nn.RNNBase, nn.RNNCellBase, Cell, Recurrence)):
        return True
    return _is_keras(kind) and kind.__name__.startswith(KERAS)


def _is_keras(kind: type) -> bool:
    return issubclass(kind, nn.Module) and kind.__module__.split(".")[0] == "keras"


@dataclass
class Run:
    """One forward pass of a recurrent module, and whether the recorder saw into it."""

    module: nn.Module
    elsewhere: bool
    is_seen: bool = False


class Witness:
    """What ran while one model is recorded.

    Parameters
    ----------
    names
        The model's layers.
    reached
        Every object that can be reached from the model, by its address.

    Attributes
    ----------
    seen
        The addresses of the modules that the recorder has seen into.
    """

    def __init__(self, names: LayerNames, reached: Mapping[int, Any]) -> None:
        self.names = names
        self.reached = reached
        self.thread = threading.get_ident()
        self.runs: list[Run] = []
        self.seen: set[int] = set()
        self.before_loss: frozenset[int] | None = None
        modules = [value for value in reached.values() if isinstance(value, nn.Module)]
        layers = [module for module in modules if is_recurrent(module)]
        self.own_forward = {id(layer): layer for layer in layers if _has_own_forward(layer)}

    def counts(self, module: nn.Module | None) -> bool:
        """Whether a module's run is part of what is recorded now.

        While the loss is computed only the model's layers are that have not run before: a penalty
        that calls the whole model again is no part of the call that is recorded.
        """
        if self.before_loss is None:
            return True
        return id(module) in self.names.paths and id(module) not in self.before_loss

    def begin_loss(self) -> None:
        """The model has answered; what runs from now on, the loss runs."""
        self.before_loss = frozenset(self.seen)

    def note(self, module: nn.Module) -> None:
        """A recurrent module begins its forward pass, told by torch's hook."""
        if threading.get_ident() != self.thread:
            if id(module) in self.reached and not _runs_here(self.names.model):
                self.runs.append(Run(module, elsewhere=True))
        elif id(module) not in self.own_forward and self.counts(module):
            self.runs.append(Run(module, elsewhere=False))

    @contextmanager
    def watching_own_forwards(self) -> Iterator[None]:
        """Note forwards that are not torch's, called in whatever way: no hook need see them."""
        if not self.own_forward:
            yield
            return
        codes = {
            function.__code__
            for layer in self.own_forward.values()
            for function in (type(layer).forward, type(layer).__call__)
            if not function.__module__.startswith(("torch", "gatescope"))
        }
        before = sys.getprofile()

        def called(frame: FrameType, event: Any, argument: Any) -> None:
            if before is not None:
                before(frame, event, argument)
            if event == "call" and frame.f_code in codes:
                given = frame.f_locals.get(frame.f_code.co_varnames[0])
                module = self.own_forward.get(id(given))
                if module is not None and self.counts(module):
                    self.runs.append(Run(module, elsewhere=False))

        sys.setprofile(called)
        try:
            yield
        finally:
            sys.setprofile(before)

    def saw(self, module: nn.Module | None) -> None:
        """The recorder has seen into a module's forward pass."""
        self.seen.add(id(module))
        for run in reversed(self.runs):
            if run.module is module and not run.elsewhere:
                run.is_seen = True
                return

    def require_all_seen(self) -> None:
        """Raise RecordError where a recurrent module ran and was not seen."""
        unseen = next((run for run in self.runs if not run.is_seen), None)
        if unseen is not None:
            raise RecordError(self._reason(unseen))

    def _reason(self, run: Run) -> str:
        module, kind = run.module, type(run.module).__name__
        path = self.names.paths.get(id(module), "")
        within = path and module is not self.names.model
        name = say("layer_of_kind", path=path, kind=kind) if within else say("the_kind", kind=kind)
        if run.elsewhere:
            return say("ran_in_thread", name=name)
        if _is_keras(type(module)):
            return say("ran_in_keras", name=name)
        if _has_own_forward(module):
            return say("ran_own_forward", name=name)
        return say("ran_unseen", name=name)


def _has_own_forward(module: nn.Module) -> bool:
    """Whether a recurrent module's forward, or what calls it, is not torch's or ours."""
    kind = type(module)
    known = [other.forward for other in (*TORCH, Recurrence, Cell)]
    return not _is_keras(kind) and (
        kind.forward not in known or kind.__call__ is not nn.Module.__call__
    )


def _runs_here(model: nn.Module) -> bool:
    """Whether this thread calls the whole model by itself, for somebody who does not record."""
    frame: Any = sys._getframe(2)
    while frame is not None:
        if frame.f_code.co_name == "_call_impl" and frame.f_locals.get("self") is model:
            return True
        frame = frame.f_back
    return False


_lock = threading.Lock()
_witnesses: tuple[Witness, ...] = ()
_handle: Any = None


def _hook(module: nn.Module, arguments: Any) -> None:
    if is_recurrent(module):
        for witness in _witnesses:
            witness.note(module)


@contextmanager
def witnessing(witness: Witness) -> Iterator[None]:
    """Let a witness see what runs; torch's hook is there while there is any."""
    global _witnesses, _handle
    with _lock:
        _witnesses = (*_witnesses, witness)
        if _handle is None:
            _handle = register_module_forward_pre_hook(_hook)
    try:
        yield
    finally:
        with _lock:
            _witnesses = tuple(other for other in _witnesses if other is not witness)
            if not _witnesses:
                _handle.remove()
                _handle = None
