"""The file in which a server keeps its classes: its tables, and what is done when it is damaged."""

import sqlite3
from contextlib import suppress
from pathlib import Path

from gatescope.jobs.files import set_aside
from gatescope.jobs.lock import holding

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
"""
OF_A_CLASS = ("answers", "questions", "seats", "here", "classes")


def opened(path: str) -> sqlite3.Connection:
    """The database; one that is damaged is set aside, with the classes in it."""
    try:
        return _connected(path)
    except sqlite3.Error as error:
        if not is_damage(error):
            raise
    with holding(Path(f"{path}.lock")):
        try:
            return _connected(path)  # another process was faster
        except sqlite3.Error:
            for each in (path, f"{path}-wal", f"{path}-shm"):
                with suppress(FileNotFoundError):
                    set_aside(Path(each))
        return _connected(path)


def remove(database: sqlite3.Connection, key: str) -> None:
    for table in OF_A_CLASS:
        database.execute(f"DELETE FROM {table} WHERE class = ?", (key,))


def is_damage(error: sqlite3.Error) -> bool:
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
