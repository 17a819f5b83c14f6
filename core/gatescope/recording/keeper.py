"""Makes the store of each layer, call after call, from what the caller asked to keep."""

import numpy as np
import torch
from torch import Tensor

from gatescope.recording.layer_trace import Kept
from gatescope.recording.layout import Layout
from gatescope.recording.selection import Selection
from gatescope.recording.store import Store
from gatescope.recording.stream import Place, TraceFile


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
        """
        chosen = self.selection
        names = frozenset(chosen.kept(node, widths))
        first = self.elapsed.get(node, 0)
        self.elapsed[node] = first + layout.time
        time = batch = units = None
        if chosen.time is not None:
            steps = torch.arange(first + layout.time)[chosen.time.chosen]
            time = steps[steps >= first] - first
        if chosen.batch is not None:
            batch = chosen.batch.of(layout.batch)
        if chosen.units is not None:
            units = chosen.units.within(max(widths.values()), node)
        kept = Kept(time, batch, units)
        store = Store(node, layout, reverse, order, widths, names, kept)
        if self.file is not None and names:
            store.place = self._place(self.file, store)
            self._let_go(store)
        return store

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
