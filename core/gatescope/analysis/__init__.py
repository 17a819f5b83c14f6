"""Functions of a trace: nothing here runs a model."""

from gatescope.analysis.gradients import Band, band, gradient_norm
from gatescope.analysis.response import at_marks, response
from gatescope.analysis.retention import half_life, remaining, retention_gate

__all__ = [
    "Band",
    "at_marks",
    "band",
    "gradient_norm",
    "half_life",
    "remaining",
    "response",
    "retention_gate",
]
