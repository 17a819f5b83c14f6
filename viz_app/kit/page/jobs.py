"""The one queue of this server's jobs, which all browsers share, and the runs that came of it."""

import os

import streamlit as st

from gatescope import Run, RunError
from gatescope.jobs import JobError, JobQueue, Limits
from viz_app.kit.environment import (
    JOB_HOURS,
    JOBS_EACH,
    LONGEST_VALUE,
    SCHEDULER,
    is_scheduler,
    jobs_folder,
    number,
)
from viz_app.kit.library import LONGEST_KEY, folder_beside, open_run
from viz_app.kit.sharing import shared
from viz_app.text import say
from viz_app.text.plain import NAME, bare

FREE = 2**28
"""Bytes of the disk that are kept free, so that what is in training can be kept."""

OPEN: list[JobQueue] = []
"""The queues of this process, which end with it."""


@st.cache_resource(show_spinner=False)
def queue() -> JobQueue:
    """One job a core, each niced: pages are answered first.

    Raises
    ------
    JobError
        When its folder, or the scheduler of its jobs, is none.
    """
    scheduler = os.environ.get(SCHEDULER) or None
    if scheduler is not None and not is_scheduler(scheduler):
        shown = bare(scheduler, LONGEST_VALUE)
        raise JobError(say("app.bad_scheduler", name=SCHEDULER, value=shown))
    opened = JobQueue(
        jobs_folder(), limit=os.cpu_count() or 2, limits=limits(), scheduler=scheduler
    )
    OPEN.append(opened)
    return opened


def limits() -> Limits:
    """What one browser, and one job, may take here; an estimate may be half of the truth."""
    seconds = 3600 * number(JOB_HOURS)
    return Limits(
        jobs_each=number(JOBS_EACH),
        seconds=seconds,
        time=2 * seconds,
        free=FREE,
    )


@shared
def kept(key: str) -> Run:
    """A run that was trained from a page, or a prepared one that stands in no list.

    Raises
    ------
    RunError
        When there is none of that key.
    """
    if not key.replace("-", "").isalnum() or len(key) > LONGEST_KEY:  # no path
        raise RunError(say("app.unknown_run", name=bare(key, NAME)))
    return open_run(folder_beside(key))
