"""Fewer pixels than cells, and still every extreme: a spike of one step never vanishes."""

import numpy as np

MOST_COLUMNS = 720
"""Pixels along time: fewer than the plot has on a screen 1280 pixels wide, where a picture that
is drawn smaller than it is would lose whole columns."""


def extremes(values: np.ndarray, most_rows: int, most_columns: int = MOST_COLUMNS) -> np.ndarray:
    """A matrix with at most so many rows and columns, in which blocks keep their extremes.

    Parameters
    ----------
    values
        (rows, columns); NaN is what is not there.
    most_rows, most_columns
        How large the result may be, at least 2; a matrix that fits is returned as it is.

    Returns
    -------
    numpy.ndarray
        Two pixels a block, its smallest and its largest value. They stand beside one another
        where there are too many columns, in the order in which the block's first row has them
        (first falls, or rises), and over one another where there are only too many rows, the
        largest on top. NaN where a block has nothing else. Blocks are as equal as whole numbers
        allow.
    """
    rows, columns = values.shape
    if columns > most_columns:
        tops, starts = (
            block_starts(rows, min(rows, most_rows)),
            block_starts(columns, most_columns // 2),
        )
        ends = np.append(starts[1:], columns) - 1
        low, high = _ranges(values, tops, starts)
        falls = values[np.ix_(tops, starts)] > values[np.ix_(tops, ends)]
        first, second = np.where(falls, high, low), np.where(falls, low, high)
        return np.stack([first, second], axis=2).reshape(len(tops), -1)
    if rows > most_rows:
        low, high = _ranges(values, block_starts(rows, most_rows // 2), np.arange(columns))
        return np.stack([high, low], axis=1).reshape(-1, columns)
    return values


def _ranges(
    values: np.ndarray, tops: np.ndarray, starts: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The smallest and the largest value of each block, NaN left aside."""
    low, high = (
        kind.reduceat(kind.reduceat(values, starts, axis=1), tops, axis=0)
        for kind in (np.fmin, np.fmax)
    )
    return low, high


def block_starts(count: int, parts: int) -> np.ndarray:
    """Where each of so many nearly equal parts begins."""
    return np.arange(parts) * count // parts
