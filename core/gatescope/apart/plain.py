"""Plain values and arrays as bytes, and back: what two processes tell each other, without pickle.

Reading bytes makes nothing but None, numbers, texts, lists, dicts, bytes and arrays of numbers,
whoever wrote them.
"""

import json
import socket
import time
from math import inf, prod
from typing import Any

import numpy as np

KINDS = "biufMm"
"""Of arrays that are passed on: bools, numbers, times and durations."""


class PlainError(ValueError):
    """Bytes that `pack` did not write, or a value that it does not write."""


def pack(value: Any) -> list[bytes | memoryview]:
    """A value as bytes, in parts: their joint length first, then all but the arrays, then these.

    Parameters
    ----------
    value
        None, bool, int, float, str, bytes, arrays of `KINDS`, and lists, tuples and dicts of such.

    Raises
    ------
    PlainError
        When it holds anything else.
    """
    parts: list[bytes | memoryview] = []
    text = json.dumps(_written(value, parts)).encode()
    sizes = [len(text), *(len(part) for part in parts)]
    head = json.dumps(sizes).encode()
    length = 8 + len(head) + sum(sizes)
    whole = [length.to_bytes(8, "big"), len(head).to_bytes(8, "big"), head, text, *parts]
    return [part for part in whole if len(part)]  # who has it all may be gone before it is sent


def _written(value: Any, parts: list[bytes | memoryview]) -> Any:
    if isinstance(value, np.generic) and value.dtype.kind in "biuf":
        value = value.item()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, bytes):
        parts.append(value)
        return ["bytes", len(parts) - 1]
    if isinstance(value, np.ndarray) and value.dtype.kind in KINDS:
        flat: Any = np.ascontiguousarray(value).reshape(-1).view(np.uint8)
        parts.append(memoryview(flat))
        return ["array", len(parts) - 1, value.dtype.str, list(value.shape)]
    if isinstance(value, list | tuple):
        return ["list", [_written(each, parts) for each in value]]
    if isinstance(value, dict):
        return ["dict", [[str(name), _written(each, parts)] for name, each in value.items()]]
    raise PlainError(f"a plain value is needed, got {type(value).__name__}")


def unpack(data: bytearray) -> Any:
    """The value in what `pack` wrote, without the 8 bytes of its length; arrays share the bytes.

    Raises
    ------
    PlainError
        When it is something else.
    """
    try:
        whole, start = memoryview(data), 8 + int.from_bytes(data[:8], "big")
        sizes = json.loads(bytes(whole[8:start]))
        parts = []
        for size in sizes:
            parts.append(whole[start : start + size])
            start += size
        if start != len(data):
            raise PlainError(f"{start:,} bytes are told of, and there are {len(data):,}")
        return _read(json.loads(bytes(parts[0])), parts[1:])
    except (ValueError, TypeError, IndexError, RecursionError, OverflowError) as error:
        raise PlainError(f"these are no plain values ({error})") from error


def _read(told: Any, parts: list[memoryview]) -> Any:
    if not isinstance(told, list):
        return told
    kind, rest = told[0], told[1:]
    if kind == "list":
        return [_read(each, parts) for each in rest[0]]
    if kind == "dict":
        return {str(name): _read(each, parts) for name, each in rest[0]}
    if kind == "bytes":
        return bytes(parts[rest[0]])
    dtype, shape = np.dtype(rest[1]), tuple(rest[2])
    if dtype.kind not in KINDS or prod(shape) * dtype.itemsize != len(parts[rest[0]]):
        raise PlainError(f"{dtype} of {shape} is no array that is passed on")
    return np.frombuffer(parts[rest[0]], dtype).reshape(shape)


def received(job: socket.socket, until: float, most: float = inf) -> bytearray:
    """What `pack` made on the other side of a socket, without the 8 bytes of its length.

    Parameters
    ----------
    job
        The socket.
    until
        The moment, as ``time.monotonic`` has it, after which nothing is waited for.
    most
        Bytes that may come.

    Raises
    ------
    PlainError
        When it is more, or the other side ends before.
    OSError
        When it is not there in time.
    """
    length = int.from_bytes(_exactly(job, 8, until), "big")
    if length > most:
        raise PlainError(f"{length:,} bytes are more than {most:,}")
    return _exactly(job, length, until)


def _exactly(job: socket.socket, count: int, until: float) -> bytearray:
    data = bytearray(count)
    view, done = memoryview(data), 0
    while done < count:
        job.settimeout(None if until == inf else max(until - time.monotonic(), 0.01))
        more = job.recv_into(view[done:])
        if not more:
            raise PlainError("the other side has ended")
        done += more
    return data
