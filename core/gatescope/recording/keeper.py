"""Makes the store of each layer, call after call, from what the caller asked to keep."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from gatescope.recording.layer_trace import Kept, node_name
from gatescope.recording.layout import Layout
from gatescope.recording.selection import Selection
from gatescope.recording.store import Store

NamePath = Callable[[nn.Module | None, str], str]
"""From a module, or None and what to call it then, to its path in the trace."""


class Keeper:
    """What one recording keeps.

    Parameters
    ----------
    selection
        What was asked for.
    path_of
        What a module is called in the trace.
    """

    def __init__(self, selection: Selection, path_of: NamePath) -> None:
        self.selection = selection
        self.path_of = path_of
        self.elapsed: dict[str, int] = {}

    def node(self, module: nn.Module | None, operation: str, layer: int, reverse: bool) -> str:
        """A layer and direction in the trace, without the number of a call."""
        return f"{self.path_of(module, operation)}/{node_name(layer, reverse)}"

    def store(
        self,
        module: nn.Module | None,
        operation: str,
        layer: int,
        reverse: bool,
        layout: Layout,
        widths: dict[str, int],
        order: Tensor | None = None,
    ) -> Store:
        """The store of the next call of a layer and direction.

        Steps are counted over all calls of a module, since calls follow one another along time.
        """
        node, chosen = self.node(module, operation, layer, reverse), self.selection
        names: frozenset[str] = frozenset()
        if chosen.keeps_layer(node):
            names = frozenset(filter(chosen.keeps_signal, widths))
        first = self.elapsed.get(node, 0)
        self.elapsed[node] = first + layout.time
        time = examples = units = None
        if chosen.time is not None:
            steps = torch.arange(first + layout.time)[chosen.time.chosen]
            time = steps[steps >= first] - first
        if chosen.examples is not None:
            examples = chosen.examples.within(layout.batch, f"the batch of {node}")
        if chosen.units is not None:
            units = chosen.units.within(max(widths.values()), node)
        return Store(node, layout, reverse, order, widths, names, Kept(time, examples, units))
