"""The process from which each reading is forked: all is imported in it, and nothing is open.

It runs as ``python -m gatescope.apart.server FD``, where FD is a Unix socket over which it is sent
a socket for each reading. It ends when the other side does, or when nothing was asked for a while.
"""

import gc
import math
import os
import resource
import signal
import socket
import sys
from contextlib import suppress
from typing import Any

import torch

from gatescope.apart import readers
from gatescope.apart.plain import PlainError, pack, received, unpack
from gatescope.errors import parts, sentence_of

IDLE = 900.0
"""Seconds without a reading after which it goes, with the memory that its imports take."""

TORCH_MEMORY = "DefaultCPUAllocator"
"""Stands in torch's error where it gets no more memory, which is no MemoryError."""

STARTED = b"+"
"""Said once when the process is there, and as the first byte of an answer: that has begun."""


def main(number: int) -> None:
    """Fork a process for each socket that comes, until none can come any more."""
    torch.set_num_threads(1)
    readers.warm_up()
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    with suppress(OSError), socket.socket(fileno=number) as control:
        control.sendall(STARTED)
        control.settimeout(IDLE)
        while True:
            try:
                message, descriptors, _, _ = socket.recv_fds(control, 1, 1)
            except TimeoutError:
                return
            if not message:
                return
            if os.fork() == 0:
                control.close()
                # whoever asked may be gone: nobody is there to whom it could be told
                with suppress(OSError, PlainError), socket.socket(fileno=descriptors[0]) as job:
                    _work(job)
                os._exit(0)
            os.close(descriptors[0])


def _work(job: socket.socket) -> None:
    """Read what is asked for, within limits that hold for whatever a file does to its reader."""
    job.sendall(STARTED)
    taken = _taken()
    asked = unpack(received(job, math.inf))
    signal.setitimer(signal.ITIMER_PROF, asked["seconds"])  # not caught: they end the process
    signal.setitimer(signal.ITIMER_REAL, asked["patience"])
    _limit(resource.RLIMIT_AS, taken + asked["bytes"])
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NOFILE, 0)  # nothing can be opened any more, by whatever code
    try:
        answer = pack({"answer": readers.READERS[asked["reader"]](**asked["options"])})
    except MemoryError:
        answer = pack({"fault": "memory"})
    except Exception as error:  # noqa: BLE001  it is told to whoever asked
        memory = TORCH_MEMORY in str(error)
        answer = pack({"fault": "memory"} if memory else {"fault": "error", **_told(error)})
    for part in answer:
        job.sendall(part)


def _limit(kind: int, most: int) -> None:
    resource.setrlimit(kind, (most, most))


def _taken() -> int:
    """Bytes of address space that are taken already."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[0]) * resource.getpagesize()


def _told(error: Exception) -> dict[str, Any]:
    fact = getattr(error, "fact", sentence_of(error))
    return {
        "kind": type(error).__name__,
        "fact": fact,
        "made_from": parts(fact),
        "field": getattr(error, "field", ""),
        "options": list(getattr(error, "options", ())),
    }


if __name__ == "__main__":
    main(int(sys.argv[1]))
