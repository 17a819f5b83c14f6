"""The answers of a session, kept as text by their key, each with how sure its giver was."""

from typing import NamedTuple

import streamlit as st

from viz_app.kit.question import SURE, Answer, AnswerError, Question

ANSWERS = "answers"
"""Where a session keeps all answers, as text by their key."""

AT = "@"
"""Between an answer and how sure its giver is."""


class Given(NamedTuple):
    """An answer, and how sure its giver was: one of `SURE`, or None where that was left open."""

    answer: Answer
    sure: int | None


def given(question: Question, key: str) -> Given | None:
    """The answer that was given, where it still is one."""
    text, _, sure = answers().get(key, "").partition(AT)
    return read(question, text, int(sure) if sure in map(str, SURE) else None) if text else None


def read(question: Question, text: str, sure: int | None) -> Given | None:
    """An answer from its text; None where it is one of an earlier version of the question."""
    try:
        return Given(question.read(text), sure)
    except AnswerError:
        return None


def written(question: Question, answer: Answer, sure: int | None) -> str:
    """An answer as it is kept."""
    return question.write(answer) + (f"{AT}{sure}" if sure else "")


def answers() -> dict[str, str]:
    """All answers of this session, by key."""
    found: dict[str, str] = st.session_state.setdefault(ANSWERS, {})
    return found


def put(key: str, text: str) -> None:
    """Keep an answer."""
    answers()[key] = text


def forget(key: str) -> None:
    """Let it be answered anew."""
    answers().pop(key, None)
    for name in list(st.session_state):
        if str(name).startswith(f"{key}_"):
            del st.session_state[name]
