"""A sweep on a real Dask cluster of worker processes: killed, poisoned, lost, not there."""

import logging
import os
import shlex
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import torch
from distributed import LocalCluster
from typer.testing import CliRunner

from gatescope import Run, TrainConfig
from gatescope.experiments import (
    ClusterError,
    RetentionConfig,
    RunStore,
    SweepError,
    SweepProgress,
    cluster,
    cluster_executor,
    run_key,
    sweep,
    sweeping,
    train_into,
)
from gatescope.jobs import JobQueue, JobStatus
from viz_app.commands.main import app

HERE = {"host": "127.0.0.1", "dashboard_address": "127.0.0.1:0", "scheduler_port": 0}
"""Nothing listens to other machines, nor on a fixed port."""


def tiny(seed: int, **changes: object) -> TrainConfig:
    """A config that trains in a moment."""
    settings = {"task": "delayed_recall", "task_options": {"delay": 3}, "cell": "rnn"}
    return TrainConfig(**{**settings, "hidden_size": 4, "max_steps": 3, "seed": seed, **changes})


@pytest.fixture(scope="module")
def processes() -> Iterator[LocalCluster]:
    """Two worker processes."""
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, **HERE) as cluster:
        yield cluster


@pytest.fixture
def threads() -> Iterator[LocalCluster]:
    """One worker of three threads in this process: quick to start and to lose."""
    with LocalCluster(
        n_workers=1, threads_per_worker=3, processes=False, protocol="tcp", **HERE
    ) as cluster:
        yield cluster


def assert_same(runs: list[Run], configs: list[TrainConfig], folder: Path) -> None:
    """Bit for bit what one thread of this process trains from the same configs."""
    whole = sweep(configs, RunStore(folder), executor=lambda: ThreadPoolExecutor(1))
    for run, other in zip(runs, whole, strict=True):
        assert [(p.step, p.loss) for p in run.history] == [(p.step, p.loss) for p in other.history]
        weights, others = (r.model().state_dict() for r in (run, other))
        assert all(torch.equal(weights[name], others[name]) for name in others)


def assert_whole(folder: Path, configs: list[TrainConfig]) -> None:
    """The store holds every run once, and nothing that cannot be read."""
    entries = {entry.key: entry.fault for entry in RunStore(folder).entries()}
    assert entries == dict.fromkeys(map(run_key, configs), "")
    assert not [path for path in folder.glob(".*") if path.name != ".live"]


@pytest.mark.long  # a queue does so below
def test_a_killed_worker_changes_nothing(processes: LocalCluster, tmp_path: Path) -> None:
    """kill -9 in the middle of a run: every run is there once, as if nobody had died."""
    configs = [tiny(seed, max_steps=60) for seed in range(6)]
    killed: list[int] = []

    def shoot(stand: SweepProgress) -> None:
        training = processes.scheduler.workers
        for nanny in processes.workers.values():
            busy = nanny.worker_address in training and training[nanny.worker_address].processing
            if stand.done and busy and not killed:
                killed.append(nanny.pid)
                os.kill(nanny.pid, signal.SIGKILL)

    executor = cluster_executor(processes.scheduler_address)
    runs = sweep(configs, RunStore(tmp_path / "shot"), executor=executor, on_progress=shoot)
    assert len(killed) == 1
    assert_same(runs, configs, tmp_path / "whole")
    assert_whole(tmp_path / "shot", configs)


