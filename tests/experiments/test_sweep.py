"""The sweep: every run once, on any executor, whoever dies on the way."""

import os
import signal
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd
import psutil
import pytest

from gatescope import Run, TrainConfig, train
from gatescope.experiments import RunStore, SweepError, SweepProgress, run_key, sweep, sweeping


def tiny(seed: int, **changes: object) -> TrainConfig:
    """A config that trains in a moment."""
    settings = {"task": "delayed_recall", "task_options": {"delay": 3}, "cell": "rnn"}
    return TrainConfig(**{**settings, "hidden_size": 4, "max_steps": 3, "seed": seed, **changes})


def losses(runs: list[Any]) -> list[float]:
    """What must not depend on how they were trained."""
    return [run.test_loss for run in runs]


class Inline(Executor):
    """Works at once, in this thread."""

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Do it now."""
        future: Future[Any] = Future()
        try:
            future.set_result(work(*args, **kwargs))
        except Exception as error:  # noqa: BLE001
            future.set_exception(error)
        return future


class Breaks(Inline):
    """Dies at the second piece of work, as a pool does whose worker is killed."""

    def __init__(self) -> None:
        self.count = 0

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Do the first, break at the second."""
        self.count += 1
        if self.count == 1:
            return super().submit(work, *args, **kwargs)
        future: Future[Any] = Future()
        future.set_exception(BrokenProcessPool("a worker died"))
        return future


def test_runs_come_in_order_and_each_is_trained_once(tmp_path: Path) -> None:
    """Asked for twice, or found in the store: the same run; progress counts what it trained."""
    store = RunStore(tmp_path)
    told: list[SweepProgress] = []
    first = sweep([tiny(0)], store, executor=Inline)
    runs = sweep([tiny(1), tiny(0), tiny(1)], store, executor=Inline, on_progress=told.append)
    assert [run.config for run in runs] == [tiny(1), tiny(0), tiny(1)]
    assert losses(runs)[1:2] == losses(first)
    assert [(p.done, p.total, p.found) for p in told] == [(1, 2, 1), (2, 2, 1)]
    assert told[0].seconds_left is None
    assert told[-1].latest == tiny(1)
    assert told[-1].seconds_left == 0


def test_threads_processes_and_one_by_one_agree(tmp_path: Path) -> None:
    """The same numbers from every executor."""
    configs = [tiny(seed) for seed in range(3)]
    makers: dict[str, Callable[[], Executor] | None] = {
        "inline": Inline,
        "threads": lambda: ThreadPoolExecutor(1),
        "processes": None,
    }
    found = {
        name: losses(sweep(configs, RunStore(tmp_path / name), executor=maker))
        for name, maker in makers.items()
    }
    assert found["inline"] == found["threads"] == found["processes"]


def test_a_broken_pool_is_replaced(tmp_path: Path) -> None:
    """Each pool finishes one run and breaks: the next one takes up the rest."""
    configs = [tiny(seed) for seed in range(3)]
    pools: list[Executor] = []

    def maker() -> Executor:
        pools.append(Breaks())
        return pools[-1]

    runs = sweep(configs, RunStore(tmp_path), executor=maker)
    assert losses(runs) == losses(sweep(configs, RunStore(tmp_path / "whole"), executor=Inline))
    assert len(pools) == 3


def test_what_kills_its_workers_is_given_up_by_name(tmp_path: Path) -> None:
    """Two pools break before anything ends; then it dies alone, and the others are trained."""

    class Poisoned(Inline):
        def __init__(self) -> None:
            self.dead = False

        def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            self.dead = self.dead or args[1] == tiny(0)
            if not self.dead:
                return super().submit(work, *args, **kwargs)
            future: Future[Any] = Future()
            future.set_exception(BrokenProcessPool("a worker died"))
            return future

    store = RunStore(tmp_path)
    with pytest.raises(SweepError, match=rf"1 of 3.*{run_key(tiny(0))}.*died 3 times"):
        sweep([tiny(seed) for seed in range(3)], store, executor=Poisoned)
    assert store.get(tiny(1)) is not None
    assert store.get(tiny(2)) is not None


def test_a_run_that_fails_is_named_and_the_others_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own error is in the message."""

    def fails(config: TrainConfig, **options: Any) -> Run:
        if config.seed == 1:
            raise ValueError("no such luck")
        return train(config, **options)

    monkeypatch.setattr(sweeping, "train", fails)
    store = RunStore(tmp_path)
    with pytest.raises(SweepError, match=f"1 of 3.*{run_key(tiny(1))}.*no such luck"):
        sweep([tiny(seed) for seed in range(3)], store, executor=Inline)
    assert store.get(tiny(0)) is not None
    assert store.get(tiny(2)) is not None


def test_stopping_ends_the_processes_and_keeps_what_is_done(tmp_path: Path) -> None:
    """A worker in the middle of a long run is gone at once."""
    long = [tiny(seed, max_steps=100_000) for seed in range(2)]
    store = RunStore(tmp_path)
    done = sweep([tiny(0)], store, executor=Inline)
    runs = sweep([tiny(0), *long], store, on_progress=lambda p: p.seconds < 3)
    assert losses(runs) == losses(done)
    assert [path.name for path in tmp_path.glob("[!.]*")] == [run_key(tiny(0))]
    assert not workers()


def test_a_killed_worker_changes_nothing(tmp_path: Path) -> None:
    """kill -9 in the middle of a run: the table is that of a sweep in which nobody died."""
    configs = [tiny(seed, max_steps=400, hidden_size=8 + seed) for seed in range(4)]
    killed: list[int] = []

    def shoot(progress: SweepProgress) -> None:
        found = workers()
        if progress.done == 1 and found and not killed:
            killed.append(found[0])
            os.kill(found[0], signal.SIGKILL)

    runs = sweep(configs, RunStore(tmp_path / "shot"), on_progress=shoot)
    assert killed
    whole = sweep(configs, RunStore(tmp_path / "whole"), executor=Inline)
    table = [
        pd.DataFrame([(run.test_loss, run.steps[-1]) for run in some]) for some in (runs, whole)
    ]
    pd.testing.assert_frame_equal(*table)


def workers() -> list[int]:
    """The sweep's processes: those that were forked from the one that has imported everything."""
    found = []
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if child.cmdline() == child.parent().cmdline():
                found.append(child.pid)
    return found


def test_there_must_be_a_worker(tmp_path: Path) -> None:
    """Zero would wait for ever."""
    with pytest.raises(ValueError, match="workers must be at least 1, got 0"):
        sweep([tiny(0)], RunStore(tmp_path), workers=0)
