"""Real data: handwritten digits, read one pixel at a time."""

from functools import cache
from typing import Any, ClassVar

import torch
from torch import Tensor

from gatescope.extras import library
from gatescope.tasks.base import (
    Batch,
    at_end,
    require_batch_size,
    require_one_of,
    scored_at_end,
)
from gatescope.tasks.real import ByFrequency, Split, draw


class Digits(ByFrequency):
    """Name a handwritten digit that is read pixel by pixel, row by row: 64 steps.

    One row (an 8 x 8 picture of a 3, ink from 0 to 1)::

        step     0    1    2    3    4    5    6    7    8  ...  63
        ink     .0   .0  .44  .94  .81  .06   .0   .0   .0  ...  .0
        target                                                    3

    1,797 digits by 43 people: 1,097 to learn from, 200 for validation and 500 for the test (a
    fixed shuffle; the data do not say who wrote what, so the parts share writers). There are no
    marks: every pixel may matter. The best constant answer is the classes' own frequency.

    Source: scikit-learn's ``load_digits`` (BSD-3), the test part of Alpaydin & Kaynak,
    'Optical recognition of handwritten digits', UCI 1998.

    Parameters
    ----------
    split
        ``"train"``, ``"validation"`` or ``"test"``: which digits `sample` draws.
    """

    input_kind = "pixels"
    input_size = 1
    output_size = 10
    classes = tuple("0123456789")
    length = 64
    parts: ClassVar = {
        "test": slice(0, 500),
        "validation": slice(500, 700),
        "train": slice(700, None),
    }

    def __init__(self, split: Split = "train") -> None:
        require_one_of("split", split, self.parts)
        self.split = split
        self.examples: int = len(self._part()[1])

    def held_out(self, part: Split) -> "Digits":
        """The digits of another part."""
        return Digits(part)

    def told(self, batch: Batch) -> dict[str, Any]:
        """See `Task`."""
        return {"answer": self.answer(batch), "steps": self.length}

    def sample(self, batch_size: int, seed: int) -> Batch:
        """Draw digits of the split, with replacement only when it has fewer than asked for."""
        require_batch_size(batch_size)
        return self._batch(draw(self.examples, batch_size, seed))

    def everything(self) -> Batch:
        """All digits of the split, in their fixed order."""
        return self._batch(torch.arange(self.examples))

    def _batch(self, chosen: Tensor) -> Batch:
        pixels, labels = self._part()
        return Batch(
            inputs=pixels[chosen].T.unsqueeze(-1).contiguous(),
            targets=at_end(labels[chosen], self.length),
            scored=scored_at_end(self.length, len(chosen)),
            marks=((),) * len(chosen),
        )

    def _part(self) -> tuple[Tensor, Tensor]:
        pixels, labels = _load()
        part = self.parts[self.split]
        return pixels[part], labels[part]

    def _shares(self) -> Tensor:
        counts = torch.bincount(self._part()[1], minlength=self.output_size).double()
        return counts / counts.sum()


@cache
def _load() -> tuple[Tensor, Tensor]:
    """All pixels (digit, 64) in [0, 1] and labels (digit,), in a fixed shuffled order."""
    pixels, labels = library("sklearn.datasets").load_digits(return_X_y=True)
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(0))
    return torch.tensor(pixels / 16, dtype=torch.float32)[order], torch.tensor(labels)[order]
