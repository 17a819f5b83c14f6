"""What all browsers share of the tutorial's page."""

from typing import Any

import streamlit as st

from viz_app.views import tutorial
from viz_app.views.settings import Theme
from viz_app.views.tutorial_evidence import Evidence, Finding, evidence


@st.cache_resource(show_spinner=False)
def gathered() -> Evidence:
    """What the verdicts are computed from."""
    return evidence()


@st.cache_resource(show_spinner=False)
def findings() -> dict[str, Finding]:
    """Every entry's answer."""
    found = gathered()
    return {entry.key: entry.finding(found) for entry in tutorial.ENTRIES}


@st.cache_resource(max_entries=32, show_spinner=False)
def spec(experiment: str, theme: Theme) -> dict[str, Any]:
    """The runs behind an answer."""
    chart: dict[str, Any] = tutorial.chart(experiment, gathered().rows, theme=theme).to_dict()
    return chart
