"""A model as it was before a run, and how it is put back.

What is put back: every attribute of every module (hooks, buffers and the training flag among
them), what is in attributes' lists, dicts and sets, the attributes of plain objects kept there, the
numbers of every tensor and array reached that way, ``.grad`` and ``requires_grad`` of the weights,
and random states: torch's, Python's, NumPy's, and those of generators kept in attributes.
What is not: global variables, files, and what a model keeps behind functions or in slots.
"""

import random
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

MANY = 10_000
"""Entries from which on the single ones of a container are not looked into."""

PutBack = Callable[[], None]
LEAVES = (str, bytes, int, float, complex, bool, type(None), type, torch.dtype, torch.device)


@contextmanager
def untouched(model: nn.Module) -> Iterator[None]:
    """Put everything that the module above names back at the end, also after an exception."""
    devices = sorted({p.device.index or 0 for p in model.parameters() if p.is_cuda})
    python, numpy = random.getstate(), np.random.get_state()
    held = list(_put_backs(model))
    try:
        with torch.random.fork_rng(devices):
            yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)
        with torch.no_grad():
            for put_back in held:
                put_back()


def _put_backs(model: nn.Module) -> Iterator[PutBack]:
    """What puts back each object that can be reached from a model's attributes."""
    waiting: deque[Any] = deque([model])
    visited: dict[int, Any] = {}  # kept, so that no address is used again
    while waiting:
        value = waiting.popleft()
        if isinstance(value, LEAVES) or id(value) in visited:
            continue
        visited[id(value)] = value
        yield from _of(value)
        waiting.extend(_inside(value))


def _of(value: Any) -> Iterator[PutBack]:
    if isinstance(value, Tensor):
        yield from _of_tensor(value)
    elif isinstance(value, np.ndarray):
        yield _of_array(value, value.copy())
    elif isinstance(value, torch.Generator):
        yield _calling(value.set_state, value.get_state())
    elif isinstance(value, random.Random):
        yield _calling(value.setstate, value.getstate())
    elif isinstance(value, np.random.Generator):
        yield _calling(
            lambda state: setattr(value.bit_generator, "state", state), value.bit_generator.state
        )
    elif isinstance(value, np.random.RandomState):
        yield _calling(value.set_state, value.get_state())
    elif isinstance(value, dict):
        yield _of_dict(value, dict(value))
    elif isinstance(value, (list, deque)):
        yield _of_list(value, list(value))
    elif isinstance(value, set):
        yield _of_set(value, set(value))
    elif _has_attributes(value):
        yield _of_dict(vars(value), dict(vars(value)))


def _inside(value: Any) -> Iterator[Any]:
    """What an object holds that can change in its turn."""
    if isinstance(value, dict):
        yield from value.values() if len(value) <= MANY else ()
    elif isinstance(value, (list, tuple, set, frozenset, deque)):
        yield from value if len(value) <= MANY else ()
    elif _has_attributes(value):
        yield from vars(value).values()


def _has_attributes(value: Any) -> bool:
    """Whether it is a module or another plain object; what scripts hold cannot be exchanged."""
    if isinstance(value, (Tensor, np.ndarray, torch.jit.ScriptModule, random.Random)):
        return False
    if callable(value) and not isinstance(value, nn.Module) and hasattr(value, "__qualname__"):
        return False  # functions and methods
    return isinstance(getattr(value, "__dict__", None), dict) and not isinstance(value, type(torch))


def _calling(setter: Callable[[Any], Any], state: Any) -> PutBack:
    return lambda: setter(state)


def _of_dict(value: dict[Any, Any], before: dict[Any, Any]) -> PutBack:
    def put_back() -> None:
        if list(value) != list(before):
            value.clear()
            value.update(before)
            return
        for key, was in before.items():
            if value[key] is not was:
                value[key] = was

    return put_back


def _of_list(value: Any, before: list[Any]) -> PutBack:
    def put_back() -> None:
        if len(value) != len(before) or any(a is not b for a, b in zip(value, before, strict=True)):
            value.clear()
            value.extend(before)

    return put_back


def _of_set(value: set[Any], before: set[Any]) -> PutBack:
    def put_back() -> None:
        if value != before:
            value.clear()
            value.update(before)

    return put_back


def _of_array(value: np.ndarray, before: np.ndarray) -> PutBack:
    def put_back() -> None:
        if value.tobytes() != before.tobytes():
            np.copyto(value, before)

    return put_back


def _of_tensor(value: Tensor) -> Iterator[PutBack]:
    if value.is_meta or type(value).__name__.startswith("Uninitialized"):
        return
    memory, before = value.detach(), value.detach().clone()
    wanted, gradient = value.requires_grad, value.grad if value.is_leaf else None
    if gradient is not None:
        yield from _of_tensor(gradient)

    def put_back() -> None:
        if value.data_ptr() != memory.data_ptr() or value.shape != memory.shape:
            value.data = memory
        if not _equal(value, before):
            value.copy_(before)
        if value.is_leaf:
            if value.grad is not gradient:
                value.grad = gradient
            if value.requires_grad != wanted:
                value.requires_grad_(wanted)

    yield put_back


def _equal(value: Tensor, before: Tensor) -> bool:
    """Bit for bit as far as can be asked: a NaN equals itself."""
    if torch.equal(value, before):
        return True
    return bool(((value == before) | ((value != value) & (before != before))).all())
