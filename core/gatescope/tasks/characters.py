"""Real data: a book, one character at a time; what comes next?"""

import math
from functools import cache
from typing import Annotated, ClassVar

import torch
from annotated_types import Ge, Le
from torch import Tensor
from torch.nn.functional import one_hot

from gatescope.errors import say
from gatescope.tasks.base import Batch, Task, Trials, require_batch_size
from gatescope.tasks.real import Split, draw, read, require_split

LABELS = {"\n": "⏎", " ": "␣"}
"""How characters that leave no ink are written."""

NEAR = 100
"""Characters so near to one another are not counted as independent."""


class Characters(Task):
    """Name the next character of a book, at every step.

    One row (length 12)::

        step     0  1  2  3  4  5  6  7  8  9 10 11
        input    A  l  i  c  e  ␣  w  a  s  ␣  b  e
        target   l  i  c  e  ␣  w  a  s  ␣  b  e  g

    'Alice's Adventures in Wonderland', 148,480 characters of 72 kinds: the first 80 % to learn
    from, 10 % for validation and the last 10 % for the test. The best answer that remembers
    nothing knows the present character alone: the training part's pairs of neighbours, each count
    raised by `SMOOTHING`.

    Source: Lewis Carroll, 1865 (public domain).

    Parameters
    ----------
    length
        Characters in a row.
    split
        ``"train"``, ``"validation"`` or ``"test"``: from which part `sample` draws.
    """

    input_kind = "symbols"
    SMOOTHING: ClassVar[float] = 0.1

    def __init__(
        self, length: Annotated[int, Ge(2), Le(2000)] = 100, split: Split = "train"
    ) -> None:
        self.require_options(length=length)
        require_split(split)
        self.length, self.split = length, split
        self.characters = book()[1]
        self.input_size = self.output_size = len(self.characters)
        self.symbols = self.classes = tuple(LABELS.get(c, c) for c in self.characters)

    def held_out(self, part: Split) -> "Characters":
        """The same on another part of the book."""
        return Characters(self.length, part)

    @property
    def codes(self) -> Tensor:
        """The characters of this part, as numbers."""
        return part_of(self.split)

    def encode(self, text: str) -> Tensor:
        """Characters as one-hot rows, (time, 1, feature).

        Raises
        ------
        ValueError
            When there is no character, or one that is not in the book; the message names it.
        """
        if not text:
            raise ValueError(say("text_without_characters"))
        if strange := sorted(set(text) - set(self.characters)):
            named = ", ".join(map(repr, strange))
            raise ValueError(say("text_strange", named=named, known=self.known))
        codes = torch.tensor([self.characters.index(character) for character in text])
        return one_hot(codes, self.input_size).float().unsqueeze(1)

    @property
    def known(self) -> str:
        """Every character that the book holds, as labels."""
        return " ".join(self.symbols)

    @property
    def baseline_loss(self) -> float:
        """Cross-entropy in nats of guessing from the present character alone."""
        return self._bigram()[0]

    @property
    def baseline_accuracy(self) -> float:
        """How often that guess is right."""
        return self._bigram()[1]

    @property
    def bits(self) -> float:
        """Bits a character in one nat of loss."""
        return 1 / math.log(2)

    def sample(self, batch_size: int, seed: int) -> Batch:
        """Draw stretches of the part; the same seed draws the same ones."""
        require_batch_size(batch_size)
        return self._rows(draw(len(self.codes) - self.length, batch_size, seed))

    def trials(self, most: int, seed: int) -> Trials:
        """Stretches of the part that do not overlap, so that no answer counts twice.

        Those within the same `NEAR` characters are one group.
        """
        require_batch_size(most)
        starts = torch.arange(0, len(self.codes) - self.length, self.length)
        starts = starts[draw(len(starts), min(most, len(starts)), seed)]
        return Trials(self._rows(starts), starts // NEAR)

    def _rows(self, starts: Tensor) -> Batch:
        """The stretches that begin at some characters of the part."""
        steps = torch.arange(self.length + 1).unsqueeze(1)
        return self._batch(self.codes[starts + steps])

    def everything(self) -> Batch:
        """The whole part as one example: read in one go, a network carries its states on."""
        return self._batch(self.codes.unsqueeze(1))

    def _batch(self, rows: Tensor) -> Batch:
        """Stretches, (time + 1, batch), as examples."""
        steps, count = rows[1:].shape
        return Batch(
            inputs=one_hot(rows[:-1], self.input_size).float(),
            targets=rows[1:],
            scored=torch.ones(steps, count, dtype=torch.bool),
            marks=((),) * count,
        )

    def _bigram(self) -> tuple[float, float]:
        return _bigram(self.split)


@cache
def book() -> tuple[str, str]:
    """The whole text, and its characters in order."""
    text = read("alice_in_wonderland.txt").replace("\r\n", "\n").rstrip("\x1a")
    return text, "".join(sorted(set(text)))


@cache
def part_of(split: Split) -> Tensor:
    """A part of the book as numbers."""
    text, characters = book()
    numbers = {character: number for number, character in enumerate(characters)}
    first, second = len(text) * 8 // 10, len(text) * 9 // 10
    bounds = {"train": (0, first), "validation": (first, second), "test": (second, len(text))}
    low, high = bounds[split]
    return torch.tensor([numbers[character] for character in text[low:high]])


@cache
def _bigram(split: Split) -> tuple[float, float]:
    """Loss and accuracy on a part of guessing from the training part's pairs of neighbours."""
    size = len(book()[1])
    train, there = part_of("train"), part_of(split)
    counts = torch.zeros(size, size, dtype=torch.float64)
    counts.index_put_((train[:-1], train[1:]), torch.ones(1, dtype=torch.float64), accumulate=True)
    chances = counts + Characters.SMOOTHING
    chances /= chances.sum(1, keepdim=True)
    loss = -chances[there[:-1], there[1:]].log().mean()
    right = (chances.argmax(1)[there[:-1]] == there[1:]).double().mean()
    return float(loss), float(right)
