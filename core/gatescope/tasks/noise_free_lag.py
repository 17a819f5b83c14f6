"""A long lag without noise: all rows are alike but for their first and last symbol."""

import math
from typing import Annotated, Any, Literal

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


class NoiseFreeLag(Task):
    """Predict the next symbol of (y, a1 ... a(p-1), y) or (x, a1 ... a(p-1), x).

    One row, p = 8::

        step      0   1   2   3   4   5   6   7
        input     y  a1  a2  a3  a4  a5  a6  a7
        next     a1  a2  a3  a4  a5  a6  a7   y

    There are only these two rows, equally likely. What comes between is the same in both and
    known beforehand; only the last prediction needs the first symbol. The input is one-hot.

    ``last``: only that last prediction counts, so loss and accuracy measure the memory alone: a
    guess between x and y has the cross-entropy ln 2. ``hs97``, as published: every prediction
    counts; knowing the row but not its first symbol has ln 2 / p.

    Source: Hochreiter & Schmidhuber 1997 (experiment 2a).

    Parameters
    ----------
    delay
        p, at least 2: the symbol of step 0 comes again at step p, and is predicted at p - 1.
    variant
        Which predictions count, as above.
    """

    input_kind = "symbols"
    edits = "symbols"

    def __init__(
        self, delay: Annotated[int, Ge(2)] = 20, variant: Literal["last", "hs97"] = "last"
    ) -> None:
        self.require_options(delay=delay, variant=variant)
        self.delay = self.length = delay
        self.variant = variant
        self.symbols = self.classes = ("x", "y", *(f"a{k}" for k in range(1, delay)))
        self.input_size = self.output_size = delay + 1

    @property
    def baseline_loss(self) -> float:
        """ln 2 over the predictions that count: one of them is a guess between x and y."""
        return math.log(2) / self._counted()

    @property
    def baseline_accuracy(self) -> float:
        """All right but half of the last prediction."""
        return 1 - 0.5 / self._counted()

    def _counted(self) -> int:
        return 1 if self.variant == "last" else self.length

    def told(self, batch: Batch) -> dict[str, Any]:
        """See `Task`."""
        symbol = self.spell(batch.inputs[:1, 0])[0]
        return {"symbol": symbol, "end": batch.end, "next": self.length}

    def sample(self, batch_size: int, seed: int) -> Batch:
        """Draw rows as the class describes."""
        require_batch_size(batch_size)
        draw = torch.Generator().manual_seed(seed)
        first = torch.randint(0, 2, (batch_size,), generator=draw)
        between = torch.arange(2, self.input_size).unsqueeze(1).expand(-1, batch_size)
        codes = torch.cat([first.unsqueeze(0), between])
        return self.asked(torch.nn.functional.one_hot(codes, self.input_size).float())

    def asked(self, inputs: Tensor) -> Batch:
        """See `Task`."""
        codes, size = inputs.argmax(-1), inputs.shape[1]
        first, last_only = codes[0], self.variant == "last"
        return Batch(
            inputs=inputs,
            targets=at_end(first, self.length)
            if last_only
            else torch.cat([codes[1:], first.unsqueeze(0)]),
            scored=scored_at_end(self.length, size)
            if last_only
            else torch.ones(self.length, size, dtype=torch.bool),
            marks=tuple((Mark(0, self.symbols[code]),) for code in first.tolist()),
        )

    def instead(self, row: Tensor, step: int) -> tuple[str, ...]:
        """See `Task`; all but the first symbol is alike in every row."""
        return self.symbols[:2] if step == 0 else ()
