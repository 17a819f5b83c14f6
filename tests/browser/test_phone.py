"""Pages on a phone: nothing scrolls sideways, and no text of a chart lies on another."""

from itertools import pairwise
from typing import Any

import pytest

from tests.browser.conftest import RESTS
from tests.long import but_some_long

pytestmark = pytest.mark.browser

ALWAYS = ("step_through",)
LONG = (
    "gates", "memory",
    "gates?run=temporal-order-gru", "gates?run=digits-lstm", "compare",
    "compare?part=bench&tab=numbers", "retention", "retention?tab=own", "claims",
    "forecasting?tab=scores", "forecasting?tab=gates", "aids?tab=gates", "aids?tab=flow",
    "train?tab=gradient", "writing",
    "writing?tab=units", "step_through?run=adding-gru&way=backward", "connectivity", "saturation",
    "gradient_flow", "architectures", "tutorial", "sentiment", "intervene", "mystery", "tasks",
)  # fmt: skip
"""Tried with what takes longer."""
TABLES = ("tab=own", "tab=numbers", "tab=units", "tab=scores", "tutorial")
"""Tabs and a page without a chart."""

SHARES = {"left": 0.0, "start": 0.0, "center": 0.5, "right": 1.0, "end": 1.0}
SAME_LINE = 4
"""Pixels between the feet of texts on one line."""


def collisions(texts: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Pairs of texts on one line of which one begins before the other ends.

    Letters of an input stand as near as its steps do.
    """
    flat = [text for text in texts if text.get("width") and len(text["text"]) > 1]
    found = []
    for one in flat:
        line = [text for text in flat if abs(text["y"] - one["y"]) < SAME_LINE]
        spans = sorted(
            (text["x"] - SHARES[text["align"]] * text["width"], text["width"], text["text"])
            for text in line
        )
        found += [(a, b) for (x, width, a), (y, _, b) in pairwise(spans) if x + width > y]
    return found


@pytest.mark.parametrize("address", but_some_long((*ALWAYS, *LONG), ALWAYS))
def test_a_page_fits_a_phone(screen: Any, address: str) -> None:
    """Sideways, and its pictures are no higher than its window."""
    page = screen.page
    page.set_viewport_size({"width": 390, "height": 844})
    cookie = {"name": "gatescope_window", "value": "phone", "url": screen.root}
    page.context.add_cookies([cookie])
    page.goto(f"{screen.root}/{address}")
    page.wait_for_selector(".st-key-bar h1")
    page.wait_for_selector(RESTS)
    if not address.endswith(TABLES):
        screen.settle()
    wide = page.evaluate(
        "() => { const main = document.querySelector('.stMain'); "
        "return main.scrollWidth - main.clientWidth; }"
    )
    assert wide <= 0
    tables = page.locator("table")
    for table in tables.all():
        box = table.bounding_box()
        assert box is None or box["x"] + box["width"] <= 390
    for chart in screen.charts():
        assert chart["height"] <= 844
        assert collisions(chart["texts"]) == []
