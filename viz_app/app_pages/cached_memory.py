"""What all browsers share of the memory page: measures and finished specs, computed once."""

import streamlit as st

from viz_app.app_pages import cached
from viz_app.views import memory
from viz_app.views.memory_measures import Curves, curves_of
from viz_app.views.settings import Theme


@st.cache_resource(max_entries=128, show_spinner=False)
def curves(run: str) -> Curves:
    """A run's measures; only those of one's own networks are computed here."""
    return curves_of(cached.run_of(run))


def by_cell(runs: tuple[str, ...]) -> dict[str, Curves]:
    """The same of several runs, by their cell."""
    return {cached.run_of(run).config.cell: curves(run) for run in runs}


@st.cache_resource(max_entries=64, show_spinner=False)
def specs(runs: tuple[str, ...], log: bool, theme: Theme) -> memory.MemorySpecs:
    """The finished panels."""
    return memory.specs(by_cell(runs), log=log, theme=theme)
