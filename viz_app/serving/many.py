"""Several processes that serve one app: nginx in front, and this one to keep them alive.

Each process's socket is opened here and handed on. So a process that dies takes no address with
it: whoever asks for it meanwhile waits until the next one has started on the same socket.
"""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from viz_app.kit.environment import PROXIED, SECRET, TEACHER
from viz_app.serving import counts, nginx, one
from viz_app.serving.listening import LOOPBACK, announce, end, listening
from viz_app.serving.secrets import key
from viz_app.text import say

LOOK, SHORT, LONGEST = 0.2, 5.0, 30.0
"""Seconds between two looks, a life that was too short, and the longest wait after such ones."""

PATIENCE = 8.0
"""Seconds for a process to end by itself."""

DEATH_SIGNAL = 1
"""Linux's ``PR_SET_PDEATHSIG``: no process is left behind when this one is killed."""


@dataclass
class Kept:
    """A process that is started again when it ends.

    Attributes
    ----------
    start
        Starts it.
    with_children
        Whether what it started ends with it: nginx's own processes would keep its port.
    """

    start: Callable[[], "subprocess.Popen[bytes]"]
    with_children: bool = False
    process: "subprocess.Popen[bytes] | None" = None
    began: float = 0.0
    wait: float = 0.0

    def tend(self) -> None:
        """Start it if it does not run; one that ends soon has to wait."""
        now = time.monotonic()
        if self.process is not None:
            if self.process.poll() is None:
                return
            self.clear()
            brief = now - self.began < SHORT
            self.wait = min(LONGEST, 2 * self.wait or LOOK) if brief else 0.0
            self.process, self.began = None, now
        if now - self.began >= self.wait:
            self.process, self.began = self.start(), now

    def end(self) -> None:
        """Ask it to end."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def clear(self) -> None:
        """End what is left of one that has ended; each is started as a group of its own."""
        if self.with_children and self.process is not None:
            with contextlib.suppress(OSError):
                os.killpg(self.process.pid, signal.SIGKILL)


def serve(host: str, port: int, processes: int, own: Path | None) -> None:
    """Serve the app by several processes until a signal comes; does not return.

    Raises
    ------
    ValueError
        When the port is in use, nginx is missing, or refuses its settings.
    """
    if os.environ.get(PROXIED) == "1":  # which would be nginx's own address for all browsers
        raise ValueError(say("cli.behind_two"))
    one.open_more()  # nginx too
    nginx.program()
    text = nginx.shipped() if own is None else own.read_text(encoding="utf-8")
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    listening(host, port).close()  # nginx would say it in its own words
    os.environ.update({SECRET: key(SECRET), TEACHER: key(TEACHER), PROXIED: "1"})
    counts.of_server()  # one process makes what all of them share
    doors = [listening(LOOPBACK[0], 0) for _ in range(processes)]
    with tempfile.TemporaryDirectory(prefix="gatescope-") as folder:
        ports = [door.getsockname()[1] for door in doors]
        command = nginx.prepare(Path(folder), nginx.settings(text, host, port, ports))
        kept = [Kept(partial(_worker, door)) for door in doors]
        kept.append(Kept(partial(_started, command), with_children=True))
        announce(host, port)
        try:
            while not stopped.wait(LOOK):
                for each in kept:
                    each.tend()
        finally:
            _end_all(kept)
    end()


def _worker(door: socket.socket) -> "subprocess.Popen[bytes]":
    handle = door.fileno()
    return _started([sys.executable, "-m", one.__name__, str(handle), LOOPBACK[0]], (handle,))


def _started(command: Sequence[str], handles: Sequence[int] = ()) -> "subprocess.Popen[bytes]":
    """A process in a session of its own, so that Ctrl-C reaches it through this one alone."""
    return subprocess.Popen(
        command, pass_fds=handles, stdin=subprocess.DEVNULL, start_new_session=True,
        preexec_fn=_with_this_one if sys.platform == "linux" else None,
    )  # fmt: skip


def _with_this_one() -> None:
    ctypes.CDLL(None).prctl(DEATH_SIGNAL, signal.SIGTERM)


def _end_all(kept: Sequence[Kept]) -> None:
    for each in reversed(kept):  # nginx first: no new browser comes
        each.end()
    until = time.monotonic() + PATIENCE
    for each in kept:
        if each.process is None:
            continue
        with contextlib.suppress(subprocess.TimeoutExpired):
            each.process.wait(max(0.1, until - time.monotonic()))
        each.process.kill()
        each.process.wait()
        each.clear()
