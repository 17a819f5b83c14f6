"""Readings in processes of their own, as many at once as the server can bear."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from gatescope.apart.plain import PlainError, pack, received, unpack
from gatescope.errors import GatescopeError, restored, say

SECONDS, BYTES = 4.0, 2**28
"""The most that reading one file may take, of a processor's time, and of memory with the file's
own bytes."""

PATIENCE = 5
"""How much longer it may take where others need the processors too."""

MOST_ANSWER = 2**27
"""Bytes of what was read."""

AT_ONCE, WAIT = 2, 20.0
"""Readings at the same time, one an owner; and the seconds for which another one waits."""

BUSY = say("apart_busy")

STARTING = 60.0
"""Seconds in which the process from which readings are forked is there."""


class ApartError(GatescopeError, ValueError):
    """A reading that was ended; the message says at which limit.

    Attributes
    ----------
    busy
        Whether that was others' doing: at another time the same file may be read.
    """

    def __init__(self, message: str, *, busy: bool = False) -> None:
        super().__init__(message)
        self.busy = busy


class Refusal(Exception):  # noqa: N818  it is an answer
    """What a reader said of a file.

    Attributes
    ----------
    kind
        The name of its error's class.
    field, options
        As a `FileError` has them.
    """

    def __init__(self, kind: str, fact: str, field: str, options: tuple[str, ...]) -> None:
        super().__init__(fact)
        self.kind, self.field, self.options = kind, field, options


class Apart:
    """A process from which one is forked for each reading.

    It is started when the first file is read, and again where it has ended. In a forked process no
    file can be opened, time and memory are limited, and it is gone after its answer, or at a limit.
    """

    def __init__(self, *, seconds: float = SECONDS, most_bytes: int = BYTES) -> None:
        self.seconds, self.most_bytes = seconds, most_bytes
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._warm: socket.socket | None = None
        self._until = 0.0
        self._starting, self._waiting = threading.Lock(), threading.Lock()
        self._turns = threading.Condition()
        self._reading: set[str] = set()

    def start(self) -> None:
        """Start the process unless it is there, so that who brings a file need not wait for it."""
        if self._starting.acquire(blocking=False):  # else somebody is just doing it
            try:
                with suppress(OSError):
                    self._begun()
            finally:
                self._starting.release()

    def read(self, reader: str, owner: str = "", **options: Any) -> Any:
        """Have one of `gatescope.apart.readers.READERS` read something.

        Parameters
        ----------
        reader
            Its name.
        owner
            Whoever asks: at most one reading of theirs goes on at the same time.
        options
            What it takes, plain values alone.

        Raises
        ------
        Refusal
            When the reader refused the file.
        ApartError
            When it took too long, or too much memory, or too many others were going on.
        """
        asked = {
            "reader": reader, "options": options, "seconds": self.seconds,
            "patience": PATIENCE * self.seconds, "bytes": self.most_bytes,
        }  # fmt: skip
        self._wait_for_it()
        with self._turn(owner or f"thread {threading.get_ident()}"):
            answer = self._answer(pack(asked))
        if "answer" in answer:
            return answer["answer"]
        if answer.get("fault") == "memory":
            raise ApartError(say("apart_memory", megabytes=self.most_bytes / 1e6))
        raise Refusal(
            str(answer.get("kind")),
            restored(str(answer.get("fact")), answer.get("made_from")),
            str(answer.get("field", "")), tuple(map(str, answer.get("options", ()))),
        )  # fmt: skip

    def close(self) -> None:
        """End the process from which readings are forked."""
        with self._starting:
            if self._control is not None:
                self._control.close()  # at which it ends
                self._control = None
            if self._process is not None:
                self._process.wait()
                self._process = None

    def _wait_for_it(self) -> None:
        """Wait until the process has imported all: that would take the turns of others."""
        with self._waiting, suppress(OSError):
            control = self._started()
            if control is not self._warm:
                control.settimeout(max(self._until - time.monotonic(), 0.01))
                self._warm = control
                try:
                    control.recv(1)
                finally:
                    control.settimeout(None)

    @contextmanager
    def _turn(self, owner: str) -> Iterator[None]:
        until = time.monotonic() + WAIT
        with self._turns:
            while owner in self._reading or len(self._reading) >= AT_ONCE:
                if not self._turns.wait(until - time.monotonic()):
                    raise ApartError(BUSY, busy=True)
            self._reading.add(owner)
        try:
            yield
        finally:
            with self._turns:
                self._reading.discard(owner)
                self._turns.notify_all()

    def _answer(self, asked: list[bytes | memoryview]) -> dict[str, Any]:
        for last in (False, True):
            ours, theirs = socket.socketpair()
            with ours:
                with theirs:
                    began = self._hand_over(theirs)
                if began and ours_started(ours):
                    return self._asked(ours, asked)
            if last:
                raise ApartError(
                    say("apart_not_started"),
                    busy=True,
                )
            self.close()  # it has ended, after a while without a reading: start it again
        raise AssertionError

    def _hand_over(self, theirs: socket.socket) -> bool:
        with suppress(OSError):
            control = self._started()
            socket.send_fds(control, [b"r"], [theirs.fileno()])
            return True
        return False

    def _started(self) -> socket.socket:
        with self._starting:
            return self._begun()

    def _begun(self) -> socket.socket:
        """The way to the process, which is started where it is not there, or no more."""
        if self._control is not None and self._process is not None:
            if self._process.poll() is None:
                return self._control
            self._control.close()
        ours, theirs = socket.socketpair()
        with theirs:
            theirs.set_inheritable(True)
            number = theirs.fileno()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "gatescope.apart.server", str(number)],
                pass_fds=(number,), stdin=subprocess.DEVNULL,
                env=os.environ | {
                    "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1",
                    "HDF5_PLUGIN_PRELOAD": "::",  # no code is looked for in folders
                },
            )  # fmt: skip
        self._control, self._until = ours, time.monotonic() + STARTING
        return ours

    def _asked(self, job: socket.socket, asked: list[bytes | memoryview]) -> dict[str, Any]:
        start = time.monotonic()
        try:
            until = start + PATIENCE * self.seconds + 1
            job.settimeout(PATIENCE * self.seconds + 1)
            for part in asked:
                job.sendall(part)
            answer = unpack(received(job, until, MOST_ANSWER))
        except (OSError, PlainError) as error:
            took = time.monotonic() - start
            if took >= 0.95 * PATIENCE * self.seconds:  # it had no processor for its own seconds
                raise ApartError(BUSY, busy=True) from error
            if took >= 0.9 * self.seconds:
                raise ApartError(say("apart_time", seconds=self.seconds)) from error
            raise ApartError(
                say("apart_memory_or_damage", megabytes=self.most_bytes / 1e6)
            ) from error
        return answer if isinstance(answer, dict) else {}


def ours_started(job: socket.socket) -> bool:
    """Whether the process has begun to listen."""
    job.settimeout(STARTING)
    with suppress(OSError):
        return bool(job.recv(1))
    return False
