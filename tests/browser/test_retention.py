"""An experiment on the retention page, from its start to its picture, in a real browser."""

from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.long]

PATIENCE = 90_000
"""Milliseconds: a worker first imports what it needs."""


def job(page: Any) -> str:
    """The experiment in the address; empty when there is none."""
    return parse_qs(urlparse(page.url).query).get("job", [""])[0]


def test_an_experiment_runs_is_stopped_and_found_again(screen: Any) -> None:
    """It has an address of its own, ends at once when told to, and goes on when told to."""
    page = screen.page
    screen.open("/retention")
    page.get_by_text("plain RNNs solve the task").wait_for()
    page.get_by_role("tab", name="Half-life", exact=True).click()
    screen.drawn("half-life = delay")
    page.get_by_role("tab", name="Your own experiment", exact=True).click()

    # one seed of each, at the short delays, for as long as it takes
    page.get_by_label("Seeds", exact=True).fill("1")
    page.get_by_label("Seeds", exact=True).press("Tab")
    page.get_by_label("Step limit", exact=True).fill("400")
    page.get_by_label("Step limit", exact=True).press("Tab")
    page.get_by_role("button", name="Start", exact=True).click()
    screen.until(lambda: bool(job(page)), "an address of its own")
    first = job(page)
    page.get_by_text("step limit of 400").wait_for()
    page.get_by_text("of 12 runs").wait_for(timeout=PATIENCE)
    page.locator(".vega-embed svg").first.wait_for(timeout=PATIENCE)

    screen.click(page.get_by_role("button", name="Stop", exact=True).last)
    page.get_by_text("stopped:").wait_for()
    told = page.get_by_text("stopped:").inner_text()
    page.wait_for_timeout(2500)
    assert page.get_by_text("stopped:").inner_text() == told, "nothing is trained any more"

    page.reload()
    page.get_by_text("stopped:").wait_for()
    screen.click(page.get_by_role("button", name="Go on"))
    page.get_by_text("all 12 runs are finished").wait_for(timeout=PATIENCE)
    screen.settle()
    assert job(page) == first

    screen.click(page.get_by_role("button", name="Back to the prepared experiment"))
    page.get_by_text("plain RNNs solve the task").wait_for()
    assert not job(page)
