"""Gradient flow in a real browser: a factor moves its panels; a link to a factor opens its tab."""

from itertools import pairwise
from typing import Any

import pytest

from viz_app.text import say

pytestmark = pytest.mark.browser


def test_another_factor_moves_its_panels(screen: Any) -> None:
    """The table and the panels are worked out anew; the tab of a link's factor is open."""
    page = screen.page
    screen.open("/gradient_flow?run=adding-gru&gain=2")
    table = page.get_by_test_id("stTable")
    screen.until(lambda: table.count() == 1, "the table of the tab that explodes")
    screen.settle()
    scaled = page.locator(".vega-embed svg").last
    drawn, told = scaled.inner_html(), table.inner_text()
    screen.drag(page.get_by_test_id("stSlider"), 0.9)
    screen.until(lambda: table.inner_text() != told, "other numbers with another factor")
    screen.until(lambda: scaled.inner_html() != drawn, "other panels with another factor")


def test_the_picture_is_whole_on_a_projector(screen: Any) -> None:
    """Every panel and every time step of it lies inside the window, and none over another."""
    page = screen.page
    page.set_viewport_size({"width": 1920, "height": 1080})
    screen.open("/gradient_flow?run=adding-gru")
    page.keyboard.press("p")
    page.get_by_role("button", name=say("app.projector_off")).wait_for()

    def whole() -> bool:
        found = [each.bounding_box() for each in page.locator(".vega-embed svg").all()]
        boxes = [box for box in found if box is not None]
        inside = all(
            box["x"] >= 0 and box["x"] + box["width"] <= 1920 and box["y"] + box["height"] <= 1080
            for box in boxes
        )
        apart = all(
            left["x"] + left["width"] <= right["x"] + 1 or right["y"] > left["y"]
            for left, right in pairwise(boxes)
        )
        return len(boxes) == 4 and inside and apart

    screen.until(whole, "four panels side by side inside the window")


def test_projector_mode_outlives_a_reload(screen: Any) -> None:
    """And a typed address, until it is left."""
    page = screen.page
    off = page.get_by_role("button", name=say("app.projector_off"))
    screen.open("/gradient_flow")
    page.keyboard.press("p")
    off.wait_for()
    screen.settle()
    page.reload()
    off.wait_for()
    screen.open("/retention")
    off.click()
    off.wait_for(state="detached")
    screen.settle()
    page.reload()
    page.get_by_text("plain RNNs solve the task").wait_for()
    assert not off.count()
