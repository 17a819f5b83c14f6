"""A job's process: ``python -m gatescope.jobs.worker FOLDER WORKERS``."""

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from gatescope.experiments import RunStore, SweepProgress, sweep
from gatescope.experiments.sweeping import one_thread
from gatescope.jobs.files import DONE, EXPERIMENT, FAILED, PROGRESS, RUNS, read, write
from gatescope.jobs.kinds import from_said


def work(folder: Path, workers: int) -> None:
    """Run a job's experiment to its end; ends by itself when its server is gone."""
    configs = from_said(read(folder / EXPERIMENT)).configs()
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
    # one at a time needs no second process, which would import torch again
    alone = (lambda: ThreadPoolExecutor(1, initializer=one_thread)) if workers == 1 else None
    runs = sweep(list(configs.values()), store, workers=workers, executor=alone, on_progress=tell)
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
    os.nice(19)  # pages are answered first
    # without waiting for a run that nobody wants any more
    os._exit(main(Path(sys.argv[1]), int(sys.argv[2])))
