"""Replays a call of torch's fused layers, layer by layer, and keeps what happens inside.

The forward pass is torch's own kernel, one layer and direction at a time. So nothing is unrolled
under autograd, and the user's module is never touched.
"""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import torch
from torch import Tensor

from gatescope.recording.call import FusedCall


class Runs(Protocol):
    """One layer and direction of a call."""

    def run(self, rows: Tensor, h0: Tensor, c0: Tensor | None) -> tuple[Tensor, ...]:
        """Answer its part of the call: its rows, and its last states."""


Part = TypeVar("Part", bound=Runs)


def replay(call: FusedCall, make: Callable[[FusedCall, int, bool], Part]) -> tuple[Any, list[Part]]:
    """Answer a fused call as torch would, and keep every layer and direction.

    Parameters
    ----------
    call
        The call.
    make
        Makes each layer and direction; it may run in another way than torch's kernel.

    Returns
    -------
    tuple
        What the fused call returns, and the recorded directions.
    """
    rows = call.rows.transpose(0, 1) if call.batch_first else call.rows
    layers = len(call.weights) // call.directions
    recorded: list[Part] = []
    last: list[tuple[Tensor, ...]] = []
    for layer in range(layers):
        outputs = []
        for reverse in range(call.directions):
            index = layer * call.directions + reverse
            direction = make(call, layer, bool(reverse))
            c0 = None if call.cell_state is None else call.cell_state[index]
            output, *states = direction.run(rows, call.hidden[index], c0)
            recorded.append(direction)
            outputs.append(output)
            last.append(tuple(states))
        rows = outputs[0] if len(outputs) == 1 else torch.cat(outputs, dim=-1)
        if call.dropout and call.training and layer < layers - 1:
            rows = torch.dropout(rows, call.dropout, True)
    output = rows.transpose(0, 1) if call.batch_first else rows
    return (output, *(torch.stack(states) for states in zip(*last, strict=True))), recorded
