"""What the class answered, beside what is right, question by question; and as a file."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from viz_app.features.classroom.wording import worded
from viz_app.kit.classes.records import Member
from viz_app.kit.classes.tally import Answers, table
from viz_app.kit.classes.value import Asked
from viz_app.kit.page import blocks, class_bars, class_follow, classroom
from viz_app.kit.page.stage import Stage
from viz_app.kit.words import counted
from viz_app.text import say
from viz_app.text.plain import plain

REVEALED = "class_revealed"
"""What this session has told on its own screen before the class was shown it."""

BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""By it a spreadsheet knows that the file is Unicode, and reads names of any script."""


def show(found: Member, here: Stage) -> None:
    """Every question in order: the bars, the right answer, and where it was asked.

    A student sees what was shown, and what they answered themselves. So does a projector: what is
    not shown yet is only told when its teacher wants to.
    """
    store = classroom.classes()
    questions = store.questions(found.key)
    answers = {each.place: store.answers(found.key, each.place) for each in questions}
    seen = {
        number: asked for number, asked in enumerate(questions, 1)
        if (_was_asked(asked, answers) if found.host else asked.phase == "shown")
    }  # fmt: skip
    if not seen:
        st.caption(say("class.nothing_asked"))
        return
    here.told.markdown(counted("class.asked", len(seen)))
    for number, asked in seen.items():
        _one(found, number, worded(asked), answers[asked.place])


def _was_asked(asked: Asked, answers: Mapping[str, Answers]) -> bool:
    return asked.phase != "waiting" or bool(answers[asked.place])


def _one(found: Member, number: int, asked: Asked, answers: Answers) -> None:
    store = classroom.classes()
    st.markdown(f"**{number}. {plain(asked.text)}**")
    if _is_hidden(found, asked):
        st.caption(say("class.not_shown"))
        st.button(
            say("class.show_here"), key=f"class_reveal_{number}", on_click=_reveal, args=(asked,),
            help=say("class.show_here_help"),
        )  # fmt: skip
        return
    truth = asked.question.write(asked.question.truth)  # type: ignore[attr-defined]
    st.markdown(say("class.right_is", answer=plain(asked.said(truth))))
    own = store.given(found.key, found.seat, asked.place)
    if own:
        said = " → ".join(plain(asked.said(given.answer)) for given in own.values())
        st.markdown(say("class.you_said", answer=said))
    class_bars.draw(asked, answers, st.container(), _names(found))
    see = asked.where is not None and st.button(say("class.see"), key=f"class_see_{number}")
    if see and asked.where is not None:
        class_follow.go(asked.where)


def _is_hidden(found: Member, asked: Asked) -> bool:
    """Whether a led class is at it still, or left it before it was shown."""
    if not found.host or found.state.pace == "own" or asked.phase in ("shown", "waiting"):
        return False
    return (found.key, asked.place, asked.round) not in st.session_state.get(REVEALED, set())


def _reveal(asked: Asked) -> None:
    """Tell it on this screen alone, when a button is pressed."""
    found = classroom.member()
    if found is not None:
        revealed: set[tuple[str, str, int]] = st.session_state.setdefault(REVEALED, set())
        revealed.add((found.key, asked.place, asked.round))


def _names(found: Member) -> dict[int, str]:
    """Of each seat its nickname, or its number, where the teacher wants to see them."""
    if not (found.host and found.state.names):
        return {}
    seats = classroom.classes().seats(found.key)
    return {seat.number: seat.name or str(seat.number) for seat in seats}


def download(found: Member, place: Any) -> None:
    """Who answered what, in both rounds, as a file."""

    def made() -> str:
        store = classroom.classes()
        questions, seats = store.questions(found.key), store.seats(found.key)
        answers = {asked.place: store.answers(found.key, asked.place) for asked in questions}
        said = [worded(each) for each in questions]
        rows = table(said, answers, seats, found.state.names).to_csv(index=False)
        return f"{BOM}{rows}"

    blocks.download(
        say("class.file"), f"class-{found.key}.csv", made, place, help=say("class.file_help"),
        width="stretch",
    )  # fmt: skip
