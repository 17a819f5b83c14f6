"""The statements of the tutorial that the project grew from, each with what tests it."""

from gatescope.experiments.tutorial.criteria import (
    Criterion,
    Verdict,
    as_ratio,
    exactly,
    less,
    median_ratio,
    more,
    verdict_of,
)
from gatescope.experiments.tutorial.measured import MEASURED_COLUMNS, measured_table
from gatescope.experiments.tutorial.timing import TIME_COLUMNS, interleaved, times_table
from gatescope.experiments.tutorial.trained import (
    EXPERIMENTS,
    Experiment,
    configs,
    read_rows,
    read_table,
    rows_of_runs,
)

__all__ = [
    "EXPERIMENTS",
    "MEASURED_COLUMNS",
    "TIME_COLUMNS",
    "Criterion",
    "Experiment",
    "Verdict",
    "as_ratio",
    "configs",
    "exactly",
    "interleaved",
    "less",
    "measured_table",
    "median_ratio",
    "more",
    "read_rows",
    "read_table",
    "rows_of_runs",
    "times_table",
    "verdict_of",
]
