"""Words on pages stand out from their ground, in both themes, as the browser draws them."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

MEASURE = Path(__file__).with_name("contrast.js").read_text(encoding="utf-8")
MEASURE = MEASURE[MEASURE.index("(least)") :]
LEAST = 4.5
"""WCAG 2, AA."""


@pytest.mark.parametrize("colour_scheme", ["light", pytest.param("dark", marks=pytest.mark.long)])
def test_every_word_can_be_read(screen: Any, page: Page) -> None:
    """Small print, placeholders, chosen buttons; what is disabled is left out."""
    weak: dict[str, list[str]] = {}
    for address in ("/", "/gates", "/intervene", "/train", "/figures", "/your_model"):
        page.goto(screen.root + address)
        page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
        page.wait_for_timeout(500)  # what fades in is there
        found = page.evaluate(MEASURE, LEAST)
        if found:
            weak[address] = found
    assert weak == {}
