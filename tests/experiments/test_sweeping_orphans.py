"""Workers of a sweep end with the process that asked for them, however that one ends."""

import os
import signal
import subprocess
import sys
import time

ASKS = """
import os, time
from gatescope.experiments import process_pool
if __name__ == "__main__":
    pool = process_pool(1)
    print(pool.submit(os.getpid).result(), flush=True)
    pool.submit(time.sleep, 60).result()
"""


def is_there(pid: int) -> bool:
    """Whether a process still runs; one that has ended and was not waited for does not."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_worker_does_not_outlive_a_killed_sweep(tmp_path: "os.PathLike[str]") -> None:
    script = os.path.join(tmp_path, "asks.py")
    with open(script, "w") as file:
        file.write(ASKS)
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True) as asking:
        assert asking.stdout is not None
        worker = int(asking.stdout.readline())
        assert is_there(worker)
        asking.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 30
    while is_there(worker) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not is_there(worker)
