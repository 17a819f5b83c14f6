"""Reading what a user brings, from bytes that may be anything: weights and input sequences.

Nothing is executed, nothing is written, and no more memory is taken than the bytes are worth.
"""

from gatescope.reading.sequences import SequenceError, read_sequences, sequences_from_text
from gatescope.reading.weights import WeightsError, layer_from_weights, read_weights

__all__ = [
    "SequenceError",
    "WeightsError",
    "layer_from_weights",
    "read_sequences",
    "read_weights",
    "sequences_from_text",
]
