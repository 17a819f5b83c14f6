"""Whoever is in a class is brought where its teacher is, and nowhere that they were before."""

from streamlit.util import calc_hash

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
from viz_app.kit.page import class_follow
from viz_app.pages import script
from viz_app.text import say


def test_students_follow_the_teacher_and_late_comers_arrive_where_the_class_is(
    open_app: Open,
) -> None:
    """With all that is chosen there; whoever reloads elsewhere is there again."""
    teacher, word = led(open_app)
    early = open_app("class", join=word)
    teacher.switch_page(script("gates"))
    teacher.query_params.update({"run": "adding-gru", "example": "3"})
    press(teacher.run(), say("class.bring"))
    late = open_app("class", join=word)
    for student in (early.run(), late):
        assert query(student).items() >= {"run": "adding-gru", "example": "3"}.items()
        assert student.number_input[0].value == 3
        assert say("class.follow") in words(student)
    early.switch_page(script("tasks")).run()  # looks around: nobody is dragged back
    assert say("class.to_class") in labels(early)
    press(at(early, "tasks"), say("class.to_class"))
    assert query(early)["run"] == "adding-gru"


def test_what_a_phone_has_chosen_before_does_not_count_where_it_is_called(open_app: Open) -> None:
    """It sees what the teacher sees: also what the address leaves out as usual."""
    teacher, word = led(open_app)
    student = open_app("class", join=word)
    student.switch_page(script("gates")).run()
    student.number_input[0].set_value(5).run()
    teacher.switch_page(script("gates")).run()
    usual = teacher.number_input[0].value
    assert usual != 5
    press(teacher, say("class.bring"))
    assert student.run().number_input[0].value == usual


def test_a_phone_that_was_sent_and_did_not_arrive_is_sent_again(open_app: Open) -> None:
    """Another run of its page may take the place of the one that it was sent to; five times."""
    teacher, word = led(open_app)
    student = open_app("class", join=word)
    teacher.switch_page(script("tasks")).run()
    press(teacher, say("class.bring"))
    for _ in range(2):  # each run begins on the page of classes, as if it had not been sent
        student._page_hash = calc_hash("class")
        student.session_state[class_follow.SEEN] = None
        assert "# Tasks" in words(student.run())
    student.session_state[class_follow.SENT] = (word, 1), class_follow.MOST_SENT
    student.session_state[class_follow.SEEN] = None
    assert say("class.you_are_in", word=word) in words(student.run())
