"""A class in sessions: joined by word or code, led from page to page, left, found again, ended."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from viz_app.features.classroom.joining import hosts
from viz_app.features.classroom.wording import worded
from viz_app.features.lessons.facts import facts_of
from viz_app.features.lessons.lesson import lesson, names
from viz_app.kit.classes.tally import table
from viz_app.kit.classes.value import Asked
from viz_app.kit.page import classroom
from viz_app.kit.question import OneOf
from viz_app.kit.recordings import HERE
from viz_app.kit.words import counted
from viz_app.pages import script
from viz_app.serving import addresses
from viz_app.serving.addresses import others, with_host
from viz_app.text import say

Open = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def no_classes() -> Iterator[None]:
    """No class of an earlier test."""
    classroom.classes.clear()
    yield
    classroom.classes.clear()


def words(app: AppTest) -> str:
    """All that a page says."""
    assert not app.exception, [error.value for error in app.exception]
    parts = [*app.markdown, *app.caption, *app.info, *app.success, *app.warning, *app.error]
    return "\n".join(part.value for part in parts)


def labels(app: AppTest) -> list[str]:
    """The buttons."""
    return [button.label for button in app.button]


def press(app: AppTest, label: str) -> AppTest:
    """Press the one button that says so."""
    (button,) = [button for button in app.button if button.label == label]
    button.click().run()
    assert not app.exception
    return app


def at(app: AppTest, page: str) -> AppTest:
    """A browser that was led to a page, and knows where it is."""
    app._page_hash = calc_hash(page)
    return app.run()


def query(app: AppTest) -> dict[str, str]:
    """The address's choices."""
    return {k: v if isinstance(v, str) else v[0] for k, v in dict(app.query_params).items()}


def led(open_app: Open) -> tuple[AppTest, str]:
    """A teacher who has opened a class, and its word."""
    teacher = press(open_app("class"), say("class.begin"))
    return teacher, classroom.classes().all()[0].key


def test_the_projector_shows_word_and_code_and_counts_who_is_here(open_app: Open) -> None:
    """The address in the code joins at once."""
    teacher, word = led(open_app)
    assert f"# {word}" in words(teacher)
    assert teacher.code[0].value.endswith(f"?join={word}")
    assert len(teacher.get("image")) == 1
    open_app("class", join=word)
    open_app("class", join=word.upper())
    assert "**2 students have joined**, 2 here now." in words(teacher.run())
    assert "2 here" in words(teacher)


def test_a_word_is_typed_and_a_wrong_one_is_one_sentence(open_app: Open) -> None:
    """Whatever is typed; the field stays."""
    _, word = led(open_app)
    app = open_app("class")
    for wrong in ("nobody", "<b>x</b>", "![x](http://x)"):
        app.text_input[0].set_value(wrong)
        press(app, say("class.join"))
        (told,) = app.warning
        assert "There is no class" in told.value
        assert "![x]" not in told.value
    app.text_input[0].set_value(f" {word.title()} ")
    app.text_input[1].set_value("Ada")
    press(app, say("class.join"))
    assert say("class.you_are_in", word=word) in words(app)
    assert app.text_input[0].value == "Ada"
    app.text_input[0].set_value("Grace").run()
    assert say("class.nickname_kept") in words(app)
    assert say("class.nickname_kept") not in words(app.run())


def test_nobody_sees_a_nickname_before_the_teacher_wants_to(open_app: Open) -> None:
    """And no student ever sees that of another one."""
    teacher, word = led(open_app)
    student = open_app("class", join=word)
    student.text_input[0].set_value("Zoë Quux").run()
    other = open_app("class", join=word)
    assert "Quux" not in words(teacher.run())
    teacher.toggle[0].set_value(True).run()
    assert "Zoë Quux" in words(teacher)
    assert "Quux" not in words(other.run())


def test_who_leaves_is_in_no_class_and_comes_back_by_the_word(open_app: Open) -> None:
    """A teacher goes on with one that was left; ended, it is gone for all."""
    teacher, word = led(open_app)
    student = open_app("class", join=word)
    press(student, say("class.leave"))
    assert say("class.ended") not in words(student)
    assert labels(student).count(say("class.join")) == 1
    student.query_params["join"] = word
    student.run()
    assert say("class.you_are_in", word=word) in words(student)
    press(teacher, say("class.leave"))
    press(teacher, say("class.go_on", word=word, answers=0))
    assert f"# {word}" in words(teacher)
    press(teacher, say("class.end"))
    press(teacher, say("teacher.yes"))
    assert classroom.classes().all() == []
    assert say("class.ended_led", word=word) in words(teacher)
    assert say("class.join") in labels(teacher)
    assert say("class.join") in labels(student.run())
    assert say("class.ended") in words(student.run())
    assert say("class.ended") not in words(at(student, "tasks"))
    assert say("class.ended_led", word=word) not in words(press(teacher, say("class.begin")))


