"""A lesson as one file, opened without a server: it plays, and judges as the app does."""

import itertools
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.viz_app.features.lessons.test_lesson import FACTS
from tests.viz_app.features.lessons.test_sheets import made  # noqa: F401
from viz_app.features.lessons import standalone
from viz_app.features.lessons.value import Lesson
from viz_app.kit.question import Curve, Number, OneOf, Order, Place, Question

pytestmark = pytest.mark.browser
TRUTHS = FACTS | {"left": (0.9, 0.5, 0.25)}


@pytest.fixture
def played(
    chromium: Browser, made: Lesson, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,  # noqa: F811
) -> Any:  # fmt: skip
    """The file in a browser of a phone's size, without a network; an error there fails the test."""
    monkeypatch.setattr(standalone, "lesson", lambda name: made)
    monkeypatch.setattr(standalone, "facts_of", lambda *_: TRUTHS)
    file = tmp_path / "lesson.html"
    file.write_bytes(standalone.html("write"))
    context = chromium.new_context(viewport={"width": 390, "height": 844}, offline=True)
    page, errors = context.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda request: errors.append(request.url[:200])
            if not request.url.startswith(("file:", "data:", "blob:")) else None)  # fmt: skip
    page.goto(file.as_uri())
    yield page
    context.close()
    assert errors == []


def answers(question: Question) -> list[Any]:
    """Many answers of a question: those at its edges, and right ones."""
    match question:
        case OneOf():
            return list(range(question.options))
        case Number():
            span = question.high - question.low
            near = [question.truth * (1 + by) for by in (-0.3, -0.2, -0.1, 0.0, 0.1, 0.25, 0.3)]
            return [question.low, question.low + span / 3, question.high, *near]
        case Place():
            return [[6, 30], [30, 6], [6, 31], [0, 49], [49, 6]]
        case Curve():
            return [[0.9, 0.5, 0.25], [1.0, 0.6, 0.35], [1.0, 0.6, 0.4], [0.0, 0.0, 0.0]]
        case Order():
            return [list(order) for order in itertools.permutations(question.truth)]
    raise AssertionError(question)


def test_it_judges_as_the_app_does(played: Page, made: Lesson) -> None:  # noqa: F811
    """Every question, right and wrong answers, and what is said of them."""
    for name, asked in made.questions.items():
        question = asked.question(TRUTHS)
        for answer in answers(question):
            given = tuple(answer) if isinstance(answer, list) else answer
            told = played.evaluate(
                """([name, answer]) => {
                    const { lesson } = played;
                    const all = [...lesson.steps.map((step) => step.question), ...lesson.closing];
                    const q = all.find((each) => each && each.id === name);
                    const right = played.right(q, answer);
                    return [right, right && played.exact(q, answer), played.saidOf(q, answer)];
                }""",
                [name, answer],
            )
            right = question.right(given)
            said = asked.said_of(given, TRUTHS)
            assert told == [right, right and question.exact(given), said], (name, answer)


def test_a_lesson_is_played_to_its_end(played: Page) -> None:
    """Guess, picture, reason; what was answered is there again; nothing scrolls sideways."""
    played.get_by_label("Time step").first.fill("6")
    guess = played.get_by_role("button", name="This is my guess")
    assert guess.is_disabled()
    played.get_by_label("Time step").last.fill("49")
    assert played.locator("figure").count() == 0
    guess.click()
    played.get_by_text("The end.").wait_for()
    played.locator("figure svg").wait_for()
    assert "marked" in str(played.locator("figure").get_attribute("aria-label"))
    played.get_by_text("So it is.").wait_for()
    played.get_by_role("button", name="Next").click()
    played.get_by_text("Make it.").wait_for()
    played.get_by_text("this part is checked by the app").wait_for()
    played.get_by_role("button", name="Next").click()
    assert guess.is_disabled()  # what was not moved is no guess
    played.get_by_label("steps back 10").fill("0.5")
    played.get_by_role("button", name="This is my guess").click()
    played.get_by_text("It shrinks.").wait_for()
    played.get_by_role("button", name="Next").click()
    played.get_by_text("keep", exact=True).click()
    played.get_by_role("button", name="This is my guess").first.click()
    played.get_by_text("Yes.").wait_for()
    for thing in ("A", "B"):
        played.get_by_role("button", name=thing, exact=True).click()
    played.get_by_role("button", name="This is my guess").last.click()
    played.get_by_text("So.", exact=True).wait_for()
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert played.evaluate(wide) <= 0
    for hash_, said in (("guess", "The end."), ("draw", "It shrinks.")):
        played.evaluate(f"location.hash = '{hash_}'")
        played.get_by_text(said).wait_for()
