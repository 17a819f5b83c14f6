"""A job on a page: looked at again and again while it runs, stopped, taken up again."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from gatescope.jobs import Experiment, JobError, JobStatus
from viz_app.app_pages.cached_jobs import queue
from viz_app.text import say

LOOK_AGAIN = 2.0
"""Seconds between two looks at a job that runs."""

GOES_ON = ("running", "waiting")


def follow(job: str, kind: type[Any], draw: Callable[[JobStatus, Any], None]) -> None:
    """Draw a job, and again while it goes on; end the page with a sentence if there is none.

    Parameters
    ----------
    job
        Its key.
    kind
        What its experiment must be.
    draw
        Draws it: is given where it stands, and its experiment.
    """
    try:
        state = queue().status(job).state
        experiment = queue().experiment(job, kind)
    except JobError as error:
        st.error(str(error))
        st.stop()

    def look() -> None:
        stand = queue().status(job)
        draw(stand, experiment)
        if stand.state != state:
            st.rerun()  # the page around it is another one now

    st.fragment(look, run_every=LOOK_AGAIN if state in GOES_ON else None)()


def stop_or_go_on(stand: JobStatus, place: Any, experiment: Experiment, words: str) -> None:
    """The button that ends a job, or takes it up again; ``words`` has the texts of its help."""
    if stand.state in GOES_ON:
        place.button(
            say("app.stop"), on_click=queue().stop, args=(stand.key,),
            help=say(f"{words}.stop_help"), width="stretch",
        )  # fmt: skip
    elif stand.state in ("stopped", "failed"):
        place.button(
            say("app.go_on"), on_click=queue().submit, args=(experiment,),
            help=say(f"{words}.go_on_help"), width="stretch",
        )  # fmt: skip


def leave() -> None:
    """Back to the page without a job; the job goes on."""
    st.query_params.pop("job", None)
