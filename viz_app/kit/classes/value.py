"""A class as a value: where it is, what is asked there, and who may do what.

Nothing here knows a page, a clock or who is in the class.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

from viz_app.kit.question import Curve, Number, OneOf, Order, Place, Question
from viz_app.kit.words import number
from viz_app.text import say

Phase = Literal["waiting", "open", "closed", "shown"]
"""Of a question: not asked yet; taking answers; over, answers hidden; answers and truth seen."""

Pace = Literal["led", "own"]
"""Whether phones follow the teacher, or everyone goes on alone."""

Next = Literal["nobody", "explain", "pairs", "on"]
"""What the teacher does next: nobody has answered; explain; talk in pairs and vote again; go on."""

Stage = Literal["alone", "wait", "answer", "answered", "closed", "told"]
"""Of one browser at a question: in no class; it waits until the teacher opens it; may answer; has
answered; the round is over; the truth is told."""

EXPLAIN, ON = 0.35, 0.70
"""Shares that are right: below the first nobody can convince a neighbour, above the second nearly
all know (Crouch & Mazur 2001; Vickrey et al. 2015)."""

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
        The browser that leads it.
    pace
        Whether phones follow.
    where
        Where the class is; None before the teacher has brought it anywhere.
    moves
        How often it was brought somewhere: a phone that knows fewer follows.
    asked
        What is asked there, if anything.
    names
        Whether the teacher sees nicknames.
    version
        Counts all changes: a page that was drawn at another one is drawn anew.
    """

    host: str
    pace: Pace = "led"
    where: Where | None = None
    moves: int = 0
    asked: Asked | None = None
    names: bool = False
    version: int = 0

    def brought(self, where: Where, asked: Asked | None = None) -> "Class":
        """Everyone is called there; ``asked`` is as far as it was when it was asked before."""
        return replace(self, where=where, asked=asked, pace="led", moves=self.moves + 1)

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
            return Class(**kept | {"where": _where_of(kept["where"]), "asked": asked})
        except (ValueError, KeyError, TypeError, AttributeError):
            return None


@dataclass(frozen=True)
class Given:
    """What a seat answered in a round, and how sure it was."""

    round: int
    answer: str
    sure: int | None = None


@dataclass(frozen=True)
class Turn:
    """What a question's page draws for one browser.

    Attributes
    ----------
    stage
        What may be done, and whether the truth is told.
    host
        Whether it leads the class: it does not answer.
    round
        Of the class, at this question.
    given
        What this browser answered, by round.
    """

    stage: Stage = "alone"
    host: bool = False
    round: int = 1
    given: Mapping[int, Given] = field(default_factory=dict)

    @property
    def told(self) -> bool:
        """Whether the answer's picture is drawn, with the truth."""
        return self.stage == "told"

    @property
    def last(self) -> Given | None:
        """What this browser answered last."""
        return self.given[max(self.given)] if self.given else None


def turn_of(
    state: Class, asked: Asked | None, given: Mapping[int, Given], place: str, *, host: bool
) -> Turn:
    """What a page draws of a question.

    Parameters
    ----------
    state
        The class.
    asked
        That question, as far as the class has been; None where it never came there.
    given
        What this browser answered to it.
    place, host
        What stands for the question, and whether this browser leads.
    """
    now = state.asked is not None and state.asked.place == place
    known = state.asked if now else asked
    stage: Stage
    if state.pace == "own":
        if host:
            return Turn()
        stage = "told" if given or (known and known.phase == "shown") else "answer"
    elif known is not None and known.phase == "shown":
        stage = "told"
    elif not now or known is None or known.phase == "waiting":
        # what one has answered before, here or at one's own pace, needs no waiting
        stage = "told" if given else "wait"
    elif known.phase == "closed":
        stage = "closed"
    elif host:
        stage = "wait"
    else:
        stage = "answered" if known.round in given else "answer"
    return Turn(stage, host, known.round if known else 1, given)


def next_move(right: int, answers: int, round_: int) -> Next:
    """What the share that is right asks for.

    After a second round nobody votes a third time: what is still not clear is explained.
    """
    if not answers:
        return "nobody"
    share = right / answers
    if share > ON:
        return "on"
    return "explain" if share < EXPLAIN or round_ == ROUNDS[-1] else "pairs"


def require_may_answer(state: Class, asked: Asked, round_: int) -> None:
    """Refuse an answer to a question that is not open.

    Raises
    ------
    ClassError
        When it comes too late, or too soon.
    """
    if state.pace == "own":
        return
    now = state.asked
    if now is None or now.place != asked.place or now.phase != "open" or now.round != round_:
        raise ClassError(say("class.late"))


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
