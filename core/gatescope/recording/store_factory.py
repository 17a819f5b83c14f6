"""Makes the store of each layer, call after call, from what the caller asked to keep."""

import numpy as np
import torch
from torch import Tensor

from gatescope.recording.layer_trace import Kept
from gatescope.recording.layout import Layout
from gatescope.recording.selection import EVERYTHING, Axis, Selection
from gatescope.recording.signal_buffer import Store
from gatescope.recording.stream import Place, TraceFile

SMALL = 2**11
"""Numbers of a signal that take less memory than what else a call leaves."""


class Keeper:
    """What one recording keeps.

    Parameters
    ----------
    selection
        What was asked for.
    file
        Where the recording goes, if not to memory; it begins anew.
    """

    def __init__(self, selection: Selection, file: TraceFile | None = None) -> None:
        self.selection = selection
        self.file = file
        self.elapsed: dict[str, int] = {}
        self.axes: dict[tuple[str, int, str], Tensor | None] = {}
        self.held: dict[str, list[Store]] = {}
        if file is not None:
            file.begin()

    def store(
        self,
        node: str,
        layout: Layout,
        widths: dict[str, int],
        *,
        reverse: bool = False,
        order: Tensor | None = None,
        going_back: bool = False,
    ) -> Store:
        """The store of the next call of a layer and direction.

        Steps are counted over all calls of a module, since calls follow one another along time.
        An example that this call does not have may be in another: nobody knows yet.

        Parameters
        ----------
        node
            The layer and direction in the trace.
        layout, widths, reverse, order
            As in `Store`.
        going_back
            Whether all signals are needed again on the way back.
        """
        chosen = self.selection
        names = frozenset(chosen.kept(node, widths))
        first = self.elapsed.get(node, 0)
        self.elapsed[node] = first + layout.time
        time = batch = units = None
        if chosen.time is not None:
            time = _some(_steps(chosen.time, first, layout.time), layout.time)
        if chosen.batch is not None:
            batch = self._indices(chosen.batch, layout.batch)
        if chosen.units is not None:
            units = self._indices(chosen.units, max(widths.values()), node)
        kept = Kept(time, batch, units)
        numbers = layout.time * layout.batch * max(widths.values())
        if going_back and self.file is None and layout.mask is None and numbers <= SMALL:
            # what else such a call costs is more than to hold all of it
            whole = Store(node, layout, reverse, order, widths, frozenset(widths), Kept())
            whole.later = None if chosen == EVERYTHING else (names, kept)
            return whole
        store = Store(node, layout, reverse, order, widths, names, kept)
        if self.file is not None and names:
            store.place = self._place(self.file, store)
            self._let_go(store)
        return store

    def _indices(self, axis: Axis, count: int, within: str = "") -> Tensor | None:
        """The kept indices of an axis, looked up once for each size; None where all are."""
        key = (axis.name, count, within)
        if key not in self.axes:
            chosen = axis.within(count, within) if within else axis.of(count)
            self.axes[key] = _some(chosen, count)
        return self.axes[key]

    def _place(self, file: TraceFile, store: Store) -> Place:
        """Where a call lies in the file: behind those before it."""
        widths = {name: store.shape(name)[2] for name in store.widths if name in store.names}
        steps, batch, _ = store.shape(next(iter(widths)))
        first = file.steps.get(store.node, 0)
        file.steps[store.node] = first + steps
        columns = np.arange(batch)
        if self.selection.batch is not None:
            columns = self.selection.batch.places(store.layout.batch)
        projected = frozenset(name for name in widths if store.widths[name] != store.units)
        return Place(file, store.node, widths, first, steps, columns, store.some, projected)

    def _let_go(self, store: Store) -> None:
        """Write what short calls before this one hold, once it is much and nothing is to come.

        Gradients are to come until the end.
        """
        held = self.held.setdefault(store.node, [])
        if sum(other.layout.time for other in held) >= store.some:
            for other in held:
                other.let_go()
            held.clear()
        if not any(name.startswith("grad_") for name in store.names):
            held.append(store)


def _some(kept: Tensor, count: int) -> Tensor | None:
    """The kept ones of ``count`` indices; None where all are, in their order."""
    is_all = len(kept) == count and torch.equal(kept, torch.arange(count))
    return None if is_all else kept


def _steps(axis: Axis, first: int, count: int) -> Tensor:
    """The kept ones of ``count`` steps, of which the first is number ``first`` of all."""
    assert isinstance(axis.chosen, slice)
    every = range(first + count)[axis.chosen]
    past = len(range(first)[axis.chosen])  # those of earlier calls
    here = every[past:]
    return torch.arange(here.start - first, here.stop - first, here.step)
