"""The strip above every page: what a teacher and a student can do next, and when it looks again."""

from collections.abc import Callable
from typing import Any

import pytest
import streamlit as st

from tests.viz_app.features.classroom.test_class import (  # noqa: F401
    Open,
    at,
    labels,
    led,
    no_classes,
    press,
    query,
    words,
)
from viz_app.kit.classes.store import Classes
from viz_app.kit.classes.value import ClassError
from viz_app.pages import script
from viz_app.text import say


def test_each_run_of_a_page_looks_under_another_name(
    open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look of an earlier run that comes late finds nothing, and disturbs nothing."""
    asked: list[str] = []
    fragment = st.fragment

    def noted(look: Callable[[], None], **more: Any) -> Callable[[], None]:
        asked.append(look.__qualname__)
        return fragment(look, **more)

    monkeypatch.setattr(st, "fragment", noted)
    teacher, _ = led(open_app)
    teacher.run()
    looks = [name for name in asked if name.startswith("look_")]
    assert len(looks) == len(set(looks)) >= 4


def test_at_their_own_pace_nobody_is_called(open_app: Open) -> None:
    """Led again, all are."""
    teacher, word = led(open_app)
    student = open_app("class", join=word)
    press(teacher, say("class.pace_own"))
    assert say("class.at_own_pace") in words(student.run())
    teacher.switch_page(script("memory")).run()
    assert say("class.bring") not in labels(teacher)
    press(teacher, say("class.lead_again"))
    press(teacher, say("class.bring"))
    assert say("class.follow") in words(student.run())


def test_a_question_closed_before_anybody_answered_is_opened_again(open_app: Open) -> None:
    """There is nothing to vote on a second time."""
    teacher, word = led(open_app)
    student = open_app("class", join=word)
    teacher.switch_page(script("mystery")).run()
    assert say("mystery.no_score") not in words(teacher)
    press(teacher, say("class.open"))
    press(teacher, say("class.close"))
    assert say("class.again") not in labels(teacher)
    press(teacher, say("class.reopen"))
    press(at(student.run(), "mystery"), "forget gate")
    press(teacher.run(), say("class.close"))
    assert say("class.reopen") not in labels(teacher)
    assert say("class.again") in labels(teacher)


def test_in_a_led_class_there_is_one_way_on_and_it_moves_everyone(open_app: Open) -> None:
    """No phone walks ahead; one at another step is shown the way back; alone each has its own."""
    teacher, word = led(open_app)
    student = open_app("class", join=word)
    teacher.switch_page(script("lessons"))
    teacher.query_params.update({"lesson": "write_keep_show", "step": "guess_place"})
    assert labels(teacher.run()).count(say("class.next")) == 1
    press(teacher, say("class.bring"))
    student.run()
    assert query(student)["step"] == "guess_place"
    assert say("lessons.next") not in labels(student)
    assert say("class.to_class") not in labels(student)
    press(teacher, say("class.next"))
    assert query(teacher)["step"] != "guess_place"
    student.run()
    assert query(student)["step"] == query(teacher)["step"]
    press(at(student, "lessons"), say("lessons.back"))
    assert query(student)["step"] == "guess_place"
    press(student, say("class.to_class"))
    assert query(student)["step"] == query(teacher)["step"]
    press(at(teacher, "lessons"), say("class.pace_own"))
    teacher.switch_page(script("class")).run()
    assert say("class.alone_how") in words(teacher)
    assert say("lessons.next") in labels(student.run())


def test_a_store_that_cannot_be_read_is_one_sentence(
    open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page goes on as alone."""

    def fail(*_: object) -> None:
        raise ClassError(say("class.store", reason="disk I/O error"))

    monkeypatch.setattr(Classes, "member", fail)
    app = open_app("mystery")
    (told,) = app.warning
    assert "disk I/O error" in told.value
    assert "Which gate is it?" in words(app)
