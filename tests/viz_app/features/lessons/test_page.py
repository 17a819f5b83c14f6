"""The page of lessons: a guess before the picture, kept, drawn, and told with its reason."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from streamlit.dataframe_util import convert_arrow_bytes_to_pandas_df
from streamlit.testing.v1 import AppTest

from viz_app.features.lessons import lesson as files
from viz_app.features.lessons import progress
from viz_app.features.lessons.facts import facts_of
from viz_app.features.lessons.words import fill
from viz_app.kit.chart.guessed import GUESSES
from viz_app.kit.page.answer_forms import FORMS
from viz_app.kit.page.kept_answers import ANSWERS
from viz_app.text import say

NAME = "write_keep_show"
GUESS = say("question.guess")


def texts(app: AppTest) -> str:
    """All that a reader sees in words."""
    assert not app.exception
    parts = [*app.markdown, *app.caption, *app.info, *app.success, *app.warning]
    return as_read("\n".join(part.value for part in parts))


def as_read(text: str) -> str:
    """Without what opens when a term is touched, and without tags."""
    return re.sub(r"<span popover.*?</a></span>|</?(?:button|span)[^>]*>", "", text)


def press(app: AppTest, label: str) -> AppTest:
    """A button by its label."""
    return next(each for each in app.button if each.label == label).click().run()


def charts(app: AppTest) -> list[dict[str, Any]]:
    """The specs of all charts."""
    return [json.loads(each.proto.spec) for each in app.get("vega_lite_chart")]


def test_all_lessons_are_listed(open_app: Callable[..., AppTest]) -> None:
    """With their goals and minutes; one begins with its first step, by an address of its own."""
    app = open_app("lessons")
    told = texts(app)
    for name in files.names():
        read = files.lesson(name)
        assert f"{read.number} · {read.title}" in told
        assert read.goal in told
    app.button(key=f"lessons_open_{NAME}").click().run()
    assert dict(app.query_params) == {"lesson": NAME, "step": "guess_place"}


@pytest.mark.parametrize("step", [*(s.id for s in files.lesson(NAME).steps), "end"])
def test_every_step_has_an_address(open_app: Callable[..., AppTest], step: str) -> None:
    """It opens there, says its words, and goes on to the next, and back."""
    read, facts = files.lesson(NAME), facts_of(NAME)
    app = open_app("lessons", lesson=NAME, step=step)
    assert app.query_params["step"] == step
    found = read.step(step)
    if found is not None:
        assert fill(found.words, facts) in texts(app)
    steps = progress.steps_of(read)
    place = steps.index(step)
    if place:
        press(app, say("lessons.back"))
        assert app.query_params["step"] == steps[place - 1]
        press(app, say("lessons.next"))
    assert app.query_params["step"] == step


def test_a_place_is_guessed_before_the_picture(open_app: Callable[..., AppTest]) -> None:
    """By its fields; then the picture has the row that was asked about, the guess framed on it."""
    app = open_app("lessons", lesson=NAME, step="guess_place")
    read, facts = files.lesson(NAME).steps[0], facts_of(NAME)
    assert read.question is not None
    (before,) = charts(app)
    assert "write" not in json.dumps(before["layer"])
    assert app.button(key=f"{NAME}.guess_place_given").disabled
    assert read.question.reason(facts) not in texts(app)
    first, second = facts["marks"]
    app.number_input(key=f"{NAME}.guess_place_place_0").set_value(facts["last"]).run()
    app.number_input(key=f"{NAME}.guess_place_place_1").set_value(first).run()
    app.button_group(key=f"{NAME}.guess_place_sure").set_value(2).run()
    press(app, GUESS)
    assert app.session_state[ANSWERS][f"{NAME}.guess_place"] == f"{first}~{facts['last']}@2"
    told = texts(app)
    assert read.question.reason(facts) in told
    assert read.question.wrong["end"] in told
    assert fill(read.then, facts) in told
    assert f"{first} and {facts['last']}" in told
    assert f"{first} and {second}" in told
    (after,) = charts(app)
    drawn = json.dumps(after["layer"])
    assert "'write'" in drawn
    (chart,) = app.get("vega_lite_chart")
    (rows,) = (each for each in chart.proto.datasets if each.name == GUESSES)
    framed = convert_arrow_bytes_to_pandas_df(rows.data.data)
    assert sorted(framed["value"]) == [first, facts["last"]]
    assert set(framed["text"]) == {say("question.your_guess")}


def test_a_number_stands_beside_the_right_one(open_app: Callable[..., AppTest]) -> None:
    """As a small picture; the step's own picture is shown with it."""
    app = open_app("lessons", lesson=NAME, step="guess_left")
    facts = facts_of(NAME)
    app.slider(key=f"{NAME}.guess_left_number").set_value(0.9).run()
    press(app, GUESS)
    assert len(charts(app)) == 2
    (small,) = (spec for spec in charts(app) if "'keep'" not in json.dumps(spec))
    values = [row["value"] for layer in small["layer"] for row in layer["data"]["values"]]
    assert set(values) == {0.9, facts["left_low"]}
    question = files.lesson(NAME).steps[1].question
    assert question is not None
    assert fill(question.wrong["one"], facts) in texts(app)


