"""Makes the store of each layer, call after call, from what the caller asked to keep."""

import torch
from torch import Tensor

from gatescope.recording.layer_trace import Kept
from gatescope.recording.layout import Layout
from gatescope.recording.selection import Selection
from gatescope.recording.store import Store


class Keeper:
    """What one recording keeps.

    Parameters
    ----------
    selection
        What was asked for.
    """

    def __init__(self, selection: Selection) -> None:
        self.selection = selection
        self.elapsed: dict[str, int] = {}

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
        names: frozenset[str] = frozenset()
        if chosen.keeps_layer(node):
            names = frozenset(filter(chosen.keeps_signal, widths))
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
        return Store(node, layout, reverse, order, widths, names, Kept(time, batch, units))
