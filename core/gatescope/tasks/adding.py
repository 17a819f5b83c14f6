"""The adding problem: two marked numbers in a long row of numbers, what is their sum?"""

from contextlib import suppress
from dataclasses import replace
from typing import Annotated, Any, Literal

import torch
from annotated_types import Ge
from torch import Tensor

from gatescope.errors import say
from gatescope.settings import Setting
from gatescope.tasks.base import (
    Batch,
    EditError,
    Mark,
    Task,
    at_steps,
    choose_steps,
    require_batch_size,
    steps_between,
)

FIRST_WINDOW = 10
"""In ``hs97`` one of so many first steps is marked."""


class Adding(Task):
    """Add the two marked values.

    One row, T = 10, both features and the target::

        step      0    1    2    3    4    5    6    7    8    9
        value   .83  .17  .42  .96  .05  .61  .33  .23  .78  .40
        mark      .    .    1    .    .    .    .    1    .    .
        target                                                .65   (.42 + .23)

    ``halves``, ``anywhere``: values are drawn from U[0, 1]; one mark lies in each half, or both
    anywhere, at two different steps. Always answering 1, the mean sum, has the squared error 1/6.

    ``hs97``, as first published::

        step      0     1     2     3     4   ...  T-2   T-1    T    ...  T + T/10 - 1
        value   -.83   .17   .42  -.96   .05  ...  .78  -.40    0
        mark     -1     .     1     .     1   ...   .    -1     0
        target                                          .6175             (.5 + (.42 + .05)/4)

    Values are drawn from U[-1, 1]. Each row has a length of its own, T to T + T/10; the answer
    counts at its last step, and what lies beyond is zeros that nobody is asked about. One of the
    first ten steps is marked, and then another of the first T/2 - 1. The first and the last step
    carry the mark -1; the first one's value is 0 should it be one of the two.

    Source: Hochreiter & Schmidhuber 1997 (experiment 4) for ``hs97``; Le, Jaitly & Hinton 2015
    and Arjovsky, Shah & Bengio 2016 for ``halves``; Bai, Kolter & Koltun 2018 for ``anywhere``.

    Parameters
    ----------
    length
        T: at least 2; at least 22 for ``hs97``.
    variant
        Where the marks lie and what the values are, as above.
    distractors
        How many of the steps that are not marked have a value, 0 to T - 2, at random; the others
        are 0. None: every one.
    """

    kind = "regression"
    input_kind = "marked_values"
    input_size = 2
    output_size = 1
    edits = "numbers"
    moves = True
    tolerance = 0.04
    """An answer counts as right when its error is below this (Hochreiter & Schmidhuber 1997)."""

    def __init__(
        self,
        length: Annotated[int, Ge(2)] = 50,
        variant: Literal["halves", "anywhere", "hs97"] = "halves",
        distractors: Annotated[int | None, Ge(0)] = None,
    ) -> None:
        self.require_options(length=length, variant=variant, distractors=distractors)
        published = variant == "hs97"
        self.shortest = length
        self.length = length + length // 10 if published else length
        self.variant = variant
        self.distractors = distractors
        self.value_range = (-1.0, 1.0) if published else (0.0, 1.0)

    @classmethod
    def options(cls, **chosen: Any) -> dict[str, Setting]:
        """See `Task`; ``hs97`` is longer, and two steps are no distractors."""
        options = super().options(**chosen)
        if chosen.get("variant") == "hs97":
            options["length"] = replace(options["length"], low=2 * (FIRST_WINDOW + 1))
        return steps_between(options, chosen, "length", 2)

    @property
    def baseline_loss(self) -> float:
        """The variance of the target: 2/12, or in ``hs97`` 1/48 for each value that is drawn."""
        return (2 - self._first_marked()) / 48 if self.variant == "hs97" else 1 / 6

    @property
    def baseline_accuracy(self) -> float:
        """The chance that the target lies within the tolerance of its mean."""
        if self.variant != "hs97":
            return 1 - (1 - self.tolerance) ** 2
        near = 4 * self.tolerance
        one, both = near, near - near**2 / 4
        first = self._first_marked()
        return first * one + (1 - first) * both

    def _first_marked(self) -> float:
        """The chance that step 0 of a ``hs97`` row is marked, so that one of the values is 0."""
        return 1 / FIRST_WINDOW + (1 - 1 / FIRST_WINDOW) / (self.shortest // 2 - 2)

    def told(self, batch: Batch) -> dict[str, Any]:
        """See `Task`."""
        end, (first, second) = batch.end, (mark.step for mark in batch.marks[0])
        one, other = (float(batch.inputs[step, 0, 0]) for step in (first, second))
        return {
            "first": first, "second": second, "one": one, "other": other, "end": end,
            "wait": end - first, "target": float(batch.targets[end, 0, 0]),
        }  # fmt: skip

    def sample(self, batch_size: int, seed: int) -> Batch:
        """Draw rows as the class describes."""
        require_batch_size(batch_size)
        draw = torch.Generator().manual_seed(seed)
        values = torch.rand(self.length, batch_size, generator=draw)
        steps = self._marked_steps(batch_size, draw)
        ends = torch.full((batch_size,), self.length - 1)
        marked = torch.zeros(self.length, batch_size)
        examples = torch.arange(batch_size)
        if self.variant == "hs97":
            values = 2 * values - 1
            ends = torch.randint(self.shortest - 1, self.length, (batch_size,), generator=draw)
            marked[0] = marked[ends, examples] = -1
        marked[steps, examples] = 1
        if self.variant == "hs97":
            values[0, marked[0] == 1] = 0
        within = torch.arange(self.length).unsqueeze(1) <= ends
        if self.distractors is not None:
            within = choose_steps(within & (marked != 1), self.distractors, draw) | (marked == 1)
        return self.asked(torch.stack([values.masked_fill(~within, 0), marked], dim=-1))

    def asked(self, inputs: Tensor) -> Batch:
        """See `Task`."""
        values, marked = inputs.unbind(-1)
        ends = self._ends(marked)
        sums = values.masked_fill(marked != 1, 0).sum(0).unsqueeze(-1)
        marks = tuple(
            tuple(
                Mark(step, f"{values[step, b]:.2f}")
                for step in (marked[:, b] == 1).nonzero().flatten().tolist()
            )
            for b in range(inputs.shape[1])
        )
        return Batch(
            inputs=inputs,
            targets=at_steps(0.5 + sums / 4 if self.variant == "hs97" else sums, ends, self.length),
            scored=at_steps(torch.ones_like(ends, dtype=torch.bool), ends, self.length),
            marks=marks,
        )

    def _ends(self, marked: Tensor) -> Tensor:
        """(batch,), each row's last step: that of the last mark of -1."""
        if self.variant != "hs97":
            return torch.full((marked.shape[1],), self.length - 1)
        return self.length - 1 - (marked == -1).flip(0).int().argmax(0)

    def put(self, row: Tensor, step: int, what: str) -> None:
        """See `Task`; the first number of a ``hs97`` row is 0 where it is marked."""
        low, high = self.value_range
        number = None
        with suppress(ValueError):
            number = float(what.replace("−", "-"))
        if number is None or not low <= number <= high:
            raise EditError(
                say(
                    "edit_number", step=step, low=f"{low:g}", high=f"{high:g}", value=repr(what)
                )
            )  # fmt: skip
        if self.variant == "hs97" and step == 0 and row[0, 1] == 1:
            raise EditError(say("edit_fixed", step=step))
        row[step, 0] = number

    def move(self, row: Tensor, sources: list[int], targets: list[int]) -> None:
        """See `Task`; the numbers stay where they are."""
        published = self.variant == "hs97"
        for step in targets:
            if published and row[step, 1] == -1 and step > 0:
                raise EditError(say("edit_fixed", step=step))
        for step in sources:
            row[step, 1] = -1 if published and step == 0 else 0
        row[targets, 1] = 1
        if published and 0 in targets:
            row[0, 0] = 0

    def _marked_steps(self, batch_size: int, draw: torch.Generator) -> Tensor:
        """(2, batch), two different steps."""
        size, half = (batch_size,), self.shortest // 2
        if self.variant == "halves":
            first = torch.randint(0, half, size, generator=draw)
            return torch.stack([first, torch.randint(half, self.length, size, generator=draw)])
        published = self.variant == "hs97"
        windows = (FIRST_WINDOW, half - 1) if published else (self.length, self.length)
        first = torch.randint(0, windows[0], size, generator=draw)
        second = torch.randint(0, windows[1] - 1, size, generator=draw)
        return torch.stack([first, second + (second >= first)])

    def correct(self, outputs: Tensor, batch: Batch) -> Tensor:
        """Whether the error is below `tolerance`."""
        error = outputs[batch.scored] - batch.targets[batch.scored]
        return error.abs().squeeze(-1) < self.tolerance
