"""Many runs at the terminal: a bar, and Ctrl-C that keeps what is done."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from pathlib import Path

from gatescope import Run, TrainConfig
from gatescope.experiments import RunStore, SweepProgress, sweep
from viz_app.bars import Bar, interrupts
from viz_app.text import say

RUNS = "runs"
"""The folder of an experiment's store, below its results."""


def swept(
    configs: Sequence[TrainConfig],
    out: Path,
    *,
    workers: int,
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
                configs, RunStore(out / RUNS), workers=workers, executor=executor,
                on_progress=on_progress,
            )  # fmt: skip
    except KeyboardInterrupt:
        raise ValueError(stopped) from None
    if len(runs) < len(configs):
        raise ValueError(stopped)
    return runs
