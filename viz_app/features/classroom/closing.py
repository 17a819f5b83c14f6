"""What the class answered, beside what is right, question by question; and as a file."""

from typing import Any

import streamlit as st

from viz_app.kit.classes.records import Member
from viz_app.kit.classes.tally import table
from viz_app.kit.classes.value import Asked
from viz_app.kit.page import blocks, class_bars, class_follow, classroom
from viz_app.kit.page.stage import Stage
from viz_app.kit.words import counted
from viz_app.text import say
from viz_app.text.plain import plain

BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""By it a spreadsheet knows that the file is Unicode, and reads names of any script."""


def show(found: Member, here: Stage) -> None:
    """Every question in order: the bars, the right answer, and where it was asked.

    A student sees what was shown, and what they answered themselves.
    """
    store = classroom.classes()
    questions = [each for each in store.questions(found.key) if _is_seen(found, each)]
    if not questions:
        st.caption(say("class.nothing_asked"))
        return
    here.told.markdown(counted("class.asked", len(questions)))
    for number, asked in enumerate(questions, 1):
        _one(found, number, asked)


def _is_seen(found: Member, asked: Asked) -> bool:
    now = found.state.asked
    if now is not None and now.place == asked.place:
        asked = now
    return found.host or asked.phase == "shown"


def _one(found: Member, number: int, asked: Asked) -> None:
    store = classroom.classes()
    st.markdown(f"**{number}. {plain(asked.text)}**")
    truth = asked.question.write(asked.question.truth)  # type: ignore[attr-defined]
    st.markdown(say("class.right_is", answer=plain(asked.said(truth))))
    own = store.given(found.key, found.seat, asked.place)
    if own:
        said = " → ".join(plain(asked.said(given.answer)) for given in own.values())
        st.markdown(say("class.you_said", answer=said))
    class_bars.draw(asked, store.answers(found.key, asked.place), st.container())
    see = asked.where is not None and st.button(say("class.see"), key=f"class_see_{number}")
    if see and asked.where is not None:
        class_follow.go(asked.where)


def download(found: Member, place: Any) -> None:
    """Who answered what, in both rounds, as a file."""

    def made() -> str:
        store = classroom.classes()
        questions, seats = store.questions(found.key), store.seats(found.key)
        answers = {asked.place: store.answers(found.key, asked.place) for asked in questions}
        rows = table(questions, answers, seats, found.state.names).to_csv(index=False)
        return f"{BOM}{rows}"

    blocks.download(
        say("class.file"), f"class-{found.key}.csv", made, place, help=say("class.file_help"),
        width="stretch",
    )  # fmt: skip
