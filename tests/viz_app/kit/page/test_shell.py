"""What stands around every page: the link to this view, and projector mode."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.viz_app.kit.chart.test_colours import contrast
from viz_app.kit.chart.style import INKS
from viz_app.kit.page import shell
from viz_app.text import say

ROOT = Path(__file__).parents[4]


def frame(at: AppTest) -> list[Any]:
    """The buttons around the page: the first two that there are."""
    return list(at.button)[:2]


def labels(at: AppTest) -> list[str]:
    """What the buttons around the page say."""
    return [button.label for button in frame(at)]


def press(at: AppTest, label: str) -> AppTest:
    """Press the one button of that label."""
    (button,) = [button for button in frame(at) if button.label == label]
    at = button.click().run()
    assert not at.exception
    return at


def styles(at: AppTest) -> str:
    """The style sheets that the page brings."""
    return "".join(part.proto.body for part in at.get("html"))


def test_projector_mode_makes_all_larger_hides_nothing_and_can_be_left(open_app: Any) -> None:
    """On, letters are larger and it says how to leave; off, all is as before."""
    at = open_app("tasks")
    assert labels(at) == [say("app.share"), say("app.projector")]
    assert "html {font-size" not in styles(at)
    before = len(at.main)
    on = press(at, say("app.projector"))
    assert labels(on) == [say("app.share"), say("app.projector_off")]
    assert "html {font-size: 17px}" in styles(on)
    assert "none !important" not in styles(on)
    assert len(on.main) == before
    assert [toast.value for toast in on.toast] == [say("app.projector_leave")]
    off = press(on, say("app.projector_off"))
    assert "html {font-size" not in styles(off)
    assert not off.toast


def test_an_address_without_a_page_opens_gates_where_it_has_a_choice_of_gates(
    open_app: Any,
) -> None:
    """As it did when Gates was the first page; without one it opens the front page."""
    at = open_app("", run="adding-gru", example="3")
    assert at.query_params["run"] == "adding-gru"
    assert at.query_params["example"] == "3"
    assert at.get("vega_lite_chart")
    assert "run" not in open_app("").query_params


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_on_a_button_stand_out_from_it(theme: str) -> None:
    """4.5 : 1 for a button's own colour and for small print."""
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["theme"][theme]
    ink = INKS[theme]
    on_button = ink.background if theme == "dark" else "#ffffff"
    assert contrast(on_button, settings["primaryColor"]) >= 4.5
    assert contrast(ink.quiet, settings["backgroundColor"]) >= 4.5
    assert contrast(ink.quiet, settings["secondaryBackgroundColor"]) >= 4.5


@pytest.mark.parametrize(
    ("url", "alone"),
    [
        ("http://localhost:8501/memory?log=1", True),
        ("http://127.0.0.1:8501", True),
        ("http://[::1]:8501/", True),
        ("http://192.168.1.20:8501/?run=adding-gru", False),
        ("https://gates.example.org/", False),
        ("", False),
    ],
)
def test_an_address_that_only_this_machine_opens_is_known(url: str, alone: bool) -> None:
    """A class is not shown a link that leads each phone to itself without a word about it."""
    assert shell.is_loopback(url) is alone
