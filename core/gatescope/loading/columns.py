"""The columns of a file as text, close together: cells take little more room than in the file."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import overload

from gatescope.errors import say

END = "\0"
"""Stands between a column's cells: no text has it."""


class Column(Sequence[str]):
    """Cells, kept as blocks of UTF-8; those of a block stand apart by `END`."""

    def __init__(self) -> None:
        self._blocks: list[bytes] = []
        self._ends: list[int] = []  # rows up to and with each block

    def add(self, cells: Sequence[str]) -> None:
        """One more block; spaces around its cells are left out.

        Raises
        ------
        ValueError
            When a cell holds `END`.
        """
        text = END.join(cells)
        if text.count(END) != len(cells) - 1:
            raise ValueError(say("cell_holds_zero"))
        if text[:1].isspace() or text[-1:].isspace() or f" {END}" in text or f"{END} " in text:
            text = END.join(cell.strip() for cell in cells)
        self._blocks.append(text.encode())
        self._ends.append(len(self) + len(cells))

    def empty_at_end(self) -> int:
        """How many cells at the end of the last block hold nothing."""
        block = self._blocks[-1]
        full = block.rstrip(END.encode())
        return len(block) - len(full) + (not full)

    def cut(self, count: int) -> None:
        """Take cells away from the end of the last block."""
        cells = self._blocks.pop().decode().split(END)[:-count]
        self._ends.pop()
        if cells:
            self._blocks.append(END.join(cells).encode())
            self._ends.append(len(self) + len(cells))

    def without_first(self) -> "Column":
        """The same without its first cell."""
        found = Column()
        found._blocks, found._ends = self._blocks[:], [end - 1 for end in self._ends]
        _, more, rest = found._blocks[0].partition(END.encode())
        found._blocks[0] = rest
        if not more:
            del found._blocks[0], found._ends[0]
        return found

    def line_breaks(self) -> int:
        """How many cells' line ends there are."""
        return sum(max(block.count(b"\n"), block.count(b"\r")) for block in self._blocks)

    def texts(self) -> Iterator[str]:
        """The blocks, one after the other."""
        return (block.decode() for block in self._blocks)

    @staticmethod
    def cells(text: str) -> list[str]:
        """The cells of a block."""
        return text.split(END)

    def head(self, most: int) -> list[str]:
        """The first cells."""
        return list(islice(self, most))

    def __iter__(self) -> Iterator[str]:
        for text in self.texts():
            yield from text.split(END)

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> list[str]: ...
    def __getitem__(self, place: int | slice) -> str | list[str]:
        if isinstance(place, slice):
            return [self[row] for row in range(*place.indices(len(self)))]
        row = place + len(self) if place < 0 else place
        if not 0 <= row < len(self):
            raise IndexError(say("row_beyond", count=len(self), row=place))
        block = bisect_right(self._ends, row)
        before = self._ends[block - 1] if block else 0
        return self._blocks[block].decode().split(END)[row - before]
