"""The game in a real browser: keys, and a class of three browsers."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page

from viz_app.text import say

pytestmark = pytest.mark.browser


@pytest.fixture
def student(chromium: Browser) -> Iterator[Page]:
    """Another browser, a phone."""
    context = chromium.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(40_000)
    yield page
    context.close()


def test_a_round_is_played_by_keys(screen: Any) -> None:
    """1 guesses, the name and the reason appear; n goes on, and a reload keeps the round."""
    page = screen.page
    screen.open("/mystery")
    screen.until(lambda: say("mystery.hidden") in screen.texts(), "a picture without a name")
    assert "input gate" not in screen.texts()
    page.keyboard.press("1")
    page.get_by_text("Right. It is: input gate.").wait_for()
    page.get_by_text("at the marks and at").wait_for()
    screen.until(lambda: "input gate" in screen.texts(), "its name")
    screen.until(lambda: bool(screen.text("^unit 7, ")), "the unit that tells it")
    link = page.get_by_role("link", name=say("mystery.open_gates"))
    with page.context.expect_page() as opened:
        link.click()
    gates = opened.value
    gates.wait_for_selector(".vega-embed canvas, .vega-embed svg")
    assert parse_qs(urlsplit(gates.url).query)["unit"] == ["7"]
    assert urlsplit(gates.url).path == "/gates"
    gates.close()
    page.keyboard.press("n")
    page.get_by_text("Which network is it, and which state?").wait_for()
    page.wait_for_url("**/mystery?round=2")
    page.get_by_text("1 of 1 correct").wait_for()
    page.reload()
    page.get_by_text("Which network is it, and which state?").wait_for()


def test_a_class_plays_together(screen: Any, student: Page) -> None:
    """A phone reads the code, guesses once, and follows the teacher from round to round."""
    page = screen.page
    screen.open("/mystery")
    page.get_by_role("button", name=say("mystery.class_begin")).click()
    page.get_by_text(say("mystery.class_hidden_host")).wait_for()

    def read() -> list[str]:
        picture = Image.open(BytesIO(page.screenshot()))
        return [code.text for code in zxingcpp.read_barcodes(picture)]

    screen.until(lambda: bool(read()), "a QR code that can be read")
    (link,) = read()
    student.goto(link)
    student.get_by_text("Which gate is it?").wait_for()
    page.get_by_text("In the room: 1").wait_for()
    forget = student.get_by_role("button", name="forget gate")
    screen.until(lambda: forget.count() == 1, "a page that is drawn for a phone")
    forget.click()
    student.get_by_text("Your guess: forget gate").wait_for()
    page.get_by_text("guesses in this round: 1").wait_for()  # without a click

    student.reload()  # the browser is known, and cannot guess again
    student.get_by_text("You have guessed in this round.").wait_for()
    buttons = student.get_by_test_id("stButton").filter(has_text="input gate")
    screen.until(lambda: buttons.count() == 0, "no button to guess with")

    page.keyboard.press("p")  # the controls stay
    page.get_by_role("button", name=say("app.projector_off")).wait_for()
    page.keyboard.press("v")
    page.get_by_text("0 of 1 guess correct (0%) in this round.").wait_for()
    student.get_by_text("It is: input gate").wait_for()
    page.keyboard.press("n")
    page.get_by_text("Which network is it, and which state?").wait_for()
    student.get_by_text("Which network is it, and which state?").wait_for()
    student.get_by_role("button", name="LSTM: cell state").wait_for()

    screen.settle()  # a key that is pressed while the page is drawn anew may reach no one
    page.keyboard.press("p")
    page.get_by_role("button", name=say("mystery.class_end")).click()
    page.get_by_text("it has ended").wait_for()
    student.get_by_text("it has ended").wait_for()
