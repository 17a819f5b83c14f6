"""A model as it was before a run, and how it is put back.

What is put back: every attribute of every module (hooks, buffers and the training flag among
them), what is in attributes' lists, dicts and sets, the attributes of plain objects kept there, the
numbers of every tensor and array reached that way, ``.grad`` and ``requires_grad`` of the weights,
and random states: torch's, Python's, NumPy's, and those of generators kept in attributes.
What is not: global variables, files, and what a model keeps behind functions or in slots.
"""

import operator
import random
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

MANY = 10_000
"""Entries from which on the single ones of a container are not looked into."""

PutBack = Callable[[], None]
CONSTANT = frozenset({
    str, bytes, int, float, complex, bool, type(None), type, torch.dtype, torch.device, torch.Size,
    FunctionType, BuiltinFunctionType, MethodType, ModuleType, weakref.ref,
})  # fmt: skip
"""Types of which nothing can change, or nothing is looked into."""


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
    waiting: list[Any] = [model]
    visited: dict[int, Any] = {}  # kept, so that no address is used again
    while waiting:
        value = waiting.pop()
        if type(value) in CONSTANT or id(value) in visited:
            continue
        visited[id(value)] = value
        if isinstance(value, dict):
            yield _of_dict(value, dict(value))
            waiting += value.values() if len(value) <= MANY else ()
        elif isinstance(value, (list, tuple, deque, set, frozenset)):
            if not isinstance(value, (tuple, frozenset)):
                yield _of_items(value, list(value))
            waiting += value if len(value) <= MANY else ()
        elif isinstance(value, Tensor):
            yield from _of_tensor(value)
        elif isinstance(value, torch.jit.ScriptModule):
            waiting += [*value.parameters(), *value.buffers()]  # its attributes are not Python's
        elif _has_attributes(value):
            attributes = vars(value)
            yield _of_dict(attributes, dict(attributes))
            waiting += attributes.values()
        else:
            yield from _of_numbers(value)


def _of_numbers(value: Any) -> Iterator[PutBack]:
    """Arrays and random states."""
    if isinstance(value, np.ndarray):
        yield _of_array(value, value.copy())
    elif isinstance(value, torch.Generator):
        yield _calling(value.set_state, value.get_state())
    elif isinstance(value, random.Random):
        yield _calling(value.setstate, value.getstate())
    elif isinstance(value, np.random.Generator):
        generator = value.bit_generator
        yield _calling(lambda state: setattr(generator, "state", state), generator.state)
    elif isinstance(value, np.random.RandomState):
        yield _calling(value.set_state, value.get_state())


def _has_attributes(value: Any) -> bool:
    """Whether it is a module or another plain object."""
    if isinstance(value, nn.Module):
        return True
    if isinstance(value, (np.ndarray, random.Random)) or hasattr(value, "__qualname__"):
        return False
    return isinstance(getattr(value, "__dict__", None), dict)


def _calling(setter: Callable[[Any], Any], state: Any) -> PutBack:
    return lambda: setter(state)


def _of_dict(value: dict[Any, Any], before: dict[Any, Any]) -> PutBack:
    def put_back() -> None:
        if list(value) != list(before):
            value.clear()
            value.update(before)
        elif any(map(operator.is_not, value.values(), before.values())):
            value.update(before)

    return put_back


def _of_items(value: Any, before: list[Any]) -> PutBack:
    def put_back() -> None:
        if len(value) == len(before) and not any(map(operator.is_not, value, before)):
            return
        value.clear()
        add = value.add if isinstance(value, set) else value.append
        for item in before:
            add(item)

    return put_back


def _of_array(value: np.ndarray, before: np.ndarray) -> PutBack:
    def put_back() -> None:
        if value.tobytes() != before.tobytes():
            np.copyto(value, before)

    return put_back


def _of_tensor(value: Tensor) -> Iterator[PutBack]:
    if value.is_meta or type(value).__name__.startswith("Uninitialized"):
        return
    memory = value.detach()
    before = memory.clone()
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
