"""The game's page: guesses, answers, scores, and a class that plays together."""

import re
from collections.abc import Callable
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

import viz_app.text as texts
from tests.viz_app.features.classroom.test_class import no_classes, words  # noqa: F401
from viz_app.features.mystery import served as cached
from viz_app.features.mystery import words as mystery_words
from viz_app.kit import library
from viz_app.kit.page import classroom
from viz_app.kit.sharing import STORE
from viz_app.pages import script
from viz_app.text import say

PAGE = "mystery"


def press(app: AppTest, label: str) -> AppTest:
    """Press the one button that says so."""
    (button,) = [button for button in app.button if button.label == label]
    button.click().run()
    assert not app.exception
    return app


def labels(app: AppTest) -> list[str]:
    """The buttons of the page itself, without those that stand on every page."""
    frame = (say("app.share"), say("app.projector"), "?")
    return [button.label for button in app.main.get("button") if button.label not in frame]


def alt_of(app: AppTest, number: int = 0) -> str:
    """What the chart says to those who cannot see it."""
    return str(app.get("vega_lite_chart")[number].proto.alt)


def right_and_wrong(number: int) -> tuple[str, str]:
    """A round's right answer and a wrong one, as the buttons have them."""
    found = cached.round_of(number)
    assert found is not None
    right = mystery_words.right(found)
    offered = mystery_words.answers(found.riddle.kind, found.run)
    return right, next(answer for answer in offered if answer != right)


def test_a_round_opens_without_its_name(open_app: Callable[..., AppTest]) -> None:
    """With a question, its answers by keys, and no word of the answer elsewhere."""
    app = open_app(PAGE)
    assert app.query_params["round"] == "1"
    found = cached.round_of(1)
    assert found is not None
    offered = mystery_words.answers("lstm_gate", found.run)
    assert labels(app)[:3] == list(offered)
    shortcuts = [b.proto.shortcut for b in app.main.get("button") if b.label in offered]
    assert shortcuts == ["1", "2", "3"]
    assert "Which gate is it?" in words(app)
    assert mystery_words.why(found) not in words(app)
    assert alt_of(app) == mystery_words.alternative(found, False)
    assert not app.get("link_button")


@pytest.mark.parametrize("number", [1, 2, 3, 5, 9])
def test_guessing_right(open_app: Callable[..., AppTest], number: int) -> None:
    """The answer, the reason, the name over the picture, the way to the page Gates, a score."""
    app = open_app(PAGE, round=str(number))
    right, _ = right_and_wrong(number)
    press(app, right)
    found = cached.round_of(number)
    assert found is not None
    (told,) = app.success
    assert f"Right. It is: **{right}**." in told.value
    assert mystery_words.why(found) in told.value
    assert mystery_words.picture(found) in app.get("vega_lite_chart")[0].proto.spec
    assert "**1 of 1 correct** · 1 in a row" in words(app)
    (link,) = app.get("link_button")
    assert link.proto.url == mystery_words.gates_address(found)
    assert right not in labels(app)
    assert alt_of(app) == mystery_words.alternative(found, True)


def test_guessing_wrong_and_going_on(open_app: Callable[..., AppTest]) -> None:
    """The score counts both; a round that was guessed stays so when one comes back to it."""
    app = open_app(PAGE)
    right, wrong = right_and_wrong(1)
    press(app, wrong)
    (told,) = app.info
    assert f"It is: **{right}**. Your guess was: {wrong}." in told.value
    assert "**0 of 1 correct** · 0 in a row" in words(app)
    (on,) = [b for b in app.main.get("button") if b.label == say("mystery.next")]
    assert on.proto.shortcut == "n"
    press(app, say("mystery.next"))
    assert app.query_params["round"] == "2"
    assert alt_of(app) == mystery_words.alternative(cached.round_of(2), False)  # type: ignore[arg-type]
    press(app, right_and_wrong(2)[0])
    assert "**1 of 2 correct** · 1 in a row" in words(app)
    app.query_params["round"] = "1"
    app.run()
    assert wrong in app.info[0].value
    app.switch_page(script("tasks")).run()
    app.switch_page(script(PAGE)).run()
    assert "**1 of 2 correct** · 1 in a row" in words(app)
    assert app.query_params["round"] == "1"


