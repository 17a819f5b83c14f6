"""A job's process: ``python -m gatescope.jobs.worker FOLDER WORKERS --server PID --since WHEN``.

It holds the lock in its job's folder from the moment that it is made, as it was given the open
file. It ends with its server, and when its job is stopped.
"""

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import NoReturn

from gatescope.errors import say, sentence_of
from gatescope.experiments import RunStore, SweepProgress, cluster_executor, sweep
from gatescope.experiments.comparison import ComparisonConfig, measure_text
from gatescope.experiments.memory import fingerprint, measure, to_json
from gatescope.experiments.sweeping import one_thread
from gatescope.jobs.files import (
    DONE,
    EXPERIMENT,
    MEASURED,
    MEASURES,
    MOST_LETTERS,
    PROGRESS,
    RUNS,
    STOPPED,
    read,
    write,
    write_fault,
)
from gatescope.jobs.kinds import Experiment, MemoryOf, from_said
from gatescope.jobs.processes import lives
from gatescope.training import load_run

LEAST, LESS = 19, 5
"""How nice a job is to processes of its own session, the nicest there is, and to other sessions:
it keeps a third of what each of them gets, so that it ends even where nobody ever rests.
"""

GIVEN_UP, FIRST = Path("/proc/self/oom_score_adj"), "1000"
"""Where memory runs out, the system ends a job before anything else, the server above all."""

SESSION, TRIES = Path("/proc/self/autogroup"), 5

LOOK_AGAIN = 0.5
"""Seconds between two looks whether anybody wants this process."""

MakeExecutor = Callable[[], Executor]


def work(folder: Path, workers: int, scheduler: str | None = None) -> None:
    """Do what a job was asked to do."""
    experiment = from_said(read(folder / EXPERIMENT))
    if isinstance(experiment, MemoryOf):
        remember(folder, experiment)
        return
    if isinstance(experiment, ComparisonConfig) and not (folder / MEASURED).exists():
        write(folder / MEASURED, measure_text(experiment))
    train_all(folder, experiment, workers, _executor(workers, scheduler))


def remember(folder: Path, asked: MemoryOf) -> None:
    """Measure a run's memory."""
    run = load_run(asked.folder)
    if fingerprint(run) != asked.fingerprint:
        raise ValueError(say("run_is_another", folder=asked.folder))
    write(folder / MEASURES, to_json(run, measure(run)))
    write(folder / DONE, "")


def train_all(
    folder: Path, experiment: Experiment, workers: int, executor: MakeExecutor | None
) -> None:
    """Train an experiment's runs to the end."""
    configs = experiment.configs()

    def tell(stand: SweepProgress) -> None:
        said = {
            "done": stand.done,
            "total": stand.total,
            "seconds": stand.seconds,
            "seconds_left": stand.seconds_left,
        }
        write(folder / PROGRESS, json.dumps(said))

    store = RunStore(folder.parent / RUNS)
    sweep(list(configs.values()), store, workers=workers, executor=executor, on_progress=tell)
    write(folder / DONE, "")


def _executor(workers: int, scheduler: str | None) -> MakeExecutor | None:
    if scheduler is not None:
        return cluster_executor(scheduler)
    # one at a time needs no second process, which would import torch again
    return (lambda: ThreadPoolExecutor(1, initializer=one_thread)) if workers == 1 else None


def main(folder: Path, workers: int, scheduler: str | None = None) -> int:
    """Work, and leave one line about what went wrong."""
    try:
        work(folder, workers, scheduler)
    except Exception as error:  # noqa: BLE001
        write_fault(folder, sentence_of(error, MOST_LETTERS))
        return 1
    return 0


def end_with(server: int, since: str, folder: Path) -> None:
    """End this process and all it has started when its server is gone, or its job is stopped."""
    while lives(server, since) and folder.is_dir() and not (folder / STOPPED).exists():
        time.sleep(LOOK_AGAIN)
    os.killpg(0, signal.SIGKILL)


def stand_back() -> None:
    """Pages are answered first.

    Where Linux shares the processors out among sessions, a process is nice only to those of its
    own, and a job has a session to itself: so its session has to stand back too.
    """
    os.nice(LEAST)
    with suppress(OSError):  # not on Linux
        GIVEN_UP.write_text(FIRST)
    for _ in range(TRIES):
        try:
            SESSION.write_text(str(LESS))
            return
        except BlockingIOError:  # all users of the machine together may ask ten times a second
            time.sleep(0.2)
        except OSError:  # not on Linux, or in a container that does not let it be asked
            return


def run(arguments: list[str] | None = None) -> NoReturn:
    """Do the job that the arguments name, those of the command without any, and end."""
    asked = _arguments(arguments)
    end = (asked.server, asked.since, asked.folder)
    Thread(target=end_with, args=end, daemon=True).start()
    # without waiting for a run that nobody wants any more
    os._exit(main(asked.folder, asked.workers, asked.scheduler))


def _arguments(given: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("workers", type=int)
    parser.add_argument("--server", type=int, required=True)
    parser.add_argument("--since", required=True)
    parser.add_argument("--scheduler")
    return parser.parse_args(given)


if __name__ == "__main__":
    if os.getpgrp() != os.getpid():
        sys.exit("a job's process is started by its queue")
    stand_back()
    run()
