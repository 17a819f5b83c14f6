"""Whoever is in a class is where its teacher is, at the start of a page and while it is open."""

from contextlib import suppress

import streamlit as st

from viz_app.kit.classes.records import Member
from viz_app.kit.classes.value import ClassError, Where
from viz_app.kit.page import choices, classroom, tabbed, window
from viz_app.kit.page.browser import browser
from viz_app.kit.page.classroom import DRAWN, PAGE
from viz_app.pages import FRONT, PAGES, script

STRIP = 60
"""Pixels that the strip takes above a page, where the window is not narrow."""

SEEN, SENT = "_class_seen", "_class_sent"
"""Of this session: the moves of its class that it has followed, None where it wants to follow them
again; and those after which it was sent somewhere and how often."""

NEVER = ""

MOST_SENT = 5
"""So often a session is sent to one place."""

LEADS = "_class_leads"
"""Whether it led its class when its page was drawn."""

ENDED = "_class_ended"
"""The class that has ended while this session was in it, whether it led it, and the page where that
is told."""

ADDRESSES = frozenset(address for addresses in PAGES.values() for address in addresses)


def enter(page: str) -> None:
    """At the start of every page: be where the class is."""
    st.session_state[PAGE] = page or FRONT
    classroom.nothing_asked()
    found = None if st.context.is_embedded else classroom.member()
    _note_end(page or FRONT, found)
    st.session_state[DRAWN] = version(found)
    st.session_state[LEADS] = found is not None and found.host
    tall = 0 if found is None or window.plain_window().narrow else STRIP
    st.session_state[window.ABOVE] = tall
    follow(found, arriving=True)


def follow(found: Member | None, *, arriving: bool = False) -> None:
    """Go where the class was brought, unless this session has been there since.

    Of two devices that lead, each follows the other: one may be on the projector.

    It has been there when the page is drawn: a page that is just drawn for another reason may take
    the place of the one that it was sent to, and then it is sent again.
    """
    if found is None:
        return
    moved, where = (found.key, found.state.moves), found.state.where
    sent, times = st.session_state.get(SENT, (None, 0))
    seen = st.session_state.get(SEEN, NEVER)
    if found.host and seen is not None and (found.state.mover == browser() or seen == NEVER):
        st.session_state[SEEN] = moved  # who leads has brought the class there, or opens a page
        return
    if where is None or found.state.pace == "own" or seen == moved:
        return
    at_page = st.session_state[PAGE] == where.page
    there = at_page and (classroom.here() == where or (arriving and sent == moved))
    if there or where.page not in ADDRESSES or (sent == moved and times >= MOST_SENT):
        st.session_state[SEEN] = moved
        return
    st.session_state[SENT] = moved, times + 1 if sent == moved else 1
    go(where)


def anew() -> None:
    """Go where the class is, as if one was never there."""
    st.session_state[SEEN] = None
    st.session_state.pop(SENT, None)


def go(where: Where) -> None:
    """Open an address as if for the first time: nothing that was chosen here before counts."""
    kept = (*choices.KEPT, *choices.NETWORKS, choices.WRITTEN, choices.LEFT, tabbed.LAST)
    for name in list(st.session_state):
        if name in kept or str(name).startswith("tab_"):
            st.session_state.pop(name, None)
    st.switch_page(script(where.page), query_params=dict(where.query))


def version(found: Member | None) -> tuple[str, int] | None:
    """Of which class, and at which of its changes, a page is drawn."""
    return None if found is None else (found.key, found.state.version)


def _note_end(page: str, found: Member | None) -> None:
    """Notice that the class of this session is gone, and forget it on another page."""
    before = st.session_state.get(DRAWN)
    ended = st.session_state.get(ENDED)
    if found is not None or (ended is not None and ended[2] != page):
        st.session_state.pop(ENDED, None)
    if found is None and before is not None:
        with suppress(ClassError):
            if not classroom.classes().is_there(before[0]):
                st.session_state[ENDED] = before[0], st.session_state.get(LEADS, False), page
