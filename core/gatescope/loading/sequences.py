"""Input sequences from a CSV or NPY file, or from what somebody typed."""

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gatescope.errors import say
from gatescope.loading.numerals import LARGEST, numbers
from gatescope.loading.rows import RaggedError, Rows, Wanted, read_rows
from gatescope.loading.taken import FileError, Reading, SequenceError, Treatment, raised_as

MOST_AXES, HUGE = 6, 10**15
"""An array of more axes, or a size from there on, is not told in full: it may be made up."""


@dataclass(frozen=True)
class Sequences:
    """Input sequences, and how they were read.

    Attributes
    ----------
    values
        (time, batch, feature), float64.
    reading
        What a text was taken for; None of a ``.npy`` file.
    notes
        What was left out.
    """

    values: Tensor
    reading: Reading | None = None
    notes: tuple[Treatment, ...] = ()


def read_sequences(data: bytes, name: str, features: int, reading: Reading | None = None) -> Tensor:
    """Read a file of numbers: one row a time step, one column a feature.

    Parameters
    ----------
    data
        The file's content.
    name
        Its name; what ends in ``.npy`` is NumPy's, (time, feature) or (time, batch, feature),
        and everything else is text, with or without a line of names at the top.
    features
        The number of features that a row must have.
    reading
        What a text is to be taken for; fields that are None are found out, as in `read_table`.

    Returns
    -------
    Tensor
        (time, batch, feature), float64.

    Raises
    ------
    SequenceError
        When it cannot be read, a value is no finite number, the rows do not fit, or two readings
        do.
    """
    return sequences_of(data, name, features, reading).values


def sequences_of(
    data: bytes,
    name: str,
    features: int,
    reading: Reading | None = None,
    *,
    most_rows: int | None = None,
    typed: bool = False,
) -> Sequences:
    """As `read_sequences`, with what the file was taken for; of a text at most so many rows.

    Numbers that a person typed have no names that are numbers.
    """
    if not data:
        raise SequenceError(say("text_empty_of_steps", name=name))
    if name.lower().endswith(".npy"):
        return Sequences(_fitted(_from_numpy(data, name), features, name))
    with raised_as(SequenceError):
        if data.isspace():
            raise FileError(say("text_without_numbers", name=name))
        try:
            wanted = Wanted(reading or Reading(), features, most_rows, asks=not typed)
            found = read_rows(data, name, wanted)
        except RaggedError as error:
            said = _unfitting(name, error.row, error.count, features)
            raise FileError(error.fact if error.count == features else said) from error
        return Sequences(_values(found, features), found.reading, found.notes)


def sequences_from_text(
    text: str, features: int, name: str = "the input", reading: Reading | None = None
) -> Tensor:
    """Read numbers as a person types them: one line a time step.

    Parameters
    ----------
    text
        Numbers apart by comma, semicolon, tab, pipe or space. For a single feature they may all
        stand in one line.
    features, reading
        As in `read_sequences`.
    name
        What to call it in a message.

    Returns
    -------
    Tensor
        (time, 1, feature), float64.

    Raises
    ------
    SequenceError
        As `read_sequences`.
    """
    if not text.strip():
        raise SequenceError(say("text_without_numbers", name=name))
    found = sequences_of(text.encode("utf-8", "replace"), name, features, reading, typed=True)
    return found.values


def _values(found: Rows, features: int) -> Tensor:
    """All columns side by side, (time, 1, feature)."""
    columns, rows = found.columns, len(found.columns[0])
    if not rows:
        raise FileError(say("names_without_steps", name=found.name))
    if len(columns) != features:
        raise FileError(_unfitting(found.name, found.place(0), len(columns), features))
    values = np.empty((rows, len(columns)))
    for place, column in enumerate(columns):
        values[:, place], _ = numbers(
            column, found.reading.decimal or ".", found.reading.thousands or ""
        )
    fine = np.abs(values) <= LARGEST
    if not fine.all():
        row, place = map(int, np.argwhere(~fine)[0])
        raise FileError(_held(found, row, place, columns[place][row]))
    return torch.from_numpy(values).unsqueeze(1)


def _held(found: Rows, row: int, column: int, cell: str) -> str:
    holds = repr(cell[:40]) if cell else say("nothing")
    row, column = (1, row + 1) if found.in_a_line else (found.place(row), column + 1)
    return say(
        "cell_not_finite", name=found.name, row=row, column=column, holds=holds, most=LARGEST
    )


def _unfitting(name: str, row: int, count: int, features: int) -> str:
    counted = say("one_number") if count == 1 else say("numbers", count=count)
    return say("row_unfit", name=name, row=row, numbers=counted, features=features)


def _from_numpy(data: bytes, name: str) -> np.ndarray[Any, Any]:
    """An array, whose claimed size is checked before anything is taken for it."""
    file = io.BytesIO(data)
    try:
        version = np.lib.format.read_magic(file)
        header = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }[version]
        shape, _, dtype = header(file)
    except Exception as error:  # the header is Python's, and meets its parser
        raise SequenceError(say("npy_unreadable", name=name)) from error
    if dtype.kind not in "fiu":
        raise SequenceError(say("npy_no_numbers", name=name, dtype=dtype.name))
    if not all(type(size) is int for size in shape):  # a bool is one too, to Python
        raise SequenceError(say("npy_unreadable", name=name))
    if not 0 < len(shape) <= 3 or min(shape) <= 0:
        raise SequenceError(say("npy_shape", name=name, shape=_size(shape)))
    claimed, there = math.prod(shape) * dtype.itemsize, len(data) - file.tell()
    if claimed != there:
        raise SequenceError(say("npy_claims", name=name, claimed=_counted(claimed), there=there))
    file.seek(0)
    array: np.ndarray[Any, Any] = np.load(file, allow_pickle=False)
    return array


def _size(shape: Sequence[int]) -> str:
    """A claimed size as a person reads it, whatever is claimed."""
    if len(shape) > MOST_AXES:
        return say("npy_dimensions", count=len(shape))
    return f"({', '.join(map(_counted, shape))}{',' * (len(shape) == 1)})"


def _counted(number: int) -> str:
    return (
        f"{number:,}"
        if abs(number) < HUGE
        else say("beyond", bound="10¹⁵" if number > 0 else "−10¹⁵")
    )


def _fitted(array: np.ndarray[Any, Any], features: int, name: str) -> Tensor:
    shape: Sequence[int] = array.shape
    if array.ndim == 1 and features == 1:
        array = array[:, None]
    if array.ndim not in (2, 3) or array.shape[-1] != features or not array.size:
        raise SequenceError(say("npy_unfit", name=name, shape=tuple(shape), features=features))
    values = torch.from_numpy(array.astype("float64"))
    fine = values.abs() <= LARGEST
    if not fine.all():
        place = tuple(int(index) for index in (~fine).nonzero()[0])
        raise SequenceError(say("npy_not_finite", name=name, place=place, most=LARGEST))
    return values if values.ndim == 3 else values.unsqueeze(1)
