"""A network that is trained from its page, watched in a real browser."""

from typing import Any

import pytest

pytestmark = pytest.mark.browser

PATIENCE = 90_000
"""Milliseconds: a worker first imports what it needs."""


def test_a_network_is_watched_while_it_learns(screen: Any) -> None:
    """Its pictures grow without a click; it stops at once, and is found again by its address."""
    page = screen.page
    screen.open("/train")
    page.get_by_text("This is how a prepared network learned").wait_for()
    page.get_by_text("All settings").click()
    page.get_by_label("Step limit", exact=True).fill("20000")
    page.get_by_label("Step limit", exact=True).press("Tab")
    page.get_by_text("Stop when solved").click()
    screen.settle()
    page.get_by_role("button", name="Train", exact=True).last.click()
    page.get_by_text("of 20,000").wait_for(timeout=PATIENCE)
    three = "loss, answers and gates"
    screen.until(lambda: len(screen.charts()) == 3, three)  # before it has learned anything

    def step() -> int:
        told = page.get_by_text("of 20,000").inner_text()
        return int(told.split()[2].replace(",", ""))

    first = step()
    screen.until(lambda: step() > first, "a later training step")
    page.get_by_role("tab", name="Curves").wait_for()  # from the first evaluation on
    screen.until(lambda: len(screen.charts()) == 3, three)
    page.wait_for_timeout(2500)
    drawn = "[...document.querySelectorAll('[data-testid=stVegaLiteChart] :is(svg.marks, canvas)')]"
    page.evaluate(f"{drawn}.forEach((each) => each.dataset.first = 'yes')")
    here = step()
    screen.until(lambda: step() > here, "rows of a later training step")
    assert page.evaluate(f"{drawn}.every((each) => each.dataset.first)"), "drawn anew meanwhile"
    fits = "() => document.querySelector('.st-key-picture').getBoundingClientRect().bottom"
    assert page.evaluate(fits) <= 720
    screen.click(page.get_by_role("button", name="Stop", exact=True).last)
    page.get_by_text("stopped at training step").wait_for()
    told = page.get_by_text("stopped at training step").inner_text()
    page.reload()
    page.get_by_text("stopped at training step").wait_for()
    assert page.get_by_text("stopped at training step").inner_text() == told
    screen.click(page.get_by_role("button", name="Another network"))
    page.get_by_text("This is how a prepared network learned").wait_for()
