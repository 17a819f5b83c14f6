"""What recording produces before it becomes a tree: frozen tensors, one value a layer and call."""

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor


@dataclass(frozen=True)
class Kept:
    """The indices that were kept along each axis; None where all were.

    Attributes
    ----------
    time
        Steps, counted from the beginning of the call.
    batch, units
        Along the batch in its original order, and along the hidden units.
    """

    time: Tensor | None = None
    batch: Tensor | None = None
    units: Tensor | None = None

    @property
    def is_all(self) -> bool:
        """Whether nothing was left out."""
        return self.time is None and self.batch is None and self.units is None

    @cached_property
    def examples(self) -> slice | Tensor:
        """The kept examples; a slice, where they are one, needs no look-up."""
        return sliced(self.batch)

    @cached_property
    def chosen_units(self) -> slice | Tensor:
        """The kept units, in the same way."""
        return sliced(self.units)


def sliced(indices: Tensor | None) -> slice | Tensor:
    """Indices as a slice, where they are one: nothing is looked up then."""
    if indices is None:
        return slice(None)
    if len(indices) < 2:
        first = int(indices[0]) if len(indices) else 0
        return slice(first, first + len(indices))
    first, second, last = int(indices[0]), int(indices[1]), int(indices[-1])
    step = second - first
    if step > 0 and torch.equal(indices, torch.arange(first, last + 1, step)):
        return slice(first, last + 1, step)
    return indices


@dataclass(frozen=True)
class LayerTrace:
    """The signals of one layer and direction, in one call of its module or in several alike.

    Attributes
    ----------
    path
        The module's path in the model, as in ``named_modules``.
    layer, reverse
        Which layer, and whether it reads the sequence from its end.
    cell
        ``rnn``, ``lstm``, ``gru``, or the name of one of our own cells.
    retention_gate
        The signal that multiplies the old state, or "" where there is none.
    dtype
        In which the layer computed, as ``float32``.
    steps, batch
        Of the whole call; of all calls together, and of each.
    widths
        The last dimension of every signal and gradient there is, kept or not.
    signals
        (time, batch, unit) by name, in input time, gradients as ``grad_`` + name: what was kept.
    kept
        Along which indices.
    lengths
        (batch,) of a packed batch, else None.
    without_gradients
        Whether the model ran this call without gradients although there is a loss.
    calls
        How many calls follow one another here, each of as many steps.
    """

    path: str
    layer: int
    reverse: bool
    cell: str
    retention_gate: str
    dtype: str
    steps: int
    batch: int
    widths: dict[str, int]
    signals: dict[str, Tensor]
    kept: Kept = Kept()
    lengths: Tensor | None = None
    without_gradients: bool = False
    calls: int = 1

    @property
    def name(self) -> str:
        """The node's name below its module: ``l0``, ``l0_reverse``, ``l1`` ..."""
        return node_name(self.layer, self.reverse)


def node_name(layer: int, reverse: bool) -> str:
    """``l0``, ``l0_reverse``, ``l1`` ..."""
    return f"l{layer}" + ("_reverse" if reverse else "")
