"""Whoever is in a class is brought where its teacher is, and nowhere that they were before."""

import re

from streamlit.testing.v1 import AppTest
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
from viz_app.features.classroom.second import paper
from viz_app.kit.page import class_follow, classroom
from viz_app.kit.words import counted
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


def let_lead(teacher: AppTest, phone: AppTest) -> None:
    """A phone that has joined becomes one of the teacher's devices."""
    press(phone, say("class.teacher"))
    number = re.search(r"\*\*(\d{3} \d{3})\*\*", words(phone))
    assert number is not None
    teacher.text_input(key="class_admit_number").set_value(number[1])
    press(teacher, say("class.admit"))
    phone.run()


def test_of_two_devices_that_lead_each_follows_the_other(open_app: Open) -> None:
    """A phone as a clicker moves the projector; nobody drags themselves."""
    teacher, word = led(open_app)
    phone, student = (open_app("class", join=word) for _ in range(2))
    let_lead(teacher, phone)
    assert say("class.bring") in labels(phone)
    assert say("class.teacher") not in labels(phone)
    assert "**1 student has joined**" in words(teacher.run())
    assert counted("class.also_lead", 1) in words(teacher)
    teacher.switch_page(script("lessons"))
    teacher.query_params.update({"lesson": "write_keep_show", "step": "guess_place"})
    press(teacher.run(), say("class.bring"))
    phone.run()
    assert query(phone)["step"] == "guess_place"
    press(at(phone, "lessons"), say("class.next"))
    step = query(phone)["step"]
    assert step != "guess_place"
    for other in (at(teacher, "lessons"), student.run()):
        assert query(other)["step"] == step
    teacher.switch_page(script("memory")).run()
    assert say("class.to_class") in labels(teacher)
    assert "step" not in query(at(teacher, "memory"))
    press(at(teacher, "memory"), say("class.to_class"))
    assert query(teacher)["step"] == step


def test_the_private_link_leads_from_any_device(open_app: Open) -> None:
    """To where the class is; it stands on no page, and one that is not valid is one sentence."""
    teacher, word = led(open_app)
    student = open_app("class", join=word)
    (found,) = classroom.classes().all()
    link = classroom.classes().private(word, found.host)
    key = link.partition(".")[2]
    html = paper(word, found.host, "http://10.0.0.7:8501/class")
    assert f'href="http://10.0.0.7:8501/class?lead={word}.{key}"' in html
    assert "<svg" in html
    assert key not in str(teacher.run())
    teacher.switch_page(script("lessons"))
    teacher.query_params.update({"lesson": "write_keep_show", "step": "guess_left"})
    press(teacher.run(), say("class.bring"))
    other = open_app("class", lead=link)
    assert query(other)["step"] == "guess_left"
    assert say("class.open") in labels(other)
    stranger = open_app("class", lead=f"{word}.guessed")
    (told,) = stranger.warning
    assert told.value == say("class.no_spare")
    assert say("class.begin") in labels(stranger)
    assert say("class.open") not in labels(student.run())
