"""The link of a view and the projector, in a real browser."""

import re
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import zxingcpp
from PIL import Image

from viz_app.text import say

pytestmark = pytest.mark.browser


def chosen(url: str) -> dict[str, list[str]]:
    """What an address says of its view."""
    return parse_qs(urlsplit(url).query)


@pytest.mark.parametrize("colour_scheme", ["light", "dark"])
def test_a_phone_reads_the_link_of_this_view(screen: Any) -> None:
    """The QR code on the screen says the address that stands in the address bar."""
    page = screen.page
    screen.open("/?run=adding-gru&example=3")
    screen.until(lambda: "step" in chosen(page.url), "the picks in the address")
    page.get_by_role("button", name=say("app.share")).click()
    page.get_by_role("dialog").locator("img").wait_for()

    def read() -> list[str]:
        seen = Image.open(BytesIO(page.screenshot()))
        return [code.text for code in zxingcpp.read_barcodes(seen)]

    screen.until(lambda: bool(read()), "a QR code that can be read")
    (link,) = read()
    assert chosen(link) == chosen(page.url)
    assert chosen(link)["run"] == ["adding-gru"]
    assert urlsplit(link).netloc == urlsplit(page.url).netloc
    assert page.get_by_text("This address works on this machine only").is_visible()


def test_one_key_makes_the_page_a_slide(screen: Any) -> None:
    """Type grows, the bar and the chart stay on the page; the same key brings all back."""
    page = screen.page
    page.set_viewport_size({"width": 1920, "height": 1080})
    screen.open("/?run=adding-lstm&example=3")
    slider, title = page.get_by_test_id("stSlider").first, page.get_by_role("heading").first
    small = title.bounding_box()["height"]
    slider.wait_for(state="visible")
    page.keyboard.press("p")
    page.get_by_text(say("app.projector_leave")).wait_for()
    screen.until(lambda: title.bounding_box()["height"] > 1.1 * small, "larger type")
    assert slider.is_visible()
    screen.until(lambda: screen.charts()[0]["width"] <= 1920, "a chart that fits")
    wide = "document.documentElement.scrollWidth"
    screen.until(lambda: page.evaluate(wide) <= 1920, "a page that fits")
    page.keyboard.press("p")
    page.get_by_text(say("app.projector_leave")).wait_for(state="hidden")
    screen.until(lambda: title.bounding_box()["height"] == small, "type as it was")


def test_another_page_shows_a_view_in_a_frame(screen: Any) -> None:
    """The dialog's own lines: without the menu, with a way out to the whole app."""
    page = screen.page
    screen.open("/gates?run=adding-gru&example=3")
    screen.until(lambda: "step" in chosen(page.url), "the picks in the address")
    page.get_by_role("button", name=say("app.share")).click()
    page.get_by_role("dialog").get_by_text(say("app.embed")).click()
    lines = page.get_by_role("dialog").get_by_text(re.compile("<iframe")).first
    lines.wait_for()
    framing = f"<!doctype html><title>A course</title>{lines.inner_text()}"
    page.route("**/elsewhere", lambda route: route.fulfill(body=framing, content_type="text/html"))
    page.goto(screen.root + "/elsewhere")
    frame = page.frame_locator("iframe")
    frame.get_by_role("link", name=say("app.embed_open")).wait_for()
    frame.locator(".vega-embed canvas").first.wait_for()
    assert frame.get_by_role("button", name=say("app.share")).count() == 0
    assert frame.get_by_text(say("app.watch"), exact=True).count() == 0
    way_out = frame.get_by_role("link", name=say("app.embed_open")).get_attribute("href")
    assert chosen(str(way_out))["run"] == ["adding-gru"]
