"""Reading what a user brings, from bytes that may be anything: weights, input sequences
and series.

Nothing is executed, nothing is written, and no more memory is taken than the bytes are worth.
"""

from gatescope.reading.sequences import SequenceError, read_sequences, sequences_from_text
from gatescope.reading.series import Measured, Treatment, series_of
from gatescope.reading.table import SeriesError, read_table
from gatescope.reading.weights import WeightsError, layer_from_weights, read_weights

__all__ = [
    "Measured",
    "SequenceError",
    "SeriesError",
    "Treatment",
    "WeightsError",
    "layer_from_weights",
    "read_sequences",
    "read_table",
    "read_weights",
    "sequences_from_text",
    "series_of",
]
