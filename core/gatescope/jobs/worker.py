"""A job's process: ``python -m gatescope.jobs.worker FOLDER WORKERS``."""

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from gatescope.experiments import RunStore, SweepProgress, sweep
from gatescope.experiments.comparison import ComparisonConfig, measure_text
from gatescope.experiments.memory import fingerprint, measure, to_json
from gatescope.experiments.sweeping import one_thread
from gatescope.jobs.files import (
    DONE,
    EXPERIMENT,
    FAILED,
    MEASURED,
    MEASURES,
    PROGRESS,
    RUNS,
    read,
    write,
)
from gatescope.jobs.kinds import Experiment, MemoryOf, from_said
from gatescope.training import load_run

LEAST, LESS = 19, 5
"""How nice a job is to processes of its own session, the nicest there is, and to other sessions:
it keeps a third of what each of them gets, so that it ends even where nobody ever rests.
"""

SESSION, TRIES = Path("/proc/self/autogroup"), 5


def work(folder: Path, workers: int) -> None:
    """Do what a job was asked to do."""
    experiment = from_said(read(folder / EXPERIMENT))
    if isinstance(experiment, MemoryOf):
        remember(folder, experiment)
        return
    if isinstance(experiment, ComparisonConfig) and not (folder / MEASURED).exists():
        write(folder / MEASURED, measure_text(experiment))
    train_all(folder, experiment, workers)


def remember(folder: Path, asked: MemoryOf) -> None:
    """Measure a run's memory."""
    run = load_run(asked.folder)
    if fingerprint(run) != asked.fingerprint:
        raise ValueError(f"the run at {asked.folder} is another one by now: ask again")
    write(folder / MEASURES, to_json(run, measure(run)))
    write(folder / DONE, "")


def train_all(folder: Path, experiment: Experiment, workers: int) -> None:
    """Train an experiment's runs to the end; ends by itself when its server is gone."""
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


def stand_back() -> None:
    """Pages are answered first.

    Where Linux shares the processors out among sessions, a process is nice only to those of its
    own, and a job has a session to itself: so its session has to stand back too.
    """
    os.nice(LEAST)
    for _ in range(TRIES):
        try:
            SESSION.write_text(str(LESS))
            return
        except BlockingIOError:  # all users of the machine together may ask ten times a second
            time.sleep(0.2)
        except OSError:  # not on Linux, or in a container that does not let it be asked
            return


if __name__ == "__main__":
    stand_back()
    # without waiting for a run that nobody wants any more
    os._exit(main(Path(sys.argv[1]), int(sys.argv[2])))
