"""A job's process: ``python -m gatescope.jobs.worker FOLDER WORKERS``."""

import json
import os
import sys
from pathlib import Path

from gatescope.experiments import (
    RetentionConfig,
    RunStore,
    SweepProgress,
    sweep,
)
from gatescope.jobs.files import DONE, EXPERIMENT, FAILED, PROGRESS, RUNS, read, write


def work(folder: Path, workers: int) -> None:
    """Run a job's experiment to its end; ends by itself when its server is gone."""
    experiment = RetentionConfig(**read(folder / EXPERIMENT))
    configs = experiment.configs()
    server = os.getppid()

    def tell(stand: SweepProgress) -> bool:
        said = {
            "done": stand.done,
            "total": stand.total,
            "seconds": stand.seconds,
            "seconds_left": stand.seconds_left,
        }
        write(folder / PROGRESS, json.dumps(said))
        return os.getppid() == server

    store = RunStore(folder.parent / RUNS)
    runs = sweep(list(configs.values()), store, workers=workers, on_progress=tell)
    if len(runs) == len(configs):
        write(folder / DONE, "")


def main(folder: Path, workers: int) -> int:
    """Work, and leave one line about what went wrong."""
    try:
        work(folder, workers)
    except Exception as error:  # noqa: BLE001
        write(folder / FAILED, " ".join(str(error).split()) or type(error).__name__)
        return 1
    return 0


if __name__ == "__main__":
    os.nice(10)  # pages are answered first
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
