"""A job on a page: looked at again and again while it runs, stopped, taken up again."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from gatescope import Run
from gatescope.experiments import run_key
from gatescope.jobs import Experiment, JobStatus, SingleRun
from viz_app.kit import job_words
from viz_app.kit.page import choices, job_form
from viz_app.kit.page.jobs import kept, queue
from viz_app.kit.run_words import what
from viz_app.text import say

LOOK_AGAIN = 2.0
"""Seconds between two looks at a job that runs."""

GOES_ON = ("running", "waiting")


def visit(
    kind: type[Any], draw: Callable[[JobStatus, Any], None], words: str, place: Any = st
) -> None:
    """Where the address names a job: the way back, the job, and the end of the page.

    Parameters
    ----------
    kind, draw
        As in `follow`.
    words
        Has the text of the way back.
    place
        Where on the page that is.
    """
    job = choices.address("job")
    if not job:
        return
    place.button(
        say(f"{words}.back"), on_click=leave, width="content" if place is st else "stretch"
    )
    follow(job, kind, draw)
    st.stop()


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
    except job_form.FAULTS as error:
        st.error(job_form.why(error))
        st.stop()

    def look() -> None:
        try:
            stand = queue().status(job)
            draw(stand, experiment)
        except job_form.FAULTS as error:
            st.error(job_form.why(error))
            return
        if stand.state != state:
            st.rerun()  # the page around it is another one now

    st.fragment(look, run_every=LOOK_AGAIN if state in GOES_ON else None)()


def head(
    stand: JobStatus, experiment: Experiment, of: str, run: Run | None = None, **values: object
) -> str:
    """Where a job stands, as a bar or an error, and its button; returns it in words.

    The parameters are those of `viz_app.kit.job_words.standing`, and the job's experiment.
    """
    job_form.trouble()
    text = job_words.standing(stand, of, run, **values)
    told, button = st.columns([0.8, 0.2], vertical_alignment="center")
    if stand.state == "failed":
        told.error(text)
    else:
        told.progress(job_words.share_done(stand, run), text)
    stop_or_go_on(stand, button, experiment, of)
    return text


def run_so_far(stand: JobStatus, experiment: SingleRun, more: str = "") -> Run | None:
    """The head of a job that trains one run, and the run as far as it is.

    Parameters
    ----------
    stand, experiment
        The job.
    more
        What else is said of the network.
    """
    finished = stand.state == "done"
    run = (
        kept(run_key(experiment.run)) if finished else next(iter(queue().training(stand.key)), None)
    )
    st.caption(what(experiment.run) + more)
    head(stand, experiment, "run", run)
    if run is None:
        st.skeleton(height=300)
    return run


def stop_or_go_on(stand: JobStatus, place: Any, experiment: Experiment, of: str) -> None:
    """The button that ends a job, or takes it up again."""
    if stand.state in GOES_ON and job_form.may_stop(stand.key):
        place.button(
            say("app.stop"), on_click=job_form.stop, args=(stand.key,),
            help=say(f"job.{of}_stop_help"), width="stretch",
        )  # fmt: skip
    elif stand.state in GOES_ON:
        place.caption(say("app.not_yours"))
    elif stand.state in ("stopped", "failed"):
        place.button(
            say("app.go_on"), on_click=job_form.go_on, args=(experiment,),
            help=say(f"job.{of}_go_on_help"), width="stretch",
        )  # fmt: skip


def leave() -> None:
    """Back to the page without a job; the job goes on."""
    st.query_params.pop("job", None)
