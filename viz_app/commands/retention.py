"""Retention experiments at the terminal: train what is missing, and write down what came out."""

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

from typer.core import TyperCommand

from gatescope.experiments import (
    RetentionConfig,
    cluster_executor,
    retention_table,
    save_result,
    summarise,
)
from gatescope.settings import settings_of
from viz_app.commands import _options as options
from viz_app.commands._sweep import swept, workers
from viz_app.features.retention import data as retention
from viz_app.kit import export
from viz_app.text import say

OF_TASK = ("distractors", "symbols", "noise")
"""What is said of a task, beside its delay."""


def command() -> TyperCommand:
    """``gatescope retention``."""
    scheduler = options.option("scheduler", "--scheduler", metavar="ADDRESS")
    return options.made_command(
        run,
        [
            options.out_folder("retention_out"),
            *options.settings("retention", RetentionConfig),
            *(part for part in options.task_options("retention") if part.name in OF_TASK),
            workers(),
            options.parameter("scheduler", str, scheduler),
        ],
    )


def run(given: Mapping[str, Any]) -> None:
    """Run what a command line asks for; the same line takes up what was stopped."""
    experiment = experiment_of(given)
    executor = executor_of(given)
    out = Path(given["out"])
    configs = experiment.configs()
    print(
        say("cli.sweeping", runs=len(configs), steps=experiment.base.max_steps, out=out), flush=True
    )
    if executor is not None:
        print(say("cli.sweeping_there", scheduler=given["scheduler"]), flush=True)
    runs = swept(list(configs.values()), out, workers=given["workers"], executor=executor)
    table = retention_table(experiment, zip(configs, runs, strict=True))
    save_result(experiment, table, out)
    chart = retention.chart(experiment, table)
    for kind in ("svg", "png"):
        export.save(chart, out / f"retention.{kind}")
    for line in summarise(table).itertuples():
        print(
            say(
                "cli.retention_line",
                variant=retention.variant_name(line.variant),
                delay=line.delay,
                count=round(line.solved * line.seeds),
                seeds=line.seeds,
                low=line.solved_low,
                high=line.solved_high,
                accuracy=line.accuracy,
            )
        )
    print(say("cli.saved_result", out=out))


def experiment_of(given: Mapping[str, Any]) -> RetentionConfig:
    """The experiment that a command line asks for; what it leaves out is as `RetentionConfig`."""
    settings = options.chosen(given, settings_of(RetentionConfig))
    return RetentionConfig.of(**settings, task_options=options.chosen(given, OF_TASK))


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
