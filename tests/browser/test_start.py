"""Start in a browser: it plays by itself, is whole on one screen, and marks are dragged."""

import re
import time
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import rest, still
from tests.long import some_long
from viz_app.features.start.chart_places import places
from viz_app.kit.chart.window import LAPTOP, WINDOWS

pytestmark = pytest.mark.browser

MOST_WORDS, MOST_SECONDS = 60, 90
OPENED = r"^write 0\.9\d$"
"""What the picture says while the input gate is open."""

PICTURE = ".st-key-picture svg.marks"
READ = """() => {
    const main = document.querySelector("[data-testid=stMain]");
    const parts = [".st-key-bar", ".st-key-headline"];
    const texts = parts.map((part) => main.querySelector(part).innerText);
    const drawn = [...main.querySelectorAll(".st-key-picture svg.marks text")];
    return [...texts, ...drawn.map((text) => text.textContent)].join(" ");
}"""
"""All that stands above the picture and in it; the doors below lead on from there."""

SIZES = {
    "laptop": (1280, 720), "phone": (390, 844), "tablet": (820, 1180), "projector": (1920, 1080),
}  # fmt: skip


def words(text: str) -> list[str]:
    """What has to be read: words, not numbers."""
    return re.findall(r"[^\W\d_][\w'-]*", text)


def step_at(page: Page, step: float) -> float:
    """Where a step is in the window, on a laptop."""
    box, at = still(page.locator(PICTURE)), places(LAPTOP)
    row = box["width"] - 4 - at.left - at.beside
    return float(box["x"] + 2 + at.left + (step + 0.5) / 50 * row)


def height_of(page: Page, value: float) -> float:
    """Where a number's bar ends in the window, on a laptop."""
    box, at = still(page.locator(PICTURE)), places(LAPTOP)
    return float(box["y"] + 2 + at.top + at.bars * (1 - value))


def test_a_newcomer_sees_the_input_gate_open(screen: Any, page: Page) -> None:
    """Within 90 seconds, with at most 60 words to read, and without a click."""
    start = time.monotonic()
    screen.open("/")
    screen.until(lambda: bool(screen.text(OPENED)), "an open input gate", MOST_SECONDS)
    assert time.monotonic() - start < MOST_SECONDS
    assert len(words(page.evaluate(READ))) <= MOST_WORDS
    assert "run=" not in page.url
    screen.until(lambda: screen.text(r"^answer 1\.6\d$") != "", "the answer", MOST_SECONDS)


def test_a_mark_is_dragged_and_the_network_answers(screen: Any, page: Page) -> None:
    """In the browser at once; the address and the sentence follow, and the picture stays.

    A hand that drifts moves one thing all the same: the step, or the number.
    """
    screen.open("/")
    screen.until(lambda: bool(screen.text(r"^write ")), "the doors")
    page.mouse.move(step_at(page, 6), height_of(page, 0.3))
    page.mouse.down()
    page.mouse.move(step_at(page, 20), height_of(page, 0.4), steps=6)
    assert "own" not in page.url
    screen.until(lambda: "target 1.66" in screen.texts(), "the number as it was")
    page.mouse.up()
    screen.until(lambda: "own=6to20%2C20%3D0.77" in page.url, "the mark's new step")
    page.mouse.move(step_at(page, 20), height_of(page, 0.3))
    page.mouse.down()
    page.mouse.move(step_at(page, 21), height_of(page, 0.57), steps=6)
    screen.until(lambda: "target 1.46" in screen.texts(), "the target of the drag")
    assert "20%3D0.77" in page.url
    page.mouse.up()
    screen.until(lambda: "own=6to20%2C20%3D0.5" in page.url, "the marks in the address")
    headline = page.locator(".st-key-headline")
    screen.until(lambda: "the correct answer is 1.4" in headline.inner_text(), "a sentence")
    page.mouse.move(5, 700)
    page.keyboard.press("End")
    screen.until(lambda: bool(screen.text(r"^answer 1\.4\d$")), "the network's answer")
    screen.drawn("0.57")


def test_it_stops_and_steps_by_key(screen: Any, page: Page) -> None:
    """As a clicker does: a page down is a step."""
    screen.open("/")
    screen.until(lambda: bool(screen.text(r"^write ")), "the doors")
    screen.press("Home")
    for _ in range(6):
        page.keyboard.press("PageDown")
    screen.until(lambda: bool(screen.text(OPENED)), "the first mark")
    page.wait_for_timeout(500)
    assert screen.text(OPENED)
    page.keyboard.press("ArrowRight")
    screen.until(lambda: bool(screen.text(r"^write 0\.0\d$")), "a shut door")
    shut = screen.texts()
    page.keyboard.press(" ")
    screen.until(lambda: screen.texts() not in ([], shut), "a later step by itself")
    page.keyboard.press("End")
    screen.until(lambda: bool(screen.text(r"^answer 1\.6\d$")), "the end")


def test_it_stands_still_until_asked_where_motion_is_unwanted(chromium: Browser, app: Any) -> None:
    """The reader's system says so; a press of the space bar is asking."""
    context = chromium.new_context(viewport={"width": 1280, "height": 720}, reduced_motion="reduce")
    try:
        page = context.new_page()
        page.goto(app.url)
        page.wait_for_selector(".st-key-picture svg.marks text")
        drawn = PICTURE
        page.wait_for_timeout(1500)
        stands = page.locator(drawn).text_content()
        page.wait_for_timeout(1500)
        assert page.locator(drawn).text_content() == stands
        page.keyboard.press(" ")
        page.wait_for_function(
            "([drawn, stands]) => document.querySelector(drawn).textContent !== stands",
            arg=[drawn, stands],
        )
    finally:
        context.close()


@pytest.mark.parametrize("name", some_long(SIZES, ("tablet",)))
def test_it_is_whole_on_one_screen(name: Any, chromium: Browser, app: Any) -> None:
    """Scene and doors, nothing sideways; on a projector type of 18 pixels."""
    width, height = SIZES[name]
    narrow = name in ("phone", "tablet")
    context = chromium.new_context(
        viewport={"width": width, "height": height}, has_touch=narrow, is_mobile=name == "phone"
    )
    try:
        page = context.new_page()
        page.goto(app.url)
        page.wait_for_selector(".st-key-picture svg.marks text")
        if name == "projector":
            page.keyboard.press("p")
        least = WINDOWS[name].type_size
        sizes = """() => [...document.querySelectorAll(".st-key-picture svg.marks text")]
            .map((text) => parseFloat(getComputedStyle(text).fontSize))"""
        page.wait_for_function(f"Math.min(...({sizes})()) >= {least}")
        page.wait_for_function("document.cookie.includes('gatescope_window=')")
        rest(page)
        for part in (".st-key-picture svg.marks", ".st-key-doors"):
            box = still(page.locator(part))
            assert box["y"] >= 0
            assert box["y"] + box["height"] <= height
            assert box["x"] + box["width"] <= width
        across = "document.querySelector('[data-testid=stMain]').scrollWidth"
        assert page.evaluate(across) <= width
    finally:
        context.close()
