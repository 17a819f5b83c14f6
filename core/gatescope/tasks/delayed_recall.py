"""Delayed recall: a symbol, then noise, then 'what was it?'."""

import math
import string
from typing import Annotated, Any, Literal

import torch
from annotated_types import Ge, Le
from torch import Tensor

from gatescope.settings import Setting
from gatescope.tasks.base import (
    BLANK,
    Batch,
    Mark,
    Task,
    at_end,
    choose_steps,
    require_batch_size,
    scored_at_end,
    steps_between,
)


class DelayedRecall(Task):
    """Name the first symbol when asked, ``delay`` steps later.

    One row, delay 8, four symbols::

        step      0   1   2   3   4   5   6   7   8
        input     C   a   d   a   b   c   a   d   ?
        target                                    C

    The steps between are random symbols of an alphabet of their own, so a network must hold the
    first symbol while it reads others. With ``noise="same"`` they are of the same alphabet and
    nothing but their place tells them from the one to hold, which is much harder. The input is
    one-hot, with one feature more for the question. A guess has the cross-entropy ln(symbols).

    With ``distractors``, only so many random steps between hold a symbol; the others are blank,
    all features zero. So the delay and the number of distractors can be told apart. Delay 8,
    2 distractors::

        step      0   1   2   3   4   5   6   7   8
        input     C   .   .   a   .   .   d   .   ?
        target                                    C

    Parameters
    ----------
    delay
        Steps from the symbol to the question, at least 1.
    symbols
        Size of the alphabet, 2 to 26.
    distractors
        How many steps between hold a random symbol, 0 to delay - 1; None: every one.
    noise
        ``"own"``: the distractors have an alphabet of their own, of the same size;
        ``"same"``: they share that of the symbol to hold.
    """

    input_kind = "symbols"
    edits = "symbols"

    def __init__(
        self,
        delay: Annotated[int, Ge(1)] = 20,
        symbols: Annotated[int, Ge(2), Le(26)] = 8,
        distractors: Annotated[int | None, Ge(0)] = None,
        noise: Literal["own", "same"] = "own",
    ) -> None:
        self.require_options(delay=delay, symbols=symbols, distractors=distractors, noise=noise)
        self.delay = delay
        self.noise = noise
        self.distractors = distractors
        self.classes = tuple(string.ascii_uppercase[:symbols])
        own = string.ascii_lowercase[:symbols] if noise == "own" else ""
        self.symbols = (*self.classes, "?", *own)
        self.input_size = len(self.symbols)
        self.output_size = symbols
        self.length = delay + 1

    @classmethod
    def options(cls, **chosen: Any) -> dict[str, Setting]:
        """See `Task`; every step between the symbol and the question can be a distractor."""
        return steps_between(super().options(**chosen), chosen, "delay", 1)

    @property
    def baseline_loss(self) -> float:
        """ln(symbols): every symbol is as likely as any other."""
        return math.log(self.output_size)

    @property
    def baseline_accuracy(self) -> float:
        """1 / symbols."""
        return 1 / self.output_size

    def told(self, batch: Batch) -> dict[str, Any]:
        """See `Task`."""
        between = self.spell(batch.inputs[:, 0])[1:-1]
        return {
            "symbol": self.answer(batch), "end": batch.end,
            "others": sum(letter in self.symbols for letter in between),
        }  # fmt: skip

    def sample(self, batch_size: int, seed: int) -> Batch:
        """Draw rows as the class describes."""
        require_batch_size(batch_size)
        draw = torch.Generator().manual_seed(seed)
        codes = torch.randint(0, self.output_size, (self.length, batch_size), generator=draw)
        if self.noise == "own":
            codes[1:] += self.output_size + 1
        codes[-1] = self.output_size
        inputs = torch.nn.functional.one_hot(codes, self.input_size).float()
        if self.distractors is not None:
            between = torch.ones_like(codes, dtype=torch.bool)
            between[[0, -1]] = False
            kept = choose_steps(between, self.distractors, draw)
            inputs[between & ~kept] = 0
        return self.asked(inputs)

    def asked(self, inputs: Tensor) -> Batch:
        """See `Task`."""
        first, size = inputs[0].argmax(-1), inputs.shape[1]
        return Batch(
            inputs=inputs,
            targets=at_end(first, self.length),
            scored=scored_at_end(self.length, size),
            marks=tuple(
                (Mark(0, self.symbols[code]), Mark(self.delay, "?")) for code in first.tolist()
            ),
        )

    def instead(self, row: Tensor, step: int) -> tuple[str, ...]:
        """See `Task`; a step can be blank where not every one holds a symbol."""
        if step == 0:
            return self.classes
        if step == self.delay:
            return ()
        own = self.symbols[self.output_size + 1 :] or self.classes
        return own if self.distractors is None else (*own, BLANK)
