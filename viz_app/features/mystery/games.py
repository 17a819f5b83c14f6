"""All class games of a server: who guesses what is counted, and nothing else is kept.

All processes of a server share one small database; everything in it has a bound. A browser is known
by a name without meaning, kept to let it guess once a round and in no order; a round's guesses are
counts alone.
"""

import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gatescope.jobs.classroom import LENGTH, LETTERS
from gatescope.jobs.files import set_aside
from gatescope.jobs.lock import holding
from viz_app.features.mystery.game import Game, GameError, Stand
from viz_app.text import say

MOST_GAMES = 40

IDLE = 2 * 3600.0
"""Seconds after which a game that nobody looks at is over."""

NOTED = 60.0
"""Seconds between two notes that a game is looked at."""

DAMAGED = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
"""What sqlite says of a file that holds other tables, or none."""

PATIENCE = 5.0
"""Seconds to wait for another process that writes."""


class Games:
    """All class games of this server.

    Parameters
    ----------
    clock
        Seconds.
    path
        The database that all processes share; without one the games are this process's alone.

    Raises
    ------
    GameError
        At any call, when the database cannot be used: the disk is full or read-only.
    """

    def __init__(self, clock: Callable[[], float] = time.time, path: Path | None = None) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._path = ":memory:" if path is None else str(path)
        self._database: sqlite3.Connection | None = None

    def open(self, host: str, number: int) -> str:
        """Begin a game at a round, led by that browser; its earlier game is over. Returns its key.

        Raises
        ------
        GameError
            When there are too many.
        """
        if not host:
            raise GameError(say("serving.unknown"))
        with self._writing() as database:
            self._forget_idle(database)
            database.execute("DELETE FROM games WHERE host = ?", (host,))
            keys = {key for (key,) in database.execute("SELECT key FROM games")}
            if len(keys) >= MOST_GAMES:
                raise GameError(say("mystery.class_many", most=MOST_GAMES))
            while (key := "".join(secrets.choice(LETTERS) for _ in range(LENGTH))) in keys:
                pass
            row = (key, host, self._clock(), Game(host, number).text())
            database.execute("INSERT INTO games VALUES (?, ?, ?, ?)", row)
            return key

    def look(self, key: str, seat: str) -> Stand:
        """Where a game stands; who looks is in it, as long as there is room."""
        with self._reading() as database:
            game, touched = self._found(database, key)
        if game.has_room_for(seat) or self._clock() - touched > NOTED:
            with self._changing(key) as game:
                if game.has_room_for(seat):
                    game.seats.add(seat)
        return game.seen_by(seat)

    def guess(self, key: str, seat: str, place: tuple[int, int], answer: int) -> None:
        """Count a guess.

        Parameters
        ----------
        key, seat
            The game, and who guesses.
        place
            How many rounds were played before the one that is meant, and its number: as `Stand`
            has them, so that no guess counts for the round after it.
        answer
            The number of the answer.

        Raises
        ------
        GameError
            When the round is over, or that browser has guessed in it or has no seat.
        """
        with self._changing(key) as game:
            game.guess(seat, place, answer)

    def show(self, key: str, host: str) -> None:
        """Show the guesses of this round to all; the answer stays hidden."""
        with self._led(key, host) as game:
            game.shown = True

    def reveal(self, key: str, host: str) -> None:
        """Show guesses and answer to all; no more guesses are taken."""
        with self._led(key, host) as game:
            game.shown = game.revealed = True

    def advance(self, key: str, host: str, place: int, number: int) -> None:
        """Go on to the round of that number, unless more than ``place`` rounds are over already."""
        with self._led(key, host) as game:
            game.advance(place, number)

    def end(self, key: str, host: str | None) -> None:
        """End a game and forget it; without a host, whoever leads it."""
        with self._writing() as database:
            game, _ = self._found(database, key)
            if host is not None:
                _require_led(key, game, host)
            database.execute("DELETE FROM games WHERE key = ?", (key,))

    def all(self) -> dict[str, Stand]:
        """Where each game stands, by its key, the one looked at last first."""
        with self._reading() as database:
            rows = database.execute(
                "SELECT key, state FROM games WHERE touched >= ? ORDER BY touched DESC",
                (self._clock() - IDLE,),
            ).fetchall()
        games = ((key, Game.of_text(state)) for key, state in rows)
        return {key: game.seen_by("") for key, game in games if game is not None}

    @contextmanager
    def _led(self, key: str, host: str) -> Iterator[Game]:
        with self._changing(key) as game:
            _require_led(key, game, host)
            yield game

    @contextmanager
    def _changing(self, key: str) -> Iterator[Game]:
        """A game, written back when it was changed; as it was where there was an error."""
        with self._writing() as database:
            game, _ = self._found(database, key)
            yield game
            database.execute(
                "UPDATE games SET touched = ?, state = ? WHERE key = ?",
                (self._clock(), game.text(), key),
            )

    def _found(self, database: sqlite3.Connection, key: str) -> tuple[Game, float]:
        row = database.execute(
            "SELECT state, touched FROM games WHERE key = ? AND touched >= ?",
            (key, self._clock() - IDLE),
        ).fetchone()
        game = None if row is None else Game.of_text(row[0])
        if game is None:
            raise GameError(say("mystery.class_gone", name=key[: 2 * LENGTH]))
        return game, row[1]

    def _forget_idle(self, database: sqlite3.Connection) -> None:
        database.execute("DELETE FROM games WHERE touched < ?", (self._clock() - IDLE,))

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._reading() as database, database:
            database.execute("BEGIN IMMEDIATE")
            yield database

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                if self._database is None:
                    self._database = _opened(self._path)
                yield self._database
            except sqlite3.Error as error:
                if _is_damage(error) and self._database is not None:
                    self._database.close()
                    self._database = None  # the next call sets it aside
                raise GameError(say("mystery.class_store", reason=error)) from error


def _opened(path: str) -> sqlite3.Connection:
    """The database; one that is damaged is set aside, with the games in it."""
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
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")
    database.execute(
        "CREATE TABLE IF NOT EXISTS games "
        "(key TEXT PRIMARY KEY, host TEXT, touched REAL, state TEXT) WITHOUT ROWID"
    )
    try:
        database.execute("SELECT key, host, touched, state FROM games LIMIT 1").fetchall()
    except sqlite3.Error:
        database.close()
        raise
    return database


def _require_led(key: str, game: Game, host: str) -> None:
    if game.host != host:
        raise GameError(say("mystery.class_gone", name=key))
