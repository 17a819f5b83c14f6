"""Train at the terminal: a progress bar, Ctrl-C that ends the run early, and the run on disk."""

import inspect
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gatescope import DATA_TASKS, TASKS, Progress, Run, TrainConfig, save_run, train
from gatescope.tasks import task_class
from gatescope.training.folder import RESULT
from viz_app.commands._progress import Bar, interrupts
from viz_app.commands._terminal import TASK_OPTIONS, require_run_folder, settings_of
from viz_app.text import say

RUNS = Path("runs")


def practise(given: Mapping[str, Any]) -> None:
    """Train what a command line asks for and save it.

    Parameters
    ----------
    given
        The command line's values by name; None where nothing was said.
    """
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

        run = train(config, on_progress)
        save_run(run, folder)
    report(run, folder)


def config_of(given: Mapping[str, Any]) -> TrainConfig:
    """The config that a command line asks for; what it leaves out is as `TrainConfig` has it."""
    settings = settings_of(given, TrainConfig.model_fields)
    options = {name: given[name] for name in TASK_OPTIONS if given[name] is not None}
    if given["task"] in TASKS | DATA_TASKS:
        _require_task_options(given["task"], options)
    return TrainConfig(**settings, task_options=options)


def _require_task_options(task: str, options: Mapping[str, Any]) -> None:
    takes = [
        name for name in inspect.signature(task_class(task)).parameters if name in TASK_OPTIONS
    ]
    listed = ", ".join(f"--{name}" for name in takes)
    for name in options:
        if name not in takes:
            key = "cli.no_task_option" if takes else "cli.no_task_options"
            raise ValueError(say(key, task=task, option=name, options=listed))


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
