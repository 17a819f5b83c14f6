"""Numbers as text, so that they can stand in a run's settings."""

import base64
import binascii
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from gatescope.errors import say


def pack(numbers: Tensor) -> dict[str, object]:
    """A tensor as ``data``, its float32 numbers in base 64, and ``shape``."""
    flat = numbers.to(torch.float32).contiguous().numpy().astype("<f4")
    return {
        "data": base64.b64encode(flat.tobytes()).decode("ascii"),
        "shape": list(numbers.shape),
    }


def unpack(data: str, shape: Sequence[int]) -> Tensor:
    """What `pack` was given, float32.

    Raises
    ------
    ValueError
        When ``data`` does not hold the numbers of that shape.
    """
    try:
        flat = np.frombuffer(base64.b64decode(data, validate=True), dtype="<f4")
        return torch.from_numpy(flat.reshape(*shape).copy())
    except (binascii.Error, ValueError) as error:
        raise ValueError(say("data_unfit", shape=tuple(shape), reason=error)) from error
