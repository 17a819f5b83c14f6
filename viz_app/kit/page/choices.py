"""What a reader has chosen: kept from page to page, and in the address.

A choice lives in the session under its name. The address is written from it after each run of a
page; an address that somebody opens, or goes back to, is read before.
"""

from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from viz_app.kit.choice import listed, whole
from viz_app.kit.page import served as cached
from viz_app.kit.page import window
from viz_app.kit.view import View
from viz_app.text import name_of, say
from viz_app.text.plain import NAME, plain

NUMBERS = ("checkpoint", "example", "unit", "step")
NAMES = ("run", "layer", "sort")
KEPT = (
    *NAMES, *NUMBERS, "others", "fade", "gain", "clip", "t", "relative", "log", "ask", "picture",
    "window", "units", "show",
)  # fmt: skip
NETWORKS = (
    "writing_run", "sentiment_run", "forecast_series", "forecast_prepared_cell", "network", "aid",
    "claim",
)  # fmt: skip
"""What is looked at on pages that have networks of their own."""

OF_A_RUN = ("unit", "step", "checkpoint", "layer", "t")
LANGUAGE = "lang"
"""In every address the reader's language, where it is not the browser's own."""

WRITTEN = "_address"
LINKED = "_linked"
"""Of what a link asks for and no widget has taken up: its name there and the text, by its key."""

LAST, LEFT = "_last_address", "_left_addresses"
"""The whole address as it was written last; those before it, each with its time and its page."""

LATE = 3.0
"""Seconds in which a browser may still speak from an address that was left."""

NOTICES = "_notices"
"""Where a page says what a link asks for in vain."""

SAID, AGAIN = "_said", "_say_again"
"""What the page has said there, and what it shall say once more."""

MOST_LETTERS = 2000


def hold() -> None:
    """On every page keep what is chosen on another one.

    Streamlit drops a widget's value after a page without it, unless it is set there.
    """
    put_right()
    st.session_state[LINKED] = {}
    st.session_state.pop(NOTICES, None)
    said = st.session_state.pop(SAID, [])
    st.session_state[AGAIN] = said if st.session_state.pop(window.TOLD, False) else []
    for name in (*KEPT, *NETWORKS):
        if name in st.session_state:
            st.session_state[name] = st.session_state[name]


def restore() -> None:
    """Take over what the address says, where it is not what this session wrote there.

    An address of another network, or one that a reader went back to, leaves out what is as usual.
    """
    another = asked("run") not in (None, st.session_state.get("run"))
    said = st.query_params.keys() - {LANGUAGE}
    left_out = set(OF_A_RUN) - said if said else set()
    for name in left_out if another else left_out & st.session_state.get(WRITTEN, {}).keys():
        st.session_state.pop(name, None)
    for name in (*NAMES, *NUMBERS):
        take(name, read=str if name in NAMES else whole)


def address(name: str) -> str | None:
    """What the address says under a name: cut where nobody would write so much, and as text."""
    put_right()
    found = st.query_params.get(name)
    return None if found is None else found[:MOST_LETTERS].encode(errors="replace").decode()


def asked(name: str) -> str | None:
    """What the address says of a choice, where it is not what this session wrote there."""
    found = address(name)
    return None if found == st.session_state.get(WRITTEN, {}).get(name) else found


def left_out(name: str) -> bool:
    """Whether the address says nothing of a choice that this session wrote there: it went back."""
    return address(name) is None and st.session_state.get(WRITTEN, {}).get(name) is not None


def take(name: str, key: str = "", read: Callable[[str], Any] = str) -> None:
    """Take over a choice from the address; `keep` says so where it is none of the options.

    Parameters
    ----------
    name
        What it is called in the address.
    key
        Where it is kept in the session, if not under that name.
    read
        From its text to its value; None where the text is none.
    """
    text, key = asked(name), key or name
    if text is None:
        return
    st.session_state[LINKED][key] = (name, text)
    value = read(text)
    if value is None:
        st.session_state.pop(key, None)
    else:
        st.session_state[key] = value


def linked(key: str) -> tuple[str, str] | None:
    """What a link asks for, by its name there and its text, until it is looked at once."""
    found: tuple[str, str] | None = st.session_state.get(LINKED, {}).pop(key, None)
    return found


def say_not_there(name: str, text: str, options: Sequence[Any], shown: Any) -> None:
    """Say that what a link asks for is not there, what is, and what is shown."""
    notice(
        say(
            "app.not_there", what=name_of("choice", name), asked=plain(text, NAME),
            options=listed(options, _option), shown=_option(shown),
        )
    )  # fmt: skip


