"""Reading what a user brings, from bytes that may be anything: weights, input sequences
and series.

Nothing is executed, nothing is written, and no more memory is taken than the bytes are worth.
"""

from gatescope.reading.sequences import (
    Sequences,
    read_sequences,
    sequences_from_text,
    sequences_of,
)
from gatescope.reading.series import Measured, series_of
from gatescope.reading.table import Table, read_table
from gatescope.reading.taken import FileError, Reading, SequenceError, SeriesError, Treatment
from gatescope.reading.weights import WeightsError, layer_from_weights, read_weights

__all__ = [
    "FileError",
    "Measured",
    "Reading",
    "SequenceError",
    "Sequences",
    "SeriesError",
    "Table",
    "Treatment",
    "WeightsError",
    "layer_from_weights",
    "read_sequences",
    "read_table",
    "read_weights",
    "sequences_from_text",
    "sequences_of",
    "series_of",
]
