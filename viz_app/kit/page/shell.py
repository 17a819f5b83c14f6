"""What stands around every page: a link to this very view as a QR code, and projector mode."""

from ipaddress import ip_address
from urllib.parse import urlencode, urlsplit

import segno
import streamlit as st

from viz_app.text import say

PROJECTOR = "projector"
KEY = "p"
HIDDEN = (
    '[data-testid="stSidebar"]', '[data-testid="stExpandSidebarButton"]', "header",
    ".stSelectbox", ".stMultiSelect", ".stNumberInput", ".stTextInput", ".stButtonGroup",
    ".stSlider", ".stCheckbox", ".stRadio", ".stDownloadButton", ".stButton", ".stExpander",
    ".stForm",
)  # fmt: skip
"""What a class does not need to see."""

LARGER = 1.25


def share() -> None:
    """A button that shows the address of this view for the room, and one for the projector."""
    with st.sidebar.container(key="frame"):
        if st.button(say("app.share"), help=say("app.share_help"), width="stretch"):
            show_address()
        on = st.session_state.get(PROJECTOR, False)
        label = say("app.projector_off" if on else "app.projector")
        st.button(
            label, shortcut=KEY, on_click=toggle, help=say("app.projector_help"), width="stretch"
        )
    if on:
        hidden = ", ".join(HIDDEN)
        st.html(
            f"<style>{hidden} {{display: none !important}} "
            f".stMainBlockContainer {{zoom: {LARGER}}} "
            # a chart measures its place in pixels of the screen, which are larger now
            f".stVegaLiteChart {{width: {100 / LARGER:g}% !important}}</style>"
        )


def toggle() -> None:
    """Into projector mode, saying how to leave it, or out of it."""
    on = not st.session_state.get(PROJECTOR, False)
    st.session_state[PROJECTOR] = on
    if on:
        st.toast(say("app.projector_leave"))


def address() -> str:
    """This view's address, with all that is chosen on it."""
    here = (st.context.url or "").split("?")[0]
    chosen = urlencode(st.query_params.to_dict(), errors="replace")
    return f"{here}?{chosen}" if chosen else here


def is_loopback(url: str) -> bool:
    """Whether only the machine that serves a page can open that address."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:  # a name, or no address at all
        return False


def show_address() -> None:
    """The address as a QR code and as text, over the page."""

    st.dialog(say("app.share_title"))(link)(address())


def link(found: str, width: int = 420) -> None:
    """An address as a QR code and as text; a word where no other machine can open it."""
    try:
        code = segno.make(found, error="m")
    except segno.DataOverflowError:
        st.info(say("app.share_long", letters=len(found)))
    else:
        st.image(code.svg_inline(scale=8, border=2, light="white"), width=width)
    st.code(found, language=None, wrap_lines=True)
    if is_loopback(found):
        st.caption(say("app.share_loopback"))
