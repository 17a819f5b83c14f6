"""Delayed recall: a symbol, then noise, then 'what was it?'."""

import math
import string

import torch

from gatescope.tasks.base import (
    Batch,
    Mark,
    Task,
    at_end,
    require_batch_size,
    require_whole,
    scored_at_end,
)


class DelayedRecall(Task):
    """Name the first symbol when asked, ``delay`` steps later.

    One row, delay 8, four symbols::

        step      0   1   2   3   4   5   6   7   8
        input     C   A   D   A   B   C   A   D   ?
        target                                    C

    The steps between are random symbols of the same alphabet, so a network must not only hold
    the first one but refuse the rest. The input is one-hot, with one feature more for the
    question. A guess has the cross-entropy ln(symbols).

    Parameters
    ----------
    delay
        Steps from the symbol to the question, at least 1.
    symbols
        Size of the alphabet, 2 to 26.
    """

    input_kind = "symbols"

    def __init__(self, delay: int = 20, symbols: int = 8) -> None:
        require_whole("delay", delay, 1)
        require_whole("symbols", symbols, 2, 26)
        self.delay = delay
        self.symbols = (*string.ascii_uppercase[:symbols], "?")
        self.classes = self.symbols[:-1]
        self.input_size = symbols + 1
        self.output_size = symbols
        self.length = delay + 1

    @property
    def baseline_loss(self) -> float:
        """ln(symbols): every symbol is as likely as any other."""
        return math.log(self.output_size)

    @property
    def baseline_accuracy(self) -> float:
        """1 / symbols."""
        return 1 / self.output_size

    def sample(self, batch_size: int, seed: int) -> Batch:
        """Draw rows as the class describes."""
        require_batch_size(batch_size)
        draw = torch.Generator().manual_seed(seed)
        codes = torch.randint(0, self.output_size, (self.length, batch_size), generator=draw)
        codes[-1] = self.output_size
        marks = tuple(
            (Mark(0, self.symbols[int(first)]), Mark(self.delay, "?")) for first in codes[0]
        )
        return Batch(
            inputs=torch.nn.functional.one_hot(codes, self.input_size).float(),
            targets=at_end(codes[0], self.length),
            scored=scored_at_end(self.length, batch_size),
            marks=marks,
        )
