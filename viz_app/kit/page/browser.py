"""Who is looking: a browser's name, and whether it is the teacher's."""

import secrets
from functools import cache

import streamlit as st

from viz_app.kit.environment import TEACHER
from viz_app.serving import counts, names
from viz_app.serving.counts import Counts
from viz_app.serving.door import ASK, MOST_GUESSES
from viz_app.serving.names import COOKIE, TEACHER_COOKIE
from viz_app.serving.secrets import key
from viz_app.text import say

NAME, IS_TEACHER = "browser_name", "browser_is_teacher"


def browser() -> str:
    """A name without meaning for this browser, the same in all its tabs and after a reload.

    It stands in a cookie that the server signed; empty where there is none, and such a browser may
    look at everything and ask for nothing. Where Streamlit serves alone, as with ``streamlit run``,
    there are no such cookies: there a session is a browser.
    """
    given = names.current()
    if given is not None:
        return given.read(st.context.cookies.get(COOKIE))
    own: str = st.session_state.setdefault(NAME, secrets.token_hex(8))
    return own


def is_teacher() -> bool:
    """Whether this browser has shown the teacher's key.

    The server takes the key out of an address and gives a cookie for it. Where Streamlit serves
    alone, `take_key` does so for a session.
    """
    given = names.current()
    if given is not None:
        return given.is_teacher(st.context.cookies.get(TEACHER_COOKIE))
    return bool(st.session_state.get(IS_TEACHER))


def take_key() -> None:
    """Take the teacher's key out of the address, so that it ends in no link and no picture."""
    if ASK not in st.query_params:
        return
    shown = st.query_params.pop(ASK)
    if names.current() is not None:  # the server has looked at it already
        return
    if not shown:  # the key is given back
        st.session_state[IS_TEACHER] = False
    elif guesses().full("teacher", "", MOST_GUESSES):
        st.error(say("serving.many_guesses"))
    elif names.equal(shown, key(TEACHER)):
        st.session_state[IS_TEACHER] = True
    else:
        guesses().allow("teacher", "", MOST_GUESSES)
        st.error(say("serving.wrong_key"))


@cache
def guesses() -> Counts:
    """How often a wrong key was shown."""
    return counts.of_server()


def unknown() -> str:
    """What is said to a browser without a name that asks for something."""
    return say("serving.unknown")
