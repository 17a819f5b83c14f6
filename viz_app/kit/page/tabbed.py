"""Tabs: several questions of a page, of which only the open one is computed."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from viz_app.kit.chart.window import Look
from viz_app.kit.page import choices, window
from viz_app.text import say

HEIGHT = 56
"""Pixels that the row of tabs takes above a picture."""

LAST = "_tabs"
"""Which tab was open last, by the texts of its page: it is open again after another page."""


def tabs(texts: str, names: Sequence[str]) -> tuple[str, Any]:
    """Draw tabs, and say which is open and where its content goes; the address names it too.

    Parameters
    ----------
    texts
        Where the labels stand, ``"memory.tab_"``.
    names
        Of the tabs; the first is open at first.
    """
    labels = {name: say(f"{texts}{name}") for name in names}
    key, last = key_of(texts), st.session_state.setdefault(LAST, {})
    asked = choices.asked("tab")
    if asked is not None and asked in labels:
        st.session_state[key] = labels[asked]
    elif asked is not None:
        choices.say_not_there("tab", asked, names, names[0])
    if st.session_state.get(key) not in labels.values():
        st.session_state[key] = labels.get(last.get(texts), labels[names[0]])
    places = st.tabs(list(labels.values()), key=key, on_change="rerun")
    name = next(name for name, label in labels.items() if label == st.session_state[key])
    last[texts] = name
    choices.open_tab(None if name == names[0] else name)
    return name, places[names.index(name)]


def look() -> Look:
    """How charts are drawn below the row of tabs."""
    return window.look().below(HEIGHT)


def key_of(texts: str) -> str:
    """Where the open tab's label is kept."""
    return f"tab_{texts.partition('.')[0]}"
