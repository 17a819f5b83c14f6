"""What stands around every page: the link to this view, and projector mode."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from viz_app.kit.page import shell
from viz_app.text import say


def labels(at: AppTest) -> list[str]:
    """What the buttons around the page say."""
    return [button.label for button in at.sidebar.button]


def press(at: AppTest, label: str) -> AppTest:
    """Press the one button of that label."""
    (button,) = [button for button in at.sidebar.button if button.label == label]
    at = button.click().run()
    assert not at.exception
    return at


def styles(at: AppTest) -> str:
    """The style sheets that the page brings."""
    return "".join(part.proto.body for part in at.get("html"))


def test_the_projector_takes_controls_away_and_gives_them_back(open_app: Any) -> None:
    """On, it hides what nobody in the last row needs and says how to leave; off, all is back."""
    at = open_app("tasks")
    assert labels(at) == [say("app.share"), say("app.projector")]
    assert "display: none" not in styles(at)
    on = press(at, say("app.projector"))
    assert labels(on) == [say("app.share"), say("app.projector_off")]
    assert all(hidden in styles(on) for hidden in (".stSlider", '"stSidebar"', "zoom: 1.25"))
    assert [toast.value for toast in on.toast] == [say("app.projector_leave")]
    off = press(on, say("app.projector_off"))
    assert "display: none" not in styles(off)
    assert not off.toast


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
