"""What stands around every page: a link to this very view as a QR code, and projector mode."""

from html import escape
from ipaddress import ip_address
from urllib.parse import urlencode, urlsplit

import segno
import streamlit as st

from viz_app.kit.chart.style import INKS
from viz_app.kit.page import language, terms, window
from viz_app.kit.page.window import PROJECTOR
from viz_app.text import say

KEY = "P"

FRAMED = 760
"""Pixels of height in somebody else's page: a bar, a sentence and a picture below each other."""

STYLE = """
.stMainBlockContainer {padding: 2rem 1.6rem 2rem 1.6rem}
.stMainBlockContainer h1 {font-size: 1.5rem; padding: 0 0 .3rem 0}
.stMainBlockContainer h2 {font-size: 1.2rem; padding: .4rem 0 .3rem 0}
.stMainBlockContainer h3 {font-size: 1.05rem; padding: .3rem 0 .2rem 0}
.stMainBlockContainer [data-testid="stCaptionContainer"] {color: %(quiet)s; opacity: 1}
.stMainBlockContainer .stCode .token {color: %(quiet)s}
.stMainBlockContainer .stCode .token.keyword {color: %(accent)s}
.stMainBlockContainer .stCode .token:is(.string, .number) {color: %(text)s}
.st-key-frame kbd {color: %(quiet)s; opacity: 1}
@media (hover: none) {.stMainBlockContainer [data-testid="stElementToolbar"] {display: none}}
.st-key-window_watch, div:has(> .st-key-streamlit_words_place) {display: none}
.st-key-frame {position: fixed; top: .55rem; right: 3.6rem; width: auto; z-index: 1000000}
:is(button, a, input, [tabindex]):focus-visible {outline: 3px solid %(accent)s; outline-offset: 2px}
@media (pointer: coarse) {
  .stApp :is([data-testid^="stBaseButton"], [data-testid="stPopoverButton"], .stButtonGroup button,
    header button, [role="tab"], summary, .stCheckbox label) {
    min-height: 2.75rem; min-width: 2.75rem}
  .stApp [data-testid^="stNumberInputStep"] {min-height: 2.75rem}
  .stApp .stCheckbox label {align-items: center}
  .stApp [data-testid="stTooltipIcon"] button {position: relative}
  .stApp [data-testid="stTooltipIcon"] button::after {
    content: ""; position: absolute; inset: -.8rem}
}
@media (prefers-reduced-motion: reduce) {
  * {animation-duration: .01ms !important; transition-duration: .01ms !important}}
"""
"""Of every page: the menu is a thin bar on top, what is shown begins below it, and what fingers
press is as large as a thumb."""

NARROW = """
.stMainBlockContainer {padding: 2rem .8rem 2rem .8rem}
.st-key-frame {right: .6rem}
[data-testid="stMainMenu"] {display: none}
.st-key-language_menu button {min-width: 1.5rem}
.st-key-language_menu button div[aria-hidden=true] {display: none}
.st-key-frame button p, .st-key-frame button kbd {
  position: absolute; width: 1px; clip-path: inset(50%)}
"""
"""Where there is little room the buttons around the page show their pictures alone."""

DARK = ".stApp button[kind^=primary] {color: %(background)s}"
"""White on the dark theme's pink could not be read."""

PROJECTED = """
html {font-size: %gpx}
.stMainBlockContainer [data-testid="stTable"] :is(th, td) {
  font-size: 1.15rem; padding: .6rem .8rem}
.stMainBlockContainer [data-testid="stCaptionContainer"] p {font-size: 1rem}
[data-testid="stToastContainer"] {top: auto !important; bottom: 1.5rem !important}
"""
"""All that is not a picture grows with the size of a letter; tables fill the room that they have,
and a word about the mode stands where it covers neither bar nor headline."""

