"""How much memory a value takes, arrays that several values share counted once."""

import sys
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from types import FunctionType, MethodType, ModuleType
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch
import xarray as xr

OBJECT = 512
"""Bytes of what is not looked into, and of what a labelled array has beside its numbers."""

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
        if id(part) in seen or isinstance(part, NOTHING):
            continue
        seen.add(id(part))
        if isinstance(part, np.ndarray | torch.Tensor):
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
    if isinstance(part, pd.DataFrame | pd.Series | pd.Index):
        count = part.memory_usage(deep=True)
        return OBJECT + int(count if isinstance(count, int) else count.sum())
    if isinstance(part, xr.DataTree | xr.Dataset | xr.DataArray):
        return OBJECT
    return sys.getsizeof(part, OBJECT)


def _inside(part: Any) -> Iterator[Any]:
    """What an object refers to."""
    if isinstance(part, dict):
        yield from part.keys()
        yield from part.values()
    elif isinstance(part, list | tuple | set | frozenset):
        yield from part
    elif isinstance(part, xr.DataTree):
        for node in part.subtree:
            yield from (variable.data for variable in node.variables.values())
    elif isinstance(part, xr.Dataset):
        yield from (variable.data for variable in part.variables.values())
    elif isinstance(part, xr.DataArray):
        yield from (variable.data for variable in (part.variable, *part.coords.values()))
    elif is_dataclass(part):
        yield from (getattr(part, field.name) for field in fields(part))
        yield from getattr(part, "__dict__", {}).values()
    elif hasattr(part, "__dict__") and not isinstance(part, pd.DataFrame | pd.Series | pd.Index):
        yield from vars(part).values()