@pytest.mark.parametrize(("asked", "number"), [("17", "17"), ("0", "1"), ("1000", "1"), ("x", "1")])
def test_the_address_chooses_the_round(
    open_app: Callable[..., AppTest], asked: str, number: str
) -> None:
    """A round that there is not is the first."""
    app = open_app(PAGE, round=asked)
    assert app.query_params["round"] == number
    assert alt_of(app) == mystery_words.alternative(cached.round_of(int(number)), False)  # type: ignore[arg-type]


def test_the_link_opens_gates_at_this_view(
    open_app: Callable[..., AppTest], page_spec: Any
) -> None:
    """Its address chooses that run, checkpoint, example and unit there, in the same order."""
    for number in (1, 3, 5):
        found = cached.round_of(number)
        assert found is not None
        chosen = dict(re.findall(r"(\w+)=([^&]+)", mystery_words.gates_address(found)))
        app = open_app(**chosen)
        assert dict(app.query_params) == chosen
        rows = page_spec(app)["datasets"]["rows"]
        assert [row["unit"] for row in rows] == list(found.data.shape.units)


def opened(open_app: Callable[..., AppTest], students: int) -> tuple[AppTest, list[AppTest]]:
    """A teacher at the first round, and students in the class."""
    teacher = press(open_app("class"), say("class.begin"))
    found = classroom.classes().all()[0].key
    joined = [open_app("class", join=found) for _ in range(students)]
    teacher.switch_page(script(PAGE)).run()
    return teacher, joined


def test_a_class_guesses_twice_and_sees_the_answer_together(
    open_app: Callable[..., AppTest],
) -> None:
    """From the teacher's button over two rounds to bars, reason, scores and the next picture."""
    teacher, (one, two) = opened(open_app, 2)
    right, wrong = right_and_wrong(1)
    assert right not in labels(teacher)
    press(teacher, say("class.open"))
    for app in (one.run(), two.run()):
        assert app.query_params["round"] in ("1", ["1"])
        app._page_hash = calc_hash(PAGE)  # a browser knows where it was led
        assert {right, wrong} <= set(labels(app))
    press(one, right)
    assert say("mystery.class_guess", guess=right) in words(one)
    assert right not in labels(one)
    press(two, wrong)
    assert say("class.answered", answers=2, here=2) in words(teacher.run())
    press(teacher, say("class.close"))
    assert say("class.move_pairs", share="50%") in words(teacher)
    assert not classes_bars(teacher)
    assert say("class.stage_closed") in words(one.run())
    press(teacher, say("class.again"))
    for app in (one.run(), two.run()):
        press(app, right)
    press(teacher.run(), say("class.close"))
    assert mystery_words.why(cached.round_of(1)) not in words(teacher)  # type: ignore[arg-type]
    press(teacher, say("class.show"))
    (told,) = classes_bars(teacher)
    assert f"Correct: {right} Round 1: 1 (50%) Round 2: 2 (100%)" in told
    assert f"{wrong} Round 1: 1 (50%) Round 2: 0 (0%)" in told
    assert "50% correct (1 of 2), then 100% correct (2 of 2)" in words(teacher)
    for app in (one.run(), two.run()):
        assert classes_bars(app) == [told]
        assert f"Right. It is: **{right}**." in words(app)
        assert "**1 of 1 correct** · 1 in a row" in words(app)
    press(teacher, say("class.next"))
    assert say("mystery.round", number=2) in words(teacher)
    assert say("mystery.round", number=2) in words(one.run())
    assert right_and_wrong(2)[0] not in labels(one)  # it is not open yet


