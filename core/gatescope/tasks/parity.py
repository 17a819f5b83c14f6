"""Parity: is the number of ones in a row of bits odd?"""

import math
from typing import Annotated, Any

import torch
from annotated_types import Ge
from torch import Tensor

from gatescope.tasks.base import (
    Batch,
    Mark,
    Task,
    at_end,
    require_batch_size,
    scored_at_end,
)


class Parity(Task):
    """Say at the end whether the number of ones was even (0) or odd (1).

    One row, T = 12::

        step     0  1  2  3  4  5  6  7  8  9 10 11
        input    0  1  1  0  1  0  0  1  1  0  1  0
        target                                    0   (six ones)

    Bits are fair and independent, one-hot. Every bit matters as much as any other, one of them
    missed is as bad as all: whoever forgets a single one can only guess, with the cross-entropy
    ln 2. The memory needed is one bit, which each 1 (the marks) flips.

    Source: Minsky & Papert 1969 for the function; as a sequence: Bengio, Simard & Frasconi 1994.

    Parameters
    ----------
    length
        Number of bits T, at least 2.
    """

    input_kind = "symbols"
    symbols = ("0", "1")
    classes = ("0", "1")
    input_size = 2
    output_size = 2
    edits = "symbols"

    def __init__(self, length: Annotated[int, Ge(2)] = 20) -> None:
        self.require_options(length=length)
        self.length = length

    @property
    def baseline_loss(self) -> float:
        """ln 2: whatever the last bit, both answers are equally likely."""
        return math.log(2)

    @property
    def baseline_accuracy(self) -> float:
        """1 / 2."""
        return 0.5

    def told(self, batch: Batch) -> dict[str, Any]:
        """See `Task`."""
        ones = len(batch.marks[0])
        return {"ones": ones, "steps": self.length, "answer": self.answer(batch)}

    def sample(self, batch_size: int, seed: int) -> Batch:
        """Draw rows as the class describes."""
        require_batch_size(batch_size)
        draw = torch.Generator().manual_seed(seed)
        bits = torch.randint(0, 2, (self.length, batch_size), generator=draw)
        return self.asked(torch.nn.functional.one_hot(bits, 2).float())

    def asked(self, inputs: Tensor) -> Batch:
        """See `Task`."""
        bits, size = inputs.argmax(-1), inputs.shape[1]
        marks = tuple(
            tuple(Mark(step, "1") for step in bits[:, b].nonzero().flatten().tolist())
            for b in range(size)
        )
        return Batch(
            inputs=inputs,
            targets=at_end(bits.sum(0) % 2, self.length),
            scored=scored_at_end(self.length, size),
            marks=marks,
        )

    def instead(self, row: Tensor, step: int) -> tuple[str, ...]:
        """See `Task`."""
        return self.symbols
