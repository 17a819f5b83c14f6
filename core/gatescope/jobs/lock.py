"""Locks that processes hold on files, which the kernel frees when they die, however they die."""

import fcntl
import math
import os
import threading
import time
import weakref
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from gatescope.errors import say
from gatescope.jobs.errors import JobError
from gatescope.jobs.files import set_aside

PATIENCE, PAUSE = 20.0, 0.005
"""Seconds in which a short lock must change hands, and between two tries."""


class FileLock:
    """A lock on a file, held by one process at a time.

    Parameters
    ----------
    path
        The file; it is made when it is missing, and stays.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle: int | None = None

    @property
    def handle(self) -> int:
        """The open file; a process that is started with it holds the lock too."""
        if self._handle is None:
            raise ValueError(say("lock_not_held", path=self.path))
        return self._handle

    def take(self) -> bool:
        """Take it, if it is free; whether it is held then.

        Raises
        ------
        OSError
            When the file cannot be made.
        """
        if self._handle is not None:
            return True
        try:
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except IsADirectoryError:
            set_aside(self.path)
            return self.take()
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            return False
        self._handle = handle
        _OPEN.add(self)
        if not self.is_there:  # removed since it was opened: others lock another file
            self.let_go()
            return False
        return True

    @property
    def is_there(self) -> bool:
        """Whether it is held, and the file that is locked is the one that stands there now."""
        try:
            return self._handle is not None and os.path.samestat(
                os.fstat(self._handle), os.stat(self.path)
            )
        except OSError:
            return False

    def let_go(self) -> None:
        """Hold it no more; who was started with it goes on holding it."""
        handle, self._handle = self._handle, None
        if handle is not None:
            with suppress(OSError):
                os.close(handle)


_OPEN: "weakref.WeakSet[FileLock]" = weakref.WeakSet()


def _let_go_of_all() -> None:
    for lock in list(_OPEN):
        lock.let_go()


os.register_at_fork(after_in_child=_let_go_of_all)
"""A child that is forked without a program of its own would hold its parent's locks too."""


def is_held(path: Path) -> bool:
    """Whether a process holds the lock on a file."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(handle)
    return False


def wait_until_free(path: Path, patience: float) -> bool:
    """Wait until nobody holds the lock on a file; False when somebody still does."""
    end = time.monotonic() + patience
    while is_held(path):
        if time.monotonic() > end:
            return False
        time.sleep(PAUSE)
    return True


@dataclass
class _Queue:
    """Threads of one process queue up here, where waiting costs nothing; one tries the file.

    Attributes
    ----------
    first
        Held by the thread that tries the file, or has it.
    moved
        When one was last done with it: as long as it changes hands nobody is stuck, however many
        wait and however slow the machine is.
    """

    first: threading.Lock = field(default_factory=threading.Lock)
    moved: float = -math.inf


_QUEUES: "defaultdict[Path, _Queue]" = defaultdict(_Queue)


@contextmanager
def holding(path: Path) -> Iterator[None]:
    """Hold a short lock, which every thread and process takes in turn.

    Raises
    ------
    JobError
        When nobody has let go of it for too long.
    OSError
        When its file cannot be made.
    """
    queue, since = _QUEUES[path], time.monotonic()

    def require_patience() -> None:
        if time.monotonic() > max(since, queue.moved) + PATIENCE:
            raise JobError(say("lock_held", path=path, seconds=PATIENCE))

    while not queue.first.acquire(timeout=PATIENCE / 10):
        require_patience()
    try:
        lock = FileLock(path)
        while not lock.take():
            require_patience()
            time.sleep(PAUSE)
        try:
            yield
        finally:
            lock.let_go()
            queue.moved = time.monotonic()
    finally:
        queue.first.release()
