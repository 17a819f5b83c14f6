"""The file in which a server keeps its classes: its tables, and what is done when it is damaged.

Its threads take turns, its processes wait for each other, and what was kept long enough is removed.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gatescope.jobs.files import set_aside
from gatescope.jobs.lock import holding
from viz_app.kit.classes.value import ClassError
from viz_app.text import say

DAYS = 7
KEPT = DAYS * 86_400.0
"""Seconds after which a class that nobody uses is removed, with all its answers."""

HOUR = 3600.0

PATIENCE = 5.0
"""Seconds to wait for another process that writes."""

DAMAGED = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
"""What sqlite says of a file that holds other tables, or none."""

TABLES = """
CREATE TABLE IF NOT EXISTS classes
  (class TEXT PRIMARY KEY, host TEXT, begun REAL, touched REAL, state TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS seats
  (class TEXT, browser TEXT, seat INTEGER, name TEXT, seen REAL,
   PRIMARY KEY (class, browser)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS here (browser TEXT PRIMARY KEY, class TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS questions
  (class TEXT, place TEXT, number INTEGER, asked TEXT, PRIMARY KEY (class, place)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS answers
  (class TEXT, place TEXT, round INTEGER, seat INTEGER, answer TEXT, sure INTEGER,
   PRIMARY KEY (class, place, round, seat)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS claims
  (class TEXT, claim TEXT, browser TEXT, made REAL, PRIMARY KEY (class, claim)) WITHOUT ROWID;
"""
OF_A_CLASS = ("answers", "questions", "claims", "seats", "here", "classes")


class Database:
    """The tables, as one thread after another reads and writes them.

    Parameters
    ----------
    path
        The file that all processes share; without one the tables are this process's alone.
    clock
        Seconds.
    """

    def __init__(self, path: Path | None, clock: Callable[[], float]) -> None:
        self._path = ":memory:" if path is None else str(path)
        self._clock = clock
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._cleared = 0.0

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """All that is written within, or nothing of it."""
        with self.reading() as connection, connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The tables for this thread alone.

        Raises
        ------
        ClassError
            When they cannot be used: the disk is full or read-only.
        """
        with self._lock:
            try:
                if self._connection is None:
                    self._connection = _opened(self._path)
                if self._clock() - self._cleared > HOUR:
                    self._clear(self._connection)
                yield self._connection
            except sqlite3.Error as error:
                if _is_damage(error) and self._connection is not None:
                    self._connection.close()
                    self._connection = None  # the next call sets it aside
                raise ClassError(say("class.store", reason=error)) from error

    def _clear(self, connection: sqlite3.Connection) -> None:
        """Remove what was kept long enough."""
        self._cleared = self._clock()
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            old = connection.execute(
                "SELECT class FROM classes WHERE touched < ?", (self._clock() - KEPT,)
            ).fetchall()
            for (key,) in old:
                remove(connection, key)


def remove(database: sqlite3.Connection, key: str) -> None:
    """End a class, with all that was answered in it."""
    for table in OF_A_CLASS:
        database.execute(f"DELETE FROM {table} WHERE class = ?", (key,))


def _opened(path: str) -> sqlite3.Connection:
    """The database; one that is damaged is set aside, with the classes in it."""
    try:
        return _connected(path)
    except sqlite3.Error as error:
        if not _is_damage(error):
            raise
    with holding(Path(f"{path}.lock")):
        try:
            return _connected(path)  # another process was faster
        except sqlite3.Error:
            for each in (path, f"{path}-wal", f"{path}-shm"):
                with suppress(FileNotFoundError):
                    set_aside(Path(each))
        return _connected(path)


def _is_damage(error: sqlite3.Error) -> bool:
    """Whether a database can never be used, unlike one that is locked, or on a full disk."""
    return getattr(error, "sqlite_errorcode", None) in DAMAGED


def _connected(path: str) -> sqlite3.Connection:
    database = sqlite3.connect(
        path, timeout=PATIENCE, isolation_level=None, check_same_thread=False
    )
    try:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute("PRAGMA secure_delete = ON")  # what is removed is gone from the file
        database.executescript(TABLES)
        database.execute("SELECT class, host, begun, touched, state FROM classes LIMIT 1")
    except sqlite3.Error:
        database.close()
        raise
    return database