def test_what_kills_its_workers_is_named_and_the_others_are_trained(
    processes: LocalCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also those that waited at a worker that it killed."""

    def lethal(folder: Path, config: TrainConfig) -> str:
        if config.seed == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        from gatescope.experiments import train_into  # the worker's own, which is as it was

        return train_into(folder, config)

    monkeypatch.setattr(sweeping, "train_into", lethal)
    monkeypatch.setattr(processes.scheduler, "allowed_failures", 0)
    configs = [tiny(seed) for seed in range(4)]
    executor = cluster_executor(processes.scheduler_address)
    with pytest.raises(
        SweepError, match=rf"1 of 4.*{run_key(tiny(0))}.*workers that died on it: 1,"
    ):
        sweep(configs, RunStore(tmp_path), executor=executor)
    assert_whole(tmp_path, configs[1:])


def test_stopping_takes_back_what_waits(processes: LocalCluster, tmp_path: Path) -> None:
    """The scheduler forgets the runs; at most those that were in training are kept later."""
    configs = [tiny(seed, max_steps=40) for seed in range(30)]
    executor = cluster_executor(processes.scheduler_address)
    runs = sweep(configs, RunStore(tmp_path), executor=executor, on_progress=lambda p: p.done < 1)
    assert 1 <= len(runs) < 30
    again = sweep(configs[-1:], RunStore(tmp_path), executor=executor)
    assert again[0].config == configs[-1]
    assert len(list(RunStore(tmp_path).entries())) < 30


def test_the_command_line_hands_its_sweep_over(processes: LocalCluster, tmp_path: Path) -> None:
    """The files of an experiment, from workers elsewhere."""
    line = "retention --cells rnn --delays 2 3 --seeds 0 --hidden-size 4 --steps 6"
    line += f" --scheduler {processes.scheduler_address} --out {tmp_path}"
    levels = {name: logging.getLogger(name).level for name in ("distributed", "distributed.client")}
    result = CliRunner().invoke(app, shlex.split(line))
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
    assert (result.exit_code, result.stderr) == (0, "")
    assert f"The workers of {processes.scheduler_address} train" in result.stdout
    assert "2 of 2 runs (0 from before)" in result.stdout
    assert (tmp_path / "retention.csv").is_file()


def test_threads_of_one_worker_take_turns(threads: LocalCluster, tmp_path: Path) -> None:
    """They share torch's random state; dropout draws from it at every step."""
    configs = [tiny(seed, max_steps=40, num_layers=2, dropout=0.5) for seed in range(6)]
    runs = sweep(
        configs, RunStore(tmp_path / "a"), executor=cluster_executor(threads.scheduler_address)
    )
    assert_same(runs, configs, tmp_path / "b")


def test_a_lost_scheduler_is_one_error_and_what_is_done_is_kept(
    threads: LocalCluster, tmp_path: Path
) -> None:
    """No waiting for ever; the next sweep goes on from there."""
    configs = [tiny(seed, max_steps=60) for seed in range(20)]
    executor = cluster_executor(threads.scheduler_address)

    def lose(stand: SweepProgress) -> None:
        if stand.done:
            threads.close()

    with pytest.raises(ClusterError, match=r"no Dask scheduler answers.*finished are kept"):
        sweep(configs, RunStore(tmp_path), executor=executor, on_progress=lose)
    kept = sum(RunStore(tmp_path).get(config) is not None for config in configs)
    assert 1 <= kept < 20


def test_a_folder_that_workers_do_not_share_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker trained it, but somewhere else."""
    monkeypatch.setattr(
        sweeping, "train_into", lambda folder, config: train_into(tmp_path / "other", config)
    )
    with pytest.raises(
        SweepError, match=f"it is not in {tmp_path}/here here: give every worker that folder"
    ):
        sweep([tiny(0)], RunStore(tmp_path / "here"), executor=lambda: ThreadPoolExecutor(1))


@pytest.mark.parametrize(
    "address",
    ["", "rubbish", "127.0.0.1:8786", "tcp://127.0.0.1", "tcp://h:x", "tcp://h:99999", "ftp://h:1"],
)
def test_an_address_has_a_scheme_a_host_and_a_port(address: str) -> None:
    """What else is given stands in the error."""
    with pytest.raises(ValueError, match="must be an address like tcp://host:8786") as caught:
        cluster_executor(address)
    assert repr(address) in str(caught.value)


def test_nobody_is_there_or_somebody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """One error that says what is wrong; nobody waits for ever for what never speaks."""
    monkeypatch.setattr(cluster, "PATIENCE", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        address = f"tcp://127.0.0.1:{deaf.getsockname()[1]}"
        with pytest.raises(
            ClusterError, match=rf"no Dask scheduler answers at {address} \(timed out"
        ):
            cluster_executor(address)
    with pytest.raises(ClusterError, match=rf"at {address} \(Connection refused\).*dask scheduler"):
        cluster_executor(address)


def test_a_scheduler_that_cannot_be_used_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody speaks, in another tongue or of another version."""

    def refuse(*_: Any, **__: Any) -> None:
        raise MemoryError("Unable to allocate\n3 EiB")

    monkeypatch.setattr(cluster, "_reach", lambda _: None)
    monkeypatch.setattr("distributed.Client", refuse)
    with pytest.raises(ClusterError, match=r"no usable Dask scheduler answers at .* \(Unable"):
        cluster.ClusterExecutor("tcp://127.0.0.1:8786")


def test_without_dask_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one thing to install."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ClusterError, match=r'pip install "gatescope\[cluster\]"'):
        cluster_executor("tcp://127.0.0.1:8786")


def until_ended(queue: JobQueue, key: str, look: Callable[[], None] = lambda: None) -> JobStatus:
    """Wait for a job's end."""
    end = time.monotonic() + 180
    while (stand := queue.status(key)).state in ("waiting", "running"):
        assert time.monotonic() < end, stand
        look()
        time.sleep(0.05)
    return stand


def test_a_queue_hands_its_jobs_to_the_cluster(processes: LocalCluster, tmp_path: Path) -> None:
    """The cluster's workers train; one is killed, and every run is there in the end."""
    experiment = RetentionConfig.of(
        variants=("rnn",), delays=(3,), seeds=tuple(range(6)), hidden_size=4, max_steps=60
    )
    killed: list[int] = []
    queue = JobQueue(tmp_path, scheduler=processes.scheduler_address)

    def shoot() -> None:
        training = processes.scheduler.workers
        for nanny in processes.workers.values():
            busy = nanny.worker_address in training and training[nanny.worker_address].processing
            if busy and not killed:
                killed.append(nanny.pid)
                os.kill(nanny.pid, signal.SIGKILL)

    try:
        stand = until_ended(queue, queue.submit(experiment), shoot)
    finally:
        queue.close()
    assert len(killed) == 1
    assert (stand.state, stand.done, stand.fault) == ("done", 6, "")
    configs = list(experiment.configs().values())
    runs = [run for config in configs if (run := queue.store.get(config)) is not None]
    assert_same(runs, configs, tmp_path / "whole")
    assert_whole(queue.store.folder, configs)


def test_a_cluster_that_is_not_there_ends_the_job_with_a_sentence(tmp_path: Path) -> None:
    """The queue opens all the same, as the cluster may come later; no address is refused."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{nobody.getsockname()[1]}"
        queue = JobQueue(tmp_path, scheduler=address)
        try:
            experiment = RetentionConfig.of(variants=("rnn",), delays=(3,), seeds=(0,), max_steps=3)
            stand = until_ended(queue, queue.submit(experiment))
        finally:
            queue.close()
    assert stand.state == "failed"
    assert f"no Dask scheduler answers at {address}" in stand.fault
    with pytest.raises(ValueError, match="must be an address like tcp://"):
        JobQueue(tmp_path, scheduler="cluster")
