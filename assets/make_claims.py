"""Run the claims: ``python assets/make_claims.py [key ...]``; it can be resumed.

The runs are kept in ``runs/claims``; what the app opens on are the numbers in ``assets/claims``.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

from gatescope.experiments import RunStore, SweepProgress, sweep
from gatescope.experiments.claims import CLAIMS, claim_of, save_claim

ROOT = Path(__file__).parents[1]


def reporter() -> Callable[[SweepProgress], None]:
    """Print a line when a run has ended."""
    shown = -1

    def report(progress: SweepProgress) -> None:
        nonlocal shown
        if progress.done != shown:
            shown = progress.done
            print(f"  {progress.done} of {progress.total}, {progress.seconds:.0f} s", flush=True)

    return report


def main(keys: list[str]) -> None:
    """Run the named claims, or all, and write one file each."""
    store = RunStore(ROOT / "runs" / "claims")
    for key in keys or CLAIMS:
        began = time.perf_counter()
        claim = claim_of(key)
        configs = claim.configs()
        runs = sweep(list(configs.values()), store, on_progress=reporter())
        result = claim.measure(dict(zip(configs, runs, strict=True)))
        save_claim(claim, result, ROOT / "assets" / "claims" / f"{key}.json")
        print(f"{key}: {result.verdict}, {time.perf_counter() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
