"""What a run can change, as it was before, and how it is put back.

Put back is what can be reached from the model and its inputs: every attribute of every module
(hooks, buffers, the training flag and the class among them), what is in lists, dicts, sets, deques
and slots, attributes of plain objects and of the modules' own classes, the numbers of every tensor
and array, ``.grad``, ``requires_grad`` and hooks of the weights, and random states: torch's,
Python's, NumPy's, and those of generators kept in attributes. What is not: global variables, files,
iterators, and what a model keeps behind functions.

What lies behind functions (closures of the loss, for one) is put back between two runs of the same
model alone, so that both begin alike; what a loss collects stays collected.
"""

import operator
import random
import weakref
from array import array
from collections import OrderedDict, deque
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gatescope.errors import RecordError, say
from gatescope.recording.tensor_snapshot import of_tensor

MANY = 10_000
"""Entries from which on the single ones of a container are not looked into."""

LARGE = 2**24
"""Numbers from which on a tensor or array behind a function is not copied."""

PutBack = Callable[[], None]
FUNCTIONS = (FunctionType, MethodType, partial)
CONSTANT = frozenset({
    str, bytes, int, float, complex, bool, type(None), type, torch.dtype, torch.device, torch.Size,
    BuiltinFunctionType, ModuleType, weakref.ref, weakref.ProxyType, weakref.CallableProxyType,
    slice, range,
})  # fmt: skip
"""Types of which nothing can change, or nothing is looked into."""

DICTS = (dict, OrderedDict)
GLOBAL = (nn.Module, torch.Generator, torch.jit.ScriptFunction)
"""What is looked at where a function uses it as a global variable."""


class Snapshot:
    """Everything that can be reached before a run.

    Parameters
    ----------
    model, inputs
        From where; ``inputs`` is whatever the model is called with.
    loss
        Looked behind, as are the functions that the model and its inputs hold.

    Attributes
    ----------
    reached
        Every object that was looked at.
    empty
        The dicts with nothing in them.
    """

    def __init__(self, model: nn.Module, inputs: Any, loss: Any) -> None:
        self.reached: dict[int, Any] = {}  # kept, so that no address is used again
        self.functions: list[Any] = [] if loss is None else [loss]
        self.iterator: Any = None
        self.empty: list[dict[Any, Any]] = []
        self.python, self.numpy = random.getstate(), np.random.get_state()
        self.held = list(self._walk([model, inputs], behind=False))
        self.behind = list(self._walk(self.functions, behind=True))

    def put_back(self, *, behind: bool = False) -> None:
        """Put back what can be reached, and what lies behind functions if asked for."""
        random.setstate(self.python)
        np.random.set_state(self.numpy)
        with torch.no_grad():
            for empty in self.empty:
                if empty:
                    empty.clear()
            for put_back in self.held:
                put_back()
            for put_back in self.behind if behind else ():
                put_back()

    def require_rewound(self) -> None:
        """Raise RecordError where a second run would not begin as the first did."""
        if self.iterator is not None:
            raise RecordError(say("iterator_on_the_way", kind=type(self.iterator).__name__))

    def _walk(self, roots: list[Any], *, behind: bool) -> Iterator[PutBack]:
        waiting = list(roots)
        while waiting:
            value = waiting.pop()
            kind = type(value)
            if kind in CONSTANT or id(value) in self.reached:
                continue
            if kind in DICTS and not value and not behind:  # as are most of a module's own
                self.reached[id(value)] = value
                self.empty.append(value)
                continue
            if isinstance(value, FUNCTIONS) and not behind:
                self.functions.append(value)
                continue
            self.reached[id(value)] = value
            if isinstance(value, dict):
                yield _of_dict(value, dict(value))
                waiting += _changeable(value.values())
            elif isinstance(value, (list, tuple, deque, set, frozenset)):
                if not isinstance(value, (tuple, frozenset)):
                    yield _of_items(value, list(value))
                waiting += _changeable(value)
            elif isinstance(value, Tensor):
                if behind and value.numel() > LARGE:
                    yield _unchanged(value, value._version)
                else:
                    yield from of_tensor(value)
                waiting.append(value.__dict__)  # names that were hung on it
            elif isinstance(value, torch.jit.ScriptModule):
                # its attributes are not Python's
                waiting += [*value.parameters(), *value.buffers(), *value.children()]
            elif isinstance(value, FUNCTIONS):
                yield from _of_function(value, waiting)
            elif isinstance(value, Mapping):
                waiting += _changeable(value.values())
            elif isinstance(value, Iterator):
                self.iterator = value
            elif isinstance(value, nn.Module):
                yield from _of_module(value, waiting)
            else:
                if not (behind and isinstance(value, np.ndarray) and value.size > LARGE):
                    yield from _of_object(value, waiting)