def test_the_closing_page_has_every_answer_beside_the_truth(open_app: Open) -> None:
    """The teacher sees all questions, a student what was shown, with the own answer."""
    teacher, word = led(open_app)
    student = open_app("class", join=word)
    teacher.switch_page(script("mystery")).run()
    press(teacher, say("class.open"))
    press(at(student.run(), "mystery"), "forget gate")
    press(teacher.run(), say("class.close"))
    student.switch_page(script("class")).run()
    assert say("class.nothing_asked") in words(student)
    teacher.switch_page(script("mystery")).run()
    press(teacher, say("class.show"))
    teacher.switch_page(script("class"))
    teacher.query_params["tab"] = "answers"
    for app in (teacher.run(), student.run()):
        assert "**1. Which gate is it?**" in words(app)
        assert say("class.right_is", answer="input gate") in words(app)
        assert "0% correct (0 of 1)" in words(app)
    assert say("class.you_said", answer="forget gate") in words(student)
    assert "Your answer" not in words(teacher)
    press(student, say("class.see"))
    assert "Which gate is it?" in words(student)
    assert "round" in query(student)


def test_a_guess_stays_in_the_picture_while_the_answers_are_hidden(
    open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All places of it, not what the fields that are gone had last."""
    from viz_app.features.lessons import picture

    drawn: list[picture.Guess | None] = []
    draw = picture.draw

    def noted(view: object, key: str, guess: picture.Guess | None = None, *more: object) -> None:
        drawn.append(guess)
        draw(view, key, guess, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(picture, "draw", noted)
    teacher, word = led(open_app)
    student = open_app("class", join=word)
    teacher.switch_page(script("lessons"))
    teacher.query_params.update({"lesson": "write_keep_show", "step": "guess_place"})
    press(teacher.run(), say("class.open"))
    at(student.run(), "lessons")
    for field, step in zip(student.number_input, (10, 20), strict=True):
        field.set_value(step)
    press(student.run(), say("question.guess"))
    press(teacher.run(), say("class.close"))
    student.run()
    assert say("class.you_said", answer="10 · 20") in words(student)
    assert drawn[-1] is not None
    assert [row["value"] for row in drawn[-1].rows] == [10, 20]


def test_an_intervention_is_guessed_by_a_class(open_app: Open) -> None:
    """Nothing is revealed before it is shown; then the bars stand beside the verdict."""
    teacher, word = led(open_app)
    student = open_app("class", join=word)
    teacher.switch_page(script("intervene"))
    teacher.query_params["ask"] = "forgets_all"
    press(teacher.run(), say("class.open"))
    at(student.run(), "intervene")
    student.radio[0].set_value("worse").run()
    press(student, say("class.give"))
    for app in (teacher.run(), student.run()):
        assert not app.table
    press(teacher, say("class.close"))
    press(teacher, say("class.show"))
    for app in (teacher, student.run()):
        assert app.table
        assert "100% correct (1 of 1)" in words(app)
    assert say("intervene.guessed_right") in words(student)
    (asked,) = classroom.classes().questions(word)
    assert asked.phase == "shown"


@pytest.mark.parametrize(
    ("url", "local", "found"),
    [
        ("http://127.0.0.1:8501/class", True, ["127.0.0.1"]),
        ("http://127.0.0.1:8501/class", False, ["10.0.0.7", "192.168.1.5", "127.0.0.1"]),
        ("http://192.168.1.5:8501/class", False, ["192.168.1.5", "10.0.0.7"]),
        ("https://school.example/class", False, ["school.example", "10.0.0.7", "192.168.1.5"]),
        ("", True, ["localhost"]),
    ],
)
def test_hosts_that_the_teacher_can_choose(
    url: str, local: bool, found: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """First the one that phones are likely to reach."""
    monkeypatch.setattr(
        "viz_app.features.classroom.joining.own_addresses", lambda: ["10.0.0.7", "192.168.1.5"]
    )
    assert hosts(url, local) == found


def test_addresses_that_only_this_machine_knows_are_left_out() -> None:
    """Each once; a network of containers last."""
    found = [
        "127.0.0.1", "172.17.0.1", "192.168.1.5", "0.0.0.0", "169.254.3.3", "fe80::1", "board",
        "localhost", "192.168.1.5", "10.1.2.3", "",
    ]  # fmt: skip
    assert others(found) == ["192.168.1.5", "board", "10.1.2.3", "172.17.0.1"]
    assert addresses.own_addresses() == others(addresses.own_addresses())


@pytest.mark.parametrize(
    ("url", "host", "found"),
    [
        ("http://127.0.0.1:8501/class", "10.0.0.7", "http://10.0.0.7:8501/class"),
        ("https://school.example/class", "board", "https://board/class"),
        ("http://[::1]:8501/class", "fd00::2", "http://[fd00::2]:8501/class"),
    ],
)
def test_another_host_keeps_port_and_page(url: str, host: str, found: str) -> None:
    """So that the code leads to this very server."""
    assert with_host(url, host) == found


def test_the_closing_page_tells_nothing_before_it_is_shown(open_app: Open) -> None:
    """It may be on the projector while the class votes; the teacher can look at it."""
    teacher, word = led(open_app)
    student = open_app("class", join=word)
    student.text_input[0].set_value("Ada").run()
    teacher.switch_page(script("mystery")).run()
    press(teacher, say("class.open"))
    press(at(student.run(), "mystery"), "forget gate")
    teacher.switch_page(script("class"))
    teacher.query_params["tab"] = "answers"
    assert "**1. Which gate is it?**" in words(teacher.run())
    assert say("class.not_shown") in words(teacher)
    assert "input gate" not in words(teacher)
    press(teacher, say("class.show_here"))
    assert say("class.right_is", answer="input gate") in words(teacher)
    bars = [part.proto.body for part in teacher.get("html") if "class-bars" in part.proto.body]
    assert "Ada" not in bars[-1]
    teacher.toggle[0].set_value(True).run()
    bars = [part.proto.body for part in teacher.get("html") if "class-bars" in part.proto.body]
    assert "Ada" in bars[-1]
    assert say("class.right_is", answer="input gate") not in words(student.run())


def test_each_reads_what_was_asked_in_their_own_language(open_app: Open) -> None:
    """The teacher's page was English; the student's, and the options in it, are Chinese."""
    teacher, word = led(open_app)
    student = open_app("class", join=word, lang="zh")
    teacher.switch_page(script("mystery")).run()
    press(teacher, say("class.open"))
    student.run()
    press(at(student, "mystery"), "遗忘门")
    press(teacher.run(), say("class.close"))
    press(teacher, say("class.show"))
    student.switch_page(script("class")).run()
    assert "输入门" in words(student)
    assert "input gate" not in words(student)
    assert "Which" not in words(student)


@pytest.mark.parametrize("name", names())
def test_every_question_of_a_lesson_is_worded_anew(name: str) -> None:
    """As its page asks it; one that is no more is told as it was asked."""
    opened = lesson(name)
    facts = facts_of(name, HERE)
    for place, question in opened.questions.items():
        told = question.told(facts)
        value = question.question(facts)
        options = tuple(told.options.values())
        new = Asked(f"{name}.{place}", value, told.asks, options)
        old = Asked(f"{name}.{place}", value, "alt", tuple(map(str, range(len(options)))))
        assert worded(old) == new
    gone = Asked(f"{name}.gone", OneOf(2, 0), "alt", ("a", "b"))
    assert worded(gone) == gone


@pytest.mark.parametrize(
    ("place", "options", "text"),
    [
        ("mystery.1", 3, "Which gate is it?"),
        ("retention.lstm", 7, "at which delay"),
        ("intervene.adding-lstm recurrent/l0 cannot_forget", 4, "forget"),
    ],
)
def test_other_questions_are_worded_anew(place: str, options: int, text: str) -> None:
    """With as many answers as were kept, else as they were."""
    asked = Asked(place, OneOf(options, 0), "alt", ("alt",) * options)
    assert text in worded(asked).text
    assert "alt" not in worded(asked).options
    fewer = Asked(place, OneOf(2, 0), "alt", ("a", "b"))
    assert worded(fewer) == fewer
    lost = Asked(place.partition(".")[0] + ".no such", OneOf(2, 0), "alt", ("a", "b"))
    assert worded(lost) == lost


def test_questions_that_a_lesson_leaves_out_stand_in_the_table(open_app: Open) -> None:
    """Asked in no round; the closing page does not tell them."""
    teacher, word = led(open_app)
    open_app("class", join=word)
    teacher.switch_page(script("lessons"))
    teacher.query_params.update({"lesson": "write_keep_show", "step": "guess_place"})
    teacher.run()
    assert classroom.classes().questions(word) == []  # the class is not there yet
    press(teacher, say("class.open"))
    teacher.run()
    kept = classroom.classes().questions(word)
    places = [f"write_keep_show.{place}" for place in lesson("write_keep_show").questions]
    assert [each.place for each in kept] == places
    assert [each.phase for each in kept] == ["open", *["waiting"] * (len(places) - 1)]
    assert {each.where.page for each in kept if each.where} == {"lessons"}
    seats = classroom.classes().seats(word)
    assert table(kept, {}, seats, False)["rounds"].tolist() == [1, *[0] * (len(places) - 1)]
    press(teacher, say("class.close"))
    press(teacher, say("class.show"))
    teacher.switch_page(script("class"))
    teacher.query_params["tab"] = "answers"
    assert counted("class.asked", 1) in words(teacher.run())


def test_a_server_that_knows_no_browsers_says_so(
    open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With ``streamlit run`` alone a tab is a device."""
    assert say("class.tab_alone") in words(open_app("class"))
    given = SimpleNamespace(read=lambda _: "browser", is_teacher=lambda _: False)
    monkeypatch.setattr("viz_app.serving.names.current", lambda: given)
    assert say("class.tab_alone") not in words(open_app("class"))
