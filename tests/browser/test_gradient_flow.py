"""Gradient flow in a real browser: a factor moves its own panels alone."""

from typing import Any

import pytest

pytestmark = pytest.mark.browser


def test_another_factor_moves_its_own_panels_alone(screen: Any) -> None:
    """The table and the panels below it are worked out anew, those above stay."""
    page = screen.page
    screen.open("/gradient_flow?run=adding-gru")
    screen.until(lambda: page.locator(".vega-embed svg").count() >= 12, "the panels of gradients")
    screen.settle()
    scaled = page.locator(".vega-embed svg").last
    table = page.get_by_test_id("stTable")
    drawn, told = scaled.inner_html(), table.inner_text()
    above = page.locator(".vega-embed svg").first.inner_html()
    screen.drag(page.get_by_test_id("stSlider"), 0.1)
    screen.until(lambda: table.inner_text() != told, "other numbers with another factor")
    screen.until(lambda: scaled.inner_html() != drawn, "other panels with another factor")
    assert page.locator(".vega-embed svg").first.inner_html() == above, "only its own panels move"
