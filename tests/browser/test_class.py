"""A class in real browsers: a teacher, two phones, and one that was away and reloads."""

import csv
from codecs import BOM_UTF8
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from viz_app.text import say

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def phones(chromium: Browser) -> Iterator[tuple[Page, Page]]:
    """Two other browsers, phones."""
    contexts = [chromium.new_context(**PHONE, locale="en-GB") for _ in range(2)]  # type: ignore[arg-type]
    pages = [context.new_page() for context in contexts]
    for page in pages:
        page.set_default_timeout(40_000)
    yield pages[0], pages[1]
    for context in contexts:
        context.close()


def press(page: Page, key: str) -> None:
    """Press the button of the strip that says so."""
    page.locator(".st-key-class_strip").get_by_role("button", name=say(key), exact=True).click()


def tap(page: Page, answer: str) -> None:
    """Tap an answer."""
    page.get_by_role("button", name=answer).click()


def test_two_phones_follow_a_teacher_over_two_rounds(
    screen: Any, phones: tuple[Page, Page]
) -> None:
    """From the code on the projector to the bars, the closing page and the end."""
    teacher: Page = screen.page
    one, two = phones
    teacher.goto(f"{screen.root}/class")
    teacher.get_by_role("button", name=say("class.begin")).click()
    teacher.get_by_text(
        say("class.type_word", address="…").partition("…")[0].strip(" `")
    ).wait_for()

    def read() -> list[str]:
        picture = Image.open(BytesIO(teacher.screenshot()))
        return [code.text for code in zxingcpp.read_barcodes(picture)]

    (link,) = screen.found(read, "a QR code that can be read")
    one.goto(link)
    two.goto(f"{screen.root}/class")
    two.get_by_role("textbox", name=say("class.word")).fill(link.partition("join=")[2])
    two.get_by_role("button", name=say("class.join"), exact=True).click()
    teacher.get_by_text("2 students have joined").wait_for()

    screen.open("/gates?run=adding-gru&example=3")
    press(teacher, "class.bring")
    for phone in phones:
        phone.wait_for_url("**/gates?*example=3*")
    screen.open("/mystery")
    press(teacher, "class.open")
    tap(one, "forget gate")
    tap(two, "input gate")
    teacher.get_by_text(say("class.answered", answers=2, here=2)).wait_for()
    expect(one.get_by_role("button", name="forget gate")).to_have_count(0)
    press(teacher, "class.close")
    teacher.get_by_text(say("class.move_pairs", share="50%")).wait_for()
    one.get_by_text(say("class.stage_closed")).wait_for()
    expect(teacher.get_by_text("It is:")).to_have_count(0)

    two.goto("about:blank")  # a phone that is away while the class goes on
    press(teacher, "class.again")
    one.get_by_text(say("class.answer_2")).wait_for()
    tap(one, "input gate")
    two.goto(f"{screen.root}/memory")
    two.wait_for_url("**/mystery*")
    two.get_by_text(say("class.answer_2")).wait_for()
    tap(two, "input gate")
    teacher.get_by_text(say("class.answered", answers=2, here=2)).wait_for()
    press(teacher, "class.close")
    press(teacher, "class.show")
    for phone in phones:
        phone.get_by_text("Right. It is: input gate").wait_for()
        phone.get_by_text("50% correct (1 of 2), then 100% correct (2 of 2)").wait_for()
    one.reload()
    one.get_by_text("Right. It is: input gate").wait_for()

    press(teacher, "class.next")
    for phone in phones:
        phone.get_by_text("Which network is it, and which state?").wait_for()
        phone.get_by_text(say("class.stage_wait")).wait_for()
    teacher.goto(f"{screen.root}/class?tab=answers")
    teacher.get_by_text("50% correct (1 of 2), then 100% correct (2 of 2)").wait_for()
    with teacher.expect_download() as file:
        screen.click(teacher.get_by_role("button", name=say("class.file")))
    content = file.value.path().read_bytes()
    assert content.startswith(BOM_UTF8)  # else a spreadsheet reads no Chinese names
    first, *rows = csv.DictReader(content.decode("utf-8-sig").splitlines())
    assert first["correct"] == "input gate"
    assert first["page"] == "mystery"
    guessed = {row["answer_1"] for row in (first, *rows) if row["question"] == "1"}
    assert guessed == {"forget gate", "input gate"}
    teacher.get_by_role("button", name=say("class.end"), exact=True).click()
    teacher.get_by_role("button", name=say("teacher.yes")).click()
    teacher.get_by_role("textbox", name=say("class.word")).wait_for()
    teacher.get_by_text("has ended, and its answers are removed").wait_for()
    one.get_by_text(say("class.ended")).wait_for()
    expect(one.locator(".st-key-class_strip")).to_have_count(0)


@pytest.mark.long
def test_a_lesson_is_taught_to_a_phone(screen: Any, phones: tuple[Page, Page]) -> None:
    """Its question waits for the teacher, the guess is drawn when the answer is shown."""
    teacher: Page = screen.page
    phone, _ = phones
    teacher.goto(f"{screen.root}/class")
    teacher.get_by_role("button", name=say("class.begin")).click()
    word = teacher.locator(".st-key-class_word h1").inner_text()
    phone.goto(f"{screen.root}/class?join={word}")
    phone.get_by_text(say("class.wait_for_teacher")).wait_for()
    screen.open("/lessons?lesson=write_keep_show")
    press(teacher, "class.bring")
    phone.wait_for_url("**/lessons?*lesson=write_keep_show*")
    phone.get_by_text(say("class.stage_wait")).wait_for()
    expect(phone.get_by_role("spinbutton")).to_have_count(0)
    press(teacher, "class.open")
    for number, step in enumerate(("7", "42")):
        field = phone.get_by_role("spinbutton").nth(number)
        field.fill(step)
        field.press("Enter")
    phone.get_by_role("button", name=say("question.guess")).click()
    teacher.get_by_text(say("class.answered", answers=1, here=1)).wait_for()
    press(teacher, "class.close")
    teacher.get_by_text(say("class.move_explain", share="0%")).wait_for()
    expect(phone.get_by_text("Anything else would spoil the sum.")).to_have_count(0)
    press(teacher, "class.show")
    toolbar = phone.get_by_test_id("stElementToolbar").first
    expect(toolbar).to_be_attached()
    expect(toolbar).to_be_hidden()  # a thumb would hit it
    for page in (teacher, phone):
        page.get_by_text("Anything else would spoil the sum.").wait_for()
        page.get_by_text("0% correct (0 of 1)").first.wait_for()
