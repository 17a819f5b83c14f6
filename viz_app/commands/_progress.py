"""Long work at the terminal: a bar, or a line each time where there is no terminal; and Ctrl-C."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from viz_app.text import say

if TYPE_CHECKING:
    from gatescope.experiments import SweepProgress


class Bar:
    """Work done, what it is, and the time left.

    Parameters
    ----------
    total
        How much there is to do.
    """

    def __init__(self, total: int) -> None:
        console = Console(stderr=True)
        self.bar = Progress(
            BarColumn(bar_width=24),
            TextColumn("{task.description}", markup=False),
            TimeRemainingColumn(compact=True),
            console=console,
            disable=not console.is_terminal,
        )
        self.task = self.bar.add_task("", total=total)
        self.told = ""

    def __enter__(self) -> "Bar":
        self.bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.bar.stop()

    def show(self, text: str, done: int | None = None) -> None:
        """Say what is going on, once, and how much is done; None leaves that as it is."""
        if text == self.told:
            return
        self.told = text
        if self.bar.disable:
            print(text, flush=True)
        self.bar.update(self.task, completed=done, description=text)

    def show_sweep(self, stand: "SweepProgress") -> None:
        """Say where a sweep stands."""
        words = {"done": stand.done, "total": stand.total, "found": stand.found}
        self.show(say("cli.sweep_progress", **words), stand.done)


class Asked:
    """Whether the person has pressed Ctrl-C, and how to answer.

    Parameters
    ----------
    answer
        What is said then.
    """

    def __init__(self, answer: str) -> None:
        self.once = False
        self.answer = answer
        self.show: Callable[[str], None] = print

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if self.once:
            raise KeyboardInterrupt
        self.once = True
        with suppress(RuntimeError):  # Python refuses to print in the midst of printing
            self.show(self.answer)


@contextmanager
def interrupts(answer: str) -> Iterator[Asked]:
    """Within, the first Ctrl-C is only noted; the second one interrupts."""
    asked = Asked(answer)
    before = signal.signal(signal.SIGINT, asked)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, before)