def notice(text: str) -> None:
    """Say what went wrong above the picture, where the page has a place there."""
    st.session_state.get(NOTICES, st).warning(text)
    st.session_state.setdefault(SAID, []).append(text)


def say_again() -> None:
    """What was said before the browser told its window: the page is only drawn for that anew."""
    for text in st.session_state.pop(AGAIN, []):
        notice(text)


def _option(value: Any) -> str:
    if value is None:
        return say("app.as_usual")
    return f"{value:g}" if isinstance(value, float) else plain(value, NAME)


def forget() -> None:
    """A new network has other units, steps and layers: let the page choose again.

    The time window and the units in view stay, as far as they fit, so that cells can be compared.
    """
    for name in OF_A_RUN:
        st.session_state.pop(name, None)
        linked(name)


def remember(**chosen: Any) -> None:
    """Write choices into the address; None leaves one out, and the open tab stays."""
    written = {name: str(value) for name, value in chosen.items() if value is not None}
    tab = address("tab")
    _write(written if tab is None else written | {"tab": tab})
    before = st.session_state.get(WRITTEN, {}).get("tab")
    st.session_state[WRITTEN] = written | {"tab": before}


def open_tab(name: str | None) -> None:
    """Write the open tab into the address, and nothing else; None is the first one.

    What another page wrote there is no longer what was written last.
    """
    others = st.query_params.to_dict()
    others.pop("tab", None)
    others.pop(LANGUAGE, None)
    _write(others if name is None else others | {"tab": name})
    written = st.session_state.get(WRITTEN, {})
    here = {other: written[other] for other in others if other in written}
    st.session_state[WRITTEN] = here | {"tab": name}


def put_right() -> None:
    """Give the address back that was written last, where the browser has not heard of it yet.

    Who touches something at once after something else sends with it the address from before.
    """
    left = st.session_state.get(LEFT)
    if not left or goes_back():
        return
    here, now = (page_of_run(), dict(st.query_params)), monotonic()
    if any(here == (page, query) and now - when < LATE for when, page, query in left):
        st.query_params.from_dict(st.session_state[LAST])


def rewrite(address: dict[str, str]) -> None:
    """Write a whole address, although it may be one that was left a moment ago."""
    st.session_state.pop(LEFT, None)
    st.query_params.from_dict(address)


def goes_back() -> bool:
    """Whether the browser asks for an address since its reader went back, or forward again."""
    run = get_script_run_ctx(suppress_warning=True)
    return run is not None and run.is_history_navigation


def page_of_run() -> str:
    """A name without meaning for the page that runs."""
    run = get_script_run_ctx(suppress_warning=True)
    return "" if run is None else run.page_script_hash


def _write(chosen: dict[str, str]) -> None:
    if spoken := address(LANGUAGE):
        chosen = chosen | {LANGUAGE: spoken}
    before = dict(st.query_params)
    if chosen != before:
        st.query_params.from_dict(chosen)
        page, now = page_of_run(), monotonic()
        left = [
            (when, there, query)
            for when, there, query in st.session_state.get(LEFT, [])
            if now - when < LATE and (there, query) != (page, chosen)
        ]
        st.session_state[LEFT] = [*left, (now, page, before)]
    st.session_state[LAST] = chosen


def remember_view(view: View) -> None:
    """Write a view into the address, brief where it is as it would be by itself."""
    query = view.brief(cached.recordings).to_query()
    remember(**query | {"run": st.session_state["run"]})


def keep(name: str, options: Sequence[Any], default: Any) -> None:
    """Make sure that a choice is one of its options before its widget is drawn."""
    st.session_state[name] = pick(name, options, default)


def pick(name: str, options: Sequence[Any], default: Any) -> Any:
    """A choice if it is possible here, else the default; what a link asks for in vain is said."""
    value, link = st.session_state.get(name), linked(name)
    if link is not None and value not in options:
        say_not_there(*link, options, default)
    return valid(value, options, default)


def keep_all(prefix: str) -> None:
    """Streamlit drops a widget's value after a page without it, unless it is set there."""
    for name in list(st.session_state):
        if str(name).startswith(prefix):
            st.session_state[name] = st.session_state[name]


def valid(value: Any, options: Sequence[Any], default: Any) -> Any:
    """The value if it is possible here, else the default."""
    return value if value in options else default