LOGO = """\
<svg xmlns="http://www.w3.org/2000/svg" width="150" height="28" viewBox="0 0 150 28">
<g fill="{colour}"><rect x="0" y="5" width="5" height="18" rx="1"/>
<rect x="8" y="5" width="5" height="7" rx="1"/><rect x="8" y="16" width="5" height="7" rx="1"/>
<rect x="16" y="5" width="5" height="18" rx="1"/></g>
<text x="29" y="21" font-family="Source Sans 3, Source Sans Pro, Helvetica, Arial, sans-serif"
 font-size="20" font-weight="600" fill="{text}">{name}</text></svg>"""
"""Three gates, the middle one open, and the name."""


def style() -> None:
    """The style of every page, for the reader's window, and the name."""
    here, theme = window.window(), window.theme()
    ink = INKS[theme]
    colours = {name: getattr(ink, name) for name in ("quiet", "accent", "text", "background")}
    rules = [STYLE % colours, terms.STYLE % colours]
    if theme == "dark":
        rules.append(DARK % colours)
    if here.narrow:
        rules.append(NARROW)
    if here.projected:
        rules.append(PROJECTED % (here.type_size + 2))
    st.html(f"<style>{''.join(rules)}</style>")
    st.logo(LOGO.format(colour=ink.accent, text=ink.text, name=say("app.name")), size="large")


def share() -> None:
    """A button that shows the address of this view for the room, and one for the projector.

    In somebody else's page there is a link to the whole app instead.
    """
    if st.context.is_embedded:
        with st.container(key="frame", width="content"):
            st.markdown(f"[{say('app.embed_open')}]({address()})")
        return
    with st.container(key="frame", horizontal=True, gap="xsmall"):
        if st.button(
            say("app.share"), icon=":material/qr_code_2:", help=say("app.share_help"),
            type="tertiary",
        ):  # fmt: skip
            show_address()
        on = window.projected()
        st.button(
            say("app.projector_off" if on else "app.projector"), shortcut=KEY, on_click=toggle,
            icon=":material/close_fullscreen:" if on else ":material/open_in_full:",
            help=say("app.projector_help"), type="tertiary",
        )  # fmt: skip
        language.menu()
        keyboard = not window.window().narrow
        if keyboard and st.button("?", key="keys", help=say("play.keys"), type="tertiary"):
            show_keys()


def show_keys() -> None:
    """The keys and what they do, over the page."""

    def listed() -> None:
        names = ("head", "space", "arrows", "page", "m", "u", "p", "tab")
        rows = [f"| **{say(f'play.keys_{n}')}** | {say(f'play.keys_{n}_does')} |" for n in names]
        st.markdown("\n".join([rows[0], "|---|---|", *rows[1:]]))

    st.dialog(say("play.keys_title"))(listed)()


def toggle() -> None:
    """Into projector mode, saying how to leave it, or out of it."""
    on = not window.projected()
    st.session_state[PROJECTOR] = on
    if on:
        st.toast(say("app.projector_leave"))


def address() -> str:
    """This view's address, with all that is chosen on it."""
    here = (st.context.url or "").split("?")[0]
    chosen = urlencode(st.query_params.to_dict() | language.address(), errors="replace")
    return f"{here}?{chosen}" if chosen else here


def is_loopback(url: str) -> bool:
    """Whether only the machine that serves a page can open that address."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:  # a name, or no address at all
        return False


def show_address() -> None:
    """The address as a QR code and as text, and how another page shows the view."""

    def told(found: str) -> None:
        link(found)
        with st.expander(say("app.embed"), icon=":material/code:"):
            st.code(frame_of(found), language="html", wrap_lines=True)
            st.caption(say("app.embed_how"))

    st.dialog(say("app.share_title"))(told)(address())


def frame_of(found: str) -> str:
    """What another page says to show an address of the app in a frame."""
    embedded = escape(f"{found}{'&' if '?' in found else '?'}embed=true")
    return f'<iframe src="{embedded}" width="100%" height="{FRAMED}" title="GateScope"></iframe>'


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
