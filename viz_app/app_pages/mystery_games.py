"""Class games: who guesses what is counted, and nothing else is kept.

Everything lies in memory behind one lock and has a bound. A browser is known by a digest without
meaning, kept to let it guess once a round; a round's guesses are counts alone.
"""

import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from gatescope.jobs.classroom import LENGTH, LETTERS
from viz_app.text import say

MOST_GAMES, MOST_ROUNDS, MOST_SEATS, MOST_ANSWERS = 40, 60, 300, 4

IDLE = 2 * 3600.0
"""Seconds after which a game that nobody looks at is over."""


class GameError(ValueError):
    """A game that is not there, is full, or does not take a guess; the message is for readers."""


@dataclass(frozen=True)
class Stand:
    """Where a game stands, as one browser may see it.

    Attributes
    ----------
    number
        The number of the round that is played.
    host
        Whether this browser leads the game.
    seated
        Whether it may guess; False where the game was full before it came.
    guessed
        Whether it has guessed in this round.
    shown, revealed
        Whether the guesses, and the answer, are shown to all.
    here, guesses
        Browsers in the game beside the leading one, and guesses in this round.
    counts
        Guesses by the number of the answer; None as long as they are hidden.
    past
        Number and counts of the rounds before this one.
    """

    number: int
    host: bool
    seated: bool
    guessed: bool
    shown: bool
    revealed: bool
    here: int
    guesses: int
    counts: Mapping[int, int] | None
    past: tuple[tuple[int, Mapping[int, int]], ...]

    @property
    def place(self) -> tuple[int, int, bool, bool, bool]:
        """What decides which page is drawn; counts change within it."""
        return len(self.past), self.number, self.guessed, self.shown, self.revealed


@dataclass
class _Game:
    host: str
    number: int
    touched: float
    seats: set[str] = field(default_factory=set)
    guessed: set[str] = field(default_factory=set)
    counts: dict[int, int] = field(default_factory=dict)
    past: list[tuple[int, Mapping[int, int]]] = field(default_factory=list)
    shown: bool = False
    revealed: bool = False


class Games:
    """All class games of this server.

    Parameters
    ----------
    clock
        Seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._games: dict[str, _Game] = {}

    def open(self, host: str, number: int) -> str:
        """Begin a game at a round, led by that browser; its earlier game is over. Returns its key.

        Raises
        ------
        GameError
            When there are too many.
        """
        with self._lock:
            self._forget_idle()
            self._games = {k: game for k, game in self._games.items() if game.host != host}
            if len(self._games) >= MOST_GAMES:
                raise GameError(say("mystery.class_many", most=MOST_GAMES))
            while (key := "".join(secrets.choice(LETTERS) for _ in range(LENGTH))) in self._games:
                pass
            self._games[key] = _Game(host, number, self._clock())
            return key

    def look(self, key: str, seat: str) -> Stand:
        """Where a game stands; who looks is in it, as long as there is room."""
        with self._lock:
            game = self._game(key)
            game.touched = self._clock()
            if seat != game.host and len(game.seats) < MOST_SEATS:
                game.seats.add(seat)
            return _stand(game, seat)

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
        with self._lock:
            game = self._game(key)
            if game.revealed or place != (len(game.past), game.number):
                raise GameError(say("mystery.class_late"))
            if seat in game.guessed:
                raise GameError(say("mystery.class_twice"))
            if seat not in game.seats:
                raise GameError(say("mystery.class_full", most=MOST_SEATS))
            if not 0 <= answer < MOST_ANSWERS:
                raise ValueError(f"answer must be 0 to {MOST_ANSWERS - 1}, got {answer}")
            game.guessed.add(seat)
            game.counts[answer] = game.counts.get(answer, 0) + 1

    def show(self, key: str, host: str) -> None:
        """Show the guesses of this round to all; the answer stays hidden."""
        with self._lock:
            self._led(key, host).shown = True

    def reveal(self, key: str, host: str) -> None:
        """Show guesses and answer to all; no more guesses are taken."""
        with self._lock:
            game = self._led(key, host)
            game.shown = game.revealed = True

    def advance(self, key: str, host: str, place: int, number: int) -> None:
        """Go on to the round of that number, unless more than ``place`` rounds are over already."""
        with self._lock:
            game = self._led(key, host)
            if place != len(game.past):
                return  # a second press of the same button
            if place + 1 >= MOST_ROUNDS:
                raise GameError(say("mystery.class_rounds", most=MOST_ROUNDS))
            game.past.append((game.number, game.counts))
            game.number, game.counts, game.guessed = number, {}, set()
            game.shown = game.revealed = False

    def end(self, key: str, host: str) -> None:
        """End a game and forget it."""
        with self._lock:
            self._led(key, host)
            del self._games[key]

    def _led(self, key: str, host: str) -> _Game:
        game = self._game(key)
        if game.host != host:
            raise GameError(say("mystery.class_gone", name=key))
        return game

    def _game(self, key: str) -> _Game:
        self._forget_idle()
        if key not in self._games:
            raise GameError(say("mystery.class_gone", name=key[: 2 * LENGTH]))
        return self._games[key]

    def _forget_idle(self) -> None:
        last = self._clock() - IDLE
        self._games = {key: game for key, game in self._games.items() if game.touched >= last}


def _stand(game: _Game, seat: str) -> Stand:
    guessed = seat in game.guessed
    return Stand(
        number=game.number,
        host=seat == game.host,
        seated=seat in game.seats,
        guessed=guessed,
        shown=game.shown,
        revealed=game.revealed,
        here=len(game.seats),
        guesses=len(game.guessed),
        counts=dict(game.counts) if guessed or game.shown else None,
        past=tuple(game.past),
    )
