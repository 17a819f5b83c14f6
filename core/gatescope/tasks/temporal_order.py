"""Temporal order: two special symbols in a long row of others; which came first?"""

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

SPECIAL = ("X", "Y")


class TemporalOrder(Task):
    """Say which of X and Y stood at the two special steps, in order: four classes.

    One row, L = 20 (in truth L is 100)::

        step    0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15 16 17 18 19
        input   b  a  d  X  c  a  a  b  d  c  Y  b  a  d  c  b  d  a  a  c
        target                                                           XY

    The special symbols lie at random steps in [.1 L, .2 L) and [.5 L, .6 L); the others are
    drawn from a, b, c, d. The input is one-hot. A guess has the cross-entropy ln 4.

    Source: Hochreiter & Schmidhuber 1997 (experiment 6a); this form, without the start and end
    symbols: Pascanu, Mikolov & Bengio 2013.

    Parameters
    ----------
    length
        Number of time steps L, at least 10.
    """

    input_kind = "symbols"
    symbols = (*SPECIAL, "a", "b", "c", "d")
    classes = ("XX", "XY", "YX", "YY")
    input_size = 6
    output_size = 4
    edits = "symbols"
    moves = True

    def __init__(self, length: Annotated[int, Ge(10)] = 100) -> None:
        self.require_options(length=length)
        self.length = length

    @property
    def baseline_loss(self) -> float:
        """ln 4: the four orders are equally likely."""
        return math.log(4)

    @property
    def baseline_accuracy(self) -> float:
        """1 / 4."""
        return 0.25

    def told(self, batch: Batch) -> dict[str, Any]:
        """See `Task`."""
        (first, one), (second, other) = batch.marks[0]
        return {
            "first": first, "second": second, "one": one, "other": other,
            "answer": self.answer(batch),
        }  # fmt: skip

    def sample(self, batch_size: int, seed: int) -> Batch:
        """Draw rows as the class describes."""
        require_batch_size(batch_size)
        draw = torch.Generator().manual_seed(seed)
        tenth = self.length / 10
        codes = torch.randint(2, self.input_size, (self.length, batch_size), generator=draw)
        special = torch.randint(0, 2, (2, batch_size), generator=draw)
        steps = torch.stack(
            [
                torch.randint(int(tenth), int(2 * tenth), (batch_size,), generator=draw),
                torch.randint(int(5 * tenth), int(6 * tenth), (batch_size,), generator=draw),
            ]
        )
        codes.scatter_(0, steps, special)
        return self.asked(torch.nn.functional.one_hot(codes, self.input_size).float())

    def asked(self, inputs: Tensor) -> Batch:
        """See `Task`."""
        codes, size = inputs.argmax(-1), inputs.shape[1]
        # (batch, 2): each row has two special symbols, in the order of its steps
        steps = (codes < len(SPECIAL)).T.nonzero()[:, 1].reshape(size, 2)
        special = codes.T.gather(1, steps)
        marks = tuple(
            tuple(Mark(step, SPECIAL[code]) for step, code in zip(*pair, strict=True))
            for pair in zip(steps.tolist(), special.tolist(), strict=True)
        )
        return Batch(
            inputs=inputs,
            targets=at_end(2 * special[:, 0] + special[:, 1], self.length),
            scored=scored_at_end(self.length, size),
            marks=marks,
        )

    def instead(self, row: Tensor, step: int) -> tuple[str, ...]:
        """See `Task`; there are always two special symbols."""
        return SPECIAL if row[step, : len(SPECIAL)].any() else self.symbols[len(SPECIAL) :]

    def move(self, row: Tensor, sources: list[int], targets: list[int]) -> None:
        """See `Task`; what stood there takes the places that are free then."""
        order = dict(zip(targets, sources, strict=True))
        free = [step for step in sources if step not in targets]
        taken = [step for step in targets if step not in sources]
        order |= dict(zip(free, taken, strict=True))
        row[list(order)] = row[list(order.values())]
