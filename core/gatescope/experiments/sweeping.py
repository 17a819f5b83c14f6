"""Many training runs on any executor, each of them once.

The store is the truth: a run counts as done when it is there, whoever trained it. So a sweep
that is stopped, or whose workers are killed, is taken up by calling it again.
"""

import os
import signal
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
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_all_start_methods, get_context
from multiprocessing.context import BaseContext
from pathlib import Path
from threading import Lock, Thread

import psutil
import torch

from gatescope.errors import GatescopeError, joined, say, sentence_of
from gatescope.experiments.store import RunStore, run_key
from gatescope.training import LiveFile, Run, TrainConfig, train

DEATHS = 2
"""After so many broken pools in a row in which no run ended, runs are tried one at a time."""

LOOK_AGAIN = 0.5
"""Seconds between two calls of the callback while nothing ends."""

PRELOADED = ["gatescope.experiments", "torch._dynamo"]
"""What workers need; torch's optimizers import the second when the first of them is made."""

ONE_RUN = Lock()
"""Training seeds torch's global generator: threads of one process take turns."""


class SweepError(GatescopeError, RuntimeError):
    """Some runs could not be trained; the message names them. The others are in the store."""


class WorkersDied(BrokenExecutor):
    """Several workers died with a run and the executor gave it up, though not the other runs.

    The run may have been bystander only: it is tried once more, alone.
    """


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
    """Workers in processes of one thread each: as many as there are cores serve best.

    Where the system can, all are forked from one process that has imported what they need, and
    has done nothing else: a worker is there at once, also one that takes the place of a dead one.
    """
    if "forkserver" not in get_all_start_methods():
        return _pool(workers, get_context("spawn"))
    context = get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    return _pool(workers, context)


def _pool(workers: int, context: BaseContext) -> ProcessPoolExecutor:
    asker = (os.getpid(),)
    return ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=asker)


def one_thread() -> None:
    """Small networks gain nothing from more, and several workers would fight over the cores."""
    torch.set_num_threads(1)


def _begin(asker: int) -> None:
    """A worker of a pool has one thread to compute in, and ends with the process that asked."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one that asked
    one_thread()
    Thread(target=_end_with, args=(psutil.Process(asker),), daemon=True).start()


def _end_with(asker: psutil.Process) -> None:
    """End this process when the one that asked has ended: nobody waits for its run any more."""
    with suppress(psutil.NoSuchProcess):
        while asker.is_running() and asker.status() != psutil.STATUS_ZOMBIE:
            time.sleep(LOOK_AGAIN)
    os._exit(1)


def train_into(folder: Path, config: TrainConfig) -> str:
    """Train a config and keep its run: what a worker does. Returns the run's key.

    While it is training, the store tells how far it is.
    """
    store = RunStore(folder)
    if store.get(config) is None:
        live = LiveFile(config, store.live_path(config))
        with ONE_RUN:
            store.put(train(config, watch=live))
        live.close()
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
        workers see the store's folder, as `cluster_executor` does. None makes a pool of
        processes on this machine.
    on_progress
        Called with a `SweepProgress` at the start, about twice a second, and after every run;
        returning False stops the sweep and ends its processes. On a cluster what waits is
        cancelled, and what is in training there may end and be kept.

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
        raise ValueError(say("workers_below_one", workers=workers))
    state = _Sweep(configs, store, on_progress)
    go_on = state.tell()
    while state.missing and go_on:
        pool = process_pool(workers) if executor is None else executor()
        try:
            go_on = state.go(pool)
        finally:
            end(pool)
    return state.result()


def end(pool: Executor) -> None:
    """Drop what waits, and end a process pool's workers at once."""
    processes = list((getattr(pool, "_processes", None) or {}).values())
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.terminate()
    for process in processes:
        process.join()


class _Sweep:
    """What is done, what is missing, what failed."""

    def __init__(
        self,
        configs: Sequence[TrainConfig],
        store: RunStore,
        callback: Callable[[SweepProgress], bool | None] | None,
    ) -> None:
        self.store, self.callback = store, callback
        self.order = [run_key(config) for config in configs]
        self.wanted = dict(zip(self.order, configs, strict=True))
        found = {key: store.get(config) for key, config in self.wanted.items()}
        self.runs = {key: run for key, run in found.items() if run is not None}
        self.missing = {key: c for key, c in self.wanted.items() if key not in self.runs}
        self.faults: dict[str, str] = {}
        self.found = len(self.runs)
        self.deaths = 0
        self.latest: TrainConfig | None = None
        self.began = time.perf_counter()

    def tell(self) -> bool:
        """Tell the callback; returns whether to go on."""
        if self.callback is None:
            return True
        seconds = time.perf_counter() - self.began
        stand = SweepProgress(len(self.runs), len(self.wanted), self.found, seconds, self.latest)
        return self.callback(stand) is not False

    def go(self, pool: Executor) -> bool:
        """Train what is missing, or one run alone after many deaths; whether to go on."""
        alone = self.deaths >= DEATHS
        batch = list(self.missing)[: 1 if alone else None]
        before = len(self.runs)
        folder = self.store.folder.resolve()
        futures = {pool.submit(train_into, folder, self.missing[key]): key for key in batch}
        go_on, death = self._collect(futures)
        if alone:
            self.deaths = 0
            if death is not None:
                tried = say("worker_died", count=DEATHS + 1)
                why = sentence_of(death) if isinstance(death, WorkersDied) else tried
                self._fail(batch[0], why)
        elif isinstance(death, WorkersDied):
            self.deaths = DEATHS
        else:
            self.deaths = self.deaths + 1 if death and len(self.runs) == before else 0
        return go_on

    def result(self) -> list[Run]:
        """The runs in the order they were asked for, or the error that names those that failed."""
        if self.faults:
            named = joined(
                say("run_failed", key=key, run=_short(self.wanted[key]), why=why)
                for key, why in self.faults.items()
            )
            raise SweepError(
                say("runs_failed", count=len(self.faults), all=len(self.wanted), named=named)
            )
        return [self.runs[key] for key in self.order if key in self.runs]

    def _collect(self, futures: dict[Future[str], str]) -> tuple[bool, BrokenExecutor | None]:
        """Take in what ends, until all has ended or it is stopped.

        Returns whether to go on, and what a death among the workers looked like.
        """
        waiting, go_on = set(futures), True
        death: BrokenExecutor | None = None
        while waiting and go_on:
            ended, waiting = wait(waiting, LOOK_AGAIN, FIRST_COMPLETED)
            for future in ended:
                error = future.exception()
                if isinstance(error, BrokenExecutor):
                    death = error
                elif error is not None:
                    self._fail(futures[future], sentence_of(error))
                else:
                    self._take(futures[future])
            go_on = self.tell()
        return go_on, death

    def _take(self, key: str) -> None:
        run = self.store.get(self.missing[key])
        if run is None:
            self._fail(key, say("run_unseen", folder=self.store.folder.resolve()))
            return
        self.runs[key], self.latest = run, self.missing.pop(key)

    def _fail(self, key: str, why: str) -> None:
        self.faults[key] = why
        del self.missing[key]


def _short(config: TrainConfig) -> str:
    return say("run_short", cell=config.cell, task=config.task, seed=config.seed)
