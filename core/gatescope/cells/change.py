"""How someone who intervenes reaches into a step, in this thread only.

A cell's equations name each signal where it is computed, ``f = signal("forget_gate", ...)``. As a
rule that is the value itself; inside `changing` it is what the change makes of it, and whatever
the equations compute next is computed from that.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

from torch import Tensor

from gatescope.cells.observer import current_observer


class Change(Protocol):
    """What is made of one step's values."""

    def signal(self, name: str, value: Tensor) -> Tensor:
        """Return the signal (batch, unit) that the step goes on with."""

    def pre_activation(self, block: str, value: Tensor) -> Tensor:
        """Return the part of that block's pre-activation, (batch, unit), that has the bias."""


_change: ContextVar[Change | None] = ContextVar("gatescope_change", default=None)


@contextmanager
def changing(change: Change) -> Iterator[None]:
    """Let ``change`` into every step that runs in this thread inside the block."""
    token = _change.set(change)
    try:
        yield
    finally:
        _change.reset(token)


def signal(name: str, value: Tensor) -> Tensor:
    """The signal of that name, (batch, unit): the value, or what a change makes of it.

    A cell names each of its signals where it is computed. `gatescope.intervene` can then change
    it, and a recorder that wants gradients follows it even where nothing it depends on has one.
    Otherwise it is the value itself.

    Examples
    --------
    >>> import gatescope, torch
    >>> gatescope.signal("forget_gate", torch.sigmoid(torch.zeros(1, 2)))
    tensor([[0.5000, 0.5000]])
    """
    change = _change.get()
    if change is not None:
        value = change.signal(name, value)
    observer = current_observer()
    return value if observer is None or value.requires_grad else observer.attach(value)


def pre_activations(blocks: dict[str, Tensor]) -> dict[str, Tensor]:
    """Pre-activations by block, each (batch, unit): the values, or what a change makes of them."""
    change = _change.get()
    if change is None:
        return blocks
    return {block: change.pre_activation(block, value) for block, value in blocks.items()}
