"""A file whose disk may refuse to take more, without HDF5 noticing.

HDF5 cannot close a file that it could not write, and ends the process instead. So what the disk
refuses is held in memory, a few chunks at most, until the file is closed and removed.
"""

import io
from typing import Any


class Disk(io.FileIO):
    """A file that is open for reading and writing.

    Attributes
    ----------
    refused
        What the disk said first; from then on the file is of no use.
    """

    refused: OSError | None = None

    def __init__(self, path: str) -> None:
        super().__init__(path, "w+b")
        self.held: list[tuple[int, bytes]] = []

    def write(self, data: Any) -> int:
        """Write all of it, or hold it."""
        place, view = self.tell(), memoryview(data).cast("B")
        done = 0
        try:
            while self.refused is None and done < len(view):
                done += super().write(view[done:])
        except OSError as error:
            self.refused = error
        if self.refused is not None:
            self.held.append((place, bytes(view)))
            self.seek(place + len(view))
        return len(view)

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer with what was written, zeros where nothing was."""
        place, view = self.tell(), memoryview(buffer).cast("B")
        done = super().readinto(view)
        view[done:] = bytes(len(view) - done)
        for start, data in self.held:
            first, last = max(place, start), min(place + len(view), start + len(data))
            if first < last:
                view[first - place : last - place] = data[first - start : last - start]
        self.seek(place + len(view))
        return len(view)

    def truncate(self, size: int | None = None) -> int:
        """Set the length, unless the disk has refused before."""
        try:
            if self.refused is None:
                return super().truncate(size)
        except OSError as error:
            self.refused = error
        return self.tell() if size is None else size
