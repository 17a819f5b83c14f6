"""A class as a value: where it is, and what is asked there.

Nothing here knows a page, a clock or who is in the class.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

from viz_app.kit.question import Curve, Number, OneOf, Order, Place, Question
from viz_app.kit.words import number

Phase = Literal["waiting", "open", "closed", "shown"]
"""Of a question: not asked yet; taking answers; over, answers hidden; answers and truth seen."""

Pace = Literal["led", "own"]
"""Whether phones follow the teacher, or everyone goes on alone."""

ROUNDS = (1, 2)
MOST_LETTERS = 400
"""Letters of a text that a class keeps: what is asked, an option, a value of an address."""

MOST_OPTIONS, MOST_CHOICES = 60, 40

KINDS: Mapping[str, type[Question]] = {
    kind.kind: kind for kind in (OneOf, Number, Place, Curve, Order)
}

EMPHASIS = re.compile(r"(\*{1,3})(?=\S)(.+?)(?<=\S)\1")


def unmarked(text: str) -> str:
    """A text without the stars of bold and italics."""
    return EMPHASIS.sub(r"\2", text)


class ClassError(ValueError):
    """A class that is not there, is full, or does not do what is asked; a sentence for readers."""


@dataclass(frozen=True)
class Where:
    """An address: a page, and what is chosen there."""

    page: str
    query: tuple[tuple[str, str], ...] = ()

    @staticmethod
    def of(page: str, query: Mapping[str, str]) -> "Where":
        """Of a page and its choices; what nobody would write is left out."""
        few = sorted(query.items())[:MOST_CHOICES]
        return Where(page, tuple((k, v) for k, v in few if max(len(k), len(v)) <= MOST_LETTERS))


@dataclass(frozen=True)
class Asked:
    """A question in a class.

    Attributes
    ----------
    place
        Stands for the question: ``"write_keep_show.guess_place"``.
    question
        What can be answered, and the truth.
    text, options
        What is asked, and the texts of what can be answered, as the teacher reads them.
    where
        Where it is asked.
    phase, round
        How far it is.
    """

    place: str
    question: Question
    text: str
    options: tuple[str, ...] = ()
    where: Where | None = None
    phase: Phase = "waiting"
    round: int = 1

    def __post_init__(self) -> None:
        """What is too long for a class is cut; bars and tables know no bold and no italics."""
        object.__setattr__(self, "text", unmarked(self.text)[:MOST_LETTERS])
        few = tuple(unmarked(option)[:MOST_LETTERS] for option in self.options[:MOST_OPTIONS])
        object.__setattr__(self, "options", few)

    def said(self, answer: str) -> str:
        """An answer as a person reads it: an option's text instead of its number."""
        read = self.question.read(answer)
        parts = read if isinstance(read, tuple) else (read,)
        if isinstance(self.question, OneOf | Order) and self.options:
            chosen = [int(part) for part in parts]
            if max(chosen) < len(self.options):
                return " > ".join(self.options[each] for each in chosen)
        return " · ".join(number(part) for part in parts)


@dataclass(frozen=True)
class Class:
    """Where a class stands.

    Attributes
    ----------
    host
        The browser that opened it, and leads it.
    leaders
        Other browsers that lead it too.
    pace
        Whether phones follow.
    where
        Where the class is; None before the teacher has brought it anywhere.
    moves
        How often it was brought somewhere: a phone that knows fewer follows.
    mover
        The browser that has brought it there: another one that leads follows as well.
    asked
        What is asked there, if anything.
    names
        Whether the teacher sees nicknames.
    version
        Counts all changes: a page that was drawn at another one is drawn anew.
    """

    host: str
    leaders: tuple[str, ...] = ()
    pace: Pace = "led"
    where: Where | None = None
    moves: int = 0
    mover: str = ""
    asked: Asked | None = None
    names: bool = False
    version: int = 0

    def leads(self, browser: str) -> bool:
        """Whether a browser may lead it."""
        return bool(browser) and browser in (self.host, *self.leaders)

    def led_too(self, browser: str) -> "Class":
        """Another browser leads it too."""
        return self if self.leads(browser) else replace(self, leaders=(*self.leaders, browser))

    def led_alone(self, browser: str) -> "Class":
        """One of those who lead it takes the lead from the others."""
        return replace(self, host=browser, leaders=())

    def brought(self, where: Where, asked: Asked | None = None, mover: str = "") -> "Class":
        """Everyone is called there; ``asked`` is as far as it was when it was asked before."""
        moves = self.moves + 1
        return replace(self, where=where, asked=asked, pace="led", moves=moves, mover=mover)

    def opened(self) -> "Class":
        """Answers are taken."""
        return self._phase("waiting", "open")

    def closed(self) -> "Class":
        """No more answers are taken in this round."""
        return self._phase("open", "closed")

    def shown(self) -> "Class":
        """What was answered and what is right is seen by all."""
        return self._phase("closed", "shown")

    def reopened(self) -> "Class":
        """The same round once more, where it was closed before anybody answered."""
        return self._phase("closed", "open")

    def again(self) -> "Class":
        """A second round: only while nobody knows the truth."""
        if self.asked is None or self.asked.phase != "closed" or self.asked.round == ROUNDS[-1]:
            return self
        return replace(self, asked=replace(self.asked, phase="open", round=self.asked.round + 1))

    def paced(self, pace: Pace) -> "Class":
        """Led, or everyone alone; who is led again is called back to where the class is."""
        if pace == self.pace:
            return self
        return replace(self, pace=pace, moves=self.moves + (pace == "led"))

    def _phase(self, before: Phase, after: Phase) -> "Class":
        """A second press of the same button does nothing."""
        if self.asked is None or self.asked.phase != before:
            return self
        return replace(self, asked=replace(self.asked, phase=after))

    def text(self) -> str:
        """As the store keeps it."""
        asked = None if self.asked is None else asked_to(self.asked)
        return json.dumps(vars(self) | {"where": _where_to(self.where), "asked": asked})

    @staticmethod
    def of_text(text: str) -> "Class | None":
        """As the store kept it; None where it is damaged."""
        try:
            kept = json.loads(text)
            asked = None if kept["asked"] is None else asked_of(kept["asked"])
            leaders = tuple(kept.get("leaders", ()))
            where = _where_of(kept["where"])
            return Class(**kept | {"where": where, "asked": asked, "leaders": leaders})
        except (ValueError, KeyError, TypeError, AttributeError):
            return None


@dataclass(frozen=True)
class Given:
    """What a seat answered in a round, and how sure it was."""

    round: int
    answer: str
    sure: int | None = None


def asked_to(asked: Asked) -> dict[str, Any]:
    """A question as the store keeps it."""
    question = {"kind": asked.question.kind} | vars(asked.question)
    return vars(asked) | {"question": question, "where": _where_to(asked.where)}


def asked_of(kept: Mapping[str, Any]) -> Asked:
    """A question as the store kept it."""
    made = dict(kept["question"])
    kind = KINDS[made.pop("kind")]
    names = {part.name for part in fields(kind)}
    values = {name: _tuple(value) for name, value in made.items() if name in names}
    return Asked(
        **dict(kept)
        | {
            "question": kind(**values),
            "options": _tuple(kept["options"]),
            "where": _where_of(kept["where"]),
        }
    )


def _where_to(where: Where | None) -> list[Any] | None:
    return None if where is None else [where.page, list(where.query)]


def _where_of(kept: list[Any] | None) -> Where | None:
    return None if kept is None else Where(kept[0], tuple((k, v) for k, v in kept[1]))


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
