"""A text that is written, in a real browser."""

from typing import Any

import pytest

pytestmark = pytest.mark.browser


def test_a_network_writes_on(screen: Any) -> None:
    """The text stands there at first; from another beginning it appears letter by letter, and
    another unit colours it meanwhile."""
    page = screen.page
    page.goto(screen.root + "/writing?length=400")
    screen.until(lambda: letters(screen).startswith("`Curiouser"), "the text that is prepared")
    beginning = page.get_by_test_id("stTextInputField")
    beginning.fill("The Rabbit ")
    beginning.press("Enter")
    screen.settle()
    page.get_by_role("button", name="Write").click()
    screen.until(lambda: letters(screen).startswith("TheRabbit"), "the new beginning")
    counts: list[int] = []

    def grown() -> bool:
        counts.append(len(letters(screen)))
        return counts[-1] > 300

    screen.until(grown, "400 characters")
    assert counts == sorted(counts)
    page.get_by_role("button", name="Write").click()
    units = page.get_by_test_id("stSelectbox").first.locator("input")
    screen.choose(units, "end of a word", exact=False)
    page.get_by_test_id("stMarkdownContainer").get_by_text("“end of a word” (AUC").wait_for()
    screen.until(lambda: len(letters(screen)) > 300, "all of it at once")


def letters(screen: Any) -> str:
    """What stands in the first chart below its legend, line by line."""
    found = [
        (round(text["y"]), text["x"], text["text"])
        for chart in screen.charts()[:1]
        for text in chart["texts"]
        if len(text["text"]) == 1
    ]
    return "".join(letter for *_, letter in sorted(found)).replace(" ", "")
