"""▶ Play in a real browser: frames follow one another without the server, and it stops by hand."""

import re
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest
from playwright.sync_api import Page, expect

from tests.long import but_some_long

pytestmark = pytest.mark.browser

EVERY = "Every output step"
SLIDER = ".clock input[name=frame]"


def frame(page: Page) -> int:
    """The frame that the slider shows."""
    return int(page.locator(SLIDER).input_value())


def said(page: Page) -> str:
    """What the frame is called."""
    return page.locator(".clock output").inner_text()


def asked(page: Page, name: str) -> str:
    """What the address says."""
    return parse_qs(urlparse(page.url).query).get(name, [""])[0]


def start(screen: Any, kind: str) -> None:
    """Press ▶ and wait until it plays."""
    screen.page.locator(f".st-key-play_{kind} button").click()
    screen.page.wait_for_selector(SLIDER)
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
    assert said(screen.page) == f"Training step {step:,} of 5,000"
    screen.page.wait_for_timeout(2500)
    assert frame(screen.page) == stood
    screen.page.keyboard.press("ArrowRight")
    screen.until(lambda: int(asked(screen.page, "checkpoint")) > step, "the next training step")
    later = int(asked(screen.page, "checkpoint"))
    screen.page.locator(".st-key-end_training button").click()
    screen.page.wait_for_selector(SLIDER, state="detached")
    screen.until(lambda: asked(screen.page, "checkpoint") == str(later), "the training step kept")


def test_time_steps_play_on_gates(screen: Any) -> None:
    """One time step after another; the switch stops, and the picked step is that one."""
    screen.open("/gates?run=adding-lstm")
    picked = int(asked(screen.page, "step") or 0)
    start(screen, "time")
    screen.until(lambda: frame(screen.page) not in (0, picked), "neither what stood there")
    screen.page.locator(".clock button").click()
    screen.until(lambda: asked(screen.page, "step") == str(frame(screen.page)), "the picked step")


def colours(screen: Any) -> set[Any]:
    """What is seen in the first picture of the first chart."""
    return {colour for _, colour in screen.pixels(screen.image(0)).getcolors(100_000)}


@pytest.mark.parametrize("tab", but_some_long(("One output step", EVERY), (EVERY,)))
def test_connectivity_forms(screen: Any, tab: str) -> None:
    """All networks' pictures play together; where it stops the page is of that training step."""
    screen.open("/connectivity?run=adding-lstm")
    screen.page.get_by_role("tab", name=tab).click()
    screen.settle()
    start(screen, "training")
    screen.page.keyboard.press("Space")
    screen.until(lambda: asked(screen.page, "checkpoint") != "", "the training step")
    step = int(asked(screen.page, "checkpoint"))
    assert said(screen.page) == f"Training step {step:,} of 5,000"
    screen.page.get_by_text(f"at training step {step:,}").wait_for()
    before = colours(screen)
    screen.page.locator(SLIDER).press("End")
    screen.until(lambda: asked(screen.page, "checkpoint") == "", "the last one")
    screen.until(lambda: colours(screen) != before, "another picture")
    screen.page.locator(".st-key-end_training button").click()
    screen.page.wait_for_selector(SLIDER, state="detached")


def test_a_clicker_steps_through_training_on_connectivity(screen: Any) -> None:
    """PageUp is the checkpoint before, PageDown the next: the picture has no time step."""
    for page in ("connectivity", "saturation"):
        screen.open(f"/{page}?run=adding-lstm&checkpoint=0")
        screen.press("PageDown")
        screen.until(lambda: asked(screen.page, "checkpoint") not in ("", "0"), "a later step")
        screen.settle()
        screen.press("PageUp")
        screen.until(lambda: asked(screen.page, "checkpoint") == "0", "the first one")


@pytest.mark.long
def test_a_trained_network_plays_again(screen: Any) -> None:
    """Loss, answers and gates play together; the sentence is that of where it stops."""
    screen.open("/train")
    headline = screen.page.locator(".st-key-headline")
    expect(headline).to_contain_text(re.compile("^After 5,000 training steps"))
    start(screen, "training")
    screen.until(lambda: len(screen.charts()) == 3, "loss, answers and gates")
    screen.page.keyboard.press("Space")
    screen.until(lambda: not headline.inner_text().startswith("After"), "another sentence")
    assert said(screen.page) != "Training step 5,000 of 5,000"
    screen.page.locator(".st-key-end_training button").click()
    screen.page.wait_for_selector(SLIDER, state="detached")
    screen.until(lambda: headline.inner_text().startswith("After 5,000"), "the trained network")


def test_step_through_plays_training_steps(screen: Any) -> None:
    """The same unit and step at every training step, drawn without the server."""
    screen.open("/step_through?run=adding-lstm&example=14&unit=7&step=5")
    screen.until(lambda: bool(screen.text(r"^Step 5: unit 7\b")), "step 5")
    trained = screen.text(r"^Step 5:")
    start(screen, "training")
    screen.until(lambda: screen.text(r"^Step 5: unit 7\b") not in ("", trained), "another sentence")
    screen.page.keyboard.press("Space")
    screen.until(lambda: asked(screen.page, "checkpoint") != "", "the training step")
    early = screen.text(r"^Step 5:")
    screen.page.locator(".st-key-end_training button").click()
    screen.page.wait_for_selector(SLIDER, state="detached")
    screen.until(lambda: screen.text(r"^Step 5:") == early, "what stood there")


def test_a_clicker_steps_on_gates(screen: Any) -> None:
    """PageDown and PageUp pick the next step and the one before; the button ? lists the keys."""
    screen.open("/gates?run=adding-lstm&step=7")
    screen.press("PageDown")
    screen.until(lambda: asked(screen.page, "step") == "8", "step 8")
    screen.press("PageUp")
    screen.until(lambda: asked(screen.page, "step") == "7", "step 7")
    screen.page.get_by_role("button", name="?", exact=True).click()
    screen.page.get_by_role("dialog").get_by_text("PageUp, PageDown").wait_for()
