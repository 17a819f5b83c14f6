"""The one queue of this server's jobs, which all browsers share, and the runs that came of it."""

import os

import streamlit as st

from gatescope import Run, RunError, load_run
from gatescope.jobs import JobQueue
from viz_app.environment import jobs_folder
from viz_app.views.library import folder_of

OPEN: list[JobQueue] = []
"""The queues of this process, which end with it."""


@st.cache_resource(show_spinner=False)
def queue() -> JobQueue:
    """One job a core, each niced: pages are answered first."""
    OPEN.append(JobQueue(jobs_folder(), limit=os.cpu_count() or 2))
    return OPEN[-1]


@st.cache_resource(max_entries=64, show_spinner=False)
def kept(key: str) -> Run:
    """A run that was trained from a page, or a prepared one that stands in no list.

    Raises
    ------
    RunError
        When there is none of that key.
    """
    if not key.replace("-", "").isalnum():  # no path
        raise RunError(f"there is no run {key!r}")
    return load_run(folder_of(key))
