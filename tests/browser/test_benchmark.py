"""The bench on the page Compare, from its start to a growing table, in a real browser."""

from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest

pytestmark = pytest.mark.browser

PATIENCE = 180_000
"""Milliseconds: a worker first imports what it needs, and fits the models without recurrence."""


def asked(page: Any, name: str) -> str:
    """What the address says of a choice; empty where it says nothing."""
    return parse_qs(urlparse(page.url).query).get(name, [""])[0]


@pytest.mark.long
def test_a_bench_runs_is_stopped_and_goes_on(screen: Any) -> None:
    """The prepared one first; one's own has an address, grows, ends at once, and goes on."""
    page = screen.page
    screen.open("/compare")
    page.get_by_text("benchmark", exact=True).click()
    screen.drawn("logistic regression")
    screen.until(lambda: asked(page, "part") == "bench", "the part in the address")
    page.get_by_text("CPU seconds", exact=True).first.click()
    screen.until(lambda: "CPU seconds" in screen.texts(), "the other axis")
    screen.until(lambda: asked(page, "axis") == "seconds", "the axis in the address")

    page.get_by_role("tab", name="Your own comparison", exact=True).click()
    for label, value in (("Training steps", "150"), ("Seeds", "2")):
        page.get_by_label(label, exact=True).fill(value)
        page.get_by_label(label, exact=True).press("Tab")
    page.get_by_role("button", name="Start", exact=True).click()
    screen.until(lambda: bool(asked(page, "job")), "an address of its own")
    first = asked(page, "job")
    page.get_by_text("150 training steps").wait_for()
    page.get_by_role("tab", name="Numbers", exact=True).wait_for(timeout=PATIENCE)
    page.get_by_role("tab", name="Numbers", exact=True).click()
    page.get_by_text("1 of 1").or_(page.get_by_text("0 of 1")).first.wait_for(timeout=PATIENCE)

    page.get_by_role("button", name="Stop", exact=True).last.click()
    page.get_by_text("stopped:").wait_for()
    page.reload()
    page.get_by_role("button", name="Go on").click()
    page.get_by_text("all 6 runs are finished").wait_for(timeout=PATIENCE)
    page.get_by_role("tab", name="Curves", exact=True).click()
    screen.settle()
    screen.until(lambda: asked(page, "job") == first, "its own address")
    page.get_by_role("tab", name="Numbers", exact=True).click()
    page.get_by_text("0 of 2").first.wait_for()
    page.get_by_role("button", name="Back to the prepared comparison").click()
    page.get_by_role("tab", name="Your own comparison", exact=True).wait_for()
    screen.until(lambda: not asked(page, "job"), "an address without a job")
