"""The real data that come with the project."""

import gzip
from abc import abstractmethod
from typing import Literal

import torch
from torch import Tensor

from gatescope.errors import say
from gatescope.files import ASSETS
from gatescope.tasks.base import Task, require_one_of

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")


def read(name: str) -> str:
    """The text of a file that comes with the project, unpacked.

    Raises
    ------
    FileNotFoundError
        When the data were not installed with the package.
    """
    path = ASSETS / "data" / f"{name}.gz"
    if not path.is_file():
        raise FileNotFoundError(say("asset_missing", name=name))
    return gzip.decompress(path.read_bytes()).decode()


class ByFrequency(Task):
    """Real data with classes, whose best constant answer is the classes' own frequency."""

    @abstractmethod
    def _shares(self) -> Tensor:
        """The share of each class in this part, (class,)."""

    @property
    def baseline_loss(self) -> float:
        """Cross-entropy of answering each class with its share of this part."""
        share = self._shares()
        return float(-(share * share.log()).sum())

    @property
    def baseline_accuracy(self) -> float:
        """Share of the most frequent class."""
        return float(self._shares().max())


def require_split(split: str) -> None:
    """Raise ValueError unless there is such a part of the data."""
    require_one_of("split", split, SPLITS)


def draw(count: int, batch_size: int, seed: int) -> Tensor:
    """Choose examples, (batch_size,): all different, unless there are fewer than asked for."""
    generator = torch.Generator().manual_seed(seed)
    if batch_size <= count:
        return torch.randperm(count, generator=generator)[:batch_size]
    return torch.randint(0, count, (batch_size,), generator=generator)
