"""Reading what a user brings, from bytes that may be anything: weights, input sequences
and series.

Nothing is executed, nothing is written, and no more memory is taken than the bytes are worth.
"""

from gatescope.reading.layer_weights import LayerWeights, weights_of_layer
from gatescope.reading.made_weights import WeightsError
from gatescope.reading.sequences import SequenceError, read_sequences, sequences_from_text
from gatescope.reading.series import Measured, Treatment, series_of
from gatescope.reading.stored import layer_names
from gatescope.reading.table import SeriesError, read_table
from gatescope.reading.weights import layer_from_weights
from gatescope.reading.weights_file import read_weights

__all__ = [
    "LayerWeights",
    "Measured",
    "SequenceError",
    "SeriesError",
    "Treatment",
    "WeightsError",
    "layer_from_weights",
    "layer_names",
    "read_sequences",
    "read_table",
    "read_weights",
    "sequences_from_text",
    "series_of",
    "weights_of_layer",
]
