"""The unit and the step that are picked in a chart, which draws its picks by itself.

A chart is only told of a pick that is made beside it: it is asked anew then. To be asked again for
what a click has drawn could undo the next click, and would flicker.
"""

from collections.abc import Hashable, Sequence
from typing import TypeVar

import streamlit as st

from viz_app.kit.page import choices
from viz_app.kit.view import View

V = TypeVar("V", bound=View)
COUNT, ASKED = "asked", "asked_picks"


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
