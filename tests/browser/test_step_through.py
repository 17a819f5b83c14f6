"""Stepping through a cell in a real browser: keys, buttons and clicks, drawn without the server."""

import re
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest

from gatescope import load_run, record
from viz_app.kit import library, units

pytestmark = pytest.mark.browser

MARKED = "document.querySelector('[data-testid=stVegaLiteChart] svg')"


def address(screen: Any) -> dict[str, str]:
    """What the address says."""
    return {n: v[0] for n, v in parse_qs(urlparse(screen.page.url).query).items()}


def shows(screen: Any, unit: int, step: int) -> None:
    """Wait for the sentence and the address to name that unit and step."""
    said = rf"^Step {step}: .*unit {unit}\b"
    screen.until(lambda: bool(screen.text(said)), f"unit {unit} at step {step}, drawn")
    wanted = {"unit": str(unit), "step": str(step)}
    screen.until(lambda: wanted.items() <= address(screen).items(), f"{wanted} in the address")


def press(screen: Any, name: str) -> None:
    """Click a button that is drawn in the chart."""
    text = place(screen, name)
    screen.page.mouse.click(text["x"] + 2, text["y"] - 3)


def place(screen: Any, said: str) -> dict[str, Any]:
    """Where the chart says this, and nowhere else."""

    def look() -> dict[str, Any]:
        texts = [t for chart in screen.charts()[:1] for t in chart["texts"] if t["text"] == said]
        return texts[0] if len(texts) == 1 else {}

    found: dict[str, Any] = screen.found(look, f"one text “{said}”")
    return found


def test_a_reader_steps_through_a_cell(screen: Any) -> None:
    """Keys, buttons and a click move; the chart stays the same one; typing does not move it."""
    page = screen.page
    run = load_run(library.PREPARED / "adding-lstm")
    layer = units.layer_of(record(run.model(), run.probe().inputs))
    screen.open("/step_through?run=adding-lstm&example=14")
    first, second = sorted(mark.step for mark in run.probe().marks[14])
    unit = int(re.findall(r"unit (\d+)", screen.says(r"^Step \d+:"))[0])
    shows(screen, unit, first)
    page.evaluate(f"{MARKED}.setAttribute('data-first', 'yes')")

    for key, step in (("ArrowRight", first + 1), ("ArrowLeft", first), ("m", second)):
        page.keyboard.press(key)
        shows(screen, unit, step)
    page.keyboard.press("Shift+M")
    for _ in range(12):
        page.keyboard.press("ArrowRight")
    shows(screen, unit, first + 12)
    gate = float(layer["forget_gate"][first + 12, 14, unit])
    screen.until(lambda: f"{gate:.3f}" in screen.texts(), "the forget gate's number")

    press(screen, "step ▶")
    shows(screen, unit, first + 13)
    press(screen, "◀ mark")
    shows(screen, unit, first)
    page.keyboard.press("u")
    shows(screen, (unit + 1) % run.config.hidden_size, first)
    press(screen, "◀ unit")
    shows(screen, unit, first)
    # a click on a step of the input goes there
    number = place(screen, "0.93")
    page.mouse.click(number["x"] + 12, number["y"] + 20)
    shows(screen, unit, second)
    assert page.evaluate(f"{MARKED}.getAttribute('data-first')") == "yes", "drawn anew meanwhile"

    # a typed number is drawn, and keys in its field do not step
    page.get_by_text("Go to a unit or step by number").click()
    field = page.get_by_label("Step", exact=True)
    field.fill("20")
    field.press("Enter")
    shows(screen, unit, 20)
    page.get_by_label("Example", exact=True).press("ArrowLeft")
    page.get_by_label("Example", exact=True).press("m")
    page.wait_for_timeout(500)
    shows(screen, unit, 20)

    # the way back, at the same place
    page.get_by_role("radio", name="backward").click()
    screen.until(lambda: "δcₜ₋₁" in screen.texts(), "the backward drawing")
    shows(screen, unit, 20)
    page.set_viewport_size({"width": 1100, "height": 2000})
    page.wait_for_timeout(1000)
    shows(screen, unit, 20)


def test_no_key_is_lost(screen: Any) -> None:
    """Keys pressed while the page answers those before: each goes one step."""
    screen.open("/step_through?run=adding-lstm&example=14&unit=7&step=0")
    screen.until(lambda: bool(screen.text(r"^Step 0:")), "step 0")
    for pause in (60, 180, 300, 450):
        for _ in range(4):
            screen.page.keyboard.press("ArrowRight")
            screen.page.wait_for_timeout(pause)
    shows(screen, 7, 16)


def test_it_plays_and_stops(screen: Any) -> None:
    """One time step after another without the server; space stops there."""
    page = screen.page
    screen.open("/step_through?run=adding-lstm&example=14&unit=7&step=5")
    screen.until(lambda: bool(screen.text(r"^Step 5:")), "step 5")
    page.locator(".st-key-play_time button").click()
    screen.until(lambda: bool(screen.text(r"^Step 8:")), "step 8 by itself")
    assert address(screen)["step"] == "5"
    page.keyboard.press("Space")
    page.wait_for_timeout(1200)
    stood = int(re.findall(r"^Step (\d+):", screen.says(r"^Step \d+:"))[0])
    shows(screen, 7, stood)
