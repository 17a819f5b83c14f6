"""Intervening: a network runs again with gates, states or biases changed."""

from gatescope.intervention.intervene import Intervened, intervene
from gatescope.intervention.kinds import (
    Bias,
    Clamp,
    Intervention,
    InterventionError,
    Scale,
    SetState,
    ZeroUnit,
)

__all__ = [
    "Bias",
    "Clamp",
    "Intervened",
    "Intervention",
    "InterventionError",
    "Scale",
    "SetState",
    "ZeroUnit",
    "intervene",
]