def classes_bars(app: AppTest) -> list[str]:
    """What the bars of a class say."""
    bodies = [
        part.proto.body for part in app.get("html") if 'class="class-bars"' in part.proto.body
    ]
    texts = [re.sub(r"<style>.*</style>|<[^>]*>", " ", body, flags=re.DOTALL) for body in bodies]
    return [" ".join(text.split()) for text in texts]


@pytest.mark.parametrize("key", ["nobody", "x/y", "<b>x</b>"])
def test_an_address_of_an_earlier_game_leads_to_the_page_of_classes(
    open_app: Callable[..., AppTest], key: str
) -> None:
    """With one sentence, and a place to type a word."""
    app = open_app(PAGE, **{"class": key})
    assert not app.exception
    (told,) = app.warning
    assert "There is no class" in told.value
    assert [field.label for field in app.text_input] == [say("class.word"), say("class.nickname")]


GREEK = str.maketrans("abcdefghijklmnopqrstuvwxyz", "αβγδεζηθικλμνξοπρστυφχψωϑϰ")
BIG = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩϴϏ")


def made_up(text: str) -> str:
    """The same text in letters that are not Latin; what stands in braces stays."""
    parts = re.split(r"(\{[^{}]*\})", text)
    return "".join(p if p.startswith("{") else p.translate(GREEK).translate(BIG) for p in parts)


def test_answers_and_classes_are_in_the_readers_language(
    open_app: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What `test_language` does not reach: a revealed round of each set, a class."""
    changed = {key: made_up(text) for key, text in texts.texts("en").items()}
    monkeypatch.setattr(texts, "texts", lambda chosen: changed)
    st.cache_resource.clear()
    STORE.clear()
    try:
        said = []
        for number in ("1", "2", "3"):
            app = open_app(PAGE, round=number)
            said.append(seen(press(app, labels(app)[0])))
        teacher, (student,) = opened(open_app, 1)
        press(teacher, say("class.open"))
        found = classroom.classes().all()[0].key
        said += [seen(teacher), seen(student.run())]
        student._page_hash = calc_hash(PAGE)
        press(student, labels(student)[0])
        for label in ("close", "again", "close", "show"):
            press(teacher, say(f"class.{label}"))
            said += [seen(teacher), seen(student.run())]
        said.append(seen(teacher.switch_page(script("class")).run()))
        said = [each.replace(found, "") for each in said]
    finally:
        st.cache_resource.clear()
        STORE.clear()
    plain = " ".join(said)
    assert len(plain) > 3000
    assert re.findall(r"[A-Za-z]{2,}", plain) == []


def seen(app: AppTest) -> str:
    """What a page says, on its buttons, and to those who cannot see its charts."""
    alts = [alt_of(app, number) for number in range(len(app.get("vega_lite_chart")))]
    helps = [button.proto.help for button in app.main.get("button")]
    return "\n".join([words(app), *labels(app), *helps, *alts])


def test_without_prepared_runs_it_says_so(
    open_app: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """One's own runs are not guessed at."""
    from viz_app.kit.page import served as shared

    monkeypatch.setenv(library.OWN_RUNS, str(library.PREPARED))
    monkeypatch.setattr(library, "PREPARED", tmp_path / "nothing")
    st.cache_resource.clear()
    STORE.clear()
    try:
        app = open_app(PAGE)
        assert shared.library().runs
        assert say("mystery.nothing") in words(app)
    finally:
        st.cache_resource.clear()
        STORE.clear()


def test_an_untrained_picture_is_called_untrained(open_app: Callable[..., AppTest]) -> None:
    """What stands under a picture is of the network that is drawn, not of its end."""
    number = next(n for n in range(1, 60) if not cached.round_of(n).riddle.step)  # type: ignore[union-attr]
    app = open_app(PAGE, round=str(number))
    press(app, right_and_wrong(number)[0])
    trained = [caption.value for caption in app.caption if "parameters" in caption.value]
    assert len(trained) == 1
    assert "untrained" in trained[0]
    assert "accuracy 100%" not in trained[0]