def _changeable(values: Collection[Any]) -> Collection[Any]:
    """The entries of a container, if any of them can change."""
    return () if len(values) > MANY or CONSTANT.issuperset(map(type, values)) else values


def _of_module(value: nn.Module, waiting: list[Any]) -> Iterator[PutBack]:
    """A module's attributes and its class, and the data on a class of the user's own."""
    kind, attributes = type(value), value.__dict__
    yield _of_class(value, kind)
    yield _of_dict(attributes, dict(attributes))
    waiting += attributes.values()
    yield from _of_slots(value, waiting)
    for owner in kind.__mro__:
        if owner.__module__.partition(".")[0] in ("torch", "gatescope", "builtins"):
            break
        data = {name: held for name, held in vars(owner).items() if _is_data(name, held)}
        yield _of_class_data(owner, data)
        waiting += data.values()


def _of_object(value: Any, waiting: list[Any]) -> Iterator[PutBack]:
    """Arrays, random states, and the attributes and slots of plain objects."""
    if isinstance(value, np.ndarray):
        yield _of_array(value, value.copy())
    elif isinstance(value, (bytearray, array)):
        yield _calling(partial(operator.setitem, value, slice(None)), value[:])
    elif isinstance(value, torch.Generator):
        yield _calling(value.set_state, value.get_state())
    elif isinstance(value, random.Random):
        yield _calling(value.setstate, value.getstate())
    elif isinstance(value, (np.random.Generator, np.random.BitGenerator)):
        bits = value.bit_generator if isinstance(value, np.random.Generator) else value
        yield _calling(partial(setattr, bits, "state"), bits.state)
    elif isinstance(value, np.random.RandomState):
        yield _calling(value.set_state, value.get_state())
    elif not hasattr(value, "__qualname__"):
        attributes = getattr(value, "__dict__", None)
        if isinstance(attributes, dict):
            yield _of_dict(attributes, dict(attributes))
            waiting += attributes.values()
        yield from _of_slots(value, waiting)


def _of_function(value: Any, waiting: list[Any]) -> Iterator[PutBack]:
    """The variables that a function closes over, its defaults, and what it is bound to."""
    if isinstance(value, partial):
        waiting += [value.func, value.args, value.keywords]
    elif isinstance(value, MethodType):
        waiting += [value.__self__, value.__func__]
    else:
        for cell in value.__closure__ or ():
            try:
                held = cell.cell_contents
            except ValueError:  # not set yet
                continue
            yield _calling(partial(setattr, cell, "cell_contents"), held)
            waiting.append(held)
        waiting += [value.__defaults__, value.__kwdefaults__, value.__dict__]
        known = (value.__globals__.get(name) for name in value.__code__.co_names)
        waiting += [held for held in known if isinstance(held, GLOBAL)]


def _of_slots(value: Any, waiting: list[Any]) -> Iterator[PutBack]:
    """An object's slots, those that are empty too."""
    if type(value).__module__.partition(".")[0] in ("torch", "numpy", "builtins", "weakref"):
        return
    names: list[str] = []
    for kind in type(value).__mro__:
        own = kind.__dict__.get("__slots__", ())
        names += [own] if isinstance(own, str) else own
    names = [name for name in names if not name.startswith("__")]
    if not names:
        return
    before = {name: getattr(value, name) for name in names if hasattr(value, name)}
    waiting += before.values()

    def put_back() -> None:
        for name in names:
            if name in before:
                setattr(value, name, before[name])
            elif hasattr(value, name):
                delattr(value, name)

    yield put_back


def _is_data(name: str, held: Any) -> bool:
    if name.startswith(("__", "_abc")) or callable(held):
        return False
    return not hasattr(held, "__get__")


def _unchanged(value: Tensor, version: int) -> PutBack:
    """Of a large tensor behind a function: that a second run begins with the same numbers."""

    def put_back() -> None:
        if value._version != version:
            raise RecordError(say("tensor_on_the_way", count=value.numel()))

    return put_back


def _calling(setter: Callable[[Any], Any], state: Any) -> PutBack:
    return lambda: setter(state)


def _of_class(value: Any, kind: type) -> PutBack:
    def put_back() -> None:
        if type(value) is not kind:
            value.__class__ = kind

    return put_back


def _of_class_data(owner: type, before: dict[str, Any]) -> PutBack:
    def put_back() -> None:
        for name, held in list(vars(owner).items()):
            if name not in before and _is_data(name, held):
                delattr(owner, name)
        for name, held in before.items():
            if vars(owner).get(name) is not held:
                setattr(owner, name, held)

    return put_back


def _of_dict(value: dict[Any, Any], before: dict[Any, Any]) -> PutBack:
    def put_back() -> None:
        if len(value) != len(before) or any(map(operator.is_not, value, before)):
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
