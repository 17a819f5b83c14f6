"""The triangles in a real browser: pointing tells a cell, a click picks an output step."""

from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest
import torch

from gatescope import load_run
from viz_app.kit import library

pytestmark = pytest.mark.browser

STEPS = 50
TRIANGLES = {"rnn": 0, "lstm": 1, "gru": 2}
"""Places of the charts in their tab."""


def asked(screen: Any) -> str:
    """The output step in the address."""
    return parse_qs(urlparse(screen.page.url).query).get("t", [""])[0]


def there(screen: Any) -> bool:
    """Whether all charts are drawn, each with its picture."""
    charts = screen.charts()
    return len(charts) == 3 and all(chart["images"] for chart in charts)


def cell(screen: Any, name: str, output: int, input_: int) -> tuple[float, float]:
    """The middle of a cell of a triangle, in the window."""
    screen.until(lambda: there(screen), "three triangles")
    image = screen.charts()[TRIANGLES[name]]["images"][0]
    x = image["x"] + (input_ + 0.5) / STEPS * image["width"]
    return x, screen.bring(image["y"] + (output + 0.5) / STEPS * image["height"])


def gradient(name: str, example: int, output: int, input_: int) -> float:
    """The norm by one backward pass of the trained network."""
    run = load_run(library.PREPARED / f"adding-{name}")
    inputs = run.probe().inputs[:, example : example + 1].double().requires_grad_()
    answer = run.model().double()(inputs)[output].sum()
    (found,) = torch.autograd.grad(answer, inputs)
    return float(found[input_, 0].norm())


def test_pointing_and_clicking_in_a_triangle(screen: Any) -> None:
    """The tooltip is autograd's; each click moves headline and address, in any of the triangles."""
    screen.open("/connectivity?run=adding-lstm&example=3")
    screen.until(lambda: asked(screen) == "49", "the step of the answer in the address")
    screen.page.get_by_role("tab", name="Every output step").click()
    for name, output, input_ in (("lstm", 40, 20), ("rnn", 30, 2), ("gru", 40, 39)):
        expected = {"output step t": str(output), "input step s": str(input_)}
        tooltip = screen.pointed(
            lambda at=(name, output, input_): cell(screen, *at), screen.tooltip, expected
        )
        told = next(value for key, value in tooltip.items() if "gradient" in key)
        assert float(told.replace("−", "-")) == pytest.approx(
            gradient(name, 3, output, input_), rel=0.01
        )
        screen.page.mouse.click(*cell(screen, name, output, input_))
        screen.until(lambda output=output: asked(screen) == str(output), f"t={output}")
        screen.page.get_by_text(f"of the output at step {output}").first.wait_for()
        screen.page.mouse.move(5, 5)
        screen.settle()
    # a row that was picked before can be picked again
    screen.page.mouse.click(*cell(screen, "rnn", 30, 2))
    screen.until(lambda: asked(screen) == "30", "t=30 once more")
