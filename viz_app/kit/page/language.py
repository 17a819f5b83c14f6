"""The reader's language: of each session, on every page, in fragments and callbacks too.

The address says it (``?lang=zh``), else what was chosen from the menu, now or on an earlier visit
(a cookie), else the browser, else the server's environment, else it is English. The entry script
finds it once a run and keeps it in the session, where whatever is drawn later finds it.
"""

import os
import threading
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from viz_app.kit import fonts
from viz_app.kit.page import choices
from viz_app.kit.page.choices import LANGUAGE as ASKED
from viz_app.serving import names
from viz_app.serving.languages import COOKIE
from viz_app.text import DEFAULT, LANGUAGE, READERS, known, say, speaking, there

CHOSEN = "_language_chosen"
"""What the address, or the menu, has said in this session."""

SPOKEN = "_language"
"""What this session speaks."""

MENU = "language_menu"


class _Memo(threading.local):
    """What a thread found last, and for which run of a script: words are asked for often."""

    run: Any = None
    language: str | None = None


_memo = _Memo()


def of_session() -> str | None:
    """The language of the session whose script runs here; None where none does."""
    run = get_script_run_ctx(suppress_warning=True)
    if run is None:
        return None
    if _memo.run is not run:
        _memo.run, _memo.language = run, st.session_state.get(SPOKEN) or _found()
    return _memo.language


READERS.append(of_session)


def take() -> None:
    """At the start of every run: what the address asks for, once, and what is spoken then."""
    found = known(choices.address(ASKED))
    if found is not None:
        st.session_state[CHOSEN] = found
    _speak(found or _found())


def refuse() -> None:
    """Say so where the address asks for a language that there is not."""
    asked = choices.address(ASKED)
    if asked is not None and known(asked) is None:
        del st.query_params[ASKED]
        choices.say_not_there(ASKED, asked, sorted(there()), of_session())


def keep() -> None:
    """Have the address of this page say what was chosen, so that it holds after a reload too."""
    chosen = st.session_state.get(CHOSEN)
    if chosen and st.query_params.get(ASKED) != chosen:
        st.query_params[ASKED] = chosen


def address() -> dict[str, str]:
    """What a link of this session says of the language: nothing where the browser has it."""
    spoken = st.session_state.get(SPOKEN)
    return {ASKED: spoken} if spoken and spoken != known(st.context.locale) else {}


def menu() -> None:
    """The languages by their own names, where there are several."""
    found = sorted(there(), key=own_name)
    if len(found) > 1:
        st.menu_button(
            say("app.language"), found, key=MENU, on_click=_choose, help=say("app.language_help"),
            icon=":material/translate:", type="tertiary", format_func=own_name,
        )  # fmt: skip


def own_name(language: str) -> str:
    """What those who speak it call it; where its texts do not say so, its tag."""
    with speaking(DEFAULT):
        english = say("app.language_name")
    with speaking(language):
        name = say("app.language_name")
    return language if name == english and language != DEFAULT else name


def told() -> dict[str, str]:
    """For the browser: the language of the page, and what it shall remember."""
    return {
        "language": st.session_state.get(SPOKEN, ""),
        "language_cookie": COOKIE if st.session_state.get(MENU_USED) else "",
        "asked": ASKED if st.session_state.get(CHOSEN) else "",
        "chinese": fonts.ADDRESS if names.current() is not None else "",
    }


MENU_USED = "_language_menu_used"


def _choose() -> None:
    chosen = known(st.session_state.get(MENU))
    if chosen is None:
        return
    st.session_state[CHOSEN] = chosen
    st.session_state[MENU_USED] = True
    st.query_params[ASKED] = chosen
    _speak(chosen)


def _speak(language: str) -> None:
    st.session_state[SPOKEN] = language
    _memo.run, _memo.language = get_script_run_ctx(suppress_warning=True), language


def _found() -> str:
    """What this session speaks, before anything was asked in this run."""
    said = (
        st.session_state.get(CHOSEN), st.context.cookies.get(COOKIE), st.context.locale,
        os.environ.get(LANGUAGE),
    )  # fmt: skip
    return next((found for tag in said if (found := known(tag))), DEFAULT)
