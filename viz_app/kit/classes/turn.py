"""What may be done at a question of a class: by a browser, and next by its teacher."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from viz_app.kit.classes.value import ROUNDS, Asked, Class, ClassError, Given
from viz_app.text import say

Next = Literal["nobody", "explain", "pairs", "on"]
"""What the teacher does next: nobody has answered; explain; talk in pairs and vote again; go on."""

Stage = Literal["alone", "wait", "answer", "answered", "closed", "told"]
"""Of one browser at a question: in no class; it waits until the teacher opens it; may answer; has
answered; the round is over; the truth is told."""

EXPLAIN, ON = 0.35, 0.70
"""Shares that are right: below the first nobody can convince a neighbour, above the second nearly
all know (Crouch & Mazur 2001; Vickrey et al. 2015)."""


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
