"""A question on a page: its widgets, and the answer that was given first, with how sure.

Pages that ask, a lesson's step and Retention, call `seen`, which says what may be drawn, and `ask`,
which draws the widgets or what is waited for. Alone an answer is the session's, in a class it
is the class's.
"""

from typing import NamedTuple

import streamlit as st

from viz_app.kit.classes.turn import Turn
from viz_app.kit.classes.value import Asked
from viz_app.kit.page import classroom, kept_answers
from viz_app.kit.page.answer_forms import FORMS, Texts
from viz_app.kit.page.kept_answers import Given
from viz_app.kit.question import SURE, Answer, Question
from viz_app.text import say
from viz_app.text.plain import plain


class Seen(NamedTuple):
    """What is drawn of a question.

    Attributes
    ----------
    told
        Whether the truth is: one has answered, or the class is shown it.
    given
        What this browser answered; None while there is nothing, and of whoever came too late.
    turn
        Of a class, what may be done now.
    asked
        The question as a class takes it.
    """

    told: bool
    given: Given | None
    turn: Turn
    asked: Asked

    @property
    def may_answer(self) -> bool:
        """Whether the widgets are drawn."""
        return not self.told and self.turn.stage in ("alone", "answer")


def seen(question: Question, texts: Texts, key: str) -> Seen:
    """What is drawn of a question: alone the truth once it is answered, in a class as that goes."""
    asked = Asked(key, question, texts.asks, tuple(texts.options))
    turn = classroom.turn(asked)
    if turn.stage == "alone":
        own = kept_answers.given(question, key)
        return Seen(own is not None, own, turn, asked)
    last = turn.last
    if last is None:
        return Seen(turn.told, None, turn, asked)
    found = kept_answers.read(question, last.answer, last.sure)
    if turn.told and found is not None and kept_answers.given(question, key) is None:
        text = kept_answers.written(question, found.answer, found.sure)
        kept_answers.put(key, text)  # progress knows it too
    return Seen(turn.told, found, turn, asked)


def ask(shown: Seen, texts: Texts) -> None:
    """The widgets of a question that may be answered; in a class also what is waited for."""
    question, key = shown.asked.question, shown.asked.place
    if not shown.may_answer:
        lines = [f"**{texts.asks}**", "\n".join(f"- {each}" for each in texts.options)]
        if shown.given is not None:
            said = shown.asked.said(question.write(shown.given.answer))
            lines.append(say("class.you_said", answer=plain(said)))
        st.markdown("\n\n".join(filter(None, lines)))
        return
    with st.container():
        st.markdown(f"**{texts.asks}**")
        answer = FORMS[question.kind](question, texts, key)
        sure = st.segmented_control(
            say("question.sure"), SURE, key=f"{key}_sure",
            format_func=lambda each: say(f"question.sure_{each}"),
        )  # fmt: skip
        st.button(
            say("question.guess"), type="primary", disabled=answer is None, key=f"{key}_given",
            on_click=_keep, args=(shown, answer, sure), width="stretch",
        )  # fmt: skip


def _keep(shown: Seen, answer: Answer, sure: int | None) -> None:
    """Keep an answer when it is given: for this session alone, or for its class."""
    question, key = shown.asked.question, shown.asked.place
    if shown.turn.stage == "alone":
        kept_answers.put(key, kept_answers.written(question, answer, sure))
    else:
        classroom.give(shown.asked, question.write(answer), sure)
