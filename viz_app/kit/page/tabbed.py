"""Tabs: several questions of a page, of which only the open one is computed."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from viz_app.kit.page import choices

HEIGHT = 56
"""Pixels that the row of tabs takes above a picture."""


def tabs(
    key: str, labels: Mapping[str, str], place: Any = st, *, linked: bool = False
) -> tuple[str, Any]:
    """Draw tabs, and say which is open and where its content goes.

    Parameters
    ----------
    key
        Where the open one's label is kept.
    labels
        By name.
    place
        Where on the page.
    linked
        Whether the address names the open one, if it is not the first. A page that wants it calls
        `choices.remember` after its tabs.

    Returns
    -------
    open, place
        The name of the open tab, and its place.
    """
    first = next(iter(labels))
    asked = choices.asked("tab") if linked else None
    if asked is not None and asked in labels:
        st.session_state[key] = labels[asked]
    elif asked is not None:
        choices.say_not_there("tab", asked, list(labels), first)
    if st.session_state.get(key) not in labels.values():
        st.session_state[key] = labels[first]
    places = place.tabs(list(labels.values()), key=key, on_change="rerun")
    name = next(name for name, label in labels.items() if label == st.session_state[key])
    if linked and name != first:
        st.session_state[choices.TAB] = name
    return name, places[list(labels).index(name)]
