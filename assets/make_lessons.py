"""Train what lessons tell of: ``python assets/make_lessons.py [workers]``; it can be resumed.

The runs are kept in ``runs/lessons``; what the app reads are the tables in ``assets/lessons``.
"""

import sys
from pathlib import Path

import pandas as pd

from gatescope.experiments import RunStore, SweepProgress, sweep
from gatescope.experiments.retention import solved_at
from viz_app.features.lessons.measured import (
    FOLDER,
    RATES,
    SMALLEST,
    rate_runs,
    smallest_runs,
)

STORE = Path(__file__).parents[1] / "runs" / "lessons"
DIGITS = "%.6g"


def report(progress: SweepProgress) -> None:
    """Print a line now and then."""
    if progress.done % 10 == 0:
        print(f"  {progress.done} of {progress.total}, {progress.seconds:.0f} s", flush=True)


def main(workers: int) -> None:
    """Train, and write both tables."""
    FOLDER.mkdir(exist_ok=True)
    store = RunStore(STORE)
    small = smallest_runs()
    runs = sweep(list(small.values()), store, workers=workers, on_progress=report)
    rows = [
        {
            "variant": network.variant, "units": network.units, "seed": seed,
            "parameters": run.parameters, "accuracy": run.test_accuracy,
            "solved": solved_at(run) is not None, "steps": run.history[-1].step,
            "seconds": run.seconds,
        }
        for (network, seed), run in zip(small, runs, strict=True)
    ]  # fmt: skip
    pd.DataFrame(rows).to_csv(SMALLEST, index=False, float_format=DIGITS)
    rated = rate_runs()
    runs = sweep(list(rated.values()), store, workers=workers, on_progress=report)
    rows = [
        {
            "network": one.network, "rate": one.rate, "seed": one.seed,
            "parameters": run.parameters, "validation": run.history[-1].accuracy,
            "test": run.test_accuracy, "seconds": run.seconds,
        }
        for one, run in zip(rated, runs, strict=True)
    ]  # fmt: skip
    pd.DataFrame(rows).to_csv(RATES, index=False, float_format=DIGITS)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2)
