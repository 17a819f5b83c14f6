"""A process that has imported what a job needs, and waits for one: so a job begins at once.

It waits at one end of a pair of sockets. The folder of a job comes through it together with the
open file of the job's lock, so there is no moment at which nobody holds that. When the other end
is closed, as its server has ended, it ends.
"""

import json
import os
import socket
import subprocess
import sys
from contextlib import suppress

from gatescope.jobs.processes import began, kill_group

MODULE = "gatescope.jobs.spare"
MOST_BYTES = 2**16
"""Of what is said to it."""


class Spare:
    """A process that waits for a job."""

    def __init__(self) -> None:
        self._own, other = socket.socketpair()
        with other:
            self.process = subprocess.Popen(
                [sys.executable, "-m", MODULE, str(other.fileno())],
                env={**os.environ, "OMP_NUM_THREADS": "1"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(other.fileno(),),
                start_new_session=True,
            )

    @property
    def waits(self) -> bool:
        """Whether it lives."""
        return self.process.poll() is None

    def begin(self, arguments: list[str], lock: int) -> bool:
        """Have it do a job; whether it was there to be told so.

        Parameters
        ----------
        arguments
            Those of ``gatescope.jobs.worker``.
        lock
            The open file of the job's lock.
        """
        try:
            with self._own:
                socket.send_fds(self._own, [json.dumps(arguments).encode()], [lock])
        except OSError:
            return False
        return self.waits

    def end(self) -> None:
        """End it."""
        self._own.close()
        with suppress(OSError):
            kill_group(self.process.pid, began(self.process.pid))
        self.process.wait()


def wait(handle: int) -> list[str]:
    """Wait for a job at this end of the sockets.

    Returns
    -------
    list of str
        What `Spare.begin` was given; empty when the other end is closed.
    """
    with socket.socket(fileno=handle) as own:
        said, *_ = socket.recv_fds(own, MOST_BYTES, 1)  # the lock stays open until this ends
    return list(json.loads(said)) if said else []


def main(handle: int) -> None:
    """Make ready, wait, and do a job."""
    from gatescope.jobs import worker

    worker.stand_back()
    with suppress(ImportError):  # torch's optimizers import it when the first of them is made
        import torch._dynamo  # noqa: F401
    arguments = wait(handle)
    if arguments:
        worker.run(arguments)


if __name__ == "__main__":
    main(int(sys.argv[1]))
