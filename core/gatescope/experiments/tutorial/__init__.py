"""The statements of the tutorial that the project grew from, each with what tests it."""

from gatescope.experiments.tutorial.trained import (
    EXPERIMENTS,
    Experiment,
    configs,
    read_rows,
    rows_of_runs,
)

__all__ = ["EXPERIMENTS", "Experiment", "configs", "read_rows", "rows_of_runs"]
