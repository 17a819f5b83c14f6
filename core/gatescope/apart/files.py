"""What a stranger's file holds, read in a process of its own; errors are those of the readers."""

import errno
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from gatescope.apart.client import Apart, ApartError, Refusal
from gatescope.apart.readers import HALF
from gatescope.errors import say, sentence_of
from gatescope.loading import (
    FileError,
    LayerWeights,
    Measured,
    Reading,
    SequenceError,
    Sequences,
    SeriesError,
    Treatment,
    WeightsError,
)
from gatescope.recording.netcdf import TraceError

LONGEST = 500
"""Characters of a message."""

NO_FILE = os.strerror(errno.EMFILE)
"""What is said where a reader wants to open a file, or import what no file needed before."""


@dataclass(frozen=True)
class Columns:
    """What a table has, without its cells.

    Attributes
    ----------
    names, numbers, dates
        All columns, those of numbers, and those that look like dates.
    reading
        What the file was taken for.
    """

    names: tuple[str, ...]
    numbers: tuple[str, ...]
    dates: tuple[str, ...]
    reading: Reading


class Files:
    """Reads files as `gatescope.loading` and `gatescope.load_trace` do, each apart.

    Parameters
    ----------
    apart
        The process from which readings are forked.

    Notes
    -----
    Whatever a file does to its reader, it ends after `Apart.seconds`, takes no more than
    `Apart.most_bytes`, opens no other file, and gives back nothing but numbers and texts.
    """

    def __init__(self, apart: Apart) -> None:
        self.apart = apart

    def layer_names(self, data: bytes, owner: str = "") -> list[str]:
        """As ``layer_names(read_weights(data))``."""
        names = self._read(WeightsError, say("the_file"), "names", owner, data=data)
        return [str(name) for name in names]

    def weights(self, data: bytes, layer: str, *, most_bytes: int, owner: str = "") -> LayerWeights:
        """As ``weights_of_layer(read_weights(data), layer)``; they make a layer.

        In float32 they take at most so many bytes.
        """
        told = self._read(
            WeightsError, say("the_file"), "weights", owner, data=data, layer=layer,
            most_bytes=most_bytes,
        )  # fmt: skip
        half = HALF.get(told["dtype"])
        tensors = {name: _tensor(array, half) for name, array in told["weights"].items()}
        return LayerWeights(told["name"], tensors, told["made"], told["is_cell"])

    def sequences(
        self, data: bytes, name: str, features: int, reading: Reading, *,
        most_rows: int, typed: bool = False, owner: str = "",
    ) -> Sequences:  # fmt: skip
        """As `sequences_of`."""
        told = self._read(
            SequenceError, name, "sequences", owner, data=data, name=name, features=features,
            reading=asdict(reading), most_rows=most_rows, typed=typed,
        )  # fmt: skip
        of = None if told["reading"] is None else Reading(**told["reading"])
        return Sequences(torch.from_numpy(told["values"]), of, _treatments(told["notes"]))

    def columns(
        self, data: bytes, name: str, reading: Reading, *, most_rows: int, owner: str = ""
    ) -> Columns:
        """What `read_table` finds."""
        told = self._read(
            SeriesError, name, "columns", owner, data=data, name=name, reading=asdict(reading),
            most_rows=most_rows,
        )  # fmt: skip
        names, found, dates = (tuple(map(str, told[of])) for of in ("names", "numbers", "dates"))
        return Columns(names, found, dates, Reading(**told["reading"]))

    def series(
        self, data: bytes, name: str, reading: Reading, target: str, others: Sequence[str],
        time: str | None, *, most_rows: int, owner: str = "",
    ) -> Measured:  # fmt: skip
        """As `series_of` of what `read_table` finds."""
        told = self._read(
            SeriesError, name, "series", owner, data=data, name=name, reading=asdict(reading),
            most_rows=most_rows, target=target, others=list(others), time=time,
        )  # fmt: skip
        return Measured(
            told["values"], tuple(told["features"]), tuple(told["times"]),
            _treatments(told["treatments"]), Reading(**told["reading"]),
        )  # fmt: skip

    def recording(self, data: bytes, name: str, *, most_bytes: int, owner: str = "") -> xr.DataTree:
        """As `gatescope.load_trace`."""
        told = self._read(
            TraceError, name, "recording", owner, data=data, name=name, most_bytes=most_bytes
        )
        nodes = {path: _dataset(node) for path, node in told}
        tree: xr.DataTree = xr.DataTree.from_dict(nodes)
        return tree

    def _read(
        self, kind: type[ValueError], called: str, reader: str, owner: str, /, **options: Any
    ) -> Any:
        """What a reader reads; whatever goes wrong is told as its own kind of error."""
        try:
            return self.apart.read(reader, owner, **options)
        except ApartError as error:
            unread = say(
                "apart_busy_now" if error.busy else "apart_unread", name=called, reason=error
            )
            raise kind(unread) from error
        except Refusal as error:
            fact = sentence_of(error, LONGEST)
            if NO_FILE in fact:
                raise kind(say("apart_elsewhere", name=called)) from None
            if error.kind != kind.__name__:
                raise kind(
                    say("apart_unreadable", name=called, kind=error.kind, reason=fact)
                ) from None
            if issubclass(kind, FileError):
                raise kind(fact, error.field, error.options) from None
            raise kind(fact) from None


def _tensor(array: np.ndarray, half: torch.dtype | None) -> Tensor:
    tensor = torch.from_numpy(array)
    return tensor if half is None else tensor.view(half)


def _treatments(told: Sequence[dict[str, Any]]) -> tuple[Treatment, ...]:
    return tuple(Treatment(**each) for each in told)


def _dataset(node: dict[str, Any]) -> xr.Dataset:
    signals = {name: (tuple(dims), values) for name, (dims, values) in node["signals"].items()}
    coords = {name: (tuple(dims), values) for name, (dims, values) in node["coords"].items()}
    return xr.Dataset(signals, coords, node["attrs"])
