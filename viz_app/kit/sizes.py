"""How much memory a value takes, arrays that several values share counted once."""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from itertools import chain
from types import FunctionType, MethodType, ModuleType
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch
import xarray as xr

OBJECT = 512
"""Bytes of what is not looked into, and of what a labelled array has beside its numbers."""

PLAIN = frozenset((int, float, bool, str, bytes, type(None)))
ARRAYS = (np.ndarray, torch.Tensor)
FRAMES = (pd.DataFrame, pd.Series, pd.Index)
LABELLED = (xr.DataTree, xr.Dataset, xr.DataArray)
NOTHING = (type, ModuleType, FunctionType, MethodType)
"""What is there anyway."""


class Size(NamedTuple):
    """Bytes of a value: its own, and those of each block of memory that others may share."""

    own: int
    blocks: dict[int, int]


def size_of(value: Any) -> Size:
    """The memory that a value keeps.

    Parameters
    ----------
    value
        Anything; a view of an array keeps the whole array, a tensor its whole storage.
    """
    own, blocks, seen, ahead = 0, {}, set(), [value]
    while ahead:
        part = ahead.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        kind = type(part)
        if kind in PLAIN:  # nearly all there is in a run: its curves, number by number
            own += sys.getsizeof(part)
        elif issubclass(kind, NOTHING):
            continue
        elif issubclass(kind, ARRAYS):
            where, count = _block(part)
            blocks[where] = count
            own += OBJECT
        else:
            own += _alone(part)
            ahead.extend(_inside(part))
    return Size(own, blocks)


def _block(array: np.ndarray | torch.Tensor) -> tuple[int, int]:
    """Where the memory behind an array begins, and its bytes."""
    while isinstance(array, np.ndarray):
        if not isinstance(array.base, np.ndarray | torch.Tensor):
            return array.__array_interface__["data"][0], array.nbytes
        array = array.base
    storage = array.untyped_storage()
    return storage.data_ptr(), storage.nbytes()


def _alone(part: Any) -> int:
    """Bytes of an object without what it refers to."""
    if isinstance(part, FRAMES):
        count = part.memory_usage(deep=True)
        return OBJECT + int(count if isinstance(count, int) else count.sum())
    return OBJECT if isinstance(part, LABELLED) else sys.getsizeof(part, OBJECT)


def _inside(part: Any) -> Iterable[Any]:
    """What an object refers to."""
    if isinstance(part, dict):
        return chain(part.keys(), part.values())
    if isinstance(part, list | tuple | set | frozenset):
        return part
    if isinstance(part, LABELLED):
        return _arrays(part)
    if isinstance(part, FRAMES):
        return ()
    held = getattr(part, "__dict__", {}).values()
    return chain(held, (getattr(part, name) for name in _slots(part.__class__)))


def _arrays(part: xr.DataTree | xr.Dataset | xr.DataArray) -> Iterator[Any]:
    """All that is in a labelled array, or in several."""
    if isinstance(part, xr.DataTree):
        for node in part.subtree:
            yield from (variable.data for variable in node.variables.values())
    elif isinstance(part, xr.Dataset):
        yield from (variable.data for variable in part.variables.values())
    else:
        yield from (variable.data for variable in (part.variable, *part.coords.values()))


@cache
def _slots(kind: type) -> tuple[str, ...]:
    """A dataclass's fields that stand in no ``__dict__``."""
    if not is_dataclass(kind):
        return ()
    slots = {name for base in kind.__mro__ for name in base.__dict__.get("__slots__", ())}
    return tuple(field.name for field in fields(kind) if field.name in slots)
