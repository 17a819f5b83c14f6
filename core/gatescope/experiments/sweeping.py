"""Many training runs on any executor, each of them once.

The store is the truth: a run counts as done when it is there, whoever trained it. So a sweep
that is stopped, or whose workers are killed, is taken up by calling it again.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import torch

from gatescope.experiments.store import RunStore, run_key
from gatescope.training import Run, TrainConfig, train

DEATHS = 2
"""After so many broken pools in a row in which no run ended, runs are tried one at a time."""

LOOK_AGAIN = 0.5
"""Seconds between two calls of the callback while nothing ends."""


class SweepError(RuntimeError):
    """Some runs could not be trained; the message names them. The others are in the store."""


@dataclass(frozen=True)
class SweepProgress:
    """Where a sweep stands.

    Attributes
    ----------
    done, total
        Runs that are in the store, and runs that were asked for.
    found
        How many of the done ones were there before.
    seconds
        Time since it began.
    latest
        The run that was finished last; None at first.
    """

    done: int
    total: int
    found: int
    seconds: float
    latest: TrainConfig | None = None

    @property
    def seconds_left(self) -> float | None:
        """Time to go at the pace so far; None before the first run of this sweep has ended."""
        trained = self.done - self.found
        return self.seconds / trained * (self.total - self.done) if trained else None


def process_pool(workers: int) -> ProcessPoolExecutor:
    """Workers in fresh processes of one thread each: as many as there are cores serve best."""
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=one_thread)


def one_thread() -> None:
    """Small networks gain nothing from more, and several workers would fight over the cores."""
    torch.set_num_threads(1)


def train_into(folder: Path, config: TrainConfig) -> str:
    """Train a config and keep its run: what a worker does. Returns the run's key."""
    store = RunStore(folder)
    if store.get(config) is None:
        store.put(train(config))
    return run_key(config)


def sweep(
    configs: Sequence[TrainConfig],
    store: RunStore,
    *,
    workers: int = 2,
    executor: Callable[[], Executor] | None = None,
    on_progress: Callable[[SweepProgress], bool | None] | None = None,
) -> list[Run]:
    """Train every config that the store lacks.

    Parameters
    ----------
    configs
        What to train; one that is asked for twice is trained once.
    store
        Where the runs are kept.
    workers
        Number of processes, where no executor is given.
    executor
        Makes an executor, as often as one breaks: any ``concurrent.futures.Executor`` whose
        workers see the store's folder. None makes a pool of processes on this machine.
    on_progress
        Called with a `SweepProgress` at the start, about twice a second, and after every run;
        returning False stops the sweep and ends its processes.

    Returns
    -------
    list of Run
        In the order of ``configs``; when it was stopped, without those that are missing.

    Raises
    ------
    SweepError
        When a run fails, or its worker dies again and again, alone too; all others have been
        finished first.
    ValueError
        When there are fewer workers than one.
    """
    if workers < 1:
        raise ValueError(f"workers must be at least 1, got {workers}")
    wanted = {run_key(config): config for config in configs}
    runs = {key: run for key, config in wanted.items() if (run := store.get(config)) is not None}
    state = _State(len(wanted), len(runs), on_progress)
    missing = {key: config for key, config in wanted.items() if key not in runs}
    faults: dict[str, str] = {}
    deaths = 0
    go_on = state.tell()
    while missing and go_on:
        alone = deaths >= DEATHS
        batch = dict(list(missing.items())[:1]) if alone else missing
        before = state.done
        pool = process_pool(workers) if executor is None else executor()
        try:
            futures = {
                pool.submit(train_into, store.folder.resolve(), config): key
                for key, config in batch.items()
            }
            go_on, broken = _collect(futures, missing, store, runs, faults, state)
        finally:
            end(pool)
        if alone and broken:
            (key,) = batch
            faults[key] = f"its worker died {DEATHS + 1} times"
            del missing[key]
        deaths = deaths + 1 if broken and not alone and state.done == before else 0
    if faults:
        named = "; ".join(f"{key} ({_short(wanted[key])}): {why}" for key, why in faults.items())
        raise SweepError(f"{len(faults)} of {len(wanted)} runs failed: {named}")
    return [runs[key] for key in map(run_key, configs) if key in runs]


def end(pool: Executor) -> None:
    """Drop what waits, and end a process pool's workers at once."""
    processes = list((getattr(pool, "_processes", None) or {}).values())
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.terminate()
    for process in processes:
        process.join()


class _State:
    """Counts, and tells the callback."""

    def __init__(
        self, total: int, found: int, callback: Callable[[SweepProgress], bool | None] | None
    ) -> None:
        self.total, self.found, self.done = total, found, found
        self.callback = callback
        self.began = time.perf_counter()
        self.latest: TrainConfig | None = None

    def tell(self) -> bool:
        """Whether to go on."""
        if self.callback is None:
            return True
        seconds = time.perf_counter() - self.began
        stand = SweepProgress(self.done, self.total, self.found, seconds, self.latest)
        return self.callback(stand) is not False


def _collect(
    futures: dict[Future[str], str],
    missing: dict[str, TrainConfig],
    store: RunStore,
    runs: dict[str, Run],
    faults: dict[str, str],
    state: _State,
) -> tuple[bool, bool]:
    """Take what ends out of ``missing``, until all is done, the pool breaks, or it is stopped.

    Returns whether to go on, and whether the pool broke.
    """
    waiting = set(futures)
    while waiting:
        ended, waiting = wait(waiting, LOOK_AGAIN, FIRST_COMPLETED)
        broken = False
        for future in ended:
            key, error = futures[future], future.exception()
            if isinstance(error, BrokenExecutor):
                broken = True
                continue
            run = store.get(missing[key]) if error is None else None
            if run is not None:
                runs[key], state.latest = run, missing[key]
                state.done += 1
            else:
                faults[key] = "its run is not in the store" if error is None else str(error)
            del missing[key]
        go_on = state.tell()
        if broken or not go_on:
            return go_on, broken
    return True, False


def _short(config: TrainConfig) -> str:
    return f"{config.cell} on {config.task}, seed {config.seed}"