def test_a_right_answer_gets_its_reason_too(open_app: Callable[..., AppTest]) -> None:
    """And nothing of wrong ones."""
    app = open_app("lessons", lesson=NAME, step="guess_leak")
    question, facts = files.lesson(NAME).step("guess_leak").question, facts_of(NAME)  # type: ignore[union-attr]
    assert question is not None
    right = list(question.options).index(facts["verdict"])
    app.radio(key=f"{NAME}.guess_leak_one").set_value(right).run()
    press(app, GUESS)
    told = texts(app)
    assert question.reason(facts) in told
    assert say("lessons.as_it_is") in told
    assert not [text for text in question.wrong.values() if text in told]


def test_marks_can_be_moved_by_keyboard(open_app: Callable[..., AppTest]) -> None:
    """The thing to change: the picture follows; what is told is of the picture before."""
    app = open_app("lessons", lesson=NAME, step="show")
    (before,) = charts(app)
    assert say("lessons.before_change") not in texts(app)
    app.number_input(key=f"{NAME}.show_step_2").set_value(20).run()
    (after,) = charts(app)
    value = {signal["name"]: signal.get("value") for signal in after["config"]["signals"]}
    assert value["mark2"] == 20
    assert before != after
    assert say("lessons.before_change") in texts(app)
    app.button(key=f"{NAME}.show_back").click().run()
    assert charts(app) == [before]
    assert say("lessons.before_change") not in texts(app)


@pytest.mark.parametrize(
    ("name", "step", "given"),
    [
        (read.id, step.id, step.question)
        for read in map(files.lesson, files.names()) for step in read.steps
        if set(step.controls) - {"own"}
    ],
)  # fmt: skip
def test_nothing_was_changed_yet(
    open_app: Callable[..., AppTest], name: str, step: str, given: Any
) -> None:
    """What a step offers begins with what its words are of."""
    key = f"{name}.{step}"
    question = given and given.question(facts_of(name))
    answers = {key: question.write(question.truth)} if question else {}
    app = open_app("lessons", lesson=name, step=step)
    app.session_state[ANSWERS] = answers
    assert say("lessons.before_change") not in texts(app.run())
    assert charts(app)


def test_the_build_says_when_it_is_reached(open_app: Callable[..., AppTest]) -> None:
    """Nothing is at first; what was set before is set again."""
    from viz_app.features.lessons.builds import adder22

    app = open_app("lessons", lesson=NAME, step="build")
    build = files.lesson(NAME).step("build").build  # type: ignore[union-attr]
    assert build is not None
    assert build.reached not in texts(app)
    solved = adder22.BUILD.write(adder22.BUILD.of(**adder22.BUILD.solution))
    again = AppTest.from_file(app._script_path, default_timeout=120)
    again._page_hash = app._page_hash
    again.session_state[ANSWERS] = {f"{NAME}.build.built": solved}
    again.query_params["lesson"], again.query_params["step"] = NAME, "build"
    assert build.reached in texts(again.run())


