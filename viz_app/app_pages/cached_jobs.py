"""The one queue of this server's jobs, which all browsers share."""

import os
from pathlib import Path

import streamlit as st

from gatescope.jobs import JobQueue

JOBS = "GATESCOPE_JOBS"
"""Environment variable: the folder in which jobs and their runs are kept."""


@st.cache_resource(show_spinner=False)
def queue() -> JobQueue:
    """One job a core, each niced: pages are answered first."""
    folder = Path(os.environ.get(JOBS, Path("runs") / "experiments"))
    return JobQueue(folder, limit=os.cpu_count() or 2)
