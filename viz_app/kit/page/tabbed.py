"""Tabs: several questions of a page, of which only the open one is computed."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

HEIGHT = 56
"""Pixels that the row of tabs takes above a picture."""


def tabs(key: str, labels: Mapping[str, str], place: Any = st) -> tuple[str, Any]:
    """Draw tabs, and say which is open and where its content goes.

    Parameters
    ----------
    key
        Where the open one's label is kept.
    labels
        By name.
    place
        Where on the page.

    Returns
    -------
    open, place
        The name of the open tab, and its place.
    """
    if st.session_state.get(key) not in labels.values():
        st.session_state[key] = next(iter(labels.values()))
    places = place.tabs(list(labels.values()), key=key, on_change="rerun")
    name = next(name for name, label in labels.items() if label == st.session_state[key])
    return name, places[list(labels).index(name)]
