"""A sentence of one's own, word by word, in a real browser."""

import re
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest

pytestmark = pytest.mark.browser


def asked(page: Any) -> dict[str, str]:
    """What stands in the address."""
    return {name: values[0] for name, values in parse_qs(urlparse(page.url).query).items()}


def test_a_sentence_is_typed_and_its_picture_changes(screen: Any) -> None:
    """Words, headline and heatmaps are new; a word is told; what cannot be read is said."""
    page = screen.page
    page.goto(screen.root + "/sentiment")
    page.get_by_text(re.compile("The LSTM answers .*negated positive")).wait_for()
    screen.settle()
    screen.until(lambda: {"this", "film", "not"} <= set(screen.texts()), "the words")
    screen.drawn("input gate", "positive", "negative")

    field = page.get_by_test_id("stTextInputField")
    field.fill("a zorbly dull movie")
    field.press("Enter")
    page.get_by_text("A word that the network does not know: zorbly.").wait_for()
    page.get_by_text(re.compile("The LSTM answers negative")).wait_for()
    screen.until(lambda: "zorbly ?" in screen.texts(), "the new words")
    typed = {"sentence": "a zorbly dull movie"}
    screen.until(lambda: typed.items() <= asked(page).items(), "the sentence in the address")

    page.get_by_role("tab", name="Gates").click()
    screen.until(lambda: screen.url("forget gate") != "", "heatmaps of the sentence")
    page.get_by_role("tab", name="Word by word").click()
    page.get_by_text("RNN", exact=True).first.click()
    page.get_by_text(re.compile("The RNN answers")).wait_for()
    screen.until(lambda: "forget gate" not in screen.texts(), "a picture without gates")
    field.fill("zzz")
    field.press("Enter")
    page.get_by_text(re.compile("No answer: the network knows 0 of the 1 words.*zzz")).wait_for()
