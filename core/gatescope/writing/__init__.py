"""Networks that write a book on, one character at a time, and what their units have learnt."""

from gatescope.writing.meaning import MEANINGS, Found, labels_of, probe
from gatescope.writing.ngrams import ngram_bits
from gatescope.writing.sampling import bits_of, mean_bits, write

__all__ = [
    "MEANINGS",
    "Found",
    "bits_of",
    "labels_of",
    "mean_bits",
    "ngram_bits",
    "probe",
    "write",
]
