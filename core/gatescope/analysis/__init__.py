"""Functions of a trace or of a model."""

from gatescope.analysis.gain import Update, scale_recurrent, try_update
from gatescope.analysis.gradients import Band, band, gradient_norm
from gatescope.analysis.response import at_marks, response
from gatescope.analysis.retention import half_life, remaining, retention_gate

__all__ = [
    "Band",
    "Update",
    "at_marks",
    "band",
    "gradient_norm",
    "half_life",
    "remaining",
    "response",
    "retention_gate",
    "scale_recurrent",
    "try_update",
]
