"""How often somebody did something in the last minute, across all processes of this server."""

import sqlite3
import threading
import time
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from pathlib import Path

from viz_app.serving.secrets import server_folder

MINUTE, SLOT = 60, 5
"""Seconds that are counted, in slots of so many seconds."""

PATIENCE = 5.0
"""Seconds to wait for another process that is counting."""

FILE = "counts.sqlite"


def of_server() -> "Counts":
    """What all processes over the jobs folder count together."""
    try:
        return Counts(server_folder() / FILE)
    except (OSError, sqlite3.Error):
        return Counts(None)


class Counts:
    """Counts by kind and address.

    Parameters
    ----------
    path
        A file that all processes share; where it cannot be written, each counts for itself.
    clock
        Seconds.
    """

    def __init__(self, path: Path | None, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._database = _opened(path)

    def allow(self, kind: str, who: str, most: int) -> bool:
        """Count one more, unless that makes more than ``most`` within a minute."""
        return self._count(kind, who, most, add=True)

    def full(self, kind: str, who: str, most: int) -> bool:
        """Whether no more would be allowed."""
        return not self._count(kind, who, most, add=False)

    def _count(self, kind: str, who: str, most: int, *, add: bool) -> bool:
        now = int(self._clock() // SLOT)
        since, subject = now - MINUTE // SLOT + 1, f"{kind} {network(who)}"
        with self._lock:
            try:
                return self._asked(subject, now, since, most, add)
            except sqlite3.Error:  # the disk is full or gone: from now on this process alone
                self._database.close()
                self._database = _opened(None)
                return self._asked(subject, now, since, most, add)

    def _asked(self, subject: str, now: int, since: int, most: int, add: bool) -> bool:
        database = self._database
        with database:
            database.execute("BEGIN IMMEDIATE")
            database.execute("DELETE FROM counts WHERE slot < ? OR slot > ?", (since, now))
            ((count,),) = database.execute(
                "SELECT COALESCE(SUM(times), 0) FROM counts WHERE subject = ?", (subject,)
            )
            if count >= most:
                return False
            if add:
                database.execute(
                    "INSERT INTO counts VALUES (?, ?, 1) "
                    "ON CONFLICT (subject, slot) DO UPDATE SET times = times + 1",
                    (subject, now),
                )
            return True


def network(who: str) -> str:
    """Whose address it is: with IPv6 one machine has all of a /64."""
    try:
        found = ip_address(who.partition("%")[0])
    except ValueError:
        return who[:64]
    if isinstance(found, IPv6Address):
        mapped = found.ipv4_mapped
        return str(mapped) if mapped else f"{IPv6Address(int(found) >> 64 << 64)}/64"
    return str(found)


def _opened(path: Path | None) -> sqlite3.Connection:
    try:
        return _connected(":memory:" if path is None else str(path))
    except sqlite3.Error:
        return _connected(":memory:")


def _connected(path: str) -> sqlite3.Connection:
    found = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
    found.execute("PRAGMA journal_mode = WAL")
    found.execute("PRAGMA synchronous = OFF")  # a minute's counts need not survive the machine
    found.execute(
        "CREATE TABLE IF NOT EXISTS counts "
        "(subject TEXT, slot INTEGER, times INTEGER, PRIMARY KEY (subject, slot)) WITHOUT ROWID"
    )
    return found
