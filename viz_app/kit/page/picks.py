"""The unit and the step that are picked in a chart, which draws its picks by itself.

A chart is only told of a pick that is made beside it: it is asked anew then. To be asked again for
what a click has drawn could undo the next click, and would flicker.
"""

from collections.abc import Hashable, Sequence
from functools import cache
from typing import Any, TypeVar

import streamlit as st

from viz_app.kit.page import choices
from viz_app.kit.view import View
from viz_app.text import say

V = TypeVar("V", bound=View)
COUNT, ASKED = "asked", "asked_picks"

FOCUS = """
export default function ({ data }) {
  const charts = "[data-testid=stVegaLiteChart] canvas";
  const reach = () => document.querySelectorAll(charts).forEach((canvas) => {
    if (canvas.tabIndex === 0) return;
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "application");
    canvas.setAttribute("aria-label", data.label);
  });
  const seen = new MutationObserver(reach);
  seen.observe(document.querySelector("[data-testid=stMain]") || document.body,
               { childList: true, subtree: true });
  reach();
  return () => seen.disconnect();
}
"""
"""A canvas takes no keys by itself: it has to be one of the places that Tab goes to."""

RING = """
[data-testid=stVegaLiteChart] canvas:focus {outline: none}
[data-testid=stVegaLiteChart] canvas:focus-visible {outline: 3px solid; outline-offset: 2px}
"""


def by_keys() -> None:
    """Let the arrow keys pick in the chart of this page, once it has the focus."""
    st.html(f"<style>{RING}</style>")
    _focus()(key="chart_focus", data={"label": say("gates.keys")}, height="content")


@cache
def _focus() -> Any:
    return st.components.v2.component("gatescope_focus", js=FOCUS)


def count() -> int:
    """How often charts were asked anew."""
    return int(st.session_state.get(COUNT, 0))


def redraw() -> None:
    """The chart is asked to pick what is picked beside it, and its zoom is over."""
    st.session_state[COUNT] = count() + 1


def forget() -> None:
    """Let the page choose again, and draw its choice."""
    choices.forget()
    redraw()


def anew() -> None:
    """The whole page is drawn anew, with what is picked now."""
    st.session_state.pop(ASKED, None)


def keep(view: V, units: Sequence[int], steps: Sequence[int], first: tuple[int, int]) -> V:
    """The view with the picked unit and step, or with the first ones."""
    choices.keep("unit", units, first[0])
    choices.keep("step", steps, first[1])
    return view.but(unit=st.session_state["unit"], step=st.session_state["step"])


def asked(chart: Hashable) -> tuple[int, int]:
    """The picks that a chart is asked for: those at the time when it was last asked anew."""
    key = (chart, count())
    last = st.session_state.get(ASKED)
    if last is None or last[0] != key:
        picked = (st.session_state["unit"], st.session_state["step"])
        st.session_state[ASKED] = last = (key, picked)
    return last[1]
