"""Run the default comparison: ``python assets/make_bench.py``; it can be resumed.

The runs are kept in ``runs/bench``; what the app opens on is the result in ``assets/bench``.
"""

import time
from pathlib import Path

from gatescope.experiments import RunStore, SweepProgress, sweep
from gatescope.experiments.comparison import (
    ComparisonConfig,
    comparison_of,
    measure,
    save_comparison,
)

ROOT = Path(__file__).parents[1]


def report(progress: SweepProgress) -> None:
    """Print a line when a run has ended."""
    global shown
    if progress.done != shown:
        shown = progress.done
        print(f"  {progress.done} of {progress.total}, {progress.seconds:.0f} s", flush=True)


shown = -1

if __name__ == "__main__":
    began = time.perf_counter()
    experiment = ComparisonConfig()
    measured = measure(experiment)
    print(f"measured in {time.perf_counter() - began:.0f} s", flush=True)
    configs = experiment.configs()
    runs = sweep(list(configs.values()), RunStore(ROOT / "runs" / "bench"), on_progress=report)
    result = comparison_of(experiment, zip(configs, runs, strict=True), measured)
    save_comparison(result, ROOT / "assets" / "bench")
    print(f"{len(runs)} runs in {time.perf_counter() - began:.0f} s")
