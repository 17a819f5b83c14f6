"""Drawing in a process of its own: the same figures, and a server that does not stand still."""

import json
import signal
import sys
import threading
import time
from collections.abc import Iterator
from multiprocessing import Pipe

import pytest

from viz_app.kit import drawing
from viz_app.kit.drawing import Drawer

SPEC = json.dumps(
    {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "data": {"values": [{"a": 1, "b": 2}, {"a": 3, "b": 5}]},
        "mark": "point",
        "encoding": {
            "x": {"field": "a", "type": "quantitative"},
            "y": {"field": "b", "type": "quantitative"},
        },
    }
)


@pytest.fixture(scope="module")
def apart() -> Iterator[Drawer]:
    """One process for all tests: it takes a second to start."""
    found = Drawer()
    yield found
    found.close()


def test_it_draws_what_this_process_draws(apart: Drawer) -> None:
    """Byte for byte; a PNG and a PDF are made of the SVG."""
    svg = drawing.draw("svg", SPEC)
    assert apart.draw("svg", SPEC) == svg
    assert apart.draw("png", svg.decode(), scale=2.0) == drawing.draw(
        "png", svg.decode(), scale=2.0
    )
    assert apart.draw("pdf", svg.decode()).startswith(b"%PDF")
    assert "vl_convert" in sys.modules  # by this test alone


def test_what_cannot_be_drawn_is_an_error_and_the_next_figure_is_drawn(apart: Drawer) -> None:
    """As it is without a process."""
    with pytest.raises(ValueError, match=r"."):
        drawing.draw("svg", '{"mark": 3}')
    with pytest.raises(ValueError, match=r"."):
        apart.draw("svg", '{"mark": 3}')
    assert apart.draw("svg", SPEC).startswith(b"<svg")


def test_a_process_that_was_killed_is_started_again(apart: Drawer) -> None:
    """Nobody sees that it was gone."""
    apart.draw("svg", SPEC)
    assert apart.process is not None
    apart.process.kill()
    apart.process.wait()
    assert apart.draw("svg", SPEC).startswith(b"<svg")


def test_other_threads_run_on_while_one_waits_for_a_drawing(apart: Drawer) -> None:
    """The process is stopped: whoever waits for it holds nobody up, and gives up in the end."""
    apart.draw("svg", SPEC)
    assert apart.process is not None
    apart.process.send_signal(signal.SIGSTOP)
    apart.patience, before = 1.0, apart.patience
    errors: list[str] = []

    def ask() -> None:
        try:
            apart.draw("svg", SPEC)
        except ValueError as error:
            errors.append(str(error))

    asks = threading.Thread(target=ask)
    asks.start()
    looks = 0
    while asks.is_alive() and looks < 10_000:
        time.sleep(0.005)
        looks += 1
    asks.join()
    apart.patience = before
    assert looks >= 20
    assert errors == ["the figure could not be drawn within 1 seconds"]
    assert apart.draw("svg", SPEC).startswith(b"<svg")


def test_the_process_ends_when_nobody_asks_or_who_asked_is_gone() -> None:
    """Neither waits for ever."""
    ours, theirs = Pipe()
    drawing.serve(theirs, idle=0.01)
    ours.close()
    drawing.serve(theirs)
