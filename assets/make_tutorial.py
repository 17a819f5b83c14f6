"""Train what tests the tutorial's statements again: ``python assets/make_tutorial.py``."""

import json
import tempfile
from pathlib import Path

from gatescope.experiments import RunStore, sweep
from gatescope.experiments.sweeping import SweepProgress
from gatescope.experiments.tutorial import configs, rows_of_runs
from gatescope.experiments.tutorial.untrained import against_convolution

FOLDER = Path(__file__).parent / "tutorial"


def tell(progress: SweepProgress) -> None:
    """Print where it stands."""
    print(f"  {progress.done} of {progress.total}, {progress.seconds:.0f} s", flush=True)


def main() -> None:
    """Train all, and keep a row a run."""
    FOLDER.mkdir(exist_ok=True)
    speed = {str(steps): round(against_convolution(steps), 1) for steps in (50, 400)}
    (FOLDER / "speed.json").write_text(json.dumps(speed) + "\n")
    asked = configs()
    with tempfile.TemporaryDirectory() as folder:
        runs = sweep(list(asked.values()), RunStore(folder), workers=2, on_progress=tell)
    table = rows_of_runs(zip(asked, runs, strict=True))
    table.to_csv(FOLDER / "runs.csv", index=False, float_format="%.6g", lineterminator="\n")


if __name__ == "__main__":
    main()
