"""Reading what a user brings, from bytes that may be anything: weights, input sequences
and series.

Nothing is executed, nothing is written, and no more memory is taken than the bytes are worth.
"""

from gatescope.loading.layer_weights import LayerWeights, weights_of_layer
from gatescope.loading.made_weights import WeightsError
from gatescope.loading.sequences import Sequences, read_sequences, sequences_from_text, sequences_of
from gatescope.loading.series import Measured, series_of
from gatescope.loading.stored import layer_names
from gatescope.loading.table import Table, read_table
from gatescope.loading.taken import FileError, Reading, SequenceError, SeriesError, Treatment
from gatescope.loading.weights import layer_from_weights
from gatescope.loading.weights_file import read_weights

__all__ = [
    "FileError",
    "LayerWeights",
    "Measured",
    "Reading",
    "SequenceError",
    "Sequences",
    "SeriesError",
    "Table",
    "Treatment",
    "WeightsError",
    "layer_from_weights",
    "layer_names",
    "read_sequences",
    "read_table",
    "read_weights",
    "sequences_from_text",
    "sequences_of",
    "series_of",
    "weights_of_layer",
]
