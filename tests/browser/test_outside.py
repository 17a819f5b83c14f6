"""Markup in an address is text in a browser: no picture is asked for, no link is there."""

from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import RESTS

ELSEWHERE = "outside.example"
MARKUP = (
    f"![x](http://{ELSEWHERE}/p.png) [y](https://{ELSEWHERE}) www.{ELSEWHERE} me@{ELSEWHERE} "
    f"<img src=http://{ELSEWHERE}/q> :smile: :material/home: :red[z] $x^2$ `c` **b**"
)
MADE = "a, img, code, strong, em, del, svg, .katex, [translate=no], span[style]"
"""What a browser makes of markup."""


@pytest.mark.browser
@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("train", {"job": MARKUP}),
        pytest.param("retention", {"class": MARKUP}, marks=pytest.mark.long),
        pytest.param("claims", {"claim": MARKUP}, marks=pytest.mark.long),
        ("", {"run": MARKUP}),
    ],
)
def test_markup_in_an_address_is_text(
    page: Page, app: Any, path: str, address: dict[str, str]
) -> None:
    """Letter by letter; that nothing else is asked for holds on every page here."""
    page.goto(f"{app.url}/{path}?{urlencode(address)}")
    alert = page.get_by_test_id("stAlertContentError").or_(
        page.get_by_test_id("stAlertContentWarning")
    )
    text = alert.first.get_by_test_id("stMarkdownContainer")
    shown = text.inner_text().replace("\N{WORD JOINER}", "")
    assert "![x](http://" in shown
    assert text.locator(MADE).count() == 0
    page.wait_for_selector(RESTS)
