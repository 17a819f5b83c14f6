"""The reader's window: guessed from what the browser says, then told by it, and drawn for."""

from types import SimpleNamespace
from typing import Any

import pytest

from viz_app.kit.chart.window import PAGE, WINDOWS
from viz_app.kit.page import window

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Mobile/15E148"
ANDROID = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537 Chrome/140 Mobile Safari/537"
TABLET = "Mozilla/5.0 (Linux; Android 15; SM-X200) AppleWebKit/537 Chrome/140 Safari/537"
LAPTOP = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537 Chrome/140 Safari/537"


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A reader who says this and that: browser, cookie, component, projector mode."""

    def made(
        agent: str = LAPTOP, cookie: str = "", seen: str = "", projector: bool = False
    ) -> None:
        state: dict[str, Any] = {window.PROJECTOR: projector}
        if seen:
            state[window.KEY] = {"seen": seen}
        context = SimpleNamespace(
            headers={"User-Agent": agent}, cookies={window.COOKIE: cookie} if cookie else {},
            theme=SimpleNamespace(type="light"),
        )  # fmt: skip
        monkeypatch.setattr(window, "st", SimpleNamespace(session_state=state, context=context))

    return made


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (PHONE, "phone"), (ANDROID, "phone"), (TABLET, "tablet"), (LAPTOP, "laptop"),
        ("", "laptop"),
    ],
)  # fmt: skip
def test_at_first_it_is_guessed(reader: Any, agent: str, name: str) -> None:
    """From the browser's own name; who says nothing has a laptop."""
    reader(agent)
    assert window.window() is WINDOWS[name]


def test_what_the_browser_says_wins_over_its_cookie_and_the_cookie_over_a_guess(
    reader: Any,
) -> None:
    """The window that is there now, then the one of the last visit; nonsense is no window."""
    reader(PHONE, cookie="tablet")
    assert window.window().name == "tablet"
    reader(PHONE, cookie="tablet", seen="desktop")
    assert window.window().name == "desktop"
    reader(LAPTOP, cookie="phone+touch")  # of an earlier version
    assert window.window().name == "phone"
    reader(LAPTOP, cookie="<b>")
    assert window.window().name == "laptop"


@pytest.mark.parametrize(
    ("seen", "name"),
    [("desktop", "projector"), ("laptop", "small_projector"), ("tablet", "small_projector")],
)
def test_a_projector_has_larger_type_than_its_window(reader: Any, seen: str, name: str) -> None:
    """18 pixels on the large one; what is as wide as its words grows with them."""
    reader(seen=seen, projector=True)
    assert window.window().name == name
    assert window.window().type_size > WINDOWS[seen].type_size  # type: ignore[index]
    assert window.scaled(100) > 100
    assert WINDOWS["projector"].type_size == 18


def test_only_a_figure_has_all_the_room_that_it_needs() -> None:
    """Every window bounds a picture's height."""
    assert all(each.height < 1080 for each in WINDOWS.values())
    assert PAGE.height > 5000


@pytest.mark.parametrize(
    ("chosen", "kept", "on"),
    [(None, "", False), (None, "on", True), (False, "on", False), (True, "", True)],
)
def test_projector_mode_is_as_it_was_before_a_reload(
    monkeypatch: pytest.MonkeyPatch, chosen: bool | None, kept: str, on: bool
) -> None:
    """A new session does as the browser's cookie says, until its reader chooses."""
    state: dict[str, Any] = {} if chosen is None else {window.PROJECTOR: chosen}
    context = SimpleNamespace(headers={}, cookies={window.PROJECTOR_COOKIE: kept})
    monkeypatch.setattr(window, "st", SimpleNamespace(session_state=state, context=context))
    assert window.projected() is on
    assert (window.plain_window().name == "small_projector") is on
