"""Run the default retention experiment: ``python assets/make_retention.py``; it can be resumed.

The runs are kept in ``runs/retention``; what the app opens on is the table in
``assets/retention``.
"""

import time
from pathlib import Path

from gatescope.experiments import (
    RetentionConfig,
    RunStore,
    SweepProgress,
    retention_table,
    save_result,
    sweep,
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
    experiment = RetentionConfig()
    configs = experiment.configs()
    runs = sweep(list(configs.values()), RunStore(ROOT / "runs" / "retention"), on_progress=report)
    table = retention_table(experiment, zip(configs, runs, strict=True))
    save_result(experiment, table, ROOT / "assets" / "retention", arrays=False)
    print(f"{len(runs)} runs in {time.perf_counter() - began:.0f} s")
