"""Functions of a trace or of a model."""

from typing import TYPE_CHECKING, Any

from gatescope.analysis.behaviour import Behaviour, behaviour
from gatescope.analysis.bidirectional import Moved, influence_of_other_steps
from gatescope.analysis.classification import Classification, classification
from gatescope.analysis.connectivity import connectivity, relative_connectivity
from gatescope.analysis.convergence import convergence, steps_to_forget, two_pasts
from gatescope.analysis.gain import Update, scale_recurrent, try_update
from gatescope.analysis.gate_retention import gate_retention, lag_below, over_lags
from gatescope.analysis.gradient_retention import GradientRetention, gradient_retention
from gatescope.analysis.gradients import Band, band, gradient_norm
from gatescope.analysis.grouped import grouped_fraction
from gatescope.analysis.information import Information, final_state, linear_probe
from gatescope.analysis.jacobian import as_cell, states_of, step_jacobians
from gatescope.analysis.one_step import layer_inputs, one_step
from gatescope.analysis.quantiles import quantiles
from gatescope.analysis.response import at_marks, response
from gatescope.analysis.retention import half_life, remaining, retention_gate, written_units
from gatescope.analysis.saturation import saturation, value_histograms
from gatescope.analysis.spectrum import log_singular_values, lyapunov_exponents
from gatescope.analysis.step_changes import answers_so_far, step_changes
from gatescope.analysis.uncertainty import (
    Interval,
    bootstrap_interval,
    mean_interval,
    median_interval,
    newcombe_interval,
    paired_difference,
    welch_difference,
    wilson,
    wilson_interval,
)
from gatescope.analysis.verdicts import RULES, Outcome, Rule, Verdict, outcome, verdict
from gatescope.analysis.weights import NEAR_ZERO, WeightSizes, weight_sizes
from gatescope.analysis.wiring import Edge, wiring
from gatescope.earlier import FUNCTIONS, warn

__all__ = [
    "NEAR_ZERO",
    "RULES",
    "Band",
    "Behaviour",
    "Classification",
    "Edge",
    "GradientRetention",
    "Information",
    "Interval",
    "Moved",
    "Outcome",
    "Rule",
    "Update",
    "Verdict",
    "WeightSizes",
    "answers_so_far",
    "as_cell",
    "at_marks",
    "band",
    "behaviour",
    "bootstrap_interval",
    "classification",
    "connectivity",
    "convergence",
    "final_state",
    "gate_retention",
    "gradient_norm",
    "gradient_retention",
    "grouped_fraction",
    "half_life",
    "influence_of_other_steps",
    "lag_below",
    "layer_inputs",
    "linear_probe",
    "log_singular_values",
    "lyapunov_exponents",
    "mean_interval",
    "median_interval",
    "newcombe_interval",
    "one_step",
    "outcome",
    "over_lags",
    "paired_difference",
    "quantiles",
    "relative_connectivity",
    "remaining",
    "response",
    "retention_gate",
    "saturation",
    "scale_recurrent",
    "states_of",
    "step_changes",
    "step_jacobians",
    "steps_to_forget",
    "try_update",
    "two_pasts",
    "value_histograms",
    "verdict",
    "weight_sizes",
    "welch_difference",
    "wilson",
    "wilson_interval",
    "wiring",
    "written_units",
]

if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        """A function by its earlier name, with a warning."""
        if name in FUNCTIONS:
            warn(f"{__name__}.{name}", FUNCTIONS[name])
            return globals()[FUNCTIONS[name]]
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
