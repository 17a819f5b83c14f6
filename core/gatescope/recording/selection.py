"""What to keep of a recording: signals, layers, examples, units and steps."""

import operator
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gatescope.errors import RecordError, say

Indices = int | slice | Iterable[int] | None
"""One index, a slice or several indices; None means all."""


@dataclass(frozen=True)
class Axis:
    """What to keep along one axis: a slice, or indices in the order in which they were given."""

    name: str
    chosen: slice | tuple[int, ...]

    def within(self, count: int, where: str) -> Tensor:
        """The kept indices of an axis with ``count`` entries.

        Raises
        ------
        RecordError
            When an index lies past the end, or nothing is left.
        """
        if not isinstance(self.chosen, slice):
            beyond = [index for index in self.chosen if index >= count]
            if beyond:
                raise RecordError(
                    say(
                        "selection_beyond",
                        name=self.name, beyond=beyond[0], where=where, count=count, last=count - 1,
                    )
                )  # fmt: skip
        kept = self.of(count)
        if not len(kept):
            raise RecordError(
                say("selection_empty", name=self.name, chosen=self.chosen, where=where, count=count)
            )
        return kept

    def of(self, count: int) -> Tensor:
        """The kept indices that an axis with ``count`` entries has."""
        if isinstance(self.chosen, slice):
            return torch.arange(count)[self.chosen]
        return torch.tensor([index for index in self.chosen if index < count], dtype=torch.int64)

    def places(self, count: int) -> np.ndarray:
        """Where those stand among the kept indices of all axes, of which others may have more."""
        if isinstance(self.chosen, slice):
            return np.arange(len(self.of(count)))
        return np.flatnonzero(np.array(self.chosen) < count)


@dataclass(frozen=True)
class Selection:
    """What a caller asked to keep; None keeps all.

    Attributes
    ----------
    signals, layers
        Names, as in the tree.
    batch, units, time
        Along the batch, the hidden units and the steps.
    """

    signals: tuple[str, ...] | None = None
    layers: tuple[str, ...] | None = None
    batch: Axis | None = None
    units: Axis | None = None
    time: Axis | None = None

    @classmethod
    def of(
        cls,
        signals: Iterable[str] | None,
        layers: Iterable[str] | None,
        batch: Indices,
        units: Indices,
        time: slice | int | None,
    ) -> "Selection":
        """Check what `record` was given.

        Raises
        ------
        RecordError
            Naming the argument, what it was, and what it may be.
        """
        return cls(
            _names(signals),
            _names(layers),
            _axis("batch", batch),
            _axis("units", units),
            _time(time),
        )

    def keeps_layer(self, node: str) -> bool:
        """Whether a layer of a module is wanted."""
        return self.layers is None or node in self.layers

    def keeps_signal(self, name: str) -> bool:
        """Whether a signal or gradient of this name is wanted."""
        return self.signals is None or name in self.signals

    def kept(self, node: str, names: Iterable[str]) -> list[str]:
        """Those of a layer's signals and gradients that are wanted."""
        return [name for name in names if self.keeps_signal(name)] if self.keeps_layer(node) else []


EVERYTHING = Selection()


def _names(names: Iterable[str] | None) -> tuple[str, ...] | None:
    if names is None:
        return None
    return (names,) if isinstance(names, str) else tuple(names)


def _axis(name: str, asked: Indices) -> Axis | None:
    if asked is None:
        return None
    if isinstance(asked, slice):
        return Axis(name, _checked_slice(name, asked))
    try:
        indices = whole_numbers(asked)
        if not indices or min(indices) < 0:
            raise ValueError
    except (TypeError, ValueError):
        raise RecordError(say("indices_needed", name=name, asked=asked)) from None
    return Axis(name, indices)


def whole_numbers(given: Any) -> tuple[int, ...]:
    """One number, or several, in whatever form.

    Raises
    ------
    TypeError
        Where one is not whole. True and False are not: a mask says which by its places.
    """
    is_many = isinstance(given, Iterable) and getattr(given, "ndim", 1) > 0
    listed = tuple(given) if is_many else (given,)
    if any(isinstance(one, bool) or getattr(one, "dtype", None) == torch.bool for one in listed):
        raise TypeError
    return tuple(map(operator.index, listed))


def _time(asked: slice | int | None) -> Axis | None:
    if asked is None:
        return None
    if isinstance(asked, int) and not isinstance(asked, bool) and asked > 0:
        asked = slice(None, None, asked)
    if not isinstance(asked, slice):
        raise RecordError(say("time_needed", asked=asked))
    return Axis("time", _checked_slice("time", asked))


def _checked_slice(name: str, asked: slice) -> slice:
    """Counted from the start alone: while a model runs, nobody knows how many are to come."""
    bounds = (asked.start or 0, asked.stop or 0, asked.step or 1)
    if not all(isinstance(bound, int) and bound >= 0 for bound in bounds) or bounds[2] < 1:
        raise RecordError(say("slice_needed", name=name, asked=asked))
    return asked
