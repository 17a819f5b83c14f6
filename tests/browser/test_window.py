"""The window's class, as a real browser tells it."""

from typing import Any

from playwright.sync_api import Browser, Page

from tests.browser.conftest import rest, still


def cookie(page: Page) -> str:
    """What the browser remembers of its window."""
    found = [each for each in page.context.cookies() if each["name"] == "gatescope_window"]
    return found[0]["value"] if found else ""


def test_a_window_that_becomes_narrow_is_drawn_for_anew(screen: Any, page: Page) -> None:
    """What stood beside the picture then stands below it."""
    screen.open("/gates")
    picture, told = page.locator(".st-key-picture"), page.locator(".st-key-told")

    def beside() -> bool:
        boxes = picture.bounding_box(), told.bounding_box()
        return bool(boxes[0] and boxes[1] and boxes[1]["x"] > boxes[0]["x"] + boxes[0]["width"])

    screen.until(beside, "what to look for beside the picture")
    screen.until(lambda: cookie(page) == "laptop", "a laptop")
    page.set_viewport_size({"width": 390, "height": 844})
    screen.until(lambda: cookie(page) == "phone", "a phone")
    screen.until(lambda: not beside(), "what to look for below the picture")
    page.set_viewport_size({"width": 1280, "height": 720})
    screen.until(beside, "what to look for beside the picture again")


def test_what_a_link_asks_for_in_vain_stays_said(screen: Any, page: Page) -> None:
    """Also in a browser that has not told its window before: the page is drawn for it anew."""
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.goto(screen.root + "/gates?run=nothing")
    screen.until(lambda: cookie(page) == "desktop", "the window told")
    screen.settle()
    page.wait_for_timeout(1000)
    assert page.get_by_text("There is no network “nothing”").is_visible()


def test_a_tap_picks_a_cell(chromium: Browser, screen: Any) -> None:
    """A finger has no pointer that moves first."""
    finger = {"has_touch": True, "is_mobile": True, "viewport": {"width": 390, "height": 844}}
    page = chromium.new_context(**finger).new_page()  # type: ignore[arg-type]
    page.goto(screen.root + "/gates?run=adding-lstm&example=14")
    chart = page.locator(".vega-embed :is(canvas, svg)").first
    chart.wait_for()
    page.wait_for_url("**step=*")
    rest(page)
    for share in (0.5, 0.3):
        before, box = page.url, still(chart)
        page.touchscreen.tap(box["x"] + share * box["width"], box["y"] + 0.4 * box["height"])
        page.wait_for_url(lambda url, before=before: url != before)
        screen.until(lambda: "unit=" in page.url, "a unit in the address")
        rest(page)
    page.context.close()
