"""The link of a view and the projector, in a real browser."""

import re
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import expect

from tests.browser.conftest import still
from tests.long import some_long
from viz_app.text import say

pytestmark = pytest.mark.browser


def chosen(url: str) -> dict[str, list[str]]:
    """What an address says of its view."""
    return parse_qs(urlsplit(url).query)


@pytest.mark.parametrize("colour_scheme", some_long(("light", "dark"), ("dark",)))
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

    (link,) = screen.found(read, "a QR code that can be read")
    assert chosen(link) == chosen(page.url)
    assert chosen(link)["run"] == ["adding-gru"]
    assert urlsplit(link).netloc == urlsplit(page.url).netloc
    expect(page.get_by_text("This address works on this machine only")).to_be_visible()


def test_one_key_makes_the_page_a_slide(screen: Any) -> None:
    """Type grows, the bar and the chart stay on the page; the same key brings all back."""
    page = screen.page
    page.set_viewport_size({"width": 1920, "height": 1080})
    screen.open("/?run=adding-lstm&example=3")
    slider, title = page.get_by_test_id("stSlider").first, page.get_by_role("heading").first
    small = still(title)["height"]
    slider.wait_for(state="visible")
    screen.press("p")
    page.get_by_text(say("app.projector_leave")).wait_for()
    screen.until(lambda: screen.box(title)["height"] > 1.1 * small, "larger type")
    expect(slider).to_be_visible()
    fits = "charts that fit"
    screen.until(lambda: [c["width"] <= 1920 for c in screen.charts()[:1]] == [True], fits)
    wide = "document.documentElement.scrollWidth"
    screen.until(lambda: page.evaluate(wide) <= 1920, "a page that fits")
    screen.press("p")
    page.get_by_text(say("app.projector_leave")).wait_for(state="hidden")
    screen.until(lambda: screen.box(title)["height"] == small, "type as it was")


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
