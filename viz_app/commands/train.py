"""Train at the terminal: a progress bar, Ctrl-C that ends the run early, and the run on disk."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from typer.core import TyperCommand

from gatescope import CELLS, DATA_TASKS, TASKS, Progress, Run, TrainConfig, save_run, train
from gatescope.tasks import task_class
from gatescope.training.folder import RESULT
from viz_app.commands import _options as options
from viz_app.commands._progress import Bar, interrupts
from viz_app.commands._terminal import require_run_folder
from viz_app.kit.command_line import option_names, options_of_tasks
from viz_app.text import say

RUNS = Path("runs")


def command() -> TyperCommand:
    """``gatescope train``."""
    task = options.argument(
        "task", "TASK", tasks=", ".join(TASKS), data_tasks=", ".join(DATA_TASKS)
    )
    return options.made_command(
        run,
        [
            options.parameter("task", str, task, options.REQUIRED),
            *options.settings("train", TrainConfig, ["task"], cells=", ".join(CELLS)),
            *options.task_options("train"),
            options.parameter("out", Path, options.option("train_out", "--out", metavar="FOLDER")),
        ],
    )


def run(given: Mapping[str, Any]) -> None:
    """Train what a command line asks for and save it."""
    config = config_of(given)
    folder = given["out"] or free_folder(config)
    require_run_folder(folder, RESULT)
    words = {"cell": config.cell, "task": config.task, "steps": config.max_steps}
    with interrupts(say("cli.stopping")) as asked, Bar(config.max_steps) as bar:
        print(say("cli.training", **words), flush=True)
        asked.show = bar.show

        def on_progress(stand: Progress) -> bool:
            bar.show(describe(stand), stand.step)
            return not asked.once

        trained = train(config, on_progress)
        save_run(trained, folder)
    report(trained, folder)


def config_of(given: Mapping[str, Any]) -> TrainConfig:
    """The config that a command line asks for; what it leaves out is as `TrainConfig` has it."""
    settings = options.chosen(given, TrainConfig.model_fields)
    asked = options.chosen(given, options_of_tasks())
    if given["task"] in TASKS | DATA_TASKS:
        _require_task_options(given["task"], asked)
    return TrainConfig(**settings, task_options=asked)


def _require_task_options(task: str, asked: Mapping[str, Any]) -> None:
    takes = [name for name in options_of_tasks() if name in task_class(task).options()]
    listed = ", ".join(name for each in takes for name in option_names(each))
    for name in asked:
        if name not in takes:
            key = "cli.no_task_option" if takes else "cli.no_task_options"
            (option,) = option_names(name)
            raise ValueError(say(key, task=task, option=option, options=listed))


def free_folder(config: TrainConfig) -> Path:
    """A folder in ``runs`` that is not there yet."""
    name, number = f"{config.task.replace('_', '-')}-{config.cell.replace('_', '-')}", 1
    folder = RUNS / name
    while folder.exists():
        number += 1
        folder = RUNS / f"{name}-{number}"
    return folder


def describe(stand: Progress) -> str:
    """Step, loss and score."""
    return say(
        "cli.progress",
        step=stand.step,
        steps=stand.max_steps,
        loss=stand.loss,
        accuracy=stand.accuracy,
    )


def report(run: Run, folder: Path) -> None:
    """Say how the run ended, where it is, and what to do with it."""
    last = run.history[-1]
    if not math.isfinite(last.loss):
        print(say("cli.diverged", step=last.step))
    words = {
        "steps": last.step,
        "loss": run.test_loss,
        "baseline": run.task.held_out("test").baseline_loss,
        "accuracy": run.test_accuracy,
    }
    print(say("cli.saved_run", folder=folder, **words))
    print(say("cli.next_run", folder=folder.parent))
