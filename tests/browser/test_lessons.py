"""Lessons in a browser: every step answered, every goal reached, and kept there."""

import json
import re
from importlib import import_module
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import rest
from viz_app.features.lessons import lesson as files
from viz_app.features.lessons import progress
from viz_app.features.lessons.asked import Asked
from viz_app.features.lessons.facts import facts_of
from viz_app.features.lessons.words import fill
from viz_app.text import speaking, texts

pytestmark = pytest.mark.browser

NAME = "write_keep_show"
PHONE, LAPTOP = (390, 844), (1280, 720)
ONE = [pytest.param(NAME, "en", LAPTOP)]
OTHERS = [
    pytest.param(name, language, size, marks=pytest.mark.long)
    for name in files.names()
    for language in ("en", "zh")
    for size in (LAPTOP, PHONE)
    if (name, language, size) != (NAME, "en", LAPTOP)
]


def plain(text: str) -> str:
    """Markdown as it is read."""
    return re.sub(r"[*_`\\]", "", text)


class Reader:
    """Somebody who takes a lesson."""

    def __init__(self, page: Page, root: str, name: str, language: str) -> None:
        self.page, self.root, self.name, self.language = page, root, name, language
        self.lesson, self.facts = files.lesson(name, language), facts_of(name)

    def say(self, key: str) -> str:
        """A text of the reader's language."""
        return texts(self.language)[key]

    def open(self, step: str) -> None:
        """By its address."""
        where = f"lessons?lesson={self.name}&step={step}&lang={self.language}"
        self.page.goto(f"{self.root}/{where}")
        self.rest()

    def rest(self) -> None:
        """Wait until the app does."""
        rest(self.page)

    def sees(self, text: str) -> None:
        """Wait for the beginning of a text."""
        begin = plain(text).split("\n")[0][:60].strip()
        expect(self.page.get_by_test_id("stMain")).to_contain_text(begin, timeout=20_000)

    def on(self) -> None:
        """To the next step."""
        self.page.locator(".st-key-lessons_next button").click()

    def answer(self, question: Asked, key: str) -> None:
        """With a wrong answer where that is easy, by keyboard where it can be."""
        value, told = question.question(self.facts), question.told(self.facts)
        box = self.page.locator(f'[class*="st-key-{key.replace(".", "-")}_"]')
        if question.kind == "one":
            box.first.get_by_text(next(iter(told.options.values())), exact=True).first.click()
        elif question.kind == "number":
            box.first.get_by_role("slider").press("ArrowRight")
        elif question.kind == "place":
            for number, place in enumerate(value.truth):  # type: ignore[attr-defined]
                field = box.get_by_role("spinbutton").nth(number)
                field.fill(str(place))
                field.press("Enter")
                self.rest()
        elif question.kind == "curve":
            box.first.get_by_role("slider").press("ArrowLeft")
        else:
            for text in told.options.values():
                box.get_by_role("button", name=text, exact=True).click()
                self.rest()
        self.rest()
        self.page.locator(f'[class*="st-key-{key.replace(".", "-")}_given"] button').click()
        self.sees(question.reason(self.facts))


@pytest.mark.parametrize(("name", "language", "size"), [*ONE, *OTHERS])
def test_a_lesson_is_taken_from_its_first_step_to_its_last(
    app: Any, page: Page, name: str, language: str, size: tuple[int, int]
) -> None:
    """Every question can be answered, every goal is reached; all is kept in the browser."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    with speaking(language):
        take(Reader(page, app.url, name, language))


def take(reader: Reader) -> None:
    """All of it, to the end and back to the list."""
    page, name, language = reader.page, reader.name, reader.language
    steps = progress.steps_of(reader.lesson)
    solved = {
        f"{name}.{step.id}.{progress.BUILT}": solution(step.build.name)
        for step in reader.lesson.steps
        if step.build
    }
    stored = json.dumps(json.dumps(solved))
    page.goto(f"{reader.root}/lessons?lang={language}")
    reader.rest()
    page.evaluate(f"localStorage.setItem('{progress.STORE}', {stored})")
    reader.open(steps[0])
    for step in reader.lesson.steps:
        reader.sees(fill(step.words, reader.facts))
        if step.question is not None:
            reader.answer(step.question, f"{name}.{step.id}")
            if step.then:
                reader.sees(fill(step.then, reader.facts))
        if step.build is not None:
            reader.sees(fill(step.build.reached, reader.facts))
        assert page.get_by_test_id("stException").count() == 0
        reader.on()
        page.wait_for_url(f"**step={steps[steps.index(step.id) + 1]}*")
        reader.rest()
    for question in reader.lesson.closing:
        reader.answer(question, f"{name}.closing.{question.id}")
    reader.sees(reader.say("lessons.finished").partition("{")[0])
    reader.on()
    page.wait_for_url(re.compile(r"lessons(?!.*lesson=)"))
    page.goto(f"{reader.root}/lessons?lang={language}")  # a new session: the browser knows it
    whole = reader.say("lessons.done").format(done=len(steps), count=len(steps))
    reader.sees(whole)
    kept = json.loads(page.evaluate(f"localStorage.getItem('{progress.STORE}')"))
    assert {f"{name}.{key}" for key in reader.lesson.questions} <= kept.keys()


def solution(goal: str) -> str:
    """What reaches a goal, as it is kept."""
    module: Any = import_module(f"viz_app.features.lessons.builds.{goal}")
    build = module.BUILD
    text: str = build.write(build.of(**build.solution))
    return text


def test_a_step_is_left_by_back_and_found_again(app: Any, page: Page) -> None:
    """With what was answered; the picture has the guess where the finger was."""
    reader = Reader(page, app.url, NAME, "en")
    reader.open("guess_place")
    picture = page.locator(".st-key-picture svg.marks")
    box = picture.bounding_box()
    assert box is not None
    for share in (0.3, 0.6):
        page.mouse.click(box["x"] + share * box["width"], box["y"] + 60)
        reader.rest()
    page.locator('[class*="guess_place_given"] button').click()
    question = reader.lesson.steps[0].question
    assert question is not None
    reader.sees(question.reason(reader.facts))
    expect(picture).to_contain_text(reader.say("question.your_guess"))
    reader.on()
    page.wait_for_url("**step=guess_left*")
    reader.rest()
    page.go_back()
    page.wait_for_url("**step=guess_place*")
    reader.sees(question.reason(reader.facts))
    page.go_forward()
    page.wait_for_url("**step=guess_left*")
    reader.sees(fill(reader.lesson.steps[1].words, reader.facts))
