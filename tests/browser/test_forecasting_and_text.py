"""A sentence that is judged word by word, and a text that is written, in a real browser."""

import re
from typing import Any

import pytest

pytestmark = pytest.mark.browser


def test_a_sentence_of_ones_own(screen: Any) -> None:
    """The prepared one is drawn, then one that is typed; nothing is one plain sentence."""
    page = screen.page
    page.goto(screen.root + "/sentiment")
    screen.drawn("not", "good", "forget gate")
    sentence = page.get_by_test_id("stTextInputField")
    sentence.fill("a dull and tedious story")
    sentence.press("Enter")
    screen.drawn("dull", "tedious")
    page.get_by_text(re.compile("answers blame")).wait_for()


def test_a_network_writes_on(screen: Any) -> None:
    """The text stands there at first, and grows from another beginning."""
    page = screen.page
    page.goto(screen.root + "/writing?length=60")
    screen.drawn("position in the line", "forget gate")
    beginning = page.get_by_test_id("stTextInputField")
    beginning.fill("The Rabbit ")
    beginning.press("Enter")
    screen.settle()
    page.get_by_role("button", name="Write").click()
    page.get_by_text(re.compile("60 of 60 characters are written")).wait_for()
    screen.drawn("T", "R", "b")
