"""Which process is meant: its number, and when it began, as numbers are used again."""

import os
import signal
from contextlib import suppress
from pathlib import Path

import psutil

PROC = Path("/proc")
BEGAN = 19
"""Of the fields after a process's name in its stat file: when it began, in ticks since boot.
Unlike a time of day, it does not change when the clock is set."""


def began(pid: int) -> str:
    """When a process began; empty when there is none, or it is dead and not yet buried."""
    try:
        fields = (PROC / str(pid) / "stat").read_bytes().rpartition(b")")[2].split()
        return "" if fields[0] in (b"Z", b"X") else fields[BEGAN].decode()
    except (OSError, IndexError):
        pass
    if PROC.joinpath("self", "stat").exists():
        return ""
    try:
        found = psutil.Process(pid)
        return "" if found.status() == psutil.STATUS_ZOMBIE else f"{found.create_time():.2f}"
    except (psutil.Error, OSError, ValueError, OverflowError):
        return ""


def lives(pid: int, since: str) -> bool:
    """Whether the process of that number which began then still lives."""
    return bool(since) and began(pid) == since


def kill_group(pid: int, since: str) -> None:
    """End a process that leads a group, with all of the group, if it is still the one meant."""
    if pid > 1 and lives(pid, since):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
