"""Many runs at the terminal: a bar, and Ctrl-C that keeps what is done; and a list of them."""

import inspect
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from pathlib import Path

from gatescope import Run, TrainConfig
from gatescope.experiments import RunStore, SweepProgress, sweep
from viz_app.commands import _options as options
from viz_app.commands._progress import Bar, interrupts
from viz_app.text import in_words, say

RUNS = "runs"
"""The folder of an experiment's store, below its results."""


WORKERS = 2
"""Processes that train, where the command line names none."""


def workers() -> inspect.Parameter:
    """How many processes train."""
    shown = options.option("workers", "--workers", said={"default": WORKERS}, min=1)
    return options.parameter("workers", int, shown)


def swept(
    configs: Sequence[TrainConfig],
    out: Path,
    *,
    workers: int | None,
    executor: Callable[[], Executor] | None = None,
) -> list[Run]:
    """Train every config that the store below ``out`` lacks.

    Ctrl-C is noted, and the sweep ends when it looks next: an exception could come in the midst of
    anything. The second one interrupts.

    Raises
    ------
    ValueError
        When it was stopped; the message says how to go on.
    """
    stopped = say("cli.sweep_stopped", out=out)
    try:
        with interrupts(say("cli.sweep_stopping")) as asked, Bar(len(configs)) as bar:
            asked.show = bar.show

            def on_progress(stand: SweepProgress) -> bool:
                bar.show_sweep(stand)
                return not asked.once

            runs = sweep(
                configs, RunStore(out / RUNS), workers=workers or WORKERS, executor=executor,
                on_progress=on_progress,
            )  # fmt: skip
    except KeyboardInterrupt:
        raise ValueError(stopped) from None
    if len(runs) < len(configs):
        raise ValueError(stopped)
    return runs


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
            print(say("cli.unreadable_run", name=entry.key, fault=in_words(entry.fault)))
            continue
        config = entry.run.config
        print(
            say(
                "cli.stored_run",
                name=entry.key,
                cell=config.cell,
                initialization=config.initialization,
                task=config.task,
                length=entry.run.task.length,
                seed=config.seed,
                steps=entry.run.steps[-1],
                accuracy=entry.run.test_accuracy,
            )
        )
    if not count:
        print(say("cli.empty_store", path=folder))
