"""The one queue of this server's jobs, which all browsers share, and the runs that came of it."""

import os

import streamlit as st

from gatescope import Run, RunError, load_run
from gatescope.jobs import JobQueue
from viz_app.sharing import shared
from viz_app.views.library import folder_of, jobs_folder


@st.cache_resource(show_spinner=False)
def queue() -> JobQueue:
    """One job a core, each niced: pages are answered first."""
    return JobQueue(jobs_folder(), limit=os.cpu_count() or 2)


@shared
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
