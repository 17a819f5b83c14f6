"""The hidden states of a call that its way back needs, without a copy of them.

They are the layer's output, which the model has anyway. It may change them in place, as torch lets
it; then each block is run again, from the states with which it began.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor

from gatescope.recording.layout import Layout

Again = Callable[[Tensor], Tensor]
"""From h before a block to its hidden states."""


@dataclass
class Outputs:
    """What a layer and direction answered.

    Attributes
    ----------
    layout, reverse
        Of the call, and the way in which the layer reads it.
    rows
        What was given to the model; its gradient is not followed here.
    starts
        h before each block of steps, by its first step.
    sums
        Of each block, by which a change is noticed.
    """

    layout: Layout
    reverse: bool
    rows: Tensor
    starts: dict[int, Tensor] = field(default_factory=dict)
    sums: dict[int, Tensor] = field(default_factory=dict)

    def passed(self, first: int, before: Tensor, block: Tensor) -> None:
        """Take down how a block begins, and a sum of it."""
        self.starts[first] = before.clone()
        self.sums[first] = block.sum()

    def block(self, first: int, stop: int, again: Again) -> Tensor:
        """h of a block as the layer read it, (time, batch, unit); zeros past a sequence's end."""
        block = self.layout.block(self.rows, first, stop, reverse=self.reverse)
        if torch.equal(block.sum(), self.sums[first]):
            return block
        return again(self.starts[first])
