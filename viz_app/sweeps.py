"""Experiments at the terminal: a progress bar, Ctrl-C that keeps what is done, files at the end."""

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

from gatescope.experiments import (
    RetentionConfig,
    RunStore,
    cluster_executor,
    retention_table,
    save_result,
    summarise,
)
from viz_app import figures
from viz_app.swept import swept
from viz_app.text import say
from viz_app.views import retention

WORKERS = 2
"""Processes that train, where the command line names none."""


def retain(given: Mapping[str, Any]) -> None:
    """Run what a command line asks for; the same line takes up what was stopped.

    Parameters
    ----------
    given
        The command line's values by name; None where nothing was said.
    """
    experiment = experiment_of(given)
    executor = executor_of(given)
    out = Path(given["out"])
    configs = experiment.configs()
    print(say("cli.sweeping", runs=len(configs), steps=experiment.max_steps, out=out), flush=True)
    if executor is not None:
        print(say("cli.sweeping_there", scheduler=given["scheduler"]), flush=True)
    workers = given["workers"] or WORKERS
    runs = swept(list(configs.values()), out, workers=workers, executor=executor)
    table = retention_table(experiment, zip(configs, runs, strict=True))
    save_result(experiment, table, out)
    chart = retention.chart(experiment, table)
    for kind in ("svg", "png"):
        figures.save(chart, out / f"retention.{kind}")
    for line in summarise(table).itertuples():
        print(
            say(
                "cli.retention_line",
                variant=retention.variant_name(line.variant),
                delay=line.delay,
                solved=line.solved,
                accuracy=line.accuracy,
            )
        )
    print(say("cli.saved_result", out=out))


def experiment_of(given: Mapping[str, Any]) -> RetentionConfig:
    """The experiment that a command line asks for; what it leaves out is as `RetentionConfig`."""
    settings = {
        name: given[name]
        for name in RetentionConfig.model_fields
        if given.get(name) not in (None, [], ())
    }
    if given["cells"]:
        settings["variants"] = tuple(given["cells"])
    if given["no_clip"]:
        if given["clip"] is not None:
            raise ValueError(say("cli.clip_twice", clip=given["clip"]))
        settings["clip"] = None
    options = {name: given[name] for name in ("distractors", "symbols") if given[name] is not None}
    return RetentionConfig(**settings, task_options=options)


def executor_of(given: Mapping[str, Any]) -> Callable[[], Executor] | None:
    """The cluster that a command line asks for; None for processes on this machine."""
    if given["scheduler"] is None:
        return None
    if given["workers"] is not None:
        raise ValueError(say("cli.scheduler_and_workers"))
    executor = cluster_executor(given["scheduler"])
    for name in ("distributed", "distributed.client"):  # the sweep says what went wrong
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return executor


def list_runs(folder: Path, remove: str | None) -> None:
    """Print a line a run of a store, the unreadable ones too; or remove one."""
    if not folder.is_dir():
        raise ValueError(say("cli.no_store", path=folder))
    store = RunStore(folder)
    if remove is not None:
        store.remove(remove)
        print(say("cli.removed", name=remove))
        return
    count = 0
    for entry in store.entries():
        count += 1
        if entry.run is None:
            print(say("cli.unreadable_run", name=entry.key, fault=entry.fault))
            continue
        config = entry.run.config
        print(
            say(
                "cli.stored_run",
                name=entry.key,
                cell=config.cell,
                initialisation=config.initialisation,
                task=config.task,
                length=entry.run.task.length,
                seed=config.seed,
                steps=entry.run.steps[-1],
                accuracy=entry.run.test_accuracy,
            )
        )
    if not count:
        print(say("cli.empty_store", path=folder))
