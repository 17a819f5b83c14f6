"""The window's class, as a real browser tells it."""

from typing import Any

from playwright.sync_api import Page


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
    assert cookie(page) == "laptop"
    page.set_viewport_size({"width": 390, "height": 844})
    screen.until(lambda: cookie(page) == "phone", "a phone")
    screen.until(lambda: not beside(), "what to look for below the picture")
    page.set_viewport_size({"width": 1280, "height": 720})
    screen.until(beside, "what to look for beside the picture again")
