"""A class as a value: its moves, and what each browser may do at each of them."""

from dataclasses import replace

import pytest

from viz_app.kit.classes.value import Asked, Class, Given, Where
from viz_app.kit.question import Curve, Number, OneOf, Order, Place, Question

HERE = Where.of("lessons", {"lesson": "write", "step": "guess"})
ASKED = Asked("write.guess", OneOf(3, 1), "Which gate?", ("write", "keep", "show"), HERE)
NONE: dict[int, Given] = {}
GAVE = {1: Given(1, "0")}


def at(*moves: str) -> Class:
    """A class that was brought to the question, after some moves."""
    state = Class("teacher").brought(HERE, ASKED)
    for move in moves:
        state = getattr(state, move)()
    return state


def test_a_question_runs_once_round_or_twice() -> None:
    """Waiting, open, closed, shown; the second round only before anything is shown."""
    assert at().asked == ASKED
    phases = [at(*moves).asked for moves in (
        ["opened"], ["opened", "closed"], ["opened", "closed", "again"],
        ["opened", "closed", "again", "closed"], ["opened", "closed", "again", "closed", "shown"],
    )]  # fmt: skip
    assert [(each.phase, each.round) for each in phases if each] == [
        ("open", 1), ("closed", 1), ("open", 2), ("closed", 2), ("shown", 2),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("moves", "more"),
    [
        ([], "closed"),
        ([], "shown"),
        ([], "again"),
        (["opened"], "opened"),
        (["opened"], "shown"),
        (["opened"], "again"),
        (["opened", "closed"], "closed"),
        (["opened", "closed"], "opened"),
        (["opened", "closed", "shown"], "again"),
        (["opened", "closed", "shown"], "opened"),
        (["opened", "closed", "again", "closed"], "again"),
    ],
)
def test_a_press_out_of_turn_or_a_second_one_does_nothing(moves: list[str], more: str) -> None:
    """The value is the very same, so nobody's page is drawn anew."""
    assert getattr(at(*moves), more)() is at(*moves) or getattr(at(*moves), more)() == at(*moves)
    assert getattr(Class("teacher"), more)() == Class("teacher")


QUESTIONS: list[tuple[Question, str, str]] = [
    (OneOf(3, 1), "2", "show"),
    (Number(0, 1, 0.2, 0.05, log=False), "0.35", "0.35"),
    (Place(50, (3, 40), near=1), "40~3", "3 · 40"),
    (Curve((1, 10), 0, 1, (0.9, 0.1), 0.1), "0.5~0.25", "0.5 · 0.25"),
    (Order((2, 0, 1)), "2~0~1", "show > write > keep"),
]


@pytest.mark.parametrize(("question", "answer", "said"), QUESTIONS)
def test_a_class_is_written_and_read_whole(question: Question, answer: str, said: str) -> None:
    """Every kind of question, and what was answered as a person reads it."""
    asked = replace(ASKED, question=question)
    state = Class("teacher").brought(HERE, asked).opened()
    assert Class.of_text(state.text()) == state
    assert asked.said(answer) == said


@pytest.mark.parametrize("text", ["", "{}", "[]", "nothing", '{"host": 1}', "null"])
def test_what_is_damaged_is_no_class(text: str) -> None:
    """Whatever stands in the file."""
    assert Class.of_text(text) is None


def test_what_is_too_long_is_cut() -> None:
    """An address, a text and options have a bound."""
    assert Where.of("gates", {"a": "x" * 401, "b": "y"}).query == (("b", "y"),)
    asked = Asked("p", OneOf(99, 0), "t" * 999, ("o" * 999,) * 99)
    assert (len(asked.text), len(asked.options), len(asked.options[0])) == (400, 60, 400)


def test_a_round_that_was_closed_is_opened_again() -> None:
    """The same round; never one that was shown, or is open."""
    open_ = Class("host").brought(Where("start"), Asked("p", OneOf(2, 1), "What?")).opened()
    closed = open_.closed()
    assert closed.reopened() == open_
    again = closed.again().closed().reopened()
    assert again.asked is not None
    assert (again.asked.phase, again.asked.round) == ("open", 2)
    for state in (open_, closed.shown(), Class("host")):
        assert state.reopened() == state


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("You are the *write* gate.", "You are the write gate."),
        ("**Two** of *three* and ***all***", "Two of three and all"),
        ("2 * 3 * 4, a*, *b", "2 * 3 * 4, a*, *b"),
        ("你是*写入*门。", "你是写入门。"),
    ],
)
def test_bold_and_italics_are_words_in_a_class(text: str, found: str) -> None:
    """Bars and tables know no markup; a star that is a sign stays."""
    asked = Asked("p", OneOf(1, 0), text, (text,))
    assert (asked.text, asked.options) == (found, (found,))