def test_three_questions_finish_it(open_app: Callable[..., AppTest]) -> None:
    """Each with its reason; then the lesson is done, and can be answered anew."""
    app = open_app("lessons", lesson=NAME, step="end")
    read, facts = files.lesson(NAME), facts_of(NAME)
    app.radio(key=f"{NAME}.closing.wipe_one").set_value(1).run()
    for question in read.closing:
        key = f"{NAME}.closing.{question.id}"
        if question.kind == "one":
            app.radio(key=f"{key}_one").set_value(0).run()
        elif question.kind == "number":
            there = {each.key: each for each in (*app.slider, *app.select_slider)}
            there[f"{key}_number"].set_value(question.question(facts).places()[0]).run()  # type: ignore[attr-defined]
        app.button(key=f"{key}_given").click().run()
        assert question.reason(facts) in texts(app)
    assert say("lessons.finished", goal=read.goal) in texts(app)
    press(app, say("lessons.anew"))
    assert read.closing[0].reason(facts) not in texts(app)
    assert app.radio(key=f"{NAME}.closing.wipe_one").value is None


@pytest.mark.parametrize(
    ("address", "said"),
    [({"lesson": "nothing"}, "no_lesson"), ({"lesson": NAME, "step": "nothing"}, "no_step")],
)
def test_a_wrong_link_says_so(
    open_app: Callable[..., AppTest], address: dict[str, str], said: str
) -> None:
    """And shows what there is."""
    assert say(f"lessons.{said}") in texts(open_app("lessons", **address))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", {}),
        ("{}", {}),
        ('{"a.b": "6~46@2", "a.c.seen": "1"}', {"a.b": "6~46@2", "a.c.seen": "1"}),
        ('{"a.b": 5, "c": "no point", "d.e": ["x"]}', {}),
        ("[1, 2]", {}),
        ("no json", {}),
        ('{"a.b": "' + "x" * 3000 + '"}', {}),
        ('{"a.b": "' + "x" * 70_000, {}),
    ],
)
def test_what_a_browser_sends_may_be_anything(text: str, found: dict[str, str]) -> None:
    """Only texts by key are taken."""
    assert progress.read(text) == found


def test_a_step_is_done_when_it_is_answered_or_built(monkeypatch: pytest.MonkeyPatch) -> None:
    """To go on does not do it, but where there is nothing to do; the end is its three answers."""
    kept: dict[str, str] = {}
    monkeypatch.setattr(progress, "notes", lambda: kept)
    read = files.lesson(NAME)
    steps = progress.steps_of(read)
    asked = [step.id for step in read.steps if step.question]
    builds = [step.id for step in read.steps if step.build]
    bare = [step.id for step in read.steps if not step.question and not step.build]
    assert asked
    assert builds
    assert bare
    assert not progress.begun(read)
    assert progress.next_of(read) == steps[0]
    for step in steps:
        progress.see(NAME, step)
    assert progress.done(read) == len(bare)
    assert progress.begun(read)
    assert progress.next_of(read) == asked[0]
    for step in asked:
        kept[f"{NAME}.{step}"] = "1"
    progress.build(NAME, builds[0], "1~2")
    assert progress.done(read) == len(bare) + len(asked)
    for step in builds:
        progress.reach(NAME, step)
    first, *others = read.closing
    for each in others:
        kept[f"{NAME}.closing.{each.id}"] = "0"
    assert progress.done(read) == len(steps) - 1
    assert progress.next_of(read) == progress.END
    kept[f"{NAME}.closing.{first.id}"] = "0"
    assert progress.done(read) == len(steps)


