"""The copy problem: ten symbols, a long wait, then say them again."""

import math
from typing import Annotated, Any, Literal

import torch
from annotated_types import Ge
from torch import Tensor

from gatescope.tasks.base import (
    BLANK,
    Batch,
    Mark,
    Task,
    require_batch_size,
)

ITEMS, ALPHABET = 10, 8


class Copy(Task):
    """Repeat ten symbols, each ``delay`` + 10 steps after it was shown.

    One row, T = 5, ``arjovsky`` and below it ``bai``::

        step     0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24
        input    3  1  8  8  2  5  1  7  4  6  .  .  .  .  :  .  .  .  .  .  .  .  .  .  .
        input    3  1  8  8  2  5  1  7  4  6  .  .  .  .  :  :  :  :  :  :  :  :  :  :  :
        target   .  .  .  .  .  .  .  .  .  .  .  .  .  .  .  3  1  8  8  2  5  1  7  4  6

    Ten symbols of eight, T - 1 blanks, the marker, ten blanks (``arjovsky``), or the marker eleven
    times (``bai``, where blank is 0 and the marker 9). Every one of the T + 20 steps counts; most
    are blanks, which are easy. Input and output are one-hot, the blank a feature of its own; the
    marker is never an answer.

    Answering blank up to the marker and guessing afterwards has the cross-entropy
    10 ln 8 / (T + 20) a step. It remembers none of the symbols, but is granted the clock: in
    ``arjovsky`` the ten last inputs are blanks like those before the marker.

    Source: Hochreiter & Schmidhuber 1997 for the idea; Arjovsky, Shah & Bengio 2016; Bai, Kolter
    & Koltun 2018.

    Parameters
    ----------
    delay
        T, the steps from the last symbol to the marker, at least 1.
    variant
        What the input is while the answer is given, as above.
    """

    input_kind = "symbols"
    classes = (*(str(k + 1) for k in range(ALPHABET)), BLANK)
    symbols = (*classes, ":")
    input_size = ALPHABET + 2
    output_size = ALPHABET + 1
    edits = "symbols"

    def __init__(
        self, delay: Annotated[int, Ge(1)] = 30, variant: Literal["arjovsky", "bai"] = "arjovsky"
    ) -> None:
        self.require_options(delay=delay, variant=variant)
        self.delay = delay
        self.variant = variant
        self.length = delay + 2 * ITEMS

    @property
    def baseline_loss(self) -> float:
        """10 ln 8 / (T + 20): ten guesses, and blanks that are certain."""
        return ITEMS * math.log(ALPHABET) / self.length

    @property
    def baseline_accuracy(self) -> float:
        """(T + 10 + 10/8) / (T + 20)."""
        return (self.delay + ITEMS + ITEMS / ALPHABET) / self.length

    def told(self, batch: Batch) -> dict[str, Any]:
        """See `Task`."""
        start = self.length - ITEMS
        return {
            "word": "".join(self.spell(batch.inputs[:ITEMS, 0])), "start": start, "wait": start,
            "end": self.length - 1, "last": ITEMS - 1,
        }  # fmt: skip

    def sample(self, batch_size: int, seed: int) -> Batch:
        """Draw rows as the class describes."""
        require_batch_size(batch_size)
        draw = torch.Generator().manual_seed(seed)
        items = torch.randint(0, ALPHABET, (ITEMS, batch_size), generator=draw)
        blank, marker = ALPHABET, ALPHABET + 1
        codes = torch.full((self.length, batch_size), blank)
        codes[:ITEMS] = items
        codes[-ITEMS - 1] = marker
        if self.variant == "bai":
            codes[-ITEMS:] = marker
        return self.asked(torch.nn.functional.one_hot(codes, self.input_size).float())

    def asked(self, inputs: Tensor) -> Batch:
        """See `Task`."""
        items, size = inputs[:ITEMS].argmax(-1), inputs.shape[1]
        start = self.length - ITEMS - 1
        targets = torch.full((self.length, size), ALPHABET)
        targets[-ITEMS:] = items
        return Batch(
            inputs=inputs,
            targets=targets,
            scored=torch.ones(self.length, size, dtype=torch.bool),
            marks=tuple(
                (
                    *(Mark(k, self.symbols[int(items[k, b])]) for k in range(ITEMS)),
                    Mark(start, self.symbols[-1]),
                )
                for b in range(size)
            ),
        )

    def instead(self, row: Tensor, step: int) -> tuple[str, ...]:
        """See `Task`."""
        return self.classes[:ALPHABET] if step < ITEMS else ()
