"""A tensor as it was before a run, and how it is put back."""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor

PutBack = Callable[[], None]


def of_tensor(value: Tensor) -> Iterator[PutBack]:
    """What puts back a tensor's numbers, its place in memory, and what hangs on a leaf."""
    if value.is_meta or type(value).__name__.startswith("Uninitialized"):
        return
    if value.layout != torch.strided or value.is_nested:
        yield _of_another_layout(value)
        return
    yield _of_numbers(value)
    if value.is_leaf:
        yield from _of_leaf(value)


def _of_numbers(value: Tensor) -> PutBack:
    memory = value.detach()
    before, graph = memory.clone(), value.grad_fn
    bytes_of_storage = memory.untyped_storage().nbytes()

    def put_back() -> None:
        storage = memory.untyped_storage()
        if storage.nbytes() < bytes_of_storage:
            storage.resize_(bytes_of_storage)
        if graph is None and value.grad_fn is not None and not value._is_view():
            value.detach_()  # it was written into by what has a graph
        if value.data_ptr() != memory.data_ptr() or value.shape != memory.shape:
            value.data = memory
        if not _equal(value, before):
            value.copy_(before)

    return put_back


def _of_leaf(value: Tensor) -> Iterator[PutBack]:
    """``.grad``, ``requires_grad``, and the hooks on it."""
    wanted, gradient = value.requires_grad, value.grad
    if gradient is not None:
        yield from of_tensor(gradient)
    hooks = {name: getattr(value, name) for name in HOOKS}
    entries = {name: dict(held) for name, held in hooks.items() if held is not None}

    def put_back() -> None:
        if value.grad is not gradient:
            value.grad = gradient
        if value.requires_grad != wanted:
            value.requires_grad_(wanted)
        for name, held in hooks.items():
            now: Any = getattr(value, name)
            if held is None and now:
                now.clear()
            elif held is not None and list(now or ()) != list(entries[name]):
                held.clear()
                held.update(entries[name])

    yield put_back


HOOKS = ("_backward_hooks", "_post_accumulate_grad_hooks")


def _of_another_layout(value: Tensor) -> PutBack:
    """Sparse and nested tensors, whole."""
    memory = value.detach().clone()

    def put_back() -> None:
        value.data = memory

    return put_back


def _equal(value: Tensor, before: Tensor) -> bool:
    """Bit for bit as far as can be asked: a NaN equals itself."""
    if torch.equal(value, before):
        return True
    return bool(((value == before) | ((value != value) & (before != before))).all())