def first_of(kind: str) -> tuple[str, str]:
    """The first question of a kind: its lesson, and its place there."""
    return next(
        (name, place)
        for name in files.names()
        for place, question in files.lesson(name).questions.items()
        if question.kind == kind
    )


@pytest.mark.parametrize("kind", sorted(FORMS))
def test_each_kind_is_answered_by_its_widgets(open_app: Callable[..., AppTest], kind: str) -> None:
    """Nothing is told before; the answer is kept as it was given, and the reason follows."""
    name, place = first_of(kind)
    question, facts = files.lesson(name).questions[place], facts_of(name)
    step = "end" if place.startswith("closing") else place
    app, key = open_app("lessons", lesson=name, step=step), f"{name}.{place}"
    assert question.reason(facts) not in texts(app)
    value = question.question(facts)
    if kind == "one":
        given: Any = 1
        app.radio(key=f"{key}_one").set_value(1).run()
    elif kind == "number":
        there = {each.key: each for each in (*app.slider, *app.select_slider)}
        begin = there[f"{key}_number"].value
        assert begin == value.start()  # type: ignore[attr-defined]
        assert app.button(key=f"{key}_given").disabled  # what was not moved is no guess
        assert say("question.move") in texts(app)
        places = value.places()  # type: ignore[attr-defined]
        given = places[places.index(begin) + 1]
        there[f"{key}_number"].set_value(given).run()
    elif kind == "place":
        given = tuple(range(len(value.truth)))  # type: ignore[attr-defined]
        for number in given:
            app.number_input(key=f"{key}_place_{number}").set_value(number).run()
    elif kind == "curve":
        assert app.button(key=f"{key}_given").disabled
        app.slider(key=f"{key}_point_0").set_value(value.high).run()  # type: ignore[attr-defined]
        given = tuple(app.slider(key=f"{key}_point_{k}").value for k in range(len(value.at)))  # type: ignore[attr-defined]
    else:
        given = tuple(reversed(range(len(question.options))))
        for thing in given:
            app.button(key=f"{key}_take_{thing}").click().run()
    app.button(key=f"{key}_given").click().run()
    assert app.session_state[ANSWERS][key] == value.write(given)
    assert question.reason(facts) in texts(app)
    assert question.told(facts).said(value.read(value.write(given))) in texts(app)


def test_a_near_guess_is_close_and_not_said_to_be_it(open_app: Callable[..., AppTest]) -> None:
    """The nearest place of the slider is right; another that is near enough is close."""
    question, facts = files.lesson("what_is_asked").questions["wait"], facts_of("what_is_asked")
    key = "what_is_asked.wait"
    close = say("lessons.close", truth=question.said(facts["wait"]))
    for given, said in ((facts["wait"], "lessons.as_it_is"), (facts["wait"] - 1, "")):
        app = open_app("lessons", lesson="what_is_asked", step="wait")
        app.slider(key=f"{key}_number").set_value(float(given)).run()
        app.button(key=f"{key}_given").click().run()
        told = app.success[0].value
        assert (close in told) is not bool(said)
        assert (say("lessons.as_it_is") in told) is bool(said)


def test_a_guess_may_be_where_the_slider_began(open_app: Callable[..., AppTest]) -> None:
    """Who moves it away and back has guessed."""
    app, key = open_app("lessons", lesson="what_is_asked", step="score"), "what_is_asked.score"
    slider = app.slider(key=f"{key}_number")
    begin = slider.value
    slider.set_value(begin + 0.1).run()
    app.slider(key=f"{key}_number").set_value(begin).run()
    assert not app.button(key=f"{key}_given").disabled


def test_what_one_can_do_is_said_as_done(open_app: Callable[..., AppTest]) -> None:
    """Before a lesson it lies ahead; where it is finished, one can do it."""
    told = texts(open_app("lessons"))
    for name in files.names():
        assert say("lessons.goal", goal=files.lesson(name).goal) in told
    assert "can now" in say("lessons.finished", goal="x")
