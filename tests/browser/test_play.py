"""▶ Play in a real browser: frames follow one another without the server, and it stops by hand."""

from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def frame(page: Page) -> int:
    """The frame that the slider shows."""
    return int(page.locator(".vega-bindings input[name=frame]").input_value())


def asked(page: Page, name: str) -> str:
    """What the address says."""
    return parse_qs(urlparse(page.url).query).get(name, [""])[0]


def start(screen: Any, kind: str) -> None:
    """Press ▶ and wait until it plays."""
    screen.page.locator(f".st-key-play_{kind} button").click()
    screen.page.wait_for_selector(".vega-bindings input[name=frame]")
    first = frame(screen.page)
    screen.until(lambda: frame(screen.page) != first, "the next frame")


def test_gates_form(screen: Any) -> None:
    """All training steps play; space stops at one, where the page then stands; arrows go on."""
    screen.open("/gates?run=adding-lstm")
    trained = screen.pixels(screen.heatmap("input gate")).getcolors(100_000)
    start(screen, "training")
    early = screen.pixels(screen.heatmap("input gate")).getcolors(100_000)
    assert len({colour for _, colour in early} & {colour for _, colour in trained}) < len(early)
    screen.page.keyboard.press("Space")
    screen.until(lambda: asked(screen.page, "checkpoint") != "", "the training step in the address")
    stood, step = frame(screen.page), int(asked(screen.page, "checkpoint"))
    screen.drawn(f"Training step {step:,} of 5,000")
    screen.page.wait_for_timeout(2500)
    assert frame(screen.page) == stood
    screen.page.keyboard.press("ArrowRight")
    screen.until(lambda: int(asked(screen.page, "checkpoint")) > step, "the next training step")
    later = int(asked(screen.page, "checkpoint"))
    screen.page.locator(".st-key-end_training button").click()
    screen.page.wait_for_selector("input[name=frame]", state="detached")
    assert int(asked(screen.page, "checkpoint")) == later


def test_time_steps_play_on_gates(screen: Any) -> None:
    """One time step after another; the switch stops, and the picked step is that one."""
    screen.open("/gates?run=adding-lstm")
    start(screen, "time")
    screen.page.wait_for_timeout(2500)  # past the step that is picked at first
    screen.page.locator(".vega-bindings input[name=playing]").click()
    screen.until(lambda: asked(screen.page, "step") == str(frame(screen.page)), "the picked step")


def test_a_clicker_steps_on_gates(screen: Any) -> None:
    """PageDown and PageUp pick the next step and the one before."""
    screen.open("/gates?run=adding-lstm&step=7")
    screen.page.keyboard.press("PageDown")
    screen.until(lambda: asked(screen.page, "step") == "8", "step 8")
    screen.page.keyboard.press("PageUp")
    screen.until(lambda: asked(screen.page, "step") == "7", "step 7")


def test_keys_are_listed(screen: Any) -> None:
    """The button ? lists the keys."""
    screen.open("/gates?run=adding-lstm")
    screen.page.get_by_role("button", name="?", exact=True).click()
    screen.page.get_by_role("dialog").get_by_text("PageUp, PageDown").wait_for()
