"""Input sequences from a CSV or NPY file, or from what somebody typed."""

import csv
import io
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

SEPARATORS = (",", ";", "\t", " ")


class SequenceError(ValueError):
    """Input that is no sequence of numbers; the message names the place and the mend."""


def read_sequences(data: bytes, name: str, features: int) -> Tensor:
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

    Returns
    -------
    Tensor
        (time, batch, feature), float64.

    Raises
    ------
    SequenceError
        When it cannot be read, a value is no finite number, or the rows do not fit.
    """
    if not data:
        raise SequenceError(f"{name} is empty: it needs a row for each time step")
    if name.lower().endswith(".npy"):
        return _fitted(_from_numpy(data, name), features, name)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SequenceError(
            f"{name} is not text in UTF-8 (byte {error.start}): save it as UTF-8, or as .npy"
        ) from error
    return sequences_from_text(text, features, name)


def sequences_from_text(text: str, features: int, name: str = "the input") -> Tensor:
    """Read numbers as a person types them: one line a time step.

    Parameters
    ----------
    text
        Numbers apart by comma, semicolon, tab or space. For a single feature they may all stand
        in one line.
    features
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
    if "\0" in text:
        raise SequenceError(f"{name} is not text: give CSV, .npy, or numbers")
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise SequenceError(f"{name} has no numbers: it needs a row for each time step")
    separator = next((mark for mark in SEPARATORS if mark in lines[-1].strip()), ",")
    rows = [
        [cell.strip() for cell in row if separator != " " or cell]
        for row in csv.reader((line.strip() for line in lines), delimiter=separator)
    ]
    first = 1 if len(rows) > 1 and all(_number(cell) is None for cell in rows[0]) else 0
    if features == 1 and len(rows) - first == 1 and len(rows[first]) > 1:
        rows = [*rows[:first], *([cell] for cell in rows[first])]
    values = [
        [_required(cell, f"{name}, row {row}, column {column}") for column, cell in enumerate(r, 1)]
        for row, r in enumerate(rows[first:], first + 1)
    ]
    for row, found in enumerate(values, first + 1):
        if len(found) != features:
            raise SequenceError(
                f"{name}, row {row} has {_counted(len(found))}, and the layer reads "
                f"{features}: give one number a feature"
            )
    return torch.tensor(values, dtype=torch.float64).unsqueeze(1)


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None


def _required(cell: str, where: str) -> float:
    value = _number(cell)
    if value is None or not math.isfinite(value):
        found = repr(cell[:40]) if cell else "nothing"
        raise SequenceError(f"{where} holds {found}, and a finite number is needed there")
    return value


def _counted(numbers: int) -> str:
    return "1 number" if numbers == 1 else f"{numbers} numbers"


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
    except (ValueError, KeyError, EOFError, SyntaxError, TypeError) as error:
        raise SequenceError(f"{name} is no .npy file that can be read: save it again") from error
    if dtype.kind not in "fiu":
        raise SequenceError(
            f"{name} holds {dtype.name}, and numbers are needed: save it as float32 or float64"
        )
    claimed, there = math.prod(shape) * dtype.itemsize, len(data) - file.tell()
    if claimed != there:
        raise SequenceError(
            f"{name} claims {claimed:,} bytes of numbers and has {there:,}: save it again"
        )
    file.seek(0)
    array: np.ndarray[Any, Any] = np.load(file, allow_pickle=False)
    return array


def _fitted(array: np.ndarray[Any, Any], features: int, name: str) -> Tensor:
    shape: Sequence[int] = array.shape
    if array.ndim == 1 and features == 1:
        array = array[:, None]
    if array.ndim not in (2, 3) or array.shape[-1] != features or not array.size:
        raise SequenceError(
            f"{name} is {tuple(shape)}, and the layer reads (time, {features}) or "
            f"(time, batch, {features})"
        )
    values = torch.from_numpy(array.astype("float64"))
    if not torch.isfinite(values).all():
        place = tuple(int(index) for index in (~torch.isfinite(values)).nonzero()[0])
        raise SequenceError(f"{name} holds a number that is not finite at {place}: put one there")
    return values if values.ndim == 3 else values.unsqueeze(1)
