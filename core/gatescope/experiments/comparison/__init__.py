"""The comparison bench: cells beside one another on one task, and what needs no recurrence."""

from gatescope.experiments.comparison.config import Aim, ComparisonConfig, Network
from gatescope.experiments.comparison.judging import (
    difference,
    difference_from,
    judged,
    rule_of,
)
from gatescope.experiments.comparison.measuring import (
    Measured,
    measure,
    measure_text,
    measured_of,
    measured_text,
    step_ms,
    step_times,
)
from gatescope.experiments.comparison.references import Reference, references
from gatescope.experiments.comparison.storage import load_comparison, save_comparison
from gatescope.experiments.comparison.table import (
    Comparison,
    Interval,
    comparison_of,
    comparison_summary,
    comparison_table,
    learning_curves,
    mean_interval,
    middle,
    reached_at,
)
from gatescope.experiments.variants import split

__all__ = [
    "Aim",
    "Comparison",
    "ComparisonConfig",
    "Interval",
    "Measured",
    "Network",
    "Reference",
    "comparison_of",
    "comparison_summary",
    "comparison_table",
    "difference",
    "difference_from",
    "judged",
    "learning_curves",
    "load_comparison",
    "mean_interval",
    "measure",
    "measure_text",
    "measured_of",
    "measured_text",
    "middle",
    "reached_at",
    "references",
    "rule_of",
    "save_comparison",
    "split",
    "step_ms",
    "step_times",
]
