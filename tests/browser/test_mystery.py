"""The game in a real browser, by its keys."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from viz_app.text import say

pytestmark = pytest.mark.browser


def test_a_round_is_played_by_keys(screen: Any) -> None:
    """1 guesses, the name and the reason appear; n goes on, and a reload keeps the round."""
    page = screen.page
    screen.open("/mystery")
    screen.until(lambda: say("mystery.hidden") in screen.texts(), "a picture without a name")
    assert "input gate" not in screen.texts()
    screen.press("1")
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
    screen.press("n")
    page.get_by_text("Which network is it, and which state?").wait_for()
    page.wait_for_url("**/mystery?round=2")
    page.get_by_text("1 of 1 correct").wait_for()
    page.reload()
    page.get_by_text("Which network is it, and which state?").wait_for()
