"""How a recorder watches our own cells: a context variable, seen by this thread only."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

from torch import Tensor, nn

Step = Callable[[Tensor, dict[str, Tensor]], dict[str, Tensor]]
"""An input (batch, feature) and the states before it, to all signals of that step."""


class Observer(Protocol):
    """What a recorder offers to a running cell."""

    def stepper(self, module: nn.Module, layer: int, reverse: bool, time: int, step: Step) -> Step:
        """Return what takes each of ``time`` steps of this layer and direction, in turn."""

    def attach(self, x: Tensor) -> Tensor:
        """Return ``x``, made part of the autograd graph when gradients are recorded."""

    def layer(
        self, module: nn.Module, layer: int, reverse: bool, steps: list[dict[str, Tensor]]
    ) -> None:
        """Take the signals of one layer and direction, in the order in which they were computed."""

    def given(self, signals: dict[str, Tensor]) -> dict[str, Tensor]:
        """Return what the caller of a single step gets for signals that `layer` has taken."""


_observer: ContextVar[Observer | None] = ContextVar("gatescope_observer", default=None)


def current_observer() -> Observer | None:
    """Whoever watches this thread's cells now, or None."""
    return _observer.get()


@contextmanager
def observe(observer: Observer) -> Iterator[None]:
    """Let ``observer`` see every cell that runs in this thread inside the block."""
    token = _observer.set(observer)
    try:
        yield
    finally:
        _observer.reset(token)
