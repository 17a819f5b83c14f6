"""The one queue of this server's jobs, which all browsers share, and the runs that came of it."""

import os

import streamlit as st

from gatescope import Run, RunError
from gatescope.jobs import JobQueue
from viz_app.text.plain import NAME, bare
from viz_app.views.library import LONGEST_KEY, folder_beside, jobs_folder, open_run


@st.cache_resource(show_spinner=False)
def queue() -> JobQueue:
    """One job a core, each niced: pages are answered first."""
    return JobQueue(jobs_folder(), limit=os.cpu_count() or 2)


@st.cache_resource(max_entries=64, show_spinner=False)
def kept(key: str) -> Run:
    """A run that was trained from a page, or a prepared one that stands in no list.

    Raises
    ------
    RunError
        When there is none of that key.
    """
    if not key.replace("-", "").isalnum() or len(key) > LONGEST_KEY:  # no path
        raise RunError(f"there is no run {bare(key, NAME)!r}")
    return open_run(folder_beside(key))
