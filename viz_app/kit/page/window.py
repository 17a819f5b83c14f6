"""The reader's window: of which class it is.

The first answer is a guess from what the browser says of itself; its window then says how large it
is, and again whenever that changes. A cookie keeps it, so that the next visit needs no guess.
"""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, get_args

import streamlit as st

from viz_app.kit.chart.style import Theme
from viz_app.kit.chart.window import WINDOWS, Look, Window, WindowName

PROJECTOR = "projector"
"""Whether the session is in projector mode."""

PROJECTOR_COOKIE = "gatescope_projector"
"""Whether this browser was in it when a page was left or loaded anew; forgotten when it closes."""

COOKIE = "gatescope_window"
KEY = "browser_window"

TOUCH = "+touch"
"""Ends what a cookie of an earlier version says."""

ABOVE = "_above"
"""Pixels of what stands above every page of this session."""

TOLD = "_window_told"
"""Whether the page is drawn because the browser has just told its window."""

JS = """
export default function ({ data, setStateValue }) {
  const seen = () => {
    const width = window.innerWidth, height = window.innerHeight;
    if (width < 600) return "phone";
    if (width < 1000) return "tablet";
    return width >= 1500 && height >= 820 ? "desktop" : "laptop";
  };
  const tell = () => {
    const now = seen();
    const lasts = "path=/; SameSite=Lax; max-age=31536000";
    document.cookie = `${data.cookie}=${now}; ${lasts}`;
    if (data.projector) {
      const ends = data.projector === "on" ? "" : "; max-age=0";
      document.cookie = `${data.projector_cookie}=on; path=/; SameSite=Lax${ends}`;
    }
    const speaks = data.language_cookie;
    if (speaks) document.cookie = `${speaks}=${data.language}; ${lasts}`;
    if (data.language) document.documentElement.lang = data.language;
    if (data.chinese && !document.getElementById(data.chinese)) lend();
    if (now !== data.shown) setStateValue("seen", now);
  };
  const lend = () => {
    const canvas = document.createElement("canvas"), pen = canvas.getContext("2d");
    canvas.width = canvas.height = 20;
    pen.font = "16px sans-serif";
    const drawn = (letter) => {
      pen.clearRect(0, 0, 20, 20);
      pen.fillText(letter, 2, 16);
      return canvas.toDataURL();
    };
    const style = document.createElement("style");
    style.id = data.chinese;
    const face = (family) => `@font-face {font-family: "${family}"; font-weight: 100 900;
      src: url("${data.chinese}") format("woff"); unicode-range: U+2E80-9FFF, U+FF00-FFEF}`;
    if (drawn("门") === drawn("步")) {
      style.textContent = ["Source Sans", "Source Code Pro"].map(face).join("");
    }
    document.head.append(style);
  };
  let timer;
  const later = () => { clearTimeout(timer); timer = setTimeout(tell, 250); };
  const keep = (event) => {
    const link = data.asked && event.target.closest?.("a[href]");
    if (!link) return;
    const to = new URL(link.href);
    if (to.origin !== window.location.origin) return;
    to.searchParams.set(data.asked, data.language);
    link.href = to.href;
  };
  const shut = (event) => {  // a menu that lies over the page; it has that button while it does
    if (!event.target.closest?.("[data-testid=stSidebar] a[href]")) return;
    const close = "[data-testid=stSidebarCollapseButton] button";
    setTimeout(() => document.querySelector(close)?.click(), 50);
  };
  window.addEventListener("resize", later);
  document.addEventListener("click", shut);
  document.addEventListener("pointerdown", keep, true);
  document.addEventListener("keydown", keep, true);
  tell();
  return () => {
    clearTimeout(timer);
    window.removeEventListener("resize", later);
    document.removeEventListener("click", shut);
    document.removeEventListener("pointerdown", keep, true);
    document.removeEventListener("keydown", keep, true);
  };
}
"""


def watch(told: Mapping[str, str] = MappingProxyType({})) -> None:
    """Have the browser say how large its window is; once on every page.

    It is told the language of the page, keeps one that was asked for in links, may be told to
    remember it, and is lent a font for Chinese where it would show one box for all characters.
    """
    shown = _said()
    with st.container(key="window_watch"):
        _component()(
            key=KEY,
            data={
                "shown": shown, "cookie": COOKIE,
                "projector_cookie": PROJECTOR_COOKIE, "projector": _chosen(), **told,
            },
            height="content", default={"seen": shown}, on_seen_change=_told,
        )  # fmt: skip


def _told() -> None:
    st.session_state[TOLD] = True


def window() -> Window:
    """The class of the reader's window, less what stands above every page."""
    above = st.session_state.get(ABOVE, 0)
    return plain_window().below(above) if above else plain_window()


def plain_window() -> Window:
    """The class of the reader's window."""
    name = _said()
    if projected():
        return WINDOWS["projector" if name == "desktop" else "small_projector"]
    return WINDOWS[_name(name)]


def projected() -> bool:
    """Whether it is in projector mode: by this session, else as this browser was before."""
    chosen = st.session_state.get(PROJECTOR)
    return st.context.cookies.get(PROJECTOR_COOKIE) == "on" if chosen is None else bool(chosen)


def _chosen() -> str:
    """What this session has chosen of it, for the cookie; nothing leaves that as it is."""
    chosen = st.session_state.get(PROJECTOR)
    return "" if chosen is None else "on" if chosen else "off"


def scaled(pixels: int) -> int:
    """The width of something with words in it, which are larger on a projector."""
    here = window()
    return round(pixels * (here.type_size + 2) / 16) if here.projected else pixels


def look() -> Look:
    """How charts are drawn for this reader."""
    return Look(theme(), window())


def theme() -> Theme:
    """Light or dark, as the reader has it."""
    return "dark" if st.context.theme.type == "dark" else "light"


@cache
def _component() -> Any:
    return st.components.v2.component("gatescope_window", js=JS)


def _said() -> str:
    """What the browser has said last, now or on an earlier visit; else what it seems to be."""
    state = st.session_state.get(KEY)
    if state is not None and (seen := state.get("seen")):
        return str(seen)
    kept = st.context.cookies.get(COOKIE, "").removesuffix(TOUCH)
    if kept in get_args(WindowName):
        return kept
    agent = st.context.headers.get("User-Agent", "")
    if "Mobi" in agent:
        return "phone"
    return "tablet" if "iPad" in agent or "Android" in agent else "laptop"


def _name(said: str) -> WindowName:
    return next((name for name in WINDOWS if name == said), "laptop")
