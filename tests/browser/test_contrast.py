"""Words on pages stand out from their ground, in both themes, as the browser draws them."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import RESTS

MEASURE = Path(__file__).with_name("contrast.js").read_text(encoding="utf-8")
MEASURE = MEASURE[MEASURE.index("(least)") :]
LEAST = 4.5
"""WCAG 2, AA."""

PATIENCE = 20
"""Looks, half a second apart."""


FEW = ("/", "/train", "/your_model")
"""Large print, forms and what is disabled there, hints of where a file goes."""


@pytest.mark.parametrize(
    ("colour_scheme", "addresses"),
    [
        ("light", FEW),
        pytest.param("light", ("/gates", "/intervene", "/figures"), marks=pytest.mark.long),
        pytest.param("dark", (*FEW, "/gates", "/intervene", "/figures"), marks=pytest.mark.long),
    ],
)
def test_every_word_can_be_read(screen: Any, page: Page, addresses: tuple[str, ...]) -> None:
    """Small print, placeholders, chosen buttons; what is disabled is left out."""
    weak: dict[str, list[str]] = {}
    for address in addresses:
        page.goto(screen.root + address)
        page.wait_for_selector(RESTS)
        for _ in range(PATIENCE):  # what fades in is there in the end
            page.wait_for_timeout(500)
            weak[address] = page.evaluate(MEASURE, LEAST)
            if not weak[address]:
                break
    assert not any(weak.values()), weak
