"""Training techniques and architectures in a real browser."""

from typing import Any

import pytest

pytestmark = pytest.mark.browser

PATIENCE = 90_000
"""Milliseconds: a worker first imports what it needs."""


def test_a_pair_is_shown(screen: Any) -> None:
    """The mistake that never acts, its learning rate and the gates of both."""
    page = screen.page
    page.goto(screen.root + "/aids?aid=plateau_floor")
    page.get_by_text("It never acts.").wait_for()
    screen.settle()
    screen.drawn("Learning rate")
    page.get_by_role("tab", name="Gates").click()
    screen.until(lambda: "input gate: constant rate" in screen.titles(), "gates of both")


@pytest.mark.long
def test_a_pair_of_ones_own_is_trained(screen: Any) -> None:
    """It is stopped and found again."""
    page = screen.page
    page.goto(screen.root + "/aids?aid=clipping")
    page.get_by_text("In plain gradient descent an update is as long").wait_for()
    page.get_by_text("Train your own pair").click()
    page.get_by_label("Step limit", exact=True).fill("3000")
    page.get_by_label("Step limit", exact=True).press("Tab")
    screen.settle()
    page.get_by_role("button", name="Train both").click()
    page.get_by_text("of 3,000").wait_for(timeout=PATIENCE)
    screen.until(lambda: len(screen.charts()) >= 1, "the first network's curves")
    screen.click(page.get_by_role("button", name="Stop", exact=True).last)
    page.get_by_text("stopped: what is finished is kept").wait_for()
    page.reload()
    page.get_by_text("stopped: what is finished is kept").wait_for()
    screen.click(page.get_by_role("button", name="Prepared pairs"))
    page.get_by_text("In plain gradient descent").wait_for()


def test_layers_side_by_side(screen: Any) -> None:
    """Another network from the list, another signal; the address keeps the network."""
    page = screen.page
    page.goto(screen.root + "/architectures")
    screen.settle()
    page.get_by_role("tab", name="Backward half").click()
    page.get_by_text("the backward half by exactly 0").wait_for()
    page.get_by_role("tab", name="Layer by layer").click()
    lists = page.get_by_role("combobox")
    screen.choose(lists.first, "GRU + LSTM, 2 layers, 8 units each", exact=False)
    screen.until(lambda: any("layer 1 (GRU)" in title for title in screen.titles()), "its layers")
    page.get_by_text("gradient", exact=True).first.click()
    screen.settle()

    def titles() -> set[str]:
        return screen.titles()

    wanted = {f"layer {k}: gradient of the hidden state" for k in ("1 (GRU)", "2 (LSTM)")}
    screen.until(lambda: wanted <= titles(), "both layers' gradients")
    screen.until(lambda: "run=layers-gru-lstm" in page.url, "the network in the address")
