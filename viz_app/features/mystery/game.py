"""A class game: rounds, who has guessed, and how many guessed what."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from viz_app.text import say

MOST_ROUNDS, MOST_SEATS, MOST_ANSWERS = 60, 300, 4


class GameError(ValueError):
    """A game that is not there, is full, or does not take a guess; the message is for readers."""


@dataclass(frozen=True)
class Stand:
    """Where a game stands, as one browser may see it.

    In the round of a ``number`` it may be the ``host``, be ``seated`` (not where the game was full
    before it came) and have ``guessed``; guesses and answer may be ``shown`` and ``revealed`` to
    all. ``here`` are browsers beside the host; ``counts`` are by the number of the answer, None as
    long as they are hidden; ``past`` has number and counts of earlier rounds.
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
class Game:
    """A game as it is kept. A browser is known by a name without meaning."""

    host: str
    number: int
    seats: set[str] = field(default_factory=set)
    guessed: set[str] = field(default_factory=set)
    counts: dict[int, int] = field(default_factory=dict)
    past: list[tuple[int, Mapping[int, int]]] = field(default_factory=list)
    shown: bool = False
    revealed: bool = False

    def has_room_for(self, seat: str) -> bool:
        """Whether a browser that has a name and no seat can take one."""
        return bool(seat) and seat not in (self.host, *self.seats) and len(self.seats) < MOST_SEATS

    def guess(self, seat: str, place: tuple[int, int], answer: int) -> None:
        """Count a guess; see `Games.guess`."""
        if self.revealed or place != (len(self.past), self.number):
            raise GameError(say("mystery.class_late"))
        if seat in self.guessed:
            raise GameError(say("mystery.class_twice"))
        if seat not in self.seats:
            raise GameError(say("mystery.class_full", most=MOST_SEATS))
        if not 0 <= answer < MOST_ANSWERS:
            raise ValueError(f"answer must be 0 to {MOST_ANSWERS - 1}, got {answer}")
        self.guessed.add(seat)
        self.counts[answer] = self.counts.get(answer, 0) + 1

    def advance(self, place: int, number: int) -> None:
        """Go on to the round of that number, unless more than ``place`` rounds are over already."""
        if place != len(self.past):
            return  # a second press of the same button
        if place + 1 >= MOST_ROUNDS:
            raise GameError(say("mystery.class_rounds", most=MOST_ROUNDS))
        self.past.append((self.number, self.counts))
        self.number, self.counts, self.guessed = number, {}, set()
        self.shown = self.revealed = False

    def seen_by(self, seat: str) -> Stand:
        """What a browser may see of it."""
        guessed = seat in self.guessed
        return Stand(
            number=self.number,
            host=bool(seat) and seat == self.host,
            seated=seat in self.seats,
            guessed=guessed,
            shown=self.shown,
            revealed=self.revealed,
            here=len(self.seats),
            guesses=len(self.guessed),
            counts=dict(self.counts) if guessed or self.shown else None,
            past=tuple(self.past),
        )

    def text(self) -> str:
        """As the database keeps it; the names in no order that tells who was first."""
        ordered = {"seats": sorted(self.seats), "guessed": sorted(self.guessed)}
        return json.dumps(vars(self) | ordered)

    @staticmethod
    def of_text(text: str) -> "Game | None":
        """As the database kept it; None where it is damaged."""
        try:
            kept = json.loads(text)
            past = [(number, _counts(counts)) for number, counts in kept["past"]]
            sets = {name: set(kept[name]) for name in ("seats", "guessed")}
            return Game(**kept | sets | {"counts": _counts(kept["counts"]), "past": past})
        except (ValueError, KeyError, TypeError, AttributeError):
            return None


def _counts(kept: Mapping[str, int]) -> dict[int, int]:
    return {int(answer): count for answer, count in kept.items()}
