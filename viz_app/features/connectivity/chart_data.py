"""Which input mattered for which output: the numbers, how they become colours, and the cells."""

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
import numpy as np
import pandas as pd

from viz_app.kit.chart.axes import POWER
from viz_app.kit.chart.raster import bar_below, colour_key, power_key
from viz_app.kit.chart.style import GATE_TABLE

FLOOR = 1e-8
"""Where the log scale's colours end; what is below has the colour of its end."""
MOST_CELLS = 5_600
"""Cells that answer the pointer one by one; where there are more, blocks of them do."""


@dataclass(frozen=True)
class Triangle:
    """One network on one example.

    ``norms`` are gradient norms (output, input), with a row for each of ``outputs``, the first on
    top. A network that also reads ``backward`` has later inputs that matter too.
    """

    title: str
    outputs: tuple[int, ...]
    norms: np.ndarray
    backward: bool = False

    def read(self) -> np.ndarray:
        """(output, input): whether the network has read that input by then."""
        if self.backward:
            return np.ones(self.norms.shape, dtype=bool)
        return np.arange(self.norms.shape[1]) <= np.array(self.outputs)[:, None]

    def shares(self) -> np.ndarray:
        """Each row divided by its largest value."""
        largest = self.norms.max(axis=1, keepdims=True)
        return np.divide(self.norms, largest, out=np.zeros_like(self.norms), where=largest > 0)


@dataclass(frozen=True)
class Shading:
    """How gradients become colours from low to high: by powers of ten, or linearly from 0 to 1,
    each row ``relative`` to its largest.
    """

    relative: bool
    low: float
    high: float

    def places(self, triangle: Triangle) -> np.ndarray:
        """Where on the table each cell lies, from 0 to 1; NaN where it is exactly zero."""
        if self.relative:
            return np.where(triangle.norms > 0, triangle.shares(), np.nan)
        with np.errstate(divide="ignore"):
            logs = np.where(triangle.norms > 0, np.log10(triangle.norms), np.nan)
        low, high = np.log10(self.low), np.log10(self.high)
        return np.clip((logs - low) / (high - low), 0, 1)

    def legend(self, title: str) -> alt.Chart:
        """The colours, made of the table that paints the pixels; invisible points carry them."""
        if self.relative:
            return colour_key(0, 1, GATE_TABLE.scale(0, 1), bar_below(title, [0.0, 0.5, 1.0]))
        label = f"(datum.value <= {FLOOR * 1.001} ? '≤ ' : '') + {POWER}"
        return power_key(title, (self.low, self.high), label)


def shading(triangles: Sequence[Triangle], relative: bool) -> Shading:
    """One scale for triangles that stand together: whole powers of ten around all norms."""
    if relative:
        return Shading(True, 0.0, 1.0)
    seen = np.concatenate([one.norms[one.norms > 0] for one in triangles])
    if not seen.size:
        return Shading(False, 0.1, 1.0)
    high = float(10.0 ** np.ceil(np.log10(max(seen.max(), 10 * FLOOR))))
    low = float(10.0 ** np.floor(np.log10(max(seen.min(), FLOOR))))
    return Shading(False, min(low, high / 10), high)


def cell_frame(drawn: Triangle) -> tuple[pd.DataFrame, int]:
    """One row a cell that has been read, or a block of several, and the blocks' side.

    A block tells of its largest cell: ``row`` and ``column`` are its corner, ``output`` and
    ``input`` that cell's steps.
    """
    read = drawn.read()
    size = 1
    while _blocks(read, size).sum() > MOST_CELLS:
        size += 1
    row, column = np.nonzero(_blocks(read, size)) * np.array(size)
    at_row, at_column = _largest(np.where(read, drawn.norms, -1), row, column, size)
    found = pd.DataFrame(
        {
            "row": row,
            "column": column,
            "output": np.array(drawn.outputs)[at_row],
            "input": at_column,
            "norm": drawn.norms[at_row, at_column],
            "share": drawn.shares()[at_row, at_column],
        }
    )
    return found, size


def _blocks(read: np.ndarray, size: int) -> np.ndarray:
    """(block, block): whether anything in the block has been read."""
    down, across = (range(0, count, size) for count in read.shape)
    found: np.ndarray = np.logical_or.reduceat(np.logical_or.reduceat(read, down), across, axis=1)
    return found


def _largest(
    norms: np.ndarray, row: np.ndarray, column: np.ndarray, size: int
) -> tuple[np.ndarray, np.ndarray]:
    """Where the largest cell of each block lies; ``row`` and ``column`` are the blocks' corners."""
    beyond = [(0, -count % size) for count in norms.shape]
    padded = np.pad(norms, beyond, constant_values=-1)
    tall, wide = (count // size for count in padded.shape)
    blocks = padded.reshape(tall, size, wide, size).swapaxes(1, 2).reshape(tall, wide, -1)
    down, across = np.divmod(blocks.argmax(axis=-1)[row // size, column // size], size)
    return row + down, column + across
