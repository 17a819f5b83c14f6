"""Measure what tests the tutorial's statements again: ``python assets/make_tutorial.py``.

It takes some ten minutes of the processor. What is timed comes first, while nothing else runs.
"""

import tempfile
from pathlib import Path

import pandas as pd

from gatescope.experiments import RunStore, sweep
from gatescope.experiments.sweeping import SweepProgress
from gatescope.experiments.tutorial import configs, measured_table, rows_of_runs, times_table

FOLDER = Path(__file__).parent / "tutorial"


def tell(progress: SweepProgress) -> None:
    """Print where it stands."""
    print(f"  {progress.done} of {progress.total}, {progress.seconds:.0f} s", flush=True)


def keep(table: pd.DataFrame, name: str) -> None:
    """Write a table."""
    table.to_csv(FOLDER / name, index=False, float_format="%.6g", lineterminator="\n")


def main() -> None:
    """Time, measure and train all, and keep a row a number and a run."""
    FOLDER.mkdir(exist_ok=True)
    keep(times_table(), "times.csv")
    keep(measured_table(), "untrained.csv")
    wanted = configs()
    with tempfile.TemporaryDirectory() as folder:
        runs = sweep(list(wanted.values()), RunStore(folder), workers=2, on_progress=tell)
    keep(rows_of_runs(zip(wanted, runs, strict=True)), "runs.csv")


if __name__ == "__main__":
    main()
